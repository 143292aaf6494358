using System.Text.Json;

namespace Hillingar.Tests;

/// <summary>The stand-in for nixpkgs does what nixpkgs does.</summary>
public sealed class NixpkgsTests
{
    [Theory]
    [MemberData(nameof(Nix.Both), MemberType = typeof(Nix))]
    public async Task Its_functions_give_what_the_real_ones_give(string name)
    {
        using var store = new NixStore(Nix.Require(name));
        var nixpkgs = Path.Combine(TestData.Root, "tests", "Nixpkgs");
        var cases = await store.Json(null, "eval", "--impure", "--json", "--expr", $"removeAttrs (import {nixpkgs}/cases.nix {{ lib = {NixpkgsStandIn.Lib}; }}) [ \"fails\" ]");
        foreach (var group in cases.EnumerateObject())
            foreach (var (index, pair) in group.Value.EnumerateArray().Index())
                Assert.True(JsonElement.DeepEquals(pair[0], pair[1]), $"{group.Name}, number {index}: {pair[0]} is not {pair[1]}");
        Assert.True(cases.EnumerateObject().Sum(group => group.Value.GetArrayLength()) > 120);
    }

    [Theory]
    [InlineData("services.a.x.size", "is not of type `positive integer")]
    [InlineData("services.a.\"x y\".nothing", "does not exist")]
    [InlineData("services.b", "does not exist")]
    [InlineData("services.c", "has no value defined")]
    public async Task Wrong_options_are_named(string option, string error)
    {
        using var store = new NixStore(Nix.Require("modern"));
        var nixpkgs = Path.Combine(TestData.Root, "tests", "Nixpkgs");
        var result = await store.Try(null, "eval", "--impure", "--json", "--expr", $"(import {nixpkgs}/cases.nix {{ lib = {NixpkgsStandIn.Lib}; }}).fails.\"{option.Replace("\"", "\\\"", StringComparison.Ordinal)}\"");
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(error, result.Error, StringComparison.Ordinal);
        // An option that nobody declares is named by the first part that is not there.
        Assert.Contains(option == "services.b" ? "`services'" : $"`{option}'", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Nix.Both), MemberType = typeof(Nix))]
    public async Task It_builds_as_nixpkgs_does(string name)
    {
        using var store = new NixStore(Nix.Require(name));
        using var folder = new TestFolder();
        var nixpkgs = await NixpkgsStandIn.Lay(folder["nixpkgs"]);
        foreach (var (file, text) in s_flake)
            folder.Write(Path.Combine("flake", file), text);
        var flake = $"path:{folder["flake"]}";
        string[] options = ["--override-input", "nixpkgs", nixpkgs, "--no-write-lock-file"];
        foreach (var attribute in (await store.Json(null, ["eval", "--json", $"{flake}#checks.x86_64-linux", "--apply", "builtins.attrNames", .. options])).EnumerateArray())
        {
            var result = await store.Try(null, ["build", "-L", "--json", "--no-link", $"{flake}#checks.x86_64-linux.{attribute}", .. options]);
            Assert.True(result.ExitCode == 0, $"{attribute}:\n{result.Error}");
        }
    }

    static readonly (string File, string Text)[] s_flake =
    [
        ("hello/Makefile", "all:\n\tgcc hello.c -o hello\ncheck:\n\t./hello | grep -q patched\ninstall:\n\tinstall -D hello $(DESTDIR)$(out)/bin/hello\n"),
        ("hello/hello.c", "#include <stdio.h>\nint main(void) { puts(\"plain\"); return 0; }\n"),
        ("hello.patch", "--- a/hello.c\n+++ b/hello.c\n@@ -1,2 +1,2 @@\n #include <stdio.h>\n-int main(void) { puts(\"plain\"); return 0; }\n+int main(void) { puts(\"patched\"); return 0; }\n"),
        ("flake.nix", """
            {
              inputs.nixpkgs.url = "nixpkgs";
              outputs = { self, nixpkgs }:
                let
                  pkgs = nixpkgs.legacyPackages.x86_64-linux;
                  lib = nixpkgs.lib;
                  hello = pkgs.stdenv.mkDerivation (final: {
                    pname = "hello";
                    version = "1.0";
                    src = ./hello;
                    patches = [ ./hello.patch ];
                    doCheck = true;
                    outputs = [ "out" "doc" ];
                    postInstall = ''
                      mkdir -p $doc/man/man1
                      echo "for ${final.version}, in $name" > $doc/man/man1/hello.1
                      printf '#!/usr/bin/env bash\necho script\n' > $out/bin/script
                      chmod +x $out/bin/script
                    '';
                    meta.mainProgram = "hello";
                    passthru.greeting = "patched";
                  });
                  check = name: script: pkgs.runCommand name { } "set -x\n${script}\ntouch $out\n";
                in
                {
                  checks.x86_64-linux = {
                    phases-hooks-and-outputs = check "phases" ''
                      test "$(${lib.getExe hello})" = ${hello.greeting}
                      gzip -cd ${hello.doc}/share/man/man1/hello.1.gz | grep -qx "for 1.0, in hello-1.0"
                      test "$(${hello}/bin/script)" = script
                      head -1 ${hello}/bin/script | grep -q '^#!${builtins.storeDir}/.*/bin/bash$'
                    '';
                    changed = check "changed" ''
                      test "$(${hello.overrideAttrs (old: { patches = [ ]; doCheck = false; })}/bin/hello)" = plain
                      test ${(hello.overrideAttrs (final: previous: { version = "2.0"; })).name} = hello-2.0
                      test ${(hello.overrideAttrs { version = "3.0"; }).version} = 3.0
                    '';
                    only-inputs-are-on-the-path = pkgs.runCommand "path" { nativeBuildInputs = [ pkgs.m4 ]; } ''
                      for program in opam dune ocaml unzip; do
                        if type -p $program; then exit 1; fi
                      done
                      echo 'define(x,y)x' | m4 | grep -qx y
                      test ! -e /usr/bin/env
                      for program in sh sed grep awk tar gzip make patch xz find diff; do type -p $program; done
                      touch $out
                    '';
                    compiles-ocaml = pkgs.stdenv.mkDerivation {
                      name = "ocaml-program";
                      nativeBuildInputs = [ pkgs.ocamlPackages.ocaml pkgs.ocamlPackages.findlib pkgs.ocamlPackages.dune_2 ];
                      buildCommand = ''
                        echo '(lang dune 2.0)' > dune-project
                        echo '(executable (name x) (libraries unix str))' > dune
                        echo 'let () = Printf.printf "%d %b" (Unix.getpid ()) (Str.string_match (Str.regexp "a") "a" 0)' > x.ml
                        echo 'print_string "toplevel"' > y.ml
                        ocaml y.ml
                        HOME=$TMPDIR dune build --root . ./x.exe
                        ./_build/default/x.exe
                        # Nothing of the system's that is not an input.
                        ocamlfind list | tee list
                        ! grep opam-file-format list
                        ocamlfind query findlib
                        test "$OCAMLFIND_DESTDIR" = "$out/lib/ocaml/${pkgs.ocaml.version}/site-lib/"
                        test "$(ocamlopt -version)" = ${pkgs.ocaml.version}
                        test "$(dune --version)" = ${pkgs.dune_2.version}
                        touch $out
                      '';
                    };
                    fetches-by-hash = check "fetched" ''
                      grep -qx content ${pkgs.fetchurl {
                        name = "content.txt";
                        urls = [ "http://127.0.0.1:9/nothing" "file://${builtins.toFile "content" "content\n"}" ];
                        outputHashAlgo = "sha256";
                        outputHash = builtins.hashString "sha256" "content\n";
                      }}
                      grep -qx content ${pkgs.fetchurl {
                        url = "file://${builtins.toFile "content" "content\n"}";
                        sha512 = builtins.hashString "sha512" "content\n";
                      }}
                    '';
                    small-builders = check "small" ''
                      test "$(cat ${pkgs.writeText "t" "a\n'$x"})" = "$(printf "a\n'\$x")"
                      test "$(${pkgs.writeShellScriptBin "s" "echo \"$@\""}/bin/s a b)" = "a b"
                      test "$(${lib.getExe (pkgs.writeShellApplication { name = "app"; runtimeInputs = [ hello ]; text = "hello"; })})" = patched
                      ls ${pkgs.symlinkJoin { name = "j"; paths = [ hello pkgs.m4 ]; }}/bin | tr '\n' ' ' | grep -qx "hello m4 script "
                      test "$(readlink ${pkgs.linkFarm "f" [ { name = "a/b"; path = hello; } ]}/a/b)" = ${hello}
                    '';
                    libraries-of-inputs = let
                      library = pkgs.stdenv.mkDerivation {
                        name = "library";
                        buildCommand = ''
                          mkdir -p $out/lib $out/include
                          echo 'int answer(void);' > $out/include/answer.h
                          echo 'int answer(void) { return 42; }' > answer.c
                          gcc -c answer.c
                          ar rcs $out/lib/libanswer.a answer.o
                        '';
                      };
                    in pkgs.stdenv.mkDerivation {
                      name = "user";
                      buildInputs = [ library ];
                      buildCommand = ''
                        printf '#include <answer.h>\n#include <stdio.h>\nint main(void) { printf("%%d", answer()); return 0; }' > main.c
                        $CC main.c -lanswer -o main
                        test "$(./main)" = 42
                        touch $out
                      '';
                    };
                    hardening-can-be-left-out = pkgs.stdenv.mkDerivation {
                      name = "hardening";
                      hardeningDisable = [ "all" ];
                      buildCommand = ''
                        echo 'int f(char *p) { char b[64]; __builtin_strcpy(b, p); return b[0]; }' > f.c
                        gcc -O2 -c f.c
                        ! nm f.o | grep __stack_chk_fail
                        unset NIX_HARDENING_ENABLE
                        gcc -O2 -c f.c
                        nm f.o | grep __stack_chk_fail
                        touch $out
                      '';
                    };
                    shell = pkgs.mkShell { packages = [ hello ]; shellHook = "echo in"; };
                  };
                };
            }
            """),
    ];
}
