# Builders of small things.
{ lib, pkgs }:
let
  runIn =
    stdenv: name: attributes: command:
    stdenv.mkDerivation (
      {
        enableParallelBuilding = true;
        inherit name;
        buildCommand = command;
        passAsFile = [ "buildCommand" ] ++ attributes.passAsFile or [ ];
      }
      // removeAttrs attributes [ "passAsFile" ]
    );
  local = {
    preferLocalBuild = true;
    allowSubstitutes = false;
  };
in
rec {
  runCommand = runIn pkgs.stdenvNoCC;
  runCommandCC = runIn pkgs.stdenv;
  runCommandLocal = name: attributes: runCommand name (attributes // local);

  writeTextFile =
    {
      name,
      text,
      executable ? false,
      destination ? "",
      checkPhase ? "",
      meta ? { },
      passthru ? { },
      derivationArgs ? { },
    }:
    runCommand name
      (
        derivationArgs
        // local
        // {
          inherit
            text
            executable
            checkPhase
            meta
            passthru
            ;
          passAsFile = [ "text" ];
        }
      )
      ''
        target=$out${lib.escapeShellArg destination}
        mkdir -p "$(dirname "$target")"
        if [ -e "$textPath" ]; then mv "$textPath" "$target"; else echo -n "$text" > "$target"; fi
        if [ -n "$executable" ]; then chmod +x "$target"; fi
        eval "$checkPhase"
      '';
  writeText = name: text: writeTextFile { inherit name text; };
  writeTextDir = path: text: writeTextFile { name = baseNameOf path; destination = "/${path}"; inherit text; };
  writeScript = name: text: writeTextFile { inherit name text; executable = true; };
  writeShellScript =
    name: text:
    writeTextFile {
      inherit name;
      executable = true;
      text = "#!${pkgs.bash}/bin/bash\n${text}\n";
      checkPhase = "${pkgs.bash}/bin/bash -n \"$target\"";
    };
  writeShellScriptBin =
    name: text:
    writeTextFile {
      inherit name;
      executable = true;
      destination = "/bin/${name}";
      text = "#!${pkgs.bash}/bin/bash\n${text}\n";
      checkPhase = "${pkgs.bash}/bin/bash -n \"$target\"";
      meta.mainProgram = name;
    };
  # Without shellcheck, which the real one runs too.
  writeShellApplication =
    {
      name,
      text,
      runtimeInputs ? [ ],
      runtimeEnv ? null,
      meta ? { },
      passthru ? { },
      checkPhase ? null,
      bashOptions ? [
        "errexit"
        "nounset"
        "pipefail"
      ],
      inheritPath ? true,
    }:
    writeTextFile {
      inherit name passthru;
      meta = {
        mainProgram = name;
      }
      // meta;
      executable = true;
      destination = "/bin/${name}";
      text =
        "#!${pkgs.bash}/bin/bash\n"
        + lib.concatMapStrings (option: "set -o ${option}\n") bashOptions
        + lib.concatStrings (lib.mapAttrsToList (variable: value: "${variable}=${lib.escapeShellArg value}\nexport ${variable}\n") (if runtimeEnv == null then { } else runtimeEnv))
        + lib.optionalString (runtimeInputs != [ ]) "\nexport PATH=\"${lib.makeBinPath runtimeInputs}${lib.optionalString inheritPath ":$PATH"}\"\n"
        + "\n${text}\n";
      checkPhase = if checkPhase == null then "${pkgs.bash}/bin/bash -n -O extglob \"$target\"" else checkPhase;
    };

  symlinkJoin =
    arguments@{
      name ? if arguments ? pname then "${arguments.pname}-${arguments.version}" else throw "symlinkJoin requires a name",
      paths,
      postBuild ? "",
      preferLocalBuild ? true,
      allowSubstitutes ? false,
      ...
    }:
    runCommand name
      (
        removeAttrs arguments [
          "name"
          "postBuild"
          "paths"
        ]
        // {
          inherit preferLocalBuild allowSubstitutes;
          paths = map toString (lib.flatten paths);
          passAsFile = [ "paths" ];
        }
      )
      ''
        mkdir -p "$out"
        # Folders are made, files are linked; of two files of a name the first path's stays.
        for path in $(cat "$pathsPath"); do
          (cd "$path" && find . -mindepth 1 -type d -printf '%P\0') | (cd "$out" && xargs -0 -r mkdir -p)
          (cd "$path" && find . -mindepth 1 '!' -type d -printf '%P\0') | while IFS= read -r -d $'\0' file; do
            if [ -d "$path/$file" ] && [ -d "$out/$file" ]; then
              cp -rsn "$path/$file/." "$out/$file"
            elif [ ! -e "$out/$file" ] && [ ! -L "$out/$file" ]; then
              ln -s "$path/$file" "$out/$file"
            fi
          done
        done
        ${postBuild}
      '';

  linkFarm =
    name: entries:
    let
      set = if builtins.isAttrs entries then entries else builtins.listToAttrs (map (entry: lib.nameValuePair entry.name entry.path) entries);
    in
    runCommand name (local // { passthru.entries = set; }) ''
      mkdir -p "$out"
      cd "$out"
      ${lib.concatStrings (
        lib.mapAttrsToList (path: target: ''
          mkdir -p "$(dirname ${lib.escapeShellArg path})"
          ln -s ${lib.escapeShellArg "${target}"} ${lib.escapeShellArg path}
        '') set
      )}
    '';

  linkFarmFromDrvs =
    name: packages:
    linkFarm name (
      map (package: {
        name = package.name;
        path = package;
      }) packages
    );

  # A shell for `nix develop`; built, it lists its inputs.
  mkShell = mkShellWith pkgs.stdenv;
  mkShellNoCC = mkShellWith pkgs.stdenvNoCC;
  mkShellWith =
    stdenv:
    {
      name ? "nix-shell",
      packages ? [ ],
      inputsFrom ? [ ],
      buildInputs ? [ ],
      nativeBuildInputs ? [ ],
      propagatedBuildInputs ? [ ],
      propagatedNativeBuildInputs ? [ ],
      shellHook ? "",
      ...
    }@arguments:
    let
      merge =
        attribute: lib.subtractLists inputsFrom (lib.flatten (lib.catAttrs attribute inputsFrom)) ++ arguments.${attribute} or [ ];
    in
    stdenv.mkDerivation (
      removeAttrs arguments [
        "packages"
        "inputsFrom"
      ]
      // {
        inherit name;
        buildInputs = merge "buildInputs";
        nativeBuildInputs = packages ++ merge "nativeBuildInputs";
        propagatedBuildInputs = merge "propagatedBuildInputs";
        propagatedNativeBuildInputs = merge "propagatedNativeBuildInputs";
        shellHook = builtins.concatStringsSep "\n" (lib.catAttrs "shellHook" (lib.reverseList inputsFrom ++ [ arguments ]));
        phases = [ "buildPhase" ];
        buildPhase = ''
          { echo "------------------------------------------------------------"
            echo " WARNING: the existence of this path is not guaranteed."
            echo " It is an internal implementation detail for pkgs.mkShell."
            echo "------------------------------------------------------------"
            echo
            export
          } >> "$out"
        '';
        preferLocalBuild = true;
      }
    );
}
