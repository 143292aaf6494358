# stdenv.mkDerivation. What is not here, structured attributes and content addressing, is refused.
{
  lib,
  system,
  usr,
  toolchain,
  cc,
  initialPath,
}:
let
  shell = "${usr}/bin/bash";

  # Attributes that the real one keeps from the builder.
  notForBuilder = [
    "meta"
    "passthru"
    "pos"
    "env"
    "checkInputs"
    "nativeCheckInputs"
    "installCheckInputs"
    "nativeInstallCheckInputs"
    "hardeningEnable"
    "hardeningDisable"
    "__contentAddressed"
    "__darwinAllowLocalNetworking"
    "__impureHostDeps"
    "__propagatedImpureHostDeps"
    "sandboxProfile"
    "propagatedSandboxProfile"
    "enableParallelBuilding"
    "strictDeps"
    "doCheck"
    "doInstallCheck"
  ];

  hardening = [
    "bindnow"
    "format"
    "fortify"
    "pic"
    "relro"
    "stackclashprotection"
    "stackprotector"
    "strictoverflow"
  ];

  isEnvironment = value: builtins.isString value || builtins.isBool value || builtins.isInt value || lib.isDerivation value;

  make =
    fix:
    let
      attributes = fix (attributes // { finalPackage = package; });
      package = derivationOf attributes // {
        overrideAttrs = change: make (lib.extends (toOverlay change) fix);
      };
    in
    package;

  # overrideAttrs takes a set, a function of what was, or one of what will be and what was.
  toOverlay =
    change: final: previous:
    let
      once = change previous;
    in
    if !lib.isFunction change then
      change
    else if lib.isFunction once then
      change final previous
    else
      once;

  derivationOf =
    attributes:
    let
      env = attributes.env or { };
      wrongEnv = builtins.attrNames (lib.filterAttrs (_: value: !isEnvironment value) env);
      overlap = builtins.attrNames (builtins.intersectAttrs env (removeAttrs attributes notForBuilder));
      version = attributes.version or null;
      name =
        attributes.name or (
          if attributes ? pname then
            "${attributes.pname}-${lib.throwIf (version == null) "mkDerivation needs a version with pname" version}"
          else
            throw "mkDerivation needs a name, or a pname and a version"
        );
      doCheck = attributes.doCheck or false;
      doInstallCheck = attributes.doInstallCheck or false;
      disabled = attributes.hardeningDisable or [ ];
      enabled = if builtins.elem "all" disabled then [ ] else lib.subtractLists disabled (lib.unique (hardening ++ attributes.hardeningEnable or [ ]));
      badHardening = lib.subtractLists ([ "all" "fortify3" "pie" "zerocallusedregs" "trivialautovarinit" "shadowstack" "pacret" ] ++ hardening) (disabled ++ attributes.hardeningEnable or [ ]);
      nativeBuildInputs =
        attributes.nativeBuildInputs or [ ]
        ++ lib.optionals doCheck (attributes.nativeCheckInputs or [ ])
        ++ lib.optionals doInstallCheck (attributes.nativeInstallCheckInputs or [ ]);
      buildInputs =
        attributes.buildInputs or [ ]
        ++ lib.optionals doCheck (attributes.checkInputs or [ ])
        ++ lib.optionals doInstallCheck (attributes.installCheckInputs or [ ]);
      outputs = attributes.outputs or [ "out" ];
      forBuilder =
        removeAttrs attributes notForBuilder
        // env
        // {
          name = lib.strings.sanitizeDerivationName name;
          inherit system outputs;
          inherit (toolchain) fingerprint;
          builder = attributes.realBuilder or shell;
          args = attributes.args or [
            "-e"
            ./source-stdenv.sh
            (attributes.builder or ./default-builder.sh)
          ];
          stdenv = builtins.toString setup;
          initialPath = map toString (initialPath ++ lib.optional (cc != null) cc);
          SHELL = shell;
          userHook = null;
          __ignoreNulls = true;
          nativeBuildInputs = map toString' (lib.flatten nativeBuildInputs);
          buildInputs = map toString' (lib.flatten buildInputs);
          propagatedBuildInputs = map toString' (lib.flatten (attributes.propagatedBuildInputs or [ ]));
          propagatedNativeBuildInputs = map toString' (lib.flatten (attributes.propagatedNativeBuildInputs or [ ]));
          patches = attributes.patches or [ ];
          configureFlags = attributes.configureFlags or [ ];
          strictDeps = attributes.strictDeps or false;
          inherit doCheck doInstallCheck;
        }
        // lib.optionalAttrs (attributes.enableParallelBuilding or false) {
          enableParallelBuilding = true;
          enableParallelChecking = attributes.enableParallelChecking or true;
          enableParallelInstalling = attributes.enableParallelInstalling or true;
        }
        // lib.optionalAttrs (disabled != [ ] || attributes ? hardeningEnable) {
          NIX_HARDENING_ENABLE = enabled;
        };
      built = derivation forBuilder;
      extra = {
        inherit outputs;
        meta = {
          inherit name;
          available = true;
          broken = false;
          outputsToInstall = [ "out" ];
        }
        // attributes.meta or { };
        passthru = attributes.passthru or { };
      }
      // lib.optionalAttrs (attributes ? pname) { inherit (attributes) pname; }
      // lib.optionalAttrs (version != null) { inherit version; }
      // builtins.intersectAttrs {
        src = 0;
        srcs = 0;
        patches = 0;
        nativeBuildInputs = 0;
        buildInputs = 0;
        propagatedBuildInputs = 0;
      } attributes
      // attributes.passthru or { };
      # Each output is the whole, but for where it lies.
      output = name: built.${name} // extra // lib.genAttrs outputs output // { outputSpecified = true; };
    in
    if attributes.__structuredAttrs or false || attributes.__contentAddressed or false then
      throw "the stand-in builds neither with structured attributes nor content-addressed"
    else if wrongEnv != [ ] then
      throw "The `env` attribute set can only contain derivation, string, boolean or integer attributes. The `${builtins.head wrongEnv}` attribute is of type ${builtins.typeOf env.${builtins.head wrongEnv}}."
    else if overlap != [ ] then
      throw "The `env` attribute set cannot contain any attributes passed to derivation. The following attributes are overlapping: ${builtins.concatStringsSep ", " overlap}"
    else if badHardening != [ ] then
      throw "mkDerivation was called with unsupported hardening flags: ${toString badHardening}"
    else
      built // extra // lib.genAttrs outputs output;

  toString' = input: if input == null then "" else lib.getDev input;

  setup = derivation {
    name = "stdenv-${if cc == null then "no-cc" else "linux"}";
    inherit system;
    inherit (toolchain) fingerprint;
    builder = shell;
    args = [
      "-ec"
      # Not cp at the end: bash would become it, it closes its output before it ends, and Nix kills builders that do.
      "PATH=${usr}/bin; mkdir $out; cp ${./setup.sh} $out/setup; exit 0"
    ];
  };

  platform =
    let
      parts = lib.splitString "-" system;
      is = name: builtins.elem name parts;
    in
    {
      inherit system;
      config = "${builtins.head parts}-unknown-linux-gnu";
      isLinux = is "linux";
      isDarwin = is "darwin";
      isUnix = true;
      isx86_64 = is "x86_64";
      isAarch64 = is "aarch64";
      is64bit = true;
      isStatic = false;
      isMusl = false;
      extensions = {
        sharedLibrary = if is "darwin" then ".dylib" else ".so";
        executable = "";
        staticLibrary = ".a";
      };
    };
in
setup
// {
  inherit cc initialPath shell;
  mkDerivation = argument: make (if lib.isFunction argument then argument else _: argument);
  hostPlatform = platform;
  buildPlatform = platform;
  targetPlatform = platform;
  inherit (platform) isLinux isDarwin isx86_64 isAarch64;
  hasCC = cc != null;
}
