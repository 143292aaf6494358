using System.Text;
using Hillingar.Build.Files;
using Hillingar.Build.Locks;
using Hillingar.Build.Requests;
using Hillingar.Build.Sources;
using Hillingar.Build.Storage;
using Hillingar.Build.Vendoring;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

public sealed class PreparationTests : IDisposable
{
    const string Patch = "--- a/src/a.ml\n+++ b/src/a.ml\n@@ -1,3 +1,3 @@\n let one = 1\n-let two = 3\n+let two = 2\n let three = 3\n";

    readonly TestFolder _folder = new();
    readonly ReporterFake _reporter = new();

    public void Dispose() => _folder.Dispose();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // A package of a repository on disk, with files/ beside its description, over an archive of the given files.
    DuniverseEntry Entry(string fields, (string Name, string Text)[] files, params (string Name, string Text)[] archive)
    {
        var path = Tarball.Write(_folder, Tarball.Gzip(Tarball.Tar(archive.Select(file => Tarball.File("lib-1/" + file.Name, file.Text)))), "upstream/lib.tar.gz");
        _folder.Write("repository/repo", "opam-version: \"2.0\"\n");
        _folder.Write("repository/packages/lib/lib.1/opam", $"opam-version: \"2.0\"\n{fields}\n");
        foreach (var (name, text) in files)
            _folder.Write($"repository/packages/lib/lib.1/files/{name}", text);
        var package = new FolderRepository(_folder["repository"], _folder["index"]).Versions(new PackageName("lib"))[0];
        var source = new LockedSource("file://" + path, "lib", [.. Hashes.OfFile(path, Hashes.Kinds)]);
        var prepared = Preparation.Of(package, "lib");
        var locked = new LockFile { Folder = _folder.Path, Packages = [new LockedPackage(package.Package, true)], Duniverse = [source], Preparations = prepared is null ? [] : [prepared] };
        // Restored from the lock's text, as on another machine, where the repository is not.
        Directory.Delete(_folder["repository"], recursive: true);
        return Assert.Single(LockFile.Read(_folder.Write("app.opam.locked", locked.ToString())).Entries);
    }

    async Task Vendor(DuniverseEntry entry)
    {
        var store = new SourceStore(_folder["store"]);
        using var fetcher = new SourceFetcher(store, _reporter);
        await Duniverse.Vendor(_folder["duniverse"], [entry], fetcher, store, _reporter, Cancellation);
    }

    async Task<Diagnostic> Refused(DuniverseEntry entry)
    {
        var error = await Assert.ThrowsAsync<HillingarException>(() => Vendor(entry));
        Assert.False(Directory.Exists(_folder["duniverse/lib"]));
        return error.Diagnostic;
    }

    string Read(string file) => File.ReadAllText(_folder["duniverse/lib/" + file]);

    string[] Files() => [.. Directory.EnumerateFiles(_folder["duniverse/lib"], "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(_folder["duniverse/lib"], file).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    static string Md5(string text) => Hashes.Of(new MemoryStream(Encoding.UTF8.GetBytes(text)), [ChecksumKind.Md5])[0].ToString();

    static (string, string) Source => ("src/a.ml", "let one = 1\nlet two = 3\nlet three = 3\n");

    [Fact]
    public async Task Patches_are_applied_in_order_and_those_of_other_systems_are_not()
    {
        var again = Patch.Replace("let two = 2", "let two = 22", StringComparison.Ordinal).Replace("let two = 3", "let two = 2", StringComparison.Ordinal);
        await Vendor(Entry($"patches: [\"fix.patch\" \"again.patch\" \"win.patch\" {{os = \"nowhere\"}}]\nextra-files: [[\"fix.patch\" \"{Md5(Patch)}\"] [\"again.patch\" \"{Md5(again)}\"]]",
            [("fix.patch", Patch), ("again.patch", again), ("win.patch", "no patch")], Source));
        Assert.Equal("let one = 1\nlet two = 22\nlet three = 3\n", Read("src/a.ml"));
    }

    [Fact]
    public async Task A_patch_applies_in_the_middle_of_somebody_elses_git_repository()
    {
        await GitRepository.Make(_folder, ".", ".gitignore", "duniverse\n");
        await Vendor(Entry("patches: \"fix.patch\"", [("fix.patch", Patch)], Source));
        Assert.Contains("two = 2", Read("src/a.ml"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_patch_applies_where_lines_moved_and_outer_context_differs() =>
        await Vendor(Entry("patches: \"fix.patch\"", [("fix.patch", "--- a/src/a.ml\n+++ b/src/a.ml\n@@ -1,5 +1,5 @@\n let zero = 99\n let one = 1\n-let two = 3\n+let two = 2\n let three = 3\n let four = 99\n")],
            ("src/a.ml", "(* new *)\n(* lines *)\nlet zero = 0\nlet one = 1\nlet two = 3\nlet three = 3\nlet four = 4\n")));

    [Fact]
    public async Task A_patch_makes_renames_and_deletes_files()
    {
        await Vendor(Entry("patches: \"fix.patch\"", [("fix.patch", "--- /dev/null\n+++ b/new/e.ml\n@@ -0,0 +1 @@\n+e\ndiff --git a/b.ml b/b.ml\ndeleted file mode 100644\n--- a/b.ml\n+++ /dev/null\n@@ -1 +0,0 @@\n-b\ndiff --git a/c.ml b/d.ml\nsimilarity index 100%\nrename from c.ml\nrename to d.ml\n")], ("b.ml", "b\n"), ("c.ml", "c\n")));
        Assert.Equal(["d.ml", "fix.patch", "new/e.ml"], Files());
    }

    [Fact]
    public async Task A_patch_that_does_not_fit_is_told_by_package_and_name()
    {
        var error = await Refused(Entry("patches: \"fix.patch\"", [("fix.patch", Patch)], ("src/a.ml", "something else\n")));
        Assert.Equal("HIL4022", error.Code);
        Assert.Contains("'fix.patch' of lib.1", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--- a/../../pwned\n+++ b/../../pwned\n@@ -0,0 +1 @@\n+x\n")]
    [InlineData("--- /dev/null\n+++ b/../../../pwned\n@@ -0,0 +1 @@\n+x\n")]
    [InlineData("--- /dev/null\n+++ /../pwned\n@@ -0,0 +1 @@\n+x\n")]
    [InlineData("diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+../..\n\\ No newline at end of file\ndiff --git a/l/pwned b/l/pwned\nnew file mode 100644\n--- /dev/null\n+++ b/l/pwned\n@@ -0,0 +1 @@\n+x\n")]
    [InlineData("diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+/etc/passwd\n\\ No newline at end of file\n")]
    [InlineData("diff --git a/src/l b/src/l\nnew file mode 120000\n--- /dev/null\n+++ b/src/l\n@@ -0,0 +1 @@\n+../../out\n\\ No newline at end of file\n")]
    [InlineData("diff --git a/src/a.ml b/../../pwned\nsimilarity index 100%\nrename from src/a.ml\nrename to ../../pwned\n")]
    public async Task A_patch_that_leads_out_touches_nothing(string patch)
    {
        var error = await Refused(Entry("patches: \"fix.patch\"", [("fix.patch", patch)], Source));
        Assert.Contains(error.Code, new[] { "HIL4022", "HIL4023" });
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path, "pwned", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Extra_sources_files_and_substs_come_to_lie_where_opam_puts_them()
    {
        var extra = _folder.Write("upstream/extra.txt", "extra\n");
        await Vendor(Entry(
            $"substs: \"src/version.ml\"\nextra-files: [\"conf/added\" \"{Md5("added")}\"]\nextra-source \"extra.txt\" {{ src: \"file://{extra}\" checksum: \"{Md5("extra\n")}\" }}",
            [("conf/added", "added")], ("src/version.ml.in", "let v = \"%{version}%\" let n = \"%{name}%\" let os = \"%{os}%\" let x = \"%{undefined}%\" let p = \"%%\"\n")));
        Assert.Equal(["conf/added", "extra.txt", "src/version.ml", "src/version.ml.in"], Files());
        Assert.Equal($"let v = \"1\" let n = \"lib\" let os = \"{HostPlatform.Current.Variables["os"]}\" let x = \"\" let p = \"%\"\n", Read("src/version.ml"));
    }

    [Fact]
    public async Task Only_the_subpath_of_a_package_is_kept()
    {
        await Vendor(Entry("url { src: \"u\" subpath: \"ocaml/lib\" }", [], ("ocaml/lib/a.ml", "a"), ("ocaml/other/b.ml", "b"), ("ocaml/lib2/b.ml", "b"), ("c.ml", "c")));
        Assert.Equal(["ocaml/lib/a.ml"], Files());
    }

    [Theory]
    [InlineData("url { src: \"u\" subpath: \"gone\" }", "HIL4024")]
    [InlineData("substs: \"gone\"", "HIL4024")]
    [InlineData("patches: \"gone.patch\"", "HIL4024")]
    public async Task What_is_missing_is_told(string fields, string code) => Assert.Equal(code, (await Refused(Entry(fields, [], Source))).Code);

    [Theory]
    [InlineData("extra-files: [\"added\" \"md5=00000000000000000000000000000000\"]")]
    [InlineData("extra-files: [\"gone\" \"md5=00000000000000000000000000000000\"]")]
    public void Files_that_are_not_what_the_description_says_are_refused(string fields) =>
        Assert.Equal("HIL4024", Assert.Throws<HillingarException>(() => Entry(fields, [("added", "forged")], Source)).Diagnostic.Code);

    [Theory]
    [InlineData("\"src/../../../pwned\"")]
    [InlineData("\"/tmp/pwned\"")]
    [InlineData("\"..\\\\pwned\"")]
    public async Task A_lock_cannot_put_files_elsewhere(string name)
    {
        var entry = Entry($"extra-files: [\"added\" \"{Md5("x")}\"]", [("added", "x")], Source);
        var text = (await File.ReadAllTextAsync(_folder["app.opam.locked"], Cancellation)).Replace("\"added\"", name, StringComparison.Ordinal);
        Assert.Contains(name, text, StringComparison.Ordinal);
        Assert.NotEmpty(entry.Preparations);
        Assert.Equal("HIL4023", (await Refused(Assert.Single(LockFile.Read(_folder.Write("app.opam.locked", text)).Entries))).Code);
    }

    [Fact]
    public async Task A_changed_patch_is_vendored_again_and_bytes_survive_the_lock()
    {
        await Vendor(Entry($"extra-files: [\"bin\" \"{Md5("\u0001\r\n\u00e9\"\\")}\"]", [("bin", "\u0001\r\n\u00e9\"\\")], Source));
        Assert.Equal("\u0001\r\n\u00e9\"\\", Read("bin"));
        var other = Entry("patches: \"fix.patch\"", [("fix.patch", Patch)], Source);
        Assert.False(Duniverse.IsCurrent(_folder["duniverse"], [other]));
        await Vendor(other);
        Assert.Contains("two = 2", Read("src/a.ml"), StringComparison.Ordinal);
        Assert.True(Duniverse.IsCurrent(_folder["duniverse"], [other]));
    }
}
