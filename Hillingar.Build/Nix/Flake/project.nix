# One project on one system: its monorepo, its switch, and an image for each target.
{
  lib,
  pkgs,
  plan,
  root,
}:
let
  system = pkgs.stdenv.hostPlatform.system;

  known = import ./targets.nix;

  sources = import ./sources.nix { inherit lib pkgs; };

  switch = import ./switch.nix {
    inherit
      lib
      pkgs
      plan
      sources
      ;
  };

  folder = root + "/${plan.folder}";

  # Just the project's files; what else lies beside them changes no derivation.
  files = builtins.path {
    name = "${plan.name}-files";
    path = folder;
    filter =
      path: type:
      let
        relative = lib.removePrefix (toString folder + "/") path;
      in
      if type == "directory" then wantedFolders ? ${relative} else wantedFiles ? ${relative};
  };

  wantedFiles = lib.genAttrs (builtins.attrValues plan.files) (path: true);

  wantedFolders = builtins.listToAttrs (
    builtins.concatMap (
      path:
      let
        parts = lib.splitString "/" path;
      in
      builtins.genList (count: {
        name = builtins.concatStringsSep "/" (lib.take (count + 1) parts);
        value = true;
      }) (builtins.length parts - 1)
    ) (builtins.attrValues plan.files)
  );

  # The vendored sources, as `dotnet restore` lays them out.
  monorepo = sources.derivation {
    name = "${plan.name}-monorepo";
    tools = sources.toolsOf (builtins.attrValues plan.duniverse);
    script = ''
      mkdir -p "$out/duniverse"
      cd "$out/duniverse"
      echo '(vendored_dirs *)' > dune
      ${builtins.concatStringsSep "\n" (lib.mapAttrsToList sources.vendor plan.duniverse)}
    '';
  };

  isIn =
    folders: path: builtins.any (folder: path == folder || lib.hasPrefix "${folder}/" path) folders;

  unchanged = {
    files = { };
    without = [ ];
  };

  # The workspace that dune builds in, but for the vendored sources.
  configured =
    changed:
    sources.derivation {
      name = "${plan.name}-configured";
      tools = [ ];
      script = ''
        mkdir -p "$out/src"
        cd "$out"
        ${builtins.concatStringsSep "\n" (
          lib.mapAttrsToList (
            path: from: "place ${files}/${lib.escapeShellArg from} src/${lib.escapeShellArg path}"
          ) (lib.filterAttrs (path: from: !(changed.files ? ${path}) && !isIn changed.without path) plan.files)
        )}
        ${builtins.concatStringsSep "\n" (
          lib.mapAttrsToList (
            path: text: "place ${builtins.toFile "changed" text} src/${lib.escapeShellArg path}"
          ) changed.files
        )}
        echo '(lang dune 2.0)' > dune-project
        if [ -f src/dune-workspace ]; then
          cp src/dune-workspace dune-workspace
        else
          echo '(lang dune 2.0)' > dune-workspace
        fi
      '';
    };

  targets = builtins.filter (target: builtins.elem system plan.targets.${target}.systems) plan.order;

  # One compile serves all targets of a dune context and profile.
  groupOf = target: "${plan.targets.${target}.context} ${plan.targets.${target}.profile}";

  membersOf = group: builtins.filter (target: groupOf target == group) targets;

  # An output's name is a variable of the builder's shell.
  outputOf =
    target:
    if builtins.length (membersOf (groupOf target)) == 1 then
      "out"
    else
      builtins.replaceStrings [ "-" ] [ "_" ] target;

  buildGroup =
    changed: group:
    let
      members = membersOf group;
      first = plan.targets.${builtins.head members};
      duneFile = target: "_build/${first.context}/src/${plan.targets.${target}.dune}";
    in
    sources.derivation {
      name = plan.name;
      outputs = lib.unique ([ "out" ] ++ map outputOf members);
      tools = map (sources.fromNixpkgs "this project") plan.system;
      script = ''
        cp -r ${configured changed} workspace
        chmod -R u+w workspace
        cp -r ${monorepo}/duniverse workspace/duniverse
        chmod -R u+w workspace/duniverse
        cd workspace
        patchShebangs .
        ${switch.use}
        reproducible
        dune build --root . --profile ${lib.escapeShellArg first.profile} --display quiet -- ${
          lib.escapeShellArgs (map duneFile members)
        }
        mkdir -p "$out"
        ${builtins.concatStringsSep "\n" (
          map (target: ''
            install -D -m755 ${lib.escapeShellArg (duneFile target)} "''$${outputOf target}"/${
              lib.escapeShellArg plan.targets.${target}.image
            }
          '') members
        )}
      '';
    };

  imagesWith =
    changed:
    let
      groups = lib.genAttrs (map groupOf targets) (buildGroup changed);
    in
    lib.genAttrs targets (
      target:
      groups.${groupOf target}.${outputOf target}
      // {
        passthru = {
          inherit target;
          image = plan.targets.${target}.image;
        };
      }
    );

  images = imagesWith unchanged;

  solo5 = switch.packages.solo5 or pkgs.solo5;

  # Runs an image as `dotnet run` does where nothing but a file name is needed.
  programs =
    lib.mapAttrs (target: image: "${image}/${plan.targets.${target}.image}") (
      lib.filterAttrs (target: image: builtins.elem target known.programs) images
    )
    // lib.mapAttrs (
      target: image:
      lib.getExe (
        pkgs.writeShellScriptBin "run-${plan.name}" ''
          exec ${solo5}/bin/${known.tenders.${target}} "$@" ${image}/${lib.escapeShellArg plan.targets.${target}.image}
        ''
      )
    ) (lib.filterAttrs (target: image: known.tenders ? ${target}) images);
in
{
  inherit targets images programs;

  packages =
    images
    // builtins.listToAttrs (
      builtins.concatMap (target: [
        {
          name = "${target}-monorepo";
          value = monorepo;
        }
        {
          name = "${target}-configured";
          value = configured unchanged;
        }
      ]) targets
    )
    // lib.mapAttrs' (name: value: lib.nameValuePair "host-${name}" value) switch.built;

  withSources =
    {
      target,
      files ? { },
      without ? [ ],
    }:
    (imagesWith { inherit files without; }).${target};

  shell = pkgs.mkShell {
    packages = switch.all ++ map (sources.fromNixpkgs "this project") plan.system;
    shellHook = switch.use;
  };
}
