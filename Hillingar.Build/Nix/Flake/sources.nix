# Archives and git repositories as fixed-output derivations, and what opam does to sources before it builds them.
{ lib, pkgs }:
let
  text = builtins.toFile "file";

  added = file: if file ? base64 then "<(base64 -d ${text file.base64})" else "${text file.text}";

  fetch =
    source:
    if source ? rev then
      pkgs.fetchgit {
        inherit (source) name url rev;
        hash = source.narHash;
        fetchSubmodules = true;
      }
    else
      pkgs.fetchurl {
        inherit (source) name urls;
        outputHashAlgo = source.algorithm;
        outputHash = source.hash;
      };

  # What opam's `prepare_package_build` does, in its order. Variables may hold places that `argument` knows how to write.
  prepare =
    argument: preparation:
    let
      arg = lib.escapeShellArg;
      subst = name: "substitute_variables ${arg name} \"$variables\"";
      early = builtins.filter (name: builtins.elem name preparation.patches) preparation.substs;
      late = builtins.filter (name: !builtins.elem name preparation.patches) preparation.substs;
    in
    builtins.concatStringsSep "\n" (
      [ "pushd ${arg (preparation.subpath or ".")} > /dev/null" ]
      ++ lib.optional (preparation ? variables) ''
        variables=$(mktemp)
        ${builtins.concatStringsSep "\n" (
          lib.mapAttrsToList (
            name: value: "printf '%s\\n' ${arg name}=${argument value} >> \"$variables\""
          ) preparation.variables
        )}
      ''
      ++ lib.mapAttrsToList (name: source: "place ${fetch source} ${arg name}") preparation.sources
      ++ lib.mapAttrsToList (name: file: "place ${added file} ${arg name}") preparation.files
      ++ map subst early
      ++ map (name: "apply_patch ${arg name}") preparation.patches
      ++ map subst late
      ++ [ "popd > /dev/null" ]
    );
in
{
  inherit fetch prepare;

  # A package that a lock names as opam names system packages on NixOS: an attribute of nixpkgs.
  fromNixpkgs =
    who: name:
    lib.attrByPath (lib.splitString "." name) (throw "nixpkgs has no '${name}', which ${who} needs") pkgs;

  # zip archives need more than every builder has.
  toolsOf =
    folders: lib.optional (builtins.any (folder: folder.source.zip or false) folders) pkgs.unzip;

  # A folder of the duniverse.
  vendor =
    name: folder:
    let
      arg = lib.escapeShellArg;
      kept = map (preparation: preparation.subpath or null) folder.prepare;
    in
    ''
      unpack_source ${fetch folder.source} ${arg name}
      pushd ${arg name} > /dev/null
      ${builtins.concatStringsSep "\n" (map (prepare arg) folder.prepare)}
      ${lib.optionalString (kept != [ ] && !builtins.elem null kept) "keep_only ${lib.escapeShellArgs kept}"}
      ${builtins.concatStringsSep "\n" (map (path: "rm -- ${arg path}") (folder.remove or [ ]))}
      ${builtins.concatStringsSep "\n" (
        lib.mapAttrsToList (path: file: "place ${added file} ${arg path}") (folder.write or { })
      )}
      popd > /dev/null
    '';

  # A derivation that runs a script with our functions, and leaves its result as it is: images are neither stripped nor patched.
  derivation =
    {
      name,
      script,
      tools,
      outputs ? [ "out" ],
      ...
    }@arguments:
    pkgs.stdenv.mkDerivation (
      builtins.removeAttrs arguments [
        "script"
        "tools"
      ]
      // {
        inherit name outputs;
        nativeBuildInputs = tools;
        passAsFile = [ "buildCommand" ];
        buildCommand = ''
          source ${./functions.sh}
          ${script}
        '';
      }
    );
}
