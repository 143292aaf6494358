# Test code: part of a stand-in for nixpkgs, see ../flake.nix. The functions have the names and meanings of those in nixpkgs' lib.
let
  parts = {
    trivial = import ./trivial.nix lib;
    fixedPoints = import ./fixed-points.nix lib;
    lists = import ./lists.nix lib;
    attrsets = import ./attrsets.nix lib;
    strings = import ./strings.nix lib;
    versions = import ./versions.nix lib;
    customisation = import ./customisation.nix lib;
    meta = import ./meta.nix lib;
    sources = import ./sources.nix lib;
    generators = import ./generators.nix lib;
    options = import ./options.nix lib;
    modules = import ./modules.nix lib;
  };
  lib =
    parts
    // parts.trivial
    // parts.fixedPoints
    // parts.lists
    // parts.attrsets
    // removeAttrs parts.strings [
      "escapeNixString"
      "isConvertibleWithToString"
      "sanitizeDerivationName"
    ]
    // parts.customisation
    // removeAttrs parts.options [ "showDefs" ]
    // {
      types = import ./types.nix lib;
      licenses = import ./licenses.nix;
      inherit (parts.meta) getExe getExe';
      inherit (parts.sources) cleanSource cleanSourceWith cleanSourceFilter;
      inherit (parts.modules)
        evalModules
        mkIf
        mkMerge
        mkOverride
        mkDefault
        mkForce
        mkOptionDefault
        mkOrder
        mkBefore
        mkAfter
        ;
      systems.flakeExposed = [
        "x86_64-linux"
        "aarch64-linux"
        "x86_64-darwin"
        "aarch64-darwin"
      ];
    };
in
lib
