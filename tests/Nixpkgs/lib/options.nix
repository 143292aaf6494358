lib:
let
  showPart = part: if builtins.match "[a-zA-Z_][a-zA-Z0-9_'-]*" part == null && part != "*" && builtins.match "<.*>" part == null then lib.strings.escapeNixString part else part;
in
rec {
  isOption = value: value._type or null == "option";
  mkOption = attributes: attributes // { _type = "option"; };
  mkEnableOption =
    name:
    mkOption {
      default = false;
      example = true;
      description = "Whether to enable ${name}.";
      type = lib.types.bool;
    };
  mkPackageOption =
    pkgs: name:
    {
      nullable ? false,
      default ? name,
      example ? null,
      extraDescription ? "",
      pkgsText ? "pkgs",
    }:
    mkOption {
      type = (if nullable then lib.types.nullOr else lib.id) lib.types.package;
      default = if default == null then null else lib.getAttrFromPath (lib.toList default) pkgs;
      description = "The ${if builtins.isList name then lib.last name else name} package to use. ${extraDescription}";
    };
  literalExpression = text: {
    _type = "literalExpression";
    inherit text;
  };
  showOption = lib.concatMapStringsSep "." showPart;
  showFiles = lib.concatMapStringsSep " and " (file: "`${file}'");
  showDefs = lib.concatMapStrings (
    definition:
    let
      shown = builtins.tryEval (lib.generators.toPretty { } definition.value);
    in
    "\n- In `${toString definition.file}'${lib.optionalString shown.success ": ${shown.value}"}"
  );
  getValues = map (definition: definition.value);
  getFiles = map (definition: definition.file);
  mergeOneOption =
    loc: definitions:
    if builtins.length definitions == 1 then
      (builtins.head definitions).value
    else
      throw "The option `${showOption loc}' is defined multiple times while it's expected to be unique.\nDefinition values:${showDefs definitions}";
  mergeEqualOption =
    loc: definitions:
    let
      first = builtins.head definitions;
    in
    if builtins.all (definition: definition.value == first.value) definitions then
      first.value
    else
      throw "The option `${showOption loc}' has conflicting definition values:${showDefs definitions}\nUse `lib.mkForce value` or `lib.mkDefault value` to change the priority on any of these definitions.";
}
