using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Syntax;

namespace Hillingar.Tests;

public class PackageFileTests
{
    static PackageFile File(string text) => new(Document.Parse(text, "x.opam"));

    [Fact]
    public void Fields_are_read()
    {
        var file = File("""
            opam-version: "2.0"
            name: "x"
            version: "1"
            synopsis: " Short. "
            maintainer: "a"
            authors: ["b" "c"]
            tags: ["org:mirage" "flags:light-uninstall"]
            flags: [avoid-version conf]
            conflict-class: "ocaml-core-compiler"
            depends: ["ocaml"]
            dev-repo: "git+https://example.org/x.git"
            patches: ["a.patch" "b.patch" {os = "win32"}]
            substs: ["x.ml"]
            depexts: [["m4"] {os-family = "debian"} ["xz" "gmp"] {os = "macos"}]
            pin-depends: [["y.2" "git+https://example.org/y.git#abc"]]
            setenv: [[PATH += "%{bin}%"] [X = "1"]]
            build-env: [Y =: "2"]
            extra-files: [["a.patch" "md5=00000000000000000000000000000000"]]
            post-messages: ["Done." {success}]
            x-field: [1 "two"]
            url {
              src: "https://example.org/x.tgz"
              checksum: ["md5=d41d8cd98f00b204e9800998ecf8427e" "sha256=E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"]
              mirrors: "https://mirror.example.org/x.tgz"
              subpath: "sub/folder"
            }
            extra-source "extra.ml" {
              src: "https://example.org/extra.ml"
              checksum: "md5=d41d8cd98f00b204e9800998ecf8427e"
            }
            """);
        Assert.Empty(file.Check());
        Assert.Equal("Short.", file.Synopsis);
        Assert.Equal(["b", "c"], file.Authors);
        Assert.Equal(["avoid-version", "conf", "light-uninstall"], file.Flags);
        Assert.Equal(["ocaml-core-compiler"], file.ConflictClass.Select(name => name.Text));
        Assert.Equal([("a.patch", "true"), ("b.patch", "os = \"win32\"")], file.Patches.Select(patch => (patch.Value, patch.Filter.ToString())));
        Assert.Equal(["m4", "xz gmp"], file.Depexts.Select(depext => string.Join(' ', depext.Value)));
        Assert.Equal(new Pin(OpamPackage.Parse("y.2"), "git+https://example.org/y.git#abc"), Assert.Single(file.PinDepends));
        Assert.Equal([new("PATH", UpdateOperator.Prepend, "%{bin}%"), new("X", UpdateOperator.Set, "1")], file.SetEnv);
        Assert.Equal([new("Y", UpdateOperator.AppendAlways, "2")], file.BuildEnv);
        Assert.Equal("a.patch", Assert.Single(file.ExtraFiles).Name);
        Assert.Equal("sub/folder", file.Url!.Subpath);
        Assert.Equal("sha256/e3/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", file.Url.Checksums[1].CachePath);
        Assert.Equal(["https://mirror.example.org/x.tgz"], file.Url.Mirrors);
        Assert.Equal("extra.ml", Assert.Single(file.ExtraSources).Name);
        Assert.Equal("[1 \"two\"]", file.Extension("x-field")!.ToString());
        Assert.Equal(["x-field"], file.Extensions.Select(field => field.Name));
    }

    [Theory]
    [InlineData("depends: [\"a\" {bad = } ]", "HIL1001")]
    public void Syntax_errors_are_thrown(string text, string code) => Assert.Equal(code, Assert.Throws<HillingarException>(() => File(text)).Diagnostic.Code);

    [Theory]
    [InlineData("depends: [\"a b\"]", 1, 11)]
    [InlineData("depends: [a]", 1, 11)]
    [InlineData("\navailable: [a b]", 2, 12)]
    [InlineData("synopsis: 1", 1, 11)]
    [InlineData("patches: [\"../../etc/passwd\"]", 1, 11)]
    [InlineData("extra-files: [\"/etc/passwd\" \"md5=d41d8cd98f00b204e9800998ecf8427e\"]", 1, 15)]
    [InlineData("url { src: \"x\" checksum: \"md5=1\" }", 1, 26)]
    [InlineData("extra-source \"../x\" { src: \"x\" }", 1, 14)]
    public void A_field_of_another_shape_is_left_out_and_told(string text, int line, int column)
    {
        var problem = Assert.Single(File(text).Check());
        Assert.Equal((Severity.Warning, "HIL1003", new Place("x.opam", line, column)), (problem.Severity, problem.Code, problem.Place));
    }

    [Fact]
    public void Every_file_of_the_repository_is_of_its_shape()
    {
        var problems = Corpus.Files(Corpus.Repository, "/opam").SelectMany(file => new PackageFile(Document.Parse(file.Content, file.Path)).Check()).ToArray();
        // opam says the same of this one: the list of ["fedora"] lacks its inner brackets.
        Assert.Contains("re2.v0.13.0/opam(21,", Assert.Single(problems).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Advisories_are_read()
    {
        var count = 0;
        foreach (var (path, content) in Corpus.Files(Corpus.Advisories, ".md"))
        {
            var advisory = new Advisory(System.Text.Encoding.UTF8.GetString(content), path);
            Assert.Equal(Path.GetFileNameWithoutExtension(path), advisory.Id);
            Assert.False(advisory.Affected.IsEmpty);
            Assert.NotEmpty(advisory.Text);
            Assert.Equal(advisory.Document.Reprint(), Document.Parse(advisory.Document.Reprint()).Reprint());
            count++;
        }
        Assert.Equal(26, count);
    }

    [Fact]
    public void An_advisory_tells_what_it_is_about()
    {
        var advisory = new Advisory("```\nid: OSEC-1\naffected: \"ocaml\" {< \"4.14.4\" | >= \"5\" & < \"5.5.0\"}\n```\n\n# Title\n".Replace("OSEC-1", "\"OSEC-1\"", StringComparison.Ordinal));
        Assert.Equal(["4.14.3", "5.0.0", "5.5.0~rc1"], new[] { "4.14.3", "4.14.4", "5.0.0", "5.5.0~rc1", "5.5.0" }.Where(version => advisory.Affects(new(new("ocaml"), new(version)))));
    }

    [Fact]
    public void A_repository_file_is_read()
    {
        var file = new RepositoryFile(Document.Parse("opam-version: \"2.0\"\narchive-mirrors: [\"cache\" \"https://example.org/c\"]\nannounce: [\"old\" {opam-version < \"2.1\"}]"));
        Assert.Equal(["cache", "https://example.org/c"], file.ArchiveMirrors);
        Assert.Equal("opam-version < \"2.1\"", Assert.Single(file.Announce).Filter.ToString());
    }
}
