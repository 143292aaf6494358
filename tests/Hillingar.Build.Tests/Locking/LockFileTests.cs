using Hillingar.Opam;
using Hillingar.Opam.Syntax;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

public sealed class LockFileTests
{
    public static IEnumerable<TheoryDataRow<string>> Cases =>
        TestData.Folder is { } folder && Directory.Exists(Path.Combine(folder, "monorepo-cases"))
            ? Directory.EnumerateFiles(Path.Combine(folder, "monorepo-cases"), "*.opam.locked", SearchOption.AllDirectories).Select(file => new TheoryDataRow<string>(Path.GetRelativePath(folder, file)))
            : [new TheoryDataRow<string>("monorepo-cases")];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_lock_of_opam_monorepo_is_read_and_written_back_as_it_was(string name)
    {
        var path = TestData.Require(name);
        var theirs = LockFile.Read(path);
        Assert.Equal(theirs.Packages.Count(item => item.Vendored), theirs.Pins.Count);
        Assert.True(theirs.Duniverse.Count > 0 && theirs.Entries.All(entry => entry.Packages.Count > 0));

        // What it says of its own command line is not ours to repeat; our fields say nothing here.
        var expected = Document.Read(path).Remove("x-opam-monorepo-cli-args").Print();
        var written = Document.Parse(theirs.ToString());
        foreach (var ours in written.Items.OfType<Field>().Where(field => field.Name.StartsWith("x-hillingar-", StringComparison.Ordinal)).Select(field => field.Name).ToList())
            written = written.Remove(ours);
        Assert.Equal(expected, written.Print());
    }

    [Fact]
    public void What_we_add_is_read_back()
    {
        var checksum = Checksum.TryParse("md5=d41d8cd98f00b204e9800998ecf8427e", out var parsed) ? parsed : throw new InvalidOperationException();
        var locked = new LockFile
        {
            Folder = "/project",
            Packages = [new(OpamPackage.Parse("lwt.5.6.1"), true), new(OpamPackage.Parse("ocaml.4.13.1"), false)],
            Duniverse = [new("https://example.org/lwt.tbz", "lwt", [checksum]), new("git+https://example.org/re.git#" + new string('a', 40), "re", [])],
            Request = ["target unix", "a \"quoted\\ line\""],
            Provided = [OpamPackage.Parse("ocaml.4.13.1")],
            Tools = [new("https://example.org/dune.tbz", "dune.3.17.2", [checksum])],
            Mirrors = ["file://$OPAM_MONOREPO_CWD/../private/cache"],
        };
        var read = LockFile.Parse(Document.Parse(locked.ToString(), "/project/a.opam.locked"));
        Assert.Equal(locked.ToString(), read.ToString());
        Assert.Equal(locked.Request, read.Request);
        Assert.Equal(["file:///private/cache"], read.Entries.Single(entry => entry.Folder == "lwt").Source.ArchiveMirrors);
        Assert.True(read.Entries.Single(entry => entry.Folder == "re").Source.IsGit);
    }

    [Theory]
    [InlineData("opam-version: \"2.0\"", "x-opam-monorepo-version")]
    [InlineData("x-opam-monorepo-version: \"0.3\"\ndepends: [\"lwt\"]", "lwt")]
    [InlineData("x-opam-monorepo-version: \"0.3\"\ndepends: [\"lwt\" {>= \"5\"}]", "lwt")]
    [InlineData("x-opam-monorepo-version: \"0.3\"\nx-opam-monorepo-duniverse-dirs: [[\"a\" \"b\" [\"sha256=zz\"]]]", "sha256=zz")]
    [InlineData("x-opam-monorepo-version: \"0.3\"\nx-opam-monorepo-duniverse-dirs: [true]", "x-opam-monorepo-duniverse-dirs")]
    public void What_is_no_lock_is_told(string text, string named)
    {
        var error = Assert.Throws<HillingarException>(() => LockFile.Parse(Document.Parse(text, "a.opam.locked"))).Diagnostic;
        Assert.Equal("HIL3001", error.Code);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.Equal("a.opam.locked", error.Place!.Value.File);
    }
}
