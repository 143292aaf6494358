# What lib's functions do: [ actual expected ], for the stand-in's lib and for the real one alike. The option that an error names is in `fails`.
{ lib }:
let
  evaluate = modules: (lib.evalModules { inherit modules; }).config;
  declare = type: { options.o = lib.mkOption { inherit type; }; };
  merge = type: definitions: (evaluate ([ (declare type) ] ++ map (o: { inherit o; }) definitions)).o;
  accepts = type: value: (builtins.tryEval (builtins.deepSeq (merge type [ value ]) true)).success;
  named = lib.types.submodule (
    { name, config, ... }:
    {
      options = {
        who = lib.mkOption {
          type = lib.types.str;
          default = name;
        };
        size = lib.mkOption {
          type = lib.types.ints.positive;
          default = 3;
        };
        twice = lib.mkOption {
          type = lib.types.int;
          readOnly = true;
          default = config.size * 2;
        };
      };
    }
  );
  throws = value: !(builtins.tryEval (builtins.deepSeq value true)).success;
  package = {
    type = "derivation";
    name = "tool-1.2";
    outPath = "${builtins.storeDir}/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-tool-1.2";
    outputName = "out";
    meta.mainProgram = "main";
  };
in
{
  lists = [
    [ (lib.optional true 1) [ 1 ] ]
    [ (lib.optionals false [ 1 ]) [ ] ]
    [ (lib.take 2 [ 1 2 3 ]) [ 1 2 ] ]
    [ (lib.drop 2 [ 1 2 3 ]) [ 3 ] ]
    [ (lib.sublist 1 5 [ 1 2 3 ]) [ 2 3 ] ]
    [ (lib.last [ 1 2 ]) 2 ]
    [ (lib.init [ 1 2 ]) [ 1 ] ]
    [ (lib.flatten [ 1 [ 2 [ 3 ] ] 4 ]) [ 1 2 3 4 ] ]
    [ (lib.unique [ 3 1 3 2 1 ]) [ 3 1 2 ] ]
    [ (lib.allUnique [ 3 1 3 ]) false ]
    [ (lib.foldr (a: b: "${a}(${b})") "e" [ "a" "b" ]) "a(b(e))" ]
    [ (lib.findFirst (x: x > 1) 0 [ 1 2 3 ]) 2 ]
    [ (lib.imap0 (i: v: "${toString i}${v}") [ "a" "b" ]) [ "0a" "1b" ] ]
    [ (lib.reverseList [ 1 2 3 ]) [ 3 2 1 ] ]
    [ (lib.range 2 4) [ 2 3 4 ] ]
    [ (lib.count (x: x > 1) [ 1 2 3 ]) 2 ]
    [ (lib.subtractLists [ 1 ] [ 1 2 1 3 ]) [ 2 3 ] ]
    [ (lib.zipListsWith (a: b: a + b) [ 1 2 ] [ 3 ]) [ 4 ] ]
    [ (lib.toList "a") [ "a" ] ]
  ];
  attrsets = [
    [ (lib.genAttrs [ "a" "b" ] (n: n + n)) { a = "aa"; b = "bb"; } ]
    [ (lib.mapAttrs (n: v: n + v) { a = "1"; }) { a = "a1"; } ]
    [ (lib.mapAttrs' (n: v: lib.nameValuePair (v + "x") n) { a = "1"; }) { "1x" = "a"; } ]
    [ (lib.mapAttrsToList (n: v: n + v) { b = "2"; a = "1"; }) [ "a1" "b2" ] ]
    [ (lib.filterAttrs (n: v: n != "a" && v > 1) { a = 5; b = 2; c = 1; }) { b = 2; } ]
    [ (lib.optionalAttrs false { a = 1; }) { } ]
    [ (lib.attrByPath [ "a" "b" ] 0 { a.b = 1; }) 1 ]
    [ (lib.attrByPath [ "a" "b" ] 0 { a = 3; }) 0 ]
    [ (lib.hasAttrByPath [ "a" "b" ] { a.b = 1; }) true ]
    [ (lib.setAttrByPath [ "a" "b" ] 1) { a.b = 1; } ]
    [ (lib.recursiveUpdate { a.b = 1; a.c = 2; d = 1; } { a.b = 3; d.e = 2; }) { a = { b = 3; c = 2; }; d.e = 2; } ]
    [ (lib.concatMapAttrs (n: v: { ${n + "x"} = v; }) { a = 1; b = 2; }) { ax = 1; bx = 2; } ]
    [ (lib.attrsToList { a = 1; }) [ { name = "a"; value = 1; } ] ]
    [ (lib.foldlAttrs (sum: n: v: sum + v) 1 { a = 1; b = 2; }) 4 ]
    [ (lib.isDerivation package) true ]
    [ (lib.mapAttrsRecursive (p: v: p ++ [ v ]) { a.b = "c"; }) { a.b = [ "a" "b" "c" ]; } ]
  ];
  strings = [
    [ (lib.concatStringsSep "," [ "a" "b" ]) "a,b" ]
    [ (lib.concatMapStringsSep "," (x: "<${x}>") [ "a" "b" ]) "<a>,<b>" ]
    [ (lib.concatMapStrings (x: "<${x}>") [ "a" "b" ]) "<a><b>" ]
    [ (lib.optionalString true "a") "a" ]
    [ (lib.hasPrefix "ab" "abc") true ]
    [ (lib.hasSuffix "bc" "abc") true ]
    [ (lib.hasSuffix "xabc" "abc") false ]
    [ (lib.hasInfix "[" "a[b") true ]
    [ (lib.removePrefix "ab" "abc") "c" ]
    [ (lib.removeSuffix "bc" "abc") "a" ]
    [ (lib.splitString "." "a..b") [ "a" "" "b" ] ]
    [ (lib.splitString "||" "a||b") [ "a" "b" ] ]
    [ (lib.escapeShellArg "a b") "'a b'" ]
    [ (lib.escapeShellArg "it's") "'it'\\''s'" ]
    [ (lib.escapeShellArg "plain-1.2/x@y:z%+,_") "plain-1.2/x@y:z%+,_" ]
    [ (lib.escapeShellArg "") "''" ]
    [ (lib.escapeShellArg "a\nb$c") "'a\nb$c'" ]
    [ (lib.escapeShellArg 3) "3" ]
    [ (lib.escapeShellArgs [ "a b" "c" ]) "'a b' c" ]
    [ (lib.escapeRegex "a.b*") "a\\.b\\*" ]
    [ (lib.strings.escapeNixString "a\${b}\"") "\"a\\\${b}\\\"\"" ]
    [ (lib.toInt " 12 ") 12 ]
    [ (throws (lib.toInt "012")) true ]
    [ (lib.toUpper "aZ1") "AZ1" ]
    [ (lib.trim "  a b\n") "a b" ]
    [ (lib.fixedWidthString 4 "0" "12") "0012" ]
    [ (lib.stringToCharacters "abc") [ "a" "b" "c" ] ]
    [ (lib.makeBinPath [ "/a" null "/b" ]) "/a/bin:/b/bin" ]
    [ (lib.getName "hello-2.1") "hello" ]
    [ (lib.getVersion { name = "hello-2.1"; }) "2.1" ]
    [ (lib.strings.sanitizeDerivationName "..a b/ü") "a-b-" ]
    [ (lib.strings.sanitizeDerivationName "a.b_c+d") "a.b_c+d" ]
    [ (lib.getExe package) "${package.outPath}/bin/main" ]
    [ (lib.getExe' package "other") "${package.outPath}/bin/other" ]
    [ (lib.generators.toINI { } { s.k = 1; s.b = true; }) "[s]\nb=true\nk=1\n" ]
    [ (lib.generators.toKeyValue { listsAsDuplicateKeys = true; } { k = [ 1 "x" ]; }) "k=1\nk=x\n" ]
  ];
  versions = [
    [ (lib.versionAtLeast "1.10" "1.9") true ]
    [ (lib.versionOlder "1.9" "1.10") true ]
    [ (lib.versionAtLeast "1.9" "1.9") true ]
    [ (lib.versionAtLeast "4.13.0~rc1" "4.13.0") true ]
    [ (lib.versions.majorMinor "4.13.1") "4.13" ]
    [ (lib.versions.major "4.13.1") "4" ]
    [ (lib.versions.minor "4.13.1") "13" ]
  ];
  functions = [
    [ (lib.fix (self: { a = 1; b = self.a + 1; })) { a = 1; b = 2; } ]
    [ (lib.fix (lib.extends (final: prev: { a = prev.a + 5; }) (self: { a = 1; b = self.a; }))) { a = 6; b = 6; } ]
    [ (lib.pipe 2 [ (x: x + 1) toString ]) "3" ]
    [ (lib.functionArgs ({ a, b ? 1 }: a)) { a = false; b = true; } ]
    [ ((lib.callPackageWith { a = 1; b = 2; } ({ a, b, c ? 3 }: { sum = a + b + c; }) { b = 5; }).sum) 9 ]
    [ (((lib.makeOverridable ({ a }: { inherit a; }) { a = 1; }).override { a = 2; }).a) 2 ]
  ];
  merging = [
    [ (merge lib.types.lines [ "a" "b" ]) "b\na" ]
    [ (merge (lib.types.listOf lib.types.int) [ [ 1 ] [ 2 ] ]) [ 2 1 ] ]
    [ (merge (lib.types.listOf lib.types.int) [ (lib.mkAfter [ 1 ]) [ 2 ] (lib.mkBefore [ 0 ]) ]) [ 0 2 1 ] ]
    [ (merge lib.types.int [ (lib.mkDefault 1) 2 ]) 2 ]
    [ (merge lib.types.int [ (lib.mkForce 1) 2 ]) 1 ]
    [ (merge lib.types.int [ 2 2 ]) 2 ]
    [ (throws (merge lib.types.int [ 1 2 ])) true ]
    [ (merge lib.types.int [ (lib.mkIf false 1) (lib.mkIf true 2) ]) 2 ]
    [ (merge lib.types.int [ (lib.mkMerge [ (lib.mkIf false 1) 3 ]) ]) 3 ]
    [ (merge (lib.types.nullOr lib.types.int) [ null ]) null ]
    [ (merge (lib.types.attrsOf lib.types.int) [ { a = 1; } { b = lib.mkIf false 1; } { c = lib.mkDefault 2; } { c = 3; } ]) { a = 1; c = 3; } ]
    [ (merge (lib.types.attrsOf named) [ { a = { }; b.size = 4; } { b.who = "me"; } ]) { a = { who = "a"; size = 3; twice = 6; }; b = { who = "me"; size = 4; twice = 8; }; } ]
    [ (merge (lib.types.either lib.types.str (lib.types.listOf lib.types.str)) [ [ "a" ] [ "b" ] ]) [ "b" "a" ] ]
    [ (merge (lib.types.coercedTo lib.types.int toString lib.types.str) [ 3 ]) "3" ]
    [ (evaluate [ ({ config, lib, ... }: { options.a.b = lib.mkOption { default = 1; }; options.c = lib.mkOption { default = config.a.b + 1; }; }) ]) { a.b = 1; c = 2; } ]
    [ (evaluate [ { options.a.b = lib.mkOption { default = 1; }; imports = [ { a.b = 2; } ]; } ]).a.b 2 ]
    [ (evaluate [ { options.on = lib.mkEnableOption "it"; options.v = lib.mkOption { default = 0; }; } ({ config, ... }: { config = lib.mkIf config.on { v = 1; }; }) { on = true; } ]).v 1 ]
    [ (evaluate [ { options.a.b = lib.mkOption { }; } { a = lib.mkIf true { b = 2; }; } ]).a.b 2 ]
    [ (lib.evalModules { specialArgs.extra = 5; modules = [ ({ extra, given, lib, ... }: { options.o = lib.mkOption { default = extra + given; }; config._module.args.given = 1; }) ]; }).config.o 6 ]
    [ (evaluate [ { freeformType = lib.types.attrsOf lib.types.int; options.a = lib.mkOption { type = lib.types.str; }; } { a = "x"; b = 1; } ]) { a = "x"; b = 1; } ]
    [ (evaluate [ { options.o = lib.mkOption { type = lib.types.int; apply = x: x + 1; }; config.o = 1; } ]).o 2 ]
  ];
  checks = [
    [ (accepts lib.types.ints.positive 0) false ]
    [ (accepts lib.types.ints.positive 1) true ]
    [ (accepts (lib.types.ints.between 1 3) 4) false ]
    [ (accepts lib.types.port 65535) true ]
    [ (accepts lib.types.port 65536) false ]
    [ (accepts lib.types.nonEmptyStr " ") false ]
    [ (accepts (lib.types.strMatching "[a-z]{1,3}") "abcd") false ]
    [ (accepts (lib.types.strMatching "[a-z]{1,3}") "abc") true ]
    [ (accepts (lib.types.enum [ "a" "b" ]) "c") false ]
    [ (accepts lib.types.path "/a") true ]
    [ (accepts lib.types.path "a") false ]
    [ (accepts lib.types.package "a") false ]
    [ (accepts lib.types.package package) true ]
    [ (accepts lib.types.bool "true") false ]
    [ (accepts (lib.types.listOf lib.types.str) [ 1 ]) false ]
    [ (accepts (lib.types.attrsOf named) { a.size = -1; }) false ]
    [ (accepts (lib.types.attrsOf named) { a.nothing = 1; }) false ]
    [ (accepts (lib.types.attrsOf named) { a.twice = 7; }) false ]
    [ (accepts (lib.types.oneOf [ lib.types.int lib.types.str ]) 1.5) false ]
    [ (accepts (lib.types.uniq lib.types.str) "a") true ]
    [ (accepts (lib.types.addCheck (lib.types.attrsOf lib.types.int) (set: set ? a)) { b = 1; }) false ]
    [ (accepts (lib.types.addCheck (lib.types.attrsOf lib.types.int) (set: set ? a)) { a = 1; }) true ]
    # A check around submodules is lost.
    [ (accepts (lib.types.addCheck (lib.types.attrsOf named) (set: set ? a)) { b = { }; }) true ]
  ];
  fails = {
    "services.a.x.size" = evaluate [
      {
        options.services.a = lib.mkOption { type = lib.types.attrsOf named; };
        config.services.a.x.size = -1;
      }
    ];
    "services.a.\"x y\".nothing" = evaluate [
      {
        options.services.a = lib.mkOption { type = lib.types.attrsOf named; };
        config.services.a."x y".nothing = 1;
      }
    ];
    "services.b" = evaluate [ { services.b = 1; } ];
    "services.c" = evaluate [ { options.services.c = lib.mkOption { type = lib.types.str; }; } ];
  };
}
