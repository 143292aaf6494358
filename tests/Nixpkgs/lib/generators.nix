lib: {
  mkValueStringDefault =
    _: value:
    if builtins.isInt value || builtins.isString value then
      toString value
    else if value == true then
      "true"
    else if value == false then
      "false"
    else if value == null then
      "null"
    else if lib.isDerivation value then
      toString value
    else
      throw "generators.mkValueStringDefault: type ${builtins.typeOf value} is not supported";
  mkKeyValueDefault =
    {
      mkValueString ? lib.generators.mkValueStringDefault { },
    }:
    separator: key: value:
    "${lib.escape [ separator ] key}${separator}${mkValueString value}";
  toKeyValue =
    {
      mkKeyValue ? lib.generators.mkKeyValueDefault { } "=",
      listsAsDuplicateKeys ? false,
      indent ? "",
    }:
    set:
    lib.concatStrings (
      builtins.concatLists (
        lib.mapAttrsToList (
          key: value: map (item: "${indent}${mkKeyValue key item}\n") (if listsAsDuplicateKeys then lib.toList value else [ value ])
        ) set
      )
    );
  toINI =
    {
      mkSectionName ? lib.escape [
        "["
        "]"
      ],
      mkKeyValue ? lib.generators.mkKeyValueDefault { } "=",
      listsAsDuplicateKeys ? false,
    }:
    set:
    builtins.concatStringsSep "\n" (
      lib.mapAttrsToList (
        section: values: "[${mkSectionName section}]\n" + lib.generators.toKeyValue { inherit mkKeyValue listsAsDuplicateKeys; } values
      ) set
    );
  toJSON = _: builtins.toJSON;
  # Only for messages; the real one also lays long values out over several lines.
  toPretty =
    options: value:
    if builtins.isString value then
      lib.strings.escapeNixString value
    else if value == null then
      "null"
    else if builtins.isBool value then
      lib.boolToString value
    else if builtins.isPath value || builtins.isInt value || builtins.isFloat value then
      toString value
    else if builtins.isList value then
      "[ ${lib.concatMapStringsSep " " (lib.generators.toPretty options) value} ]"
    else if lib.isFunction value then
      "<function>"
    else if lib.isDerivation value then
      "<derivation ${value.name or "???"}>"
    else
      "{ ${lib.concatMapAttrsStringSep " " (name: item: "${name} = ${lib.generators.toPretty options item};") value} }";
}
