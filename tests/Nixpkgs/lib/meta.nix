lib: {
  getExe =
    package:
    lib.meta.getExe' package (
      package.meta.mainProgram or (lib.warn
        "getExe: Package ${lib.strings.escapeNixString package.meta.name or package.pname or package.name} does not have the meta.mainProgram attribute. We'll assume that the main program has the same name for now, but this behavior is deprecated, because it leads to surprising errors when the assumption does not hold. If the package has a main program, please set `meta.mainProgram` in its definition to make this warning go away. Otherwise, if the package does not have a main program, or if you don't control its definition, use getExe' to specify the name to the program, such as lib.getExe' foo \"bar\"."
        (lib.getName package)
      )
    );
  getExe' =
    package: name:
    if !lib.isDerivation package && !builtins.isString package && !(package ? outPath) then
      throw "lib.meta.getExe': The first argument is of type ${builtins.typeOf package}, but it should be a derivation instead."
    else if builtins.match ".*/.*" name != null then
      throw "lib.meta.getExe': The second argument \"${name}\" is a nested path with a \"/\" character, but it should just be the name of the executable instead."
    else
      "${lib.getBin package}/bin/${name}";
}
