# The packages of one system: what builds them here, and the system's own programs as packages.
{
  lib,
  system,
  toolchain,
}:
let
  # The folder that the tests' nix.conf lets builds see the system's /usr in.
  usr = "/system";

  # A package of the system: a folder with links to its programs, and to whatever else it is known by.
  link =
    name:
    {
      version,
      programs,
      links ? { },
      ...
    }:
    extra:
    let
      package =
        derivation {
          name = "${name}-${version}";
          inherit system;
          builder = "${usr}/bin/bash";
          args = [
            "-e"
            ./link.sh
          ];
          inherit (toolchain) fingerprint;
          links =
            lib.concatStrings (lib.mapAttrsToList (program: path: "${usr}/${path} bin/${program}\n") programs)
            + lib.concatStrings (lib.mapAttrsToList (path: target: "${target} ${path}\n") links);
          setupHook = extra.setupHook or "";
          finish = extra.finish or "";
        }
        // {
          inherit version;
          pname = name;
          meta = {
            name = "${name}-${version}";
            mainProgram = name;
            available = true;
            broken = false;
          }
          // extra.meta or { };
        }
        // extra.passthru or { };
    in
    package;

  systemPackages = builtins.mapAttrs (name: package: link name package { }) (
    toolchain.packages
    // {
      # nixpkgs' bash is its sh too.
      bash = toolchain.packages.bash // {
        programs = toolchain.packages.bash.programs // {
          sh = "bin/bash";
        };
      };
    }
  );

  has = name: toolchain.packages ? ${name};

  stdenvOf =
    cc:
    import ./stdenv.nix {
      inherit
        lib
        system
        usr
        toolchain
        cc
        ;
      # What nixpkgs puts on every builder's PATH.
      initialPath =
        map (name: systemPackages.${name}) (
          builtins.filter has [
            "coreutils"
            "findutils"
            "diffutils"
            "gnused"
            "gnugrep"
            "gawk"
            "gnutar"
            "gzip"
            "bzip2"
            "gnumake"
            "bash"
            "patch"
            "xz"
            "file"
          ]
        );
    };

  ocamlVersion = toolchain.packages.ocaml.version;
  siteLib = "lib/ocaml/${ocamlVersion}/site-lib";

  pkgs =
    systemPackages
    // {
      inherit lib pkgs system;
      callPackage = lib.callPackageWith pkgs;
      newScope = extra: lib.callPackageWith (pkgs // extra);
      buildPackages = pkgs;

      stdenvNoCC = stdenvOf null;
      stdenv = stdenvOf (
        link "gcc-wrapper"
          {
            inherit (toolchain.packages.gcc) version;
            programs = { };
            links =
              lib.mapAttrs' (program: path: lib.nameValuePair "bin/${program}" (if lib.hasSuffix "gcc" program || lib.hasSuffix "g++" program then ./cc.sh else "${usr}/${path}")) (
                toolchain.packages.binutils.programs // toolchain.packages.gcc.programs
              )
              // {
                "bin/cc" = ./cc.sh;
                "bin/c++" = ./cc.sh;
              };
          }
          {
            setupHook = ./cc-hook.sh;
            passthru = {
              isGNU = true;
              isClang = false;
              cc = systemPackages.gcc;
            };
          }
      );
      inherit (pkgs.stdenv) mkDerivation;
    }
    // import ./fetch.nix { inherit lib pkgs; }
    // import ./trivial-builders.nix { inherit lib pkgs; }
    // {
      ocaml-ng = {
        "ocamlPackages_${builtins.replaceStrings [ "." ] [ "_" ] (lib.versions.majorMinor ocamlVersion)}" = ocamlPackages;
        inherit ocamlPackages;
      };
      inherit ocamlPackages;
      inherit (ocamlPackages) ocaml;
      ${duneName} = ocamlPackages.${duneName};
    };

  duneName = if lib.versionAtLeast toolchain.packages.dune.version "3" then "dune_3" else "dune_2";

  ocamlPackages = {
    ocaml = link "ocaml" (toolchain.packages.ocaml // { links."lib/ocaml" = "/usr/lib/ocaml"; }) {
      passthru.nativeCompilers = true;
    };
    # Beside the compiler's own libraries the system's findlib knows all that Debian's packages have put there; this one does not.
    findlib =
      link "ocaml-findlib"
        (
          toolchain.packages.findlib
          // {
            links = builtins.listToAttrs (
              map (folder: lib.nameValuePair "${siteLib}/${folder}" "/usr/lib/ocaml/${folder}") toolchain.packages.findlib.folders
            );
          }
        )
        {
          setupHook = import ./findlib-hook.nix { inherit siteLib; };
          # The real one has this compiled in.
          finish = ''
            mkdir -p "$out/etc"
            echo "path=\"$out/${siteLib}\"" > "$out/etc/findlib.conf"
            echo "destdir=\"$out/${siteLib}\"" >> "$out/etc/findlib.conf"
            echo "export OCAMLFIND_CONF=$out/etc/findlib.conf" >> "$out/nix-support/setup-hook"
          '';
          meta.mainProgram = "ocamlfind";
        };
    ${duneName} = link "dune" toolchain.packages.dune { };
  };
in
removeAttrs pkgs [
  # Names of Debian's that nixpkgs does not have at this place.
  "dune"
  "findlib"
]
