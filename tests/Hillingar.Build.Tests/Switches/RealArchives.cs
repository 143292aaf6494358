using Hillingar.Build.Files;
using Hillingar.Build.Storage;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>Real packages whose archives Debian's source packages hold: the sample's repository, and these.</summary>
sealed class RealArchives(TestFolder folder)
{
    const string FindlibPatch = """
        --- a/src/findlib/META.in
        +++ b/src/findlib/META.in
        @@ -1,4 +1,4 @@
         # specifications for "findlib":
        -description = "Package manager"
        +description = "Package manager, patched"
         requires = "findlib.internal"
         requires(toploop) += "findlib.top"

        """;

    // The commands of the public repository's.
    const string Findlib = """
        opam-version: "2.0"
        depends: ["ocaml" {>= "3.08.0" & < "5.5.0~"}]
        depopts: ["graphics"]
        patches: ["ours.patch"]
        build: [
          ["./configure" "-bindir" bin "-sitelib" lib "-mandir" man "-config" "%{lib}%/findlib.conf" "-no-custom"
            "-no-camlp4" {!ocaml:preinstalled & ocaml:version >= "4.02.0"} "-no-topfind" {ocaml:preinstalled}]
          [make "all"]
          [make "opt"] {ocaml:native}
        ]
        install: [
          [make "install"]
          ["install" "-m" "0755" "ocaml-stub" "%{bin}%/ocaml"] {ocaml:preinstalled}
        ]
        url {
          src: "http://download.camlcity.org/download/findlib-1.9.6.tar.gz"
          checksum: "sha512=cfaf1872d6ccda548f07d32cc6b90c3aafe136d2aa6539e03143702171ee0199add55269bba894c77115535dc46a5835901a5d7c75768999e72db503bfd83027"
        }
        """;

    const string Ocamlbuild = """
        opam-version: "2.0"
        depends: ["ocaml" {>= "4.03" & < "5.1"}]
        build: [
          [make "-f" "configure.make" "all" "OCAMLBUILD_PREFIX=%{prefix}%" "OCAMLBUILD_BINDIR=%{bin}%" "OCAMLBUILD_LIBDIR=%{lib}%"
            "OCAMLBUILD_MANDIR=%{man}%" "OCAML_NATIVE=%{ocaml:native}%" "OCAML_NATIVE_TOOLS=%{ocaml:native}%"]
          [make "check-if-preinstalled" "all" "opam-install"]
        ]
        url {
          src: "https://github.com/ocaml/ocamlbuild/archive/refs/tags/0.14.1.tar.gz"
          checksum: "md5=7027e507ed85f290923ad198f3d2cd1c"
        }
        """;

    // As in the public repository, over the archive that Debian has.
    const string Compiler = """
        opam-version: "2.0"
        setenv: CAML_LD_LIBRARY_PATH = "%{lib}%/stublibs"
        build: [["./configure" "--prefix=%{prefix}%" "-C"] [make "-j%{jobs}%"]]
        install: [make "install"]
        url {
          src: "https://example.org/ocaml_4.13.1.orig.tar.gz"
          checksum: "sha256=66a5353c5e7b33a8981446e857657aad45a3b82080ea5c67d4baa434eacfcf5f"
        }
        """;

    // What the public repository's says by a script that Debian does not have.
    const string OCaml = """
        opam-version: "2.0"
        depends: ["ocaml-base-compiler" {= "4.13.1"}]
        setenv: [[CAML_LD_LIBRARY_PATH = "%{_:stubsdir}%"] [CAML_LD_LIBRARY_PATH += "%{lib}%/stublibs"]]
        build: ["sh" "-c" "printf 'opam-version: \"2.0\"\nvariables { native: true native-tools: true native-dynlink: true preinstalled: false stubsdir: \"%s\" }\n' $(ocamlc -where)/stublibs:$(ocamlc -where) > ocaml.config"]
        """;

    /// <summary>Puts the archives into a store; the test skips where one is missing.</summary>
    public static void Import(SourceStore store, params string[] archives)
    {
        foreach (var archive in archives)
        {
            var path = Path.Combine(TestData.Sources, archive);
            Assert.SkipWhen(!File.Exists(path), $"needs {archive} (HILLINGAR_TEST_SOURCES)");
            store.Import(path);
        }
    }

    /// <summary>Packages, as the sample's repository and this one have them.</summary>
    public IReadOnlyList<RepositoryPackage> Packages(params string[] names)
    {
        folder.Write("real/repo", "opam-version: \"2.0\"\n");
        var patch = folder.Write("real/packages/ocamlfind/ocamlfind.1.9.6/files/ours.patch", FindlibPatch);
        folder.Write("real/packages/ocamlfind/ocamlfind.1.9.6/opam", $"{Findlib}\nextra-files: [\"ours.patch\" \"{Hashes.OfFile(patch, [ChecksumKind.Sha256])[0]}\"]\n");
        folder.Write("real/packages/ocamlbuild/ocamlbuild.0.14.1/opam", Ocamlbuild);
        folder.Write("real/packages/ocaml-base-compiler/ocaml-base-compiler.4.13.1/opam", Compiler);
        folder.Write("real/packages/ocaml/ocaml.4.13.1/opam", OCaml);
        Repository[] repositories = [new FolderRepository(folder["real"], folder["real-index"]), new FolderRepository(Path.Combine(TestData.Root, "samples", "opam-repository"), folder["sample-index"])];
        return [.. names.Select(OpamPackage.Parse).Select(name => repositories.Select(repository => repository.Find(name)).OfType<RepositoryPackage>().First())];
    }
}
