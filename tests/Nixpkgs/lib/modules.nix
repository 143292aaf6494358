# The module system: options are declared by some modules and defined by any.
lib:
let
  property = type: attributes: attributes // { _type = type; };

  isProperty = type: value: value._type or null == type;

  # A module as { file, imports, options, config }, whatever it is written as: a path, a function, or a set with or without `config`.
  load =
    arguments: fallback: module:
    let
      file = if builtins.isPath module || builtins.isString module then toString module else module._file or fallback;
      raw = if builtins.isPath module || builtins.isString module then import module else module;
      called =
        if lib.isFunction raw then
          raw (
            arguments
            // builtins.mapAttrs (name: _: arguments.${name} or arguments.config._module.args.${name} or (throw "attribute '${name}' missing")) (lib.functionArgs raw)
          )
        else
          raw;
      place = called._file or file;
      reserved = [
        "_class"
        "_file"
        "key"
        "disabledModules"
        "imports"
        "options"
        "config"
        "meta"
        "freeformType"
      ];
      long = called ? config || called ? options;
      unknown = builtins.attrNames (removeAttrs called reserved);
      plain = removeAttrs called [
        "_class"
        "_file"
        "key"
        "disabledModules"
        "require"
        "imports"
        "freeformType"
      ];
      freeform = lib.optional (called ? freeformType) { _module.freeformType = called.freeformType; };
    in
    if !builtins.isAttrs called then
      throw "module ${place} does not look like a module."
    else if long && unknown != [ ] then
      throw "Module `${place}' has an unsupported attribute `${builtins.head unknown}'. This is caused by introducing a top-level `config' or `options' attribute. Add configuration attributes immediately on the top level instead, or move all of them (namely: ${toString unknown}) into the explicit `config' attribute."
    else
      {
        file = place;
        key = called.key or (if builtins.isPath module || builtins.isString module then toString module else null);
        imports = called.imports or [ ];
        options = if long then called.options or { } else { };
        config = mkMerge ([ (if long then called.config or { } else plain) ] ++ freeform);
      };

  # The modules and all that they import, each once where it has a key.
  collect =
    arguments: modules:
    let
      walk =
        fallback: list:
        builtins.concatLists (
          lib.imap1 (
            index: module:
            let
              loaded = load arguments fallback module;
            in
            [ loaded ] ++ walk loaded.file loaded.imports
          ) list
        );
      once = builtins.foldl' (
        found: module:
        if module.key != null && builtins.any (other: other.key == module.key) found then found else found ++ [ module ]
      ) [ ];
    in
    once (walk "<unknown-file>" modules);

  mkIf = condition: content: property "if" { inherit condition content; };
  mkMerge = contents: property "merge" { inherit contents; };
  mkOverride = priority: content: property "override" { inherit priority content; };
  mkOrder = priority: content: property "order" { inherit priority content; };

  isTrue =
    condition: if builtins.isBool condition then condition else throw "‘mkIf’ called with a non-Boolean condition";

  # A set's properties, handed down to its attributes.
  pushDown =
    value:
    if isProperty "merge" value then
      builtins.concatMap pushDown value.contents
    else if isProperty "if" value then
      map (builtins.mapAttrs (_: mkIf value.condition)) (pushDown value.content)
    else if isProperty "override" value then
      map (builtins.mapAttrs (_: mkOverride value.priority)) (pushDown value.content)
    else
      [ value ];

  # A value's properties, carried out.
  discharge =
    value:
    if isProperty "merge" value then
      builtins.concatMap discharge value.contents
    else if isProperty "if" value then
      if isTrue value.condition then discharge value.content else [ ]
    else
      [ value ];

  evaluateOption =
    loc: declaration: definitions:
    let
      option = declaration.option;
      declared = option.type or lib.types.unspecified;
      # As the real one does it, which loses what addCheck added around a type with submodules.
      type = if declared.getSubModules == null then declared else declared.substSubModules declared.getSubModules;
      given =
        definitions
        ++ lib.optional (option ? default) {
          file = declaration.file;
          value = mkOptionDefault option.default;
        };
      merged = mergeDefinitions loc type given;
      value =
        if option.readOnly or false && builtins.length merged.discharged > 1 then
          throw "The option `${lib.showOption loc}' is read-only, but it's set multiple times. Definition values:${lib.options.showDefs merged.discharged}"
        else
          (option.apply or lib.id) merged.mergedValue;
    in
    option
    // {
      inherit loc type value;
      inherit (merged) isDefined;
      highestPrio = merged.highest;
      definitions = map (definition: definition.value) merged.defsFinal;
      files = map (definition: definition.file) merged.defsFinal;
      declarations = [ declaration.file ];
    };

  mergeDefinitions = loc: type: definitions: rec {
    discharged = builtins.concatMap (
      definition:
      map (value: {
        inherit (definition) file;
        inherit value;
      }) (discharge definition.value)
    ) definitions;
    priority = definition: if isProperty "override" definition.value then definition.value.priority else 100;
    highest = builtins.foldl' (lowest: definition: lib.min lowest (priority definition)) 9999 discharged;
    # What is inside an override may have properties itself.
    chosen = builtins.concatMap (
      definition:
      map (value: {
        inherit (definition) file;
        inherit value;
      }) (if isProperty "override" definition.value then discharge definition.value.content else [ definition.value ])
    ) (builtins.filter (definition: priority definition == highest) discharged);
    order = definition: if isProperty "order" definition.value then definition.value.priority else 1000;
    defsFinal = map (
      definition: if isProperty "order" definition.value then definition // { value = definition.value.content; } else definition
    ) (builtins.sort (first: second: order first < order second) chosen);
    isDefined = defsFinal != [ ];
    wrong = builtins.filter (definition: !(type.check definition.value)) defsFinal;
    mergedValue =
      if isDefined then
        if wrong == [ ] then
          type.merge loc defsFinal
        else
          throw "A definition for option `${lib.showOption loc}' is not of type `${type.description}'. Definition values:${lib.options.showDefs wrong}"
      else if type.emptyValue ? value then
        type.emptyValue.value
      else
        throw "The option `${lib.showOption loc}' was accessed but has no value defined. Try setting the option.";
    optionalValue = lib.optionalAttrs isDefined { value = mergedValue; };
  };

  # Declarations and definitions below a place: { matched, unmatched }.
  mergeTree =
    prefix: declarations: definitions:
    let
      sets = builtins.concatMap (
        definition:
        map (value: {
          inherit (definition) file;
          inherit value;
        }) (pushDown definition.value)
      ) definitions;
      badSet = lib.findFirst (definition: !builtins.isAttrs definition.value) null sets;
      definitionsOf =
        name:
        map (definition: {
          inherit (definition) file;
          value = definition.value.${name};
        }) (builtins.filter (definition: definition.value ? ${name}) sets);
      names = builtins.foldl' (found: declaration: found // declaration.options) { } declarations;
      evaluated = builtins.mapAttrs (
        name: _:
        let
          loc = prefix ++ [ name ];
          here = map (declaration: {
            inherit (declaration) file;
            options = declaration.options.${name};
          }) (builtins.filter (declaration: declaration.options ? ${name}) declarations);
          leaves = builtins.filter (declaration: lib.isOption declaration.options) here;
        in
        if leaves == [ ] then
          mergeTree loc here (definitionsOf name)
        else if builtins.length here == 1 then
          {
            matched = evaluateOption loc {
              inherit (builtins.head here) file;
              option = (builtins.head here).options;
            } (definitionsOf name);
            unmatched = [ ];
          }
        else
          throw "The option `${lib.showOption loc}' in `${(builtins.elemAt here 1).file}' is already declared in `${(builtins.head here).file}'."
      ) names;
      strangers = builtins.concatMap (
        definition:
        lib.mapAttrsToList (name: value: {
          inherit (definition) file;
          inherit value;
          prefix = prefix ++ [ name ];
        }) (lib.filterAttrs (name: _: !(names ? ${name})) definition.value)
      ) sets;
    in
    if badSet != null then
      throw "The option path `${lib.showOption prefix}' is an attribute set of options, but it is defined to not be an attribute set in `${badSet.file}'. Did you define its value at the correct and complete path?"
    else
      {
        matched = builtins.mapAttrs (_: part: part.matched) evaluated;
        unmatched = builtins.concatMap (part: part.unmatched) (builtins.attrValues evaluated) ++ strangers;
      };

  evalModules =
    {
      modules,
      specialArgs ? { },
      prefix ? [ ],
      class ? null,
    }:
    let
      # Named as the real one's are, since modules ask for them.
      arguments = {
        inherit lib specialArgs options;
        config = merged;
        _class = class;
        _prefix = prefix;
      }
      // specialArgs;
      internal = {
        _file = "lib/modules.nix";
        options._module = {
          args = lib.mkOption {
            type = lib.types.lazyAttrsOf lib.types.raw;
            default = { };
          };
          check = lib.mkOption {
            type = lib.types.bool;
            default = true;
          };
          freeformType = lib.mkOption {
            type = lib.types.nullOr lib.types.raw;
            default = null;
          };
        };
      };
      loaded = collect arguments (modules ++ [ internal ]);
      # The real one's order: of two definitions the later module's comes first.
      ordered = lib.reverseList loaded;
      tree = mergeTree prefix (map (module: { inherit (module) file options; }) ordered) (
        map (module: {
          inherit (module) file;
          value = module.config;
        }) ordered
      );
      options = tree.matched;
      declared = lib.mapAttrsRecursiveCond (value: !lib.isOption value) (_: option: option.value) options;
      freeform = declared._module.freeformType;
      relative = definition: lib.drop (builtins.length prefix) definition.prefix;
      merged =
        if freeform == null || tree.unmatched == [ ] then
          declared
        else
          lib.recursiveUpdate (freeform.merge prefix (
            map (definition: {
              inherit (definition) file;
              value = lib.setAttrByPath (relative definition) definition.value;
            }) tree.unmatched
          )) declared;
      first = builtins.head tree.unmatched;
      checked =
        if declared._module.check && freeform == null && tree.unmatched != [ ] then
          throw "The option `${lib.showOption first.prefix}' does not exist. Definition values:${lib.options.showDefs [ first ]}"
        else
          lib.id;
    in
    {
      _type = "configuration";
      options = checked options;
      config = checked (removeAttrs merged [ "_module" ]);
    };

  mkOptionDefault = mkOverride 1500;
in
{
  inherit
    evalModules
    mergeDefinitions
    mkIf
    mkMerge
    mkOverride
    mkOrder
    mkOptionDefault
    ;
  mkDefault = mkOverride 1000;
  mkForce = mkOverride 50;
  mkBefore = mkOrder 500;
  mkAfter = mkOrder 1500;
}
