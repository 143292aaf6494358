# The host switch: the tools that build. From nixpkgs where its version will do, else from opam's own description of the package.
{
  lib,
  pkgs,
  plan,
  sources,
}:
let
  # A package of nixpkgs may be left out, broken or for other systems; all that counts here is its version.
  offered =
    package:
    let
      found = lib.attrByPath package.nixpkgs null pkgs;
      fits =
        if package.newer then
          lib.versionAtLeast found.version package.version
        else
          found.version == package.version;
    in
    if package.nixpkgs == [ ] || found == null || !fits then null else found;

  compiler = offered plan.compiler;

  # Libraries of nixpkgs are compiled by its own compiler.
  fromNixpkgs =
    name: package:
    if builtins.elem name plan.compiler.packages then
      compiler
    else if compiler != null || package.newer then
      offered package
    else
      null;

  closure =
    name:
    map (item: item.key) (
      builtins.genericClosure {
        startSet = [ { key = name; } ];
        operator = item: map (key: { inherit key; }) plan.switch.${item.key}.depends;
      }
    );

  needs = name: builtins.filter (other: other != name) (closure name);

  systemOf =
    names: lib.unique (builtins.concatMap (name: plan.switch.${name}.system) names);

  build =
    name: package:
    let
      dependencies = needs name;
      # An argument is a text, or a list of texts and of what only the builder knows.
      part =
        piece:
        if builtins.isString piece then
          lib.escapeShellArg piece
        else if piece ? cores then
          "\"$NIX_BUILD_CORES\""
        else if piece.package == name || !(packages ? ${piece.package}) then
          "\"$out\""
        else
          lib.escapeShellArg "${packages.${piece.package}}";
      argument = pieces: if builtins.isString pieces then lib.escapeShellArg pieces else lib.concatMapStrings part pieces;
      command = arguments: lib.concatMapStringsSep " " argument arguments;
      export =
        variable:
        let
          value = argument variable.value;
          old = variable.name;
        in
        {
          set = "export ${old}=${value}";
          prepend = "export ${old}=${value}\${${old}:+:\$${old}}";
          append = "export ${old}=\${${old}:+\$${old}:}${value}";
        }
        .${variable.how};
    in
    sources.derivation {
      name = package.label;
      tools = [
        pkgs.opam-installer
      ]
      ++ map (sources.fromNixpkgs name) (systemOf (closure name))
      ++ sources.toolsOf (lib.optional (package ? source) package);
      script = ''
        ${
          if package ? source then
            "unpack_source ${sources.fetch package.source} package"
          else
            "mkdir package"
        }
        cd package
        ${lib.optionalString (package ? prepare) (sources.prepare argument package.prepare)}
        ${lib.optionalString (
          package ? prepare.subpath
        ) "cd ${lib.escapeShellArg package.prepare.subpath}"}
        patchShebangs .
        use_switch ${toString (outputsOf dependencies)}
        reproducible
        export OPAMCLI=2.0 OPAM_SWITCH_PREFIX="$out" MAKEFLAGS= MAKELEVEL= CDPATH=
        export OPAM_PACKAGE_NAME=${lib.escapeShellArg name} OPAM_PACKAGE_VERSION=${lib.escapeShellArg package.version}
        ${lib.concatMapStringsSep "\n" export package.environment}
        mkdir -p "$out/lib" "$out/bin"
        ${lib.concatMapStringsSep "\n" command (package.build ++ package.install)}
        install_files ${lib.escapeShellArg name}
      '';
      passthru.version = package.version;
    };

  built = lib.filterAttrs (name: package: package != null) (
    lib.mapAttrs (
      name: package:
      if fromNixpkgs name package != null || package.virtual then
        null
      else if package ? unbuildable then
        throw "nixpkgs has no ${name} ${package.version}, and ${package.unbuildable}"
      else
        build name package
    ) plan.switch
  );

  packages = lib.filterAttrs (name: package: package != null) (
    lib.mapAttrs (
      name: package:
      if fromNixpkgs name package != null then fromNixpkgs name package else built.${name} or null
    ) plan.switch
  );

  outputsOf = names: lib.unique (builtins.filter (output: output != null) (map (name: packages.${name} or null) names));

  all = outputsOf (builtins.attrNames plan.switch);
in
{
  inherit packages built all;

  # A script that puts the switch into the environment.
  use = ''
    source ${./functions.sh}
    use_switch ${toString all}
  '';
}
