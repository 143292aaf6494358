lib:
let
  inherit (builtins) stringLength substring;
  withoutLeadingDots = text: builtins.head (builtins.match "\\.*(.*)" text);
in
{
  inherit (builtins)
    concatStringsSep
    isString
    isPath
    match
    readFile
    replaceStrings
    split
    stringLength
    substring
    toJSON
    fromJSON
    typeOf
    unsafeDiscardStringContext
    parseDrvName
    ;
  concatStrings = builtins.concatStringsSep "";
  concatMapStrings = function: list: lib.concatStrings (map function list);
  concatMapStringsSep =
    separator: function: list:
    builtins.concatStringsSep separator (map function list);
  concatImapStringsSep =
    separator: function: list:
    builtins.concatStringsSep separator (lib.imap1 function list);
  concatMapAttrsStringSep =
    separator: function: set:
    builtins.concatStringsSep separator (lib.mapAttrsToList function set);
  concatLines = lib.concatMapStrings (line: line + "\n");
  intersperse =
    separator: list:
    if list == [ ] then
      [ ]
    else
      builtins.tail (
        builtins.concatMap (item: [
          separator
          item
        ]) list
      );
  optionalString = condition: text: if condition then text else "";
  hasPrefix = prefix: text: substring 0 (stringLength prefix) text == prefix;
  hasSuffix =
    suffix: text:
    let
      start = stringLength text - stringLength suffix;
    in
    start >= 0 && substring start (-1) text == suffix;
  hasInfix = infix: text: builtins.match ".*${lib.escapeRegex infix}.*" "${text}" != null;
  removePrefix =
    prefix: text: if lib.hasPrefix prefix text then substring (stringLength prefix) (-1) text else text;
  removeSuffix =
    suffix: text:
    if lib.hasSuffix suffix text then substring 0 (stringLength text - stringLength suffix) text else text;
  stringToCharacters = text: builtins.genList (index: substring index 1 text) (stringLength text);
  stringAsChars = function: text: lib.concatStrings (map function (lib.stringToCharacters text));
  escape = characters: builtins.replaceStrings characters (map (character: "\\${character}") characters);
  escapeRegex = lib.escape (lib.stringToCharacters "\\[{()^$?*+|.");
  escapeShellArg =
    value:
    let
      text = toString value;
    in
    if builtins.match "[[:alnum:],._+:@%/-]+" text == null then
      "'${builtins.replaceStrings [ "'" ] [ "'\\''" ] text}'"
    else
      text;
  escapeShellArgs = lib.concatMapStringsSep " " lib.escapeShellArg;
  escapeNixString = text: lib.escape [ "$" ] (builtins.toJSON text);
  escapeXML =
    builtins.replaceStrings
      [
        "\""
        "'"
        "<"
        ">"
        "&"
      ]
      [
        "&quot;"
        "&apos;"
        "&lt;"
        "&gt;"
        "&amp;"
      ];
  splitString =
    separator: text:
    map (builtins.addContextFrom or (_: part: part) text) (
      builtins.filter builtins.isString (builtins.split (lib.escapeRegex (toString separator)) (toString text))
    );
  toLower = builtins.replaceStrings lib.strings.upperChars lib.strings.lowerChars;
  toUpper = builtins.replaceStrings lib.strings.lowerChars lib.strings.upperChars;
  lowerChars = lib.stringToCharacters "abcdefghijklmnopqrstuvwxyz";
  upperChars = lib.stringToCharacters "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  trim =
    text:
    let
      found = builtins.match "[ \t\r\n]*(.*[^ \t\r\n])[ \t\r\n]*" text;
    in
    if found == null then "" else builtins.head found;
  fixedWidthString =
    width: filler: text:
    let
      missing = width - stringLength text;
    in
    if missing < 0 then
      throw "fixedWidthString: requested string length (${toString width}) must not be shorter than actual length (${toString (stringLength text)})"
    else
      lib.concatStrings (lib.replicate missing filler) + text;
  toInt =
    text:
    let
      found = builtins.match "[[:space:]]*(-?[[:digit:]]+)[[:space:]]*" text;
      digits = if found == null then null else builtins.head found;
    in
    if digits == null then
      throw "toInt: Could not convert ${lib.strings.escapeNixString text} to int."
    else if builtins.match "-?0[[:digit:]]+" digits != null then
      throw "toInt: Ambiguity in interpretation of ${lib.strings.escapeNixString text} between octal and zero padded integer."
    else
      builtins.fromJSON digits;
  makeSearchPath =
    folder: packages:
    builtins.concatStringsSep ":" (map (package: "${package}/${folder}") (builtins.filter (package: package != null) packages));
  makeSearchPathOutput = output: folder: packages: lib.makeSearchPath folder (map (lib.getOutput output) packages);
  makeBinPath = lib.makeSearchPathOutput "bin" "bin";
  makeLibraryPath = lib.makeSearchPathOutput "lib" "lib";
  getName =
    package:
    let
      parse = name: (builtins.parseDrvName name).name;
    in
    if builtins.isString package then parse package else package.pname or (parse package.name);
  getVersion =
    package:
    let
      parse = name: (builtins.parseDrvName name).version;
    in
    if builtins.isString package then parse package else package.version or (parse package.name);
  versionOlder = first: second: builtins.compareVersions second first == 1;
  versionAtLeast = first: second: !(lib.versionOlder first second);
  sanitizeDerivationName =
    text:
    let
      kept = builtins.filter builtins.isString (builtins.split "[^[:alnum:]+._?=-]+" (withoutLeadingDots (builtins.unsafeDiscardStringContext (toString text))));
      joined = builtins.concatStringsSep "-" kept;
      cut = substring (lib.max (stringLength joined - 207) 0) (-1) joined;
    in
    if stringLength (toString text) <= 207 && builtins.match "[[:alnum:]+_?=-][[:alnum:]+._?=-]*" (toString text) != null then
      builtins.unsafeDiscardStringContext (toString text)
    else if cut == "" then
      "unknown"
    else
      cut;
  isStringLike = value: builtins.isString value || builtins.isPath value || value ? outPath || value ? __toString;
  isConvertibleWithToString =
    value:
    let
      type = builtins.typeOf value;
    in
    lib.isStringLike value
    || builtins.elem type [
      "null"
      "int"
      "float"
      "bool"
    ]
    || (builtins.isList value && builtins.all lib.strings.isConvertibleWithToString value);
  isStorePath =
    value:
    lib.isStringLike value
    && substring 0 1 (toString value) == "/"
    && dirOf (toString value) == builtins.storeDir;
}
