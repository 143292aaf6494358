# As nixpkgs' findlib does it for every input: libraries below site-lib are found, and new ones go to the output's own.
{ siteLib }:
builtins.toFile "setup-hook" ''
  addOCamlPath () {
    if [ -d "$1/${siteLib}" ]; then
      export OCAMLPATH="''${OCAMLPATH-}''${OCAMLPATH:+:}$1/${siteLib}/"
    fi
    if [ -d "$1/${siteLib}/stublibs" ]; then
      export CAML_LD_LIBRARY_PATH="''${CAML_LD_LIBRARY_PATH-}''${CAML_LD_LIBRARY_PATH:+:}$1/${siteLib}/stublibs"
    fi
  }
  exportOcamlDestDir () {
    export OCAMLFIND_DESTDIR="$out/${siteLib}/"
  }
  createOcamlDestDir () {
    if [ -n "''${createFindlibDestdir-}" ]; then
      mkdir -p "$OCAMLFIND_DESTDIR"
    fi
  }
  addEnvHooks "$targetOffset" addOCamlPath
  preInstallHooks+=(createOcamlDestDir)
  addEnvHooks "$targetOffset" exportOcamlDestDir
''
