using System.Formats.Tar;
using Hillingar.Build.Files;
using Hillingar.Build.Locks;
using Hillingar.Build.Processes;
using Hillingar.Build.Requests;
using Hillingar.Build.Restoring;
using Hillingar.Build.Storage;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>
/// A restore of an input that means no good ends with its code and changes nothing outside; the next one, of the same project with the same store, with
/// the input mended, does what it should. What packages of the host switch leave is in <see cref="HostilePackageTests"/>.
/// </summary>
public sealed class HostileNextRunTests : IDisposable
{
    const string Commit = "0123456789abcdef0123456789abcdef01234567";

    readonly TestFolder _folder = new();
    readonly ReporterFake _reporter = new();

    public HostileNextRunTests()
    {
        Assert.SkipWhen(ProcessRunner.Find("ocamlopt") is null, "needs ocamlopt (Debian: ocaml)");
        _folder.Write("repository/packages/dune/dune.3.0/opam", "opam-version: \"2.0\"\n");
        _folder.Write("victim/bashrc", "original");
        Directory.CreateDirectory(_folder["project"]);
    }

    public void Dispose() => Tree.Delete(_folder.Path);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    string LockPath => _folder["project/app.opam.locked"];

    // Long enough for a machine at load, short beside for ever.
    Task<LockFile> Restore(bool locked, string repository = "../repository") => new Restorer(new Stores(_folder["cache"]), _reporter).Restore(
        new Request("app", _folder["project/app.csproj"], ["unix"], [repository], [new Dependency("lib", "")], []),
        new RestoreOptions(LockPath, _folder["project/obj"], locked, !locked, Offline: false), _folder["project/obj/stamp"], Cancellation).WaitAsync(TimeSpan.FromMinutes(5), Cancellation);

    async Task<Diagnostic> Refused(bool locked = false, string repository = "../repository")
    {
        var before = OperatingSystem.IsWindows() ? "" : Surroundings.Of(_folder["victim"]);
        var refused = (await Assert.ThrowsAsync<HillingarException>(() => Restore(locked, repository))).Diagnostic;
        Assert.Equal(before, OperatingSystem.IsWindows() ? "" : Surroundings.Of(_folder["victim"]));
        return refused;
    }

    // As it is after whoever made the package has mended it: solved anew, and once more as the lock has it.
    async Task Works(string text)
    {
        foreach (var locked in new[] { false, true })
        {
            await Restore(locked);
            Assert.Equal(text, await File.ReadAllTextAsync(_folder["project/obj/duniverse/lib/file"], Cancellation));
            Assert.Equal("original", await File.ReadAllTextAsync(_folder["victim/bashrc"], Cancellation));
        }

        Assert.Empty(Directory.EnumerateFiles(_folder["cache"], "*.part", SearchOption.AllDirectories));
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(_folder["project/obj/duniverse"]), path => path.EndsWith(".tmp", StringComparison.Ordinal));
        Assert.False(Directory.Exists(_folder["project/obj/duniverse/.hillingar/staging"]));
    }

    void Describe(string url, string fields = "") =>
        _folder.Write("repository/packages/lib/lib.1/opam", $"opam-version: \"2.0\"\ndepends: [\"dune\"]\nbuild: [\"dune\"]\n{fields}\nurl {{ {url} }}\n");

    void Describe(byte[] archive, string fields = "", string ending = "tar.gz")
    {
        var path = Tarball.Write(_folder, archive, $"upstream/{Guid.NewGuid():N}.{ending}");
        Describe($"src: \"file://{path}\" checksum: \"{Hashes.OfFile(path, [ChecksumKind.Sha256])[0]}\"", fields);
    }

    static byte[] Archive(params IEnumerable<TarEntry> entries) => Tarball.Gzip(Tarball.Tar(entries));

    static byte[] Good(string text) => Archive(Tarball.File("lib/file", text));

    static string Up(string to) => string.Concat(Enumerable.Repeat("../", 26)) + to[1..];

    /// <summary>Archives that are refused, by the number of the input in the collection; the letters are siblings of it.</summary>
    public static TheoryData<string, string> Archives => new()
    {
        { "2", "HIL4013" }, { "6", "" }, { "6b", "" }, { "7", "" }, { "7b", "HIL4015" }, { "16", "HIL4015" }, { "16b", "HIL4014" }, { "16c", "HIL4017" }, { "17", "HIL4013" }, { "17b", "HIL4013" },
        { "deep", "HIL4015" }, { "fifo", "HIL4014" }, { "device", "HIL4014" }, { "half", "HIL4011" }, { "git", "" }, { "closed", "" },
    };

    byte[] Hostile(string input) => input switch
    {
        "2" => Archive(Tarball.File("h/file"), Tarball.File($"h/{string.Join('\\', Enumerable.Repeat("a", 26))}\\z/f"), Tarball.Link("h/out", $"{string.Join('\\', Enumerable.Repeat("a", 26))}\\z/{Up(_folder["victim"])}")),
        "6" => Archive(Tarball.File("h/file", "hostile\n"), Tarball.Link("h/x", "."), Tarball.Link("h/y", ".")),
        "6b" => Archive(Tarball.File("h/file", "hostile\n"), Tarball.Link("h/x", "y/y/y"), Tarball.Link("h/y", "x"), Tarball.Link("h/z", "z/z")),
        "7" => Archive(Enumerable.Range(0, 20_000).Select(n => Tarball.Link($"h/l{n}", n == 0 ? "file" : $"l{n - 1}")).Prepend(Tarball.File("h/file", "hostile"))),
        "7b" => Archive(Enumerable.Range(0, 250_000).Select(n => Tarball.Link($"h/l{n}", "file"))),
        "16" => Archive(new PaxTarEntry(TarEntryType.RegularFile, "a", new Dictionary<string, string> { ["comment"] = new('x', 3 << 20) })),
        "16b" => Sparse(),
        "16c" => Tarball.Gzip(Tarball.Tar(Tarball.File("h/" + new string('n', 300)))),
        "17" => Archive(Tarball.File("h/file"), Tarball.Folder("h/d/e/"), Tarball.Link("h/d/e/l1", "../.."), Tarball.Link("h/d/e/l2", $"l1/../{Path.GetFileName(_folder.Path)}")),
        "17b" => Archive(Tarball.File("h/file"), Tarball.Link("h/a", "b/.."), Tarball.Link("h/b", "a/.."), Tarball.Link("h/c", "../victim")),
        "deep" => Archive(Tarball.File("h/file"), Tarball.File("h/" + string.Concat(Enumerable.Repeat("d/", 200)) + "f")),
        "fifo" => Archive(Tarball.File("h/file"), Tarball.Special(TarEntryType.Fifo, "h/pipe")),
        "device" => Archive(Tarball.File("h/file"), Tarball.Special(TarEntryType.CharacterDevice, "h/zero")),
        "half" => Archive(Tarball.File("h/file", new string('x', 100_000)))[..500],
        "git" => Archive(Tarball.File("h/file", "hostile"), Tarball.File("h/.git/config", "[core]\n\tfsmonitor = false\n"), Tarball.File("h/.git/HEAD", "ref: refs/heads/main\n")),
        "closed" => Archive(Tarball.File("h/file", "hostile"), new PaxTarEntry(TarEntryType.Directory, "h/shut/") { Mode = UnixFileMode.None }, Tarball.File("h/shut/f", mode: UnixFileMode.None)),
        _ => throw new ArgumentOutOfRangeException(nameof(input), input, null),
    };

    // A file whose header says that most of it is a hole.
    static byte[] Sparse()
    {
        var tar = Tarball.Tar(new GnuTarEntry(TarEntryType.RegularFile, "h/file") { DataStream = new MemoryStream(new byte[512]) });
        tar[156] = (byte)'S';
        return Tarball.Gzip(Tarball.Summed(tar));
    }

    [Theory]
    [MemberData(nameof(Archives))]
    public async Task An_archive_is_refused_or_harmless_and_the_mended_one_is_taken(string input, string code)
    {
        var patch = input is "6" or "6b" ? _folder.Write("repository/packages/lib/lib.1/files/p", "--- a/file\n+++ b/file\n@@ -1 +1 @@\n-hostile\n+patched\n") : null;
        Describe(Hostile(input), patch is null ? "" : $"patches: [\"p\"]\nextra-files: [\"p\" \"{Hashes.OfFile(patch, [ChecksumKind.Sha256])[0]}\"]");
        if (code.Length > 0)
            Assert.Equal(code, (await Refused()).Code);
        else
            await Restore(locked: false);
        Describe(Good("mended"));
        await Works("mended");
    }

    [Fact]
    public async Task A_link_by_way_of_a_submodule_is_refused_and_the_next_commit_is_taken()
    {
        await GitRepository.Make(_folder, "inner", "f", "hi");
        File.CreateSymbolicLink(_folder["inner/x"], ".");
        await GitRepository.Run(_folder, "inner", "add", ".");
        await GitRepository.Run(_folder, "inner", "commit", "--quiet", "-m", "links");
        await GitRepository.Make(_folder, "outer", ".gitmodules", $"[submodule \"sub\"]\n\tpath = sub\n\turl = file://{_folder["inner"]}\n");
        _folder.Write("outer/file", "hostile");
        File.CreateSymbolicLink(_folder["outer/out"], "sub" + string.Concat(Enumerable.Repeat("/x", 24)) + "/" + Up(_folder["victim"]));
        await GitRepository.Run(_folder, "outer", "add", ".");
        await GitRepository.Run(_folder, "outer", "update-index", "--add", "--cacheinfo", $"160000,{await GitRepository.Run(_folder, "inner", "rev-parse", "HEAD")},sub");
        await GitRepository.Run(_folder, "outer", "commit", "--quiet", "-m", "out");
        var extra = _folder.Write("repository/packages/lib/lib.1/files/out/bashrc", "PWNED");
        Describe($"src: \"git+file://{_folder["outer"]}#{await GitRepository.Run(_folder, "outer", "rev-parse", "HEAD")}\"", $"extra-files: [\"out/bashrc\" \"{Hashes.OfFile(extra, [ChecksumKind.Sha256])[0]}\"]");
        Assert.Equal("HIL4013", (await Refused()).Code);

        await GitRepository.Run(_folder, "outer", "rm", "--quiet", "out");
        _folder.Write("outer/file", "mended");
        await GitRepository.Run(_folder, "outer", "commit", "--quiet", "-a", "-m", "mended");
        Describe($"src: \"git+file://{_folder["outer"]}#{await GitRepository.Run(_folder, "outer", "rev-parse", "HEAD")}\"", $"extra-files: [\"out/bashrc\" \"{Hashes.OfFile(extra, [ChecksumKind.Sha256])[0]}\"]");
        await Works("mended");
        Assert.Equal("PWNED", await File.ReadAllTextAsync(_folder["project/obj/duniverse/lib/out/bashrc"], Cancellation));
    }

    [Theory]
    [InlineData("git+foo::bar#" + Commit, "HIL1009")]
    [InlineData("git+ext::sh -c touch% RAN#" + Commit, "HIL1009")]
    [InlineData("git+--upload-pack=x#" + Commit, "HIL1009")]
    [InlineData("file:///dev/zero", "HIL4005")]
    [InlineData("file://FIFO", "HIL4005")]
    [InlineData("file:///", "HIL4005")]
    [InlineData("ftp://host/x", "HIL4005")]
    [InlineData("http://user:tok3n@127.0.0.1:9/x.tgz", "HIL4005")]
    public async Task An_address_in_a_lock_is_refused_and_the_lock_as_it_was_is_taken(string url, string code)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a POSIX system");
        Describe(Good("mended"));
        await Restore(locked: false);
        var good = await File.ReadAllTextAsync(LockPath, Cancellation);
        Tree.Delete(_folder["cache"]);
        Tree.Delete(_folder["project/obj"]);
        Assert.Equal(0, (await ProcessRunner.Run(new Command("mkfifo", [_folder["fifo"]]), Cancellation)).ExitCode);

        var changed = System.Text.RegularExpressions.Regex.Replace(good, "\"file://[^\"]*\\.tar\\.gz\"", $"\"{url.Replace("FIFO", _folder["fifo"], StringComparison.Ordinal)}\"");
        Assert.NotEqual(good, changed);
        await File.WriteAllTextAsync(LockPath, changed, Cancellation);
        var refused = await Refused(locked: true);
        Assert.Equal(code, refused.Code);
        Assert.DoesNotContain("tok3n", refused.Message, StringComparison.Ordinal);

        await File.WriteAllTextAsync(LockPath, good, Cancellation);
        await Works("mended");
    }

    [Fact]
    public async Task A_download_without_end_is_ended_and_the_next_one_is_whole()
    {
        var hostile = true;
        var archive = Good("mended");
        using var server = new SourceServer((_, _, stream) => hostile
            ? SourceServer.Send(stream, $"HTTP/1.1 200 OK\nContent-Length: {3L << 30}\nConnection: close")
            : SourceServer.Ok(stream, archive));
        Describe($"src: \"{server.Url("lib.tar.gz")}\" checksum: \"{Hashes.Of(new MemoryStream(archive), [ChecksumKind.Sha256])[0]}\"");
        Assert.Equal("HIL4005", (await Refused()).Code);
        hostile = false;
        await Works("mended");
    }

    [Fact]
    public async Task A_repository_whose_address_has_a_password_is_told_without_it_and_the_next_one_is_taken()
    {
        var refused = await Refused(repository: "http://user:s3cr3t@127.0.0.1:9/r");
        Assert.Equal("HIL1010", refused.Code);
        Assert.DoesNotContain("s3cr3t", refused.Message, StringComparison.Ordinal);
        Describe(Good("mended"));
        await Works("mended");
    }

    [Theory]
    [InlineData("extra", "HIL4023")]
    [InlineData("patch", "HIL4023")]
    public async Task A_preparation_that_leads_out_is_refused_and_the_mended_one_is_taken(string kind, string code)
    {
        string Extra(string name, string text) => $"\"{name}\" \"{Hashes.OfFile(_folder.Write($"repository/packages/lib/lib.1/files/{name}", text), [ChecksumKind.Sha256])[0]}\"";
        var fields = kind == "extra"
            ? $"extra-files: [{Extra("file/under", "PWNED")}]"
            : $"patches: [\"p\"]\nextra-files: [{Extra("p", $"diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+{_folder["victim"]}\n\\ No newline at end of file\n")}]";
        Describe(Good("hostile"), fields);
        Assert.Equal(code, (await Refused()).Code);
        Describe(Good("mended"));
        await Works("mended");
    }

    // Editors and shells ask git about the folder that they are in, and git runs what the settings of a repository there say.
    [Theory]
    [InlineData("archive")]
    [InlineData("inner")]
    [InlineData("elsewhere")]
    [InlineData("extra")]
    [InlineData("git")]
    [InlineData("submodule")]
    public async Task What_sources_bring_is_no_repository_to_git(string kind)
    {
        var config = $"[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = {_folder["project/obj/duniverse/lib"]}\n\tfsmonitor = touch {_folder["ran"]}\n";
        TarEntry[] Repository(string at) => [Tarball.File(at + "HEAD", "ref: refs/heads/main\n"), Tarball.File(at + "config", config), Tarball.File(at + "objects/none"), Tarball.File(at + "refs/none")];
        string Extra(string name, string text) => $"[\"{name}\" \"{Hashes.OfFile(_folder.Write($"repository/packages/lib/lib.1/files/{name}", text), [ChecksumKind.Sha256])[0]}\"]";
        switch (kind)
        {
            case "archive":
                Describe(Archive([Tarball.File("h/file"), .. Repository("h/")]));
                break;
            case "inner":
                Describe(Archive([Tarball.File("h/file"), .. Repository("h/a/b/")]));
                break;
            case "elsewhere":
                Describe(Archive([Tarball.File("h/file"), .. Repository("h/a/b/"), Tarball.File("h/a/c/HEAD", "ref: refs/heads/main\n"), Tarball.File("h/a/c/commondir", "../b\n"), Tarball.File("h/a/c/config", config)]));
                break;
            case "extra":
                Describe(Archive([Tarball.File("h/file"), .. Repository("h/").Where(entry => !entry.Name.EndsWith("HEAD", StringComparison.Ordinal))]), $"extra-files: [{Extra("HEAD", "ref: refs/heads/main\n")}]");
                break;
            default:
                var inner = await GitRepository.Make(_folder, "inner", "none", "x");
                await GitRepository.Make(_folder, "outer", "HEAD", "ref: refs/heads/main\n");
                _folder.Write("outer/config", config);
                _folder.Write("outer/file", "x");
                _folder.Write("outer/refs/none", "x");
                if (kind == "git")
                    _folder.Write("outer/objects/none", "x");
                else
                    _folder.Write("outer/.gitmodules", $"[submodule \"objects\"]\n\tpath = objects\n\turl = file://{_folder["inner"]}\n");
                await GitRepository.Run(_folder, "outer", "add", ".");
                if (kind == "submodule")
                    await GitRepository.Run(_folder, "outer", "update-index", "--add", "--cacheinfo", $"160000,{inner},objects");
                await GitRepository.Run(_folder, "outer", "commit", "--quiet", "-m", "two");
                Describe($"src: \"git+file://{_folder["outer"]}#{await GitRepository.Run(_folder, "outer", "rev-parse", "HEAD")}\"");
                break;
        }

        await Works("x");
        foreach (var folder in Directory.EnumerateDirectories(_folder["project/obj/duniverse"], "*", SearchOption.AllDirectories))
        {
            var status = await ProcessRunner.Run(new Command("git", ["status"], folder, new Dictionary<string, string?> { ["GIT_CEILING_DIRECTORIES"] = _folder["project/obj"] }), Cancellation);
            Assert.Contains("not a git repository", status.Error, StringComparison.Ordinal);
        }

        Assert.False(File.Exists(_folder["ran"]));
    }

    [Theory]
    [InlineData("extra-files: [\".git/config\" \"md5=\"]")]
    [InlineData("extra-files: [\"a/.GIT/config\" \"md5=\"]")]
    [InlineData("substs: [\".git/config\"]")]
    public async Task A_description_that_makes_a_git_repository_is_refused_and_the_mended_one_is_taken(string fields)
    {
        var name = fields.Split('"')[1];
        var extra = _folder.Write($"repository/packages/lib/lib.1/files/{name}", "[core]\n");
        Describe(Good("hostile"), fields.Replace("md5=", Hashes.OfFile(extra, [ChecksumKind.Md5])[0].ToString(), StringComparison.Ordinal));
        Assert.Equal("HIL4023", (await Refused()).Code);
        Describe(Good("mended"));
        await Works("mended");
    }

    // opam leaves a field out that is not of its shape; a package whose patch is left out builds what nobody reviewed.
    [Theory]
    [InlineData("substs: [\"file\" \"../../../victim/bashrc\"]", "substs")]
    [InlineData("patches: [\"/etc/passwd\"]", "patches")]
    [InlineData("extra-files: [\"../opam\" \"md5=d41d8cd98f00b204e9800998ecf8427e\"]", "extra-files")]
    [InlineData("extra-source \"../x\" { src: \"https://host/x\" checksum: \"md5=d41d8cd98f00b204e9800998ecf8427e\" }", "extra-source")]
    public async Task A_field_whose_names_lead_out_is_left_out_and_told_at_its_place(string fields, string name)
    {
        Describe(Good("good"), fields);
        await Works("good");
        var told = Assert.Single(_reporter.Told, line => line.Contains("HIL1003", StringComparison.Ordinal));
        Assert.Contains($"{Path.Combine("lib.1", "opam")}(4,", told, StringComparison.Ordinal);
        Assert.Contains($"warning HIL1003: {name} is left out: ", told, StringComparison.Ordinal);
    }

    // What a lock says is taken whole or not at all: nobody but a stranger writes such a lock.
    [Fact]
    public async Task A_lock_with_a_name_that_leads_out_is_refused_and_the_lock_as_it_was_is_taken()
    {
        var patch = _folder.Write("repository/packages/lib/lib.1/files/p", "--- a/file\n+++ b/file\n@@ -1 +1 @@\n-one\n+mended\n");
        Describe(Good("one\n"), $"patches: [\"p\"]\nextra-files: [\"p\" \"{Hashes.OfFile(patch, [ChecksumKind.Sha256])[0]}\"]");
        await Restore(locked: false);
        var good = await File.ReadAllTextAsync(LockPath, Cancellation);
        foreach (var (from, to) in new[] { ("[\"p\"] []", "[\"../p\"] []"), ("[\"p\"] []", "[\"p\"] [\"../../../victim/bashrc\"]") })
        {
            var one = System.Text.RegularExpressions.Regex.Replace(good, @"\s+", " ");
            Assert.Contains(from, one, StringComparison.Ordinal);
            await File.WriteAllTextAsync(LockPath, one.Replace(from, to, StringComparison.Ordinal), Cancellation);
            Assert.Equal("HIL3001", (await Refused(locked: true)).Code);
        }

        await File.WriteAllTextAsync(LockPath, good, Cancellation);
        await Works("mended\n");
    }
}
