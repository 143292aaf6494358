lib: {
  inherit (builtins)
    isBool
    isInt
    isFloat
    pathExists
    readFile
    seq
    deepSeq
    ;
  id = value: value;
  const = value: _: value;
  pipe = builtins.foldl' (value: function: function value);
  flip =
    function: first: second:
    function second first;
  boolToString = value: if value then "true" else "false";
  min = first: second: if first < second then first else second;
  max = first: second: if first > second then first else second;
  mod = base: divisor: base - (divisor * (builtins.div base divisor));
  importJSON = path: builtins.fromJSON (builtins.readFile path);
  importTOML = path: builtins.fromTOML (builtins.readFile path);
  warn = message: builtins.trace "evaluation warning: ${message}";
  warnIf = condition: message: if condition then lib.warn message else lib.id;
  throwIf = condition: message: if condition then throw message else lib.id;
  throwIfNot = condition: message: if condition then lib.id else throw message;
  functionArgs = function: if function ? __functor then function.__functionArgs or (builtins.functionArgs (function.__functor function)) else builtins.functionArgs function;
  setFunctionArgs = function: arguments: {
    __functor = _: function;
    __functionArgs = arguments;
  };
  isFunction = value: builtins.isFunction value || (value ? __functor && lib.isFunction (value.__functor value));
  toFunction = value: if lib.isFunction value then value else _: value;
}
