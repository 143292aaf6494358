lib: {
  cleanSourceFilter =
    path: type:
    let
      name = baseNameOf (toString path);
    in
    !(
      (
        name == ".git"
        || (
          type == "directory"
          && builtins.elem name [
            ".svn"
            "CVS"
            ".hg"
            ".jj"
            ".pijul"
            "_darcs"
          ]
        )
      )
      || lib.hasSuffix "~" name
      || builtins.match "\\.sw[a-z]" name != null
      || builtins.match "\\..*\\.sw[a-z]" name != null
      || lib.hasSuffix ".o" name
      || lib.hasSuffix ".so" name
      || (type == "symlink" && lib.hasPrefix "result" name)
      || type == "unknown"
    );
  cleanSourceWith =
    {
      src,
      filter ? _: _: true,
      name ? null,
    }:
    let
      isFiltered = src ? _isLibCleanSourceWith;
      origin = if isFiltered then src.origSrc else src;
      both = if isFiltered then path: type: filter path type && src.filter path type else filter;
      called = if name != null then name else if isFiltered then src.name else "source";
    in
    {
      _isLibCleanSourceWith = true;
      origSrc = origin;
      filter = both;
      name = called;
      outPath = builtins.path {
        path = origin;
        filter = both;
        name = called;
      };
    };
  cleanSource =
    src:
    lib.sources.cleanSourceWith {
      filter = lib.sources.cleanSourceFilter;
      inherit src;
    };
}
