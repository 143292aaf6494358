using Hillingar.Build.Locks;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
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

        Assert.Equal(File.ReadAllText(path), MonorepoCase.Without(theirs));
    }

    [Fact]
    public void What_we_add_is_read_back()
    {
        var checksum = Checksum.TryParse("md5=d41d8cd98f00b204e9800998ecf8427e", out var parsed) ? parsed : throw new InvalidOperationException();
        var locked = new LockFile
        {
            Folder = "/project",
            Packages =
            [
                new(OpamPackage.Parse("lwt.5.6.1"), true) { Platforms = ["x86_64-linux", "arm64-macos"] }, new(OpamPackage.Parse("ocaml.4.13.1"), false),
                new(OpamPackage.Parse("system-mingw.1"), false) { Platforms = ["x86_64-win32"] },
            ],
            Platforms = ["x86_64-linux", "arm64-macos", "x86_64-win32"],
            Targets = ["unix", "hvt"],
            Contents = [("file://$OPAM_MONOREPO_CWD/repository", "sha256=00"), ("git+https://example.org/r.git", new string('a', 40))],
            HostSwitch = [OpamPackage.Parse("mirage.4.11.2")],
            Partial = ["re"],
            Pins = [new(OpamPackage.Parse("re.1"), "git+https://example.org/re.git#" + new string('a', 40))],
            Arguments = ["--build-only"],
            Variables = [("arch", "x86_64"), ("list", VariableValue.List("a", "b")), ("monorepo", true)],
            Duniverse = [new("https://example.org/lwt.tbz", "lwt", [checksum]), new("git+https://example.org/re.git#" + new string('a', 40), "re", [])],
            Request = ["target unix", "a \"quoted\\ line\""],
            Provided = [OpamPackage.Parse("ocaml.4.13.1")],
            Tools = [new("https://example.org/dune.tbz", "dune.3.17.2", [checksum])],
            Mirrors = ["file://$OPAM_MONOREPO_CWD/../private/cache"],
        };
        var read = LockFile.Parse(Document.Parse(locked.ToString(), "/project/a.opam.locked"));
        Assert.Equal(locked.ToString(), read.ToString());
        Assert.Equal(locked.Request, read.Request);
        Assert.Equal(locked.Packages.Select(item => string.Join('|', item.Platforms)), read.Packages.Select(item => string.Join('|', item.Platforms)));
        Assert.Equal(locked.Platforms, read.Platforms);
        Assert.Equal(locked.Targets, read.Targets);
        Assert.Equal(locked.Contents, read.Contents);
        Assert.Equal(locked.HostSwitch, read.HostSwitch);
        Assert.Equal(locked.Partial, read.Partial);
        Assert.Equal(["re"], read.Entries.Single(entry => entry.Folder == "re").OnlyPackages);
        Assert.Equal(locked.Arguments, read.Arguments);
        Assert.Equal(locked.Variables, read.Variables);
        Assert.Equal(["file:///private/cache"], read.Entries.Single(entry => entry.Folder == "lwt").Source.ArchiveMirrors);
        Assert.True(read.Entries.Single(entry => entry.Folder == "re").Source.IsGit);
    }

    [Theory]
    [InlineData("2")]
    [InlineData("1.1")]
    public void A_lock_of_a_newer_Hillingar_is_refused(string version)
    {
        var error = Assert.Throws<HillingarException>(() => LockFile.Parse(Document.Parse($"x-opam-monorepo-version: \"0.3\"\nx-hillingar-version: \"{version}\"", "a.opam.locked"))).Diagnostic;
        Assert.Equal("HIL3003", error.Code);
        Assert.Equal(2, error.Place!.Value.Line);
        Assert.Contains("Update Hillingar", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("opam-version: \"2.0\"", "x-opam-monorepo-version")]
    [InlineData("x-opam-monorepo-version: \"0.3\"\nx-hillingar-version: \"1\"\ndepends: [\"lwt\"]", "lwt")]
    [InlineData("x-opam-monorepo-version: \"0.3\"\nx-hillingar-version: \"1\"\ndepends: [\"lwt\" {>= \"5\"}]", "lwt")]
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
