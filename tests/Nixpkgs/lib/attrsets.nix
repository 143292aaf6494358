lib:
let
  inherit (builtins) attrNames listToAttrs mapAttrs;
in
{
  inherit (builtins)
    attrNames
    attrValues
    catAttrs
    getAttr
    hasAttr
    isAttrs
    listToAttrs
    mapAttrs
    removeAttrs
    intersectAttrs
    zipAttrsWith
    ;
  nameValuePair = name: value: { inherit name value; };
  genAttrs = names: function: listToAttrs (map (name: lib.nameValuePair name (function name)) names);
  genAttrs' = values: function: listToAttrs (map function values);
  mapAttrs' = function: set: listToAttrs (map (name: function name set.${name}) (attrNames set));
  mapAttrsToList = function: set: map (name: function name set.${name}) (attrNames set);
  attrsToList = lib.mapAttrsToList lib.nameValuePair;
  concatMapAttrs =
    function: set: builtins.foldl' (first: second: first // second) { } (lib.mapAttrsToList function set);
  filterAttrs =
    predicate: set: removeAttrs set (builtins.filter (name: !(predicate name set.${name})) (attrNames set));
  optionalAttrs = condition: set: if condition then set else { };
  attrByPath =
    path: default: set:
    if path == [ ] then
      set
    else if builtins.isAttrs set && set ? ${builtins.head path} then
      lib.attrByPath (builtins.tail path) default set.${builtins.head path}
    else
      default;
  hasAttrByPath =
    path: set:
    path == [ ]
    || (builtins.isAttrs set && set ? ${builtins.head path} && lib.hasAttrByPath (builtins.tail path) set.${builtins.head path});
  getAttrFromPath =
    path: lib.attrByPath path (throw "cannot find attribute '${builtins.concatStringsSep "." path}'");
  setAttrByPath = path: value: lib.foldr (name: inner: { ${name} = inner; }) value path;
  attrVals = names: set: map (name: set.${name}) names;
  getAttrs = names: set: lib.genAttrs names (name: set.${name});
  foldlAttrs =
    function: empty: set:
    builtins.foldl' (value: name: function value name set.${name}) empty (attrNames set);
  mergeAttrsList = builtins.foldl' (first: second: first // second) { };
  recursiveUpdateUntil =
    predicate: first: second:
    let
      merge =
        path:
        builtins.zipAttrsWith (
          name: values:
          let
            here = path ++ [ name ];
            old = builtins.elemAt values 1;
            new = builtins.head values;
          in
          if builtins.length values == 1 || predicate here old new then new else merge here values
        );
    in
    merge [ ] [
      second
      first
    ];
  recursiveUpdate = lib.recursiveUpdateUntil (
    _: first: second:
    !(builtins.isAttrs first && builtins.isAttrs second)
  );
  mapAttrsRecursive = function: lib.mapAttrsRecursiveCond (_: true) function;
  mapAttrsRecursiveCond =
    condition: function:
    let
      recurse =
        path:
        mapAttrs (
          name: value:
          if builtins.isAttrs value && condition value then
            recurse (path ++ [ name ]) value
          else
            function (path ++ [ name ]) value
        );
    in
    recurse [ ];
  isDerivation = value: value.type or null == "derivation";
  recurseIntoAttrs = set: set // { recurseForDerivations = true; };
  getOutput =
    output: package:
    if !(package ? outputSpecified) || !package.outputSpecified then
      package.${output} or package.out or package
    else
      package;
  getBin = lib.getOutput "bin";
  getLib = lib.getOutput "lib";
  getDev = lib.getOutput "dev";
}
