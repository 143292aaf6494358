lib: {
  makeOverridable =
    function: arguments:
    let
      result = function arguments;
      again = new: lib.makeOverridable function (arguments // (if lib.isFunction new then new arguments else new));
    in
    if builtins.isAttrs result then
      result
      // {
        override = lib.setFunctionArgs again (lib.functionArgs function);
        overrideDerivation = throw "the stand-in has no overrideDerivation";
      }
      // lib.optionalAttrs (result ? overrideAttrs) {
        overrideAttrs = new: lib.makeOverridable (arguments': (function arguments').overrideAttrs new) arguments;
      }
    else if lib.isFunction result then
      lib.setFunctionArgs result (lib.functionArgs result) // { override = again; }
    else
      result;
  callPackageWith =
    scope: function: arguments:
    let
      called = if lib.isFunction function then function else import function;
      wanted = lib.functionArgs called;
      missing = builtins.attrNames (removeAttrs (lib.filterAttrs (_: optional: !optional) wanted) (builtins.attrNames (scope // arguments)));
    in
    if missing != [ ] then
      throw "Function called without required argument \"${builtins.head missing}\""
    else
      lib.makeOverridable called (builtins.intersectAttrs wanted scope // arguments);
  makeScope =
    newScope: function:
    let
      self = function self // {
        newScope = scope: newScope (self // scope);
        callPackage = self.newScope { };
        overrideScope = overlay: lib.makeScope newScope (lib.extends overlay function);
        packages = function;
      };
    in
    self;
}
