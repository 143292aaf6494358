# The types of options: what a definition may be, and how several become one value.
lib:
let
  type =
    attributes:
    {
      _type = "option-type";
      description = attributes.name;
      check = _: true;
      merge = lib.mergeEqualOption;
      emptyValue = { };
      nestedTypes = { };
      # Of a type with submodules in it: those, and how it is made again with others.
      getSubModules = null;
      substSubModules = _: null;
    }
    // attributes;

  addCheck = base: check: base // { check = value: base.check value && check value; };

  between =
    lowest: highest:
    addCheck types.int (value: value >= lowest && value <= highest)
    // {
      name = "intBetween";
      description = "integer between ${range lowest highest}";
    };
  range = lowest: highest: "${toString lowest} and ${toString highest} (both inclusive)";
  sized =
    bits: lowest: highest: name: kind:
    between lowest highest
    // {
      inherit name;
      description = "${toString bits} bit ${kind} integer; between ${range lowest highest}";
    };

  string = name: description: check: type { inherit name description check; };

  separatedString =
    separator:
    type {
      name = "separatedString";
      description = "strings concatenated with ${builtins.toJSON separator}";
      check = builtins.isString;
      merge = _: definitions: builtins.concatStringsSep separator (lib.getValues definitions);
    };

  # An element's type in a phrase: composites in parentheses.
  phrase = inner: if lib.hasInfix " " inner.description && inner.name != "str" then "(${inner.description})" else inner.description;

  attributeSet =
    name: lazy: elemType:
    type {
      inherit name;
      description = "${lib.optionalString lazy "lazy "}attribute set of ${phrase elemType}";
      inherit (elemType) getSubModules;
      substSubModules = modules: attributeSet name lazy (elemType.substSubModules modules);
      check = builtins.isAttrs;
      emptyValue.value = { };
      nestedTypes.elemType = elemType;
      merge =
        loc: definitions:
        let
          merged = builtins.zipAttrsWith (name: elements: lib.modules.mergeDefinitions (loc ++ [ name ]) elemType elements) (
            map (
              definition:
              builtins.mapAttrs (_: value: {
                inherit (definition) file;
                inherit value;
              }) definition.value
            ) definitions
          );
        in
        if lazy then
          builtins.mapAttrs (_: element: element.optionalValue.value or elemType.emptyValue.value or element.mergedValue) merged
        else
          builtins.mapAttrs (_: element: element.mergedValue) (lib.filterAttrs (_: element: element.isDefined) merged);
    };

  types = {
    inherit addCheck separatedString;
    mkOptionType = type;
    raw = type {
      name = "raw";
      description = "raw value";
      merge = lib.mergeOneOption;
    };
    unspecified = type {
      name = "unspecified";
      description = "unspecified value";
      merge = lib.mergeOneOption;
    };
    anything = type {
      name = "anything";
      merge =
        loc: definitions:
        if builtins.all (definition: builtins.isAttrs definition.value && !lib.isDerivation definition.value) definitions then
          (types.lazyAttrsOf types.anything).merge loc definitions
        else
          lib.mergeEqualOption loc definitions;
    };
    bool = type {
      name = "bool";
      description = "boolean";
      check = builtins.isBool;
    };
    int = type {
      name = "int";
      description = "signed integer";
      check = builtins.isInt;
    };
    float = type {
      name = "float";
      description = "floating point number";
      check = builtins.isFloat;
    };
    number = types.either types.int types.float;
    ints = {
      inherit between;
      unsigned = addCheck types.int (value: value >= 0) // {
        name = "unsignedInt";
        description = "unsigned integer, meaning >=0";
      };
      positive = addCheck types.int (value: value > 0) // {
        name = "positiveInt";
        description = "positive integer, meaning >0";
      };
      u8 = sized 8 0 255 "unsignedInt8" "unsigned";
      u16 = sized 16 0 65535 "unsignedInt16" "unsigned";
      u32 = sized 32 0 4294967295 "unsignedInt32" "unsigned";
      s8 = sized 8 (-128) 127 "signedInt8" "signed";
      s16 = sized 16 (-32768) 32767 "signedInt16" "signed";
      s32 = sized 32 (-2147483648) 2147483647 "signedInt32" "signed";
    };
    port = types.ints.u16;
    str = string "str" "string" builtins.isString;
    nonEmptyStr = string "nonEmptyStr" "non-empty string" (
      value: builtins.isString value && builtins.match "[ \t\n]*" value == null
    );
    singleLineStr =
      string "singleLineStr" "(optionally newline-terminated) single-line string" (
        value: builtins.isString value && builtins.match "[^\n\r]*\n?" value != null
      )
      // {
        merge = loc: definitions: lib.removeSuffix "\n" (lib.mergeEqualOption loc definitions);
      };
    strMatching =
      pattern:
      string "strMatching ${lib.strings.escapeNixString pattern}" "string matching the pattern ${pattern}" (
        value: builtins.isString value && builtins.match pattern value != null
      );
    lines = separatedString "\n";
    commas = separatedString ",";
    path = type {
      name = "path";
      description = "absolute path";
      check = value: lib.isStringLike value && builtins.substring 0 1 (toString value) == "/";
    };
    package = type {
      name = "package";
      check = value: lib.isDerivation value || lib.isStorePath value;
      merge = lib.mergeOneOption;
    };
    enum =
      values:
      type {
        name = "enum";
        description =
          let
            shown = map (value: if builtins.isString value then ''"${value}"'' else if builtins.isBool value then lib.boolToString value else toString value) values;
          in
          if values == [ ] then
            "impossible (empty enum)"
          else if builtins.length values == 1 then
            "value ${builtins.head shown} (singular enum)"
          else
            "one of ${builtins.concatStringsSep ", " shown}";
        check = value: builtins.elem value values;
      };
    attrs = type {
      name = "attrs";
      description = "attribute set";
      check = builtins.isAttrs;
      emptyValue.value = { };
      merge = _: builtins.foldl' (set: definition: set // definition.value) { };
    };
    attrsOf = attributeSet "attrsOf" false;
    lazyAttrsOf = attributeSet "lazyAttrsOf" true;
    listOf =
      elemType:
      type {
        name = "listOf";
        description = "list of ${phrase elemType}";
        inherit (elemType) getSubModules;
        substSubModules = modules: types.listOf (elemType.substSubModules modules);
        check = builtins.isList;
        emptyValue.value = [ ];
        nestedTypes.elemType = elemType;
        merge =
          loc: definitions:
          map (element: element.value) (
            builtins.filter (element: element ? value) (
              builtins.concatLists (
                lib.imap1 (
                  number: definition:
                  lib.imap1 (
                    index: value:
                    (lib.modules.mergeDefinitions (loc ++ [ "[definition ${toString number}-entry ${toString index}]" ]) elemType [
                      {
                        inherit (definition) file;
                        inherit value;
                      }
                    ]).optionalValue
                  ) definition.value
                ) definitions
              )
            )
          );
      };
    nonEmptyListOf =
      elemType:
      let
        list = addCheck (types.listOf elemType) (value: value != [ ]);
      in
      list
      // {
        description = "non-empty ${list.description}";
        emptyValue = { };
      };
    uniq = inner: inner // { merge = lib.mergeOneOption; };
    nullOr =
      elemType:
      type {
        name = "nullOr";
        description = "null or ${phrase elemType}";
        inherit (elemType) getSubModules;
        substSubModules = modules: types.nullOr (elemType.substSubModules modules);
        check = value: value == null || elemType.check value;
        emptyValue.value = null;
        nestedTypes.elemType = elemType;
        merge =
          loc: definitions:
          let
            nulls = lib.count (definition: definition.value == null) definitions;
          in
          if nulls == 0 then
            elemType.merge loc definitions
          else if nulls == builtins.length definitions then
            null
          else
            throw "The option `${lib.showOption loc}` is defined both null and not null, in ${lib.showFiles (lib.getFiles definitions)}.";
      };
    either =
      first: second:
      type {
        name = "either";
        description = "${phrase first} or ${phrase second}";
        check = value: first.check value || second.check value;
        merge =
          loc: definitions:
          let
            values = lib.getValues definitions;
          in
          if builtins.all first.check values then
            first.merge loc definitions
          else if builtins.all second.check values then
            second.merge loc definitions
          else
            lib.mergeOneOption loc definitions;
      };
    oneOf = list: lib.foldr types.either (lib.last list) (lib.init list);
    coercedTo =
      from: coerce: to:
      type {
        name = "coercedTo";
        description = "${to.description} or ${from.description} convertible to it";
        check = value: (from.check value && to.check (coerce value)) || to.check value;
        inherit (to) emptyValue;
        merge =
          loc: definitions:
          to.merge loc (
            map (definition: definition // { value = if from.check definition.value then coerce definition.value else definition.value; }) definitions
          );
      };
    functionTo =
      result:
      type {
        name = "functionTo";
        description = "function that evaluates to a(n) ${phrase result}";
        check = lib.isFunction;
        merge =
          loc: definitions: argument:
          (lib.modules.mergeDefinitions (loc ++ [ "<function body>" ]) result (
            map (definition: definition // { value = definition.value argument; }) definitions
          )).mergedValue;
      };
    submodule =
      modules:
      types.submoduleWith {
        modules = lib.toList modules;
        shorthandOnlyDefinesConfig = true;
      };
    submoduleWith =
      {
        modules,
        specialArgs ? { },
        shorthandOnlyDefinesConfig ? false,
        description ? null,
        class ? null,
      }@arguments:
      type {
        name = "submodule";
        getSubModules = modules;
        substSubModules = other: types.submoduleWith (arguments // { modules = other; });
        description = if description != null then description else "submodule";
        check = value: builtins.isAttrs value || lib.isFunction value || types.path.check value;
        emptyValue.value = { };
        merge =
          loc: definitions:
          (lib.evalModules {
            inherit specialArgs class;
            prefix = loc;
            modules =
              modules
              ++ [
                {
                  _file = "lib/types.nix";
                  _module.args.name = lib.last loc;
                }
              ]
              ++ map (
                definition:
                if builtins.isAttrs definition.value && shorthandOnlyDefinesConfig then
                  {
                    _file = definition.file;
                    config = definition.value;
                  }
                else
                  {
                    _file = definition.file;
                    imports = [ definition.value ];
                  }
              ) definitions;
          }).config;
      };
  };
in
types
