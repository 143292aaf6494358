using System.Formats.Tar;
using Hillingar.Build.Confinement;
using Hillingar.Build.Files;
using Hillingar.Build.Locks;
using Hillingar.Build.Processes;
using Hillingar.Build.Requests;
using Hillingar.Build.Sandboxes;
using Hillingar.Build.Sources;
using Hillingar.Build.Unpacking;
using Hillingar.Build.Vendoring;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>Inputs that once wrote outside, read what they must not, or never came to an end.</summary>
public sealed class HostileInputTests : IDisposable
{
    readonly TestFolder _folder = new();
    readonly SwitchCase _case;

    public HostileInputTests() => _case = new SwitchCase(_folder) { Options = new() { Sandbox = SandboxMode.Required, Jobs = 1, Offline = true, Limits = new BuildLimits(TimeSpan.FromMinutes(2), 200) } };

    public void Dispose() => Tree.Delete(_folder.Path);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // Long enough for a machine at load, short beside for ever.
    static Task<T> Ends<T>(Task<T> work) => work.WaitAsync(TimeSpan.FromMinutes(5), Cancellation);

    static string Up(int levels, string to) => string.Concat(Enumerable.Repeat("../", levels)) + to[1..];

    [Theory]
    [InlineData("sub")]
    [InlineData("a/sub")]
    public async Task A_link_of_a_repository_that_leads_out_by_links_of_a_submodule_is_refused(string path)
    {
        var victim = _folder.Write("victim/bashrc", "original");
        await GitRepository.Make(_folder, "inner", "f", "hi");
        File.CreateSymbolicLink(_folder["inner/x"], ".");
        await GitRepository.Run(_folder, "inner", "add", ".");
        await GitRepository.Run(_folder, "inner", "commit", "--quiet", "-m", "links");
        var inner = await GitRepository.Run(_folder, "inner", "rev-parse", "HEAD");
        await GitRepository.Make(_folder, "outer", ".gitmodules", $"[submodule \"sub\"]\n\tpath = {path}\n\turl = file://{_folder["inner"]}\n");
        File.CreateSymbolicLink(_folder["outer/out"], path + string.Concat(Enumerable.Repeat("/x", 24)) + "/" + Up(25, _folder["victim"]));
        await GitRepository.Run(_folder, "outer", "add", ".");
        await GitRepository.Run(_folder, "outer", "update-index", "--add", "--cacheinfo", $"160000,{inner},{path}");
        await GitRepository.Run(_folder, "outer", "commit", "--quiet", "-m", "out");
        var commit = await GitRepository.Run(_folder, "outer", "rev-parse", "HEAD");

        var refused = await Assert.ThrowsAsync<HillingarException>(() => GitSource.Unpack($"git+file://{_folder["outer"]}#{commit}", _folder["out"], _folder["store"], offline: false, Cancellation));

        Assert.Equal("HIL4013", refused.Diagnostic.Code);
        Assert.False(Path.Exists(_folder["out"]));
        Assert.Equal("original", await File.ReadAllTextAsync(victim, Cancellation));
    }

    [Fact]
    public async Task An_archive_of_a_host_package_whose_link_counts_on_backslashes_is_refused()
    {
        Assert.SkipWhen(ProcessRunner.Find("bwrap") is null, "needs bubblewrap");
        var victim = _folder.Write("victim/bashrc", "original");
        var odd = string.Join('\\', Enumerable.Repeat("a", 26)) + "\\z";
        var archive = Tarball.Write(_folder, Tarball.Gzip(Tarball.Tar(Tarball.File($"h/{odd}/f"), Tarball.Link("h/out", $"{odd}/{Up(26, _folder["victim"])}"))), "upstream/hostevil.1.tar.gz");
        var extra = _case.File("hostevil.1", "out/bashrc", "PWNED");
        _case.Add("hostevil.1", $"extra-files: [{extra}]\nurl {{ src: \"file://{archive}\" checksum: \"{Hashes.OfFile(archive, [ChecksumKind.Sha256])[0]}\" }}");
        Assert.Equal("HIL4013", (await _case.Refused()).Code);
        Assert.Equal("original", await File.ReadAllTextAsync(victim, Cancellation));
    }

    [Theory]
    [InlineData("config")]
    [InlineData("install")]
    public async Task A_file_for_us_to_read_that_lies_behind_a_linked_folder_is_refused(string kind)
    {
        Assert.SkipWhen(ProcessRunner.Find("bwrap") is null, "needs bubblewrap");
        _folder.Write("home/credentials", "token: \"ghp_SECRET\"\n");
        _case.Add("leak.1", $"build: [\"sh\" \"-c\" \"ln -s {_folder["home"]} d; ln -s d/credentials leak.{kind}\"]");
        var refused = await _case.Refused();
        Assert.Equal("HIL5061", refused.Code);
        Assert.DoesNotContain("ghp_SECRET", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mkfifo odd.install", "HIL5061")]
    [InlineData("mkfifo odd.config", "HIL5061")]
    [InlineData("mkdir odd.config", "HIL5061")]
    [InlineData("mkfifo pipe; ln -s pipe odd.install", "HIL5061")]
    [InlineData("ln -s /dev/zero odd.install", "HIL5061")]
    [InlineData("ln -s odd.install odd.install", null)]
    [InlineData("mkdir -p $OPAM_SWITCH_PREFIX/bin $OPAM_SWITCH_PREFIX/lib; printf '#!/bin/sh\\\\nexit 0\\\\n' > $OPAM_SWITCH_PREFIX/bin/find; chmod +x $OPAM_SWITCH_PREFIX/bin/find; mkfifo $OPAM_SWITCH_PREFIX/lib/pipe", "HIL5064")]
    [InlineData("perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => \\\"socket\\\", Listen => 1) or die' && mv socket $OPAM_SWITCH_PREFIX/socket", "HIL5064")]
    [InlineData("for i in $(seq 300); do mkdir dddddddddd; cd dddddddddd; done", "HIL5064")]
    [InlineData("perl -e 'chdir $ENV{OPAM_SWITCH_PREFIX} or die; for (1..12000) { mkdir q or die; chdir q or die; }'", "HIL5064")]
    [InlineData("perl -e 'for (1..3000) { mkdir dddddddddd or die; chdir dddddddddd or die; }'", "HIL5064")]
    [InlineData("mkdir -p $OPAM_SWITCH_PREFIX/closed/in; touch $OPAM_SWITCH_PREFIX/closed/in/f; chmod 0 $OPAM_SWITCH_PREFIX/closed/in $OPAM_SWITCH_PREFIX/closed", null)]
    public async Task What_a_build_leaves_hinders_neither_it_nor_the_next_one(string script, string? code)
    {
        Assert.SkipWhen(ProcessRunner.Find("bwrap") is null, "needs bubblewrap");
        _case.Add("odd.1", $"build: [\"sh\" \"-c\" \"{script}\"]");
        if (code is null)
            await Ends(_case.Build());
        else
            Assert.Equal(code, (await Ends(_case.Refused())).Code);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["store/switch/builds"]));

        var next = new SwitchCase(_folder) { Options = _case.Options };
        next.Add("good.1", "build: [\"true\"]");
        await Ends(next.Build());
    }

    [Fact]
    public async Task A_patch_over_links_in_circles_ends()
    {
        var archive = Tarball.Write(_folder, Tarball.Gzip(Tarball.Tar(
            Tarball.File("lib-1/a", "one\n"), Tarball.Link("lib-1/x", "."), Tarball.Link("lib-1/y", "."), Tarball.Link("lib-1/z", "z"))));
        Unpacker.Unpack(archive, _folder["lib"], cancellation: Cancellation);
        var preparation = Preparation.FromValue(Hillingar.Opam.Syntax.Document.ParseValue("[\"lib.1\" \"lib\" [] [[\"p\" \"text=--- a/a\\n+++ b/a\\n@@ -1 +1 @@\\n-one\\n+two\\n\"]] [\"p\"] [] []]"))!;
        await Ends(Task.Run(async () =>
        {
            await new Preparer(_folder["lib"], _ => HostPlatform.Current.For(preparation.Package)).Prepare([preparation], _ => throw new NotSupportedException(), Cancellation);
            return true;
        }, Cancellation));
        Assert.Equal("two\n", await File.ReadAllTextAsync(_folder["lib/a"], Cancellation));
    }

    [Theory]
    [InlineData("../../../../etc")]
    [InlineData("/etc")]
    [InlineData("missing/../../..")]
    public async Task A_link_that_a_patch_makes_out_of_the_sources_is_refused(string target)
    {
        _folder.Write("lib/a", "one\n");
        var patch = $"diff --git a/l b/l\\nnew file mode 120000\\n--- /dev/null\\n+++ b/l\\n@@ -0,0 +1 @@\\n+{target}\\n\\\\ No newline at end of file\\n";
        var preparation = Preparation.FromValue(Hillingar.Opam.Syntax.Document.ParseValue($"[\"lib.1\" \"lib\" [] [[\"p\" \"text={patch}\"]] [\"p\"] [] []]"))!;
        var refused = await Assert.ThrowsAsync<HillingarException>(() => new Preparer(_folder["lib"], _ => HostPlatform.Current.For(preparation.Package)).Prepare([preparation], _ => throw new NotSupportedException(), Cancellation));
        Assert.Equal("HIL4023", refused.Diagnostic.Code);
    }

    // git reads the settings of the repository that it is run in, and they name programs: filters, watchers, pagers.
    [Theory]
    [InlineData("lib/.git/")]
    [InlineData("lib/inner/")]
    [InlineData("lib/")]
    public async Task A_repository_that_sources_bring_is_none_to_git_when_they_are_patched(string repository)
    {
        var ran = _folder["ran"];
        _folder.Write("lib/a.ml", "one\n");
        _folder.Write("lib/.gitattributes", "*.ml filter=evil\n");
        _folder.Write(repository + "HEAD", "ref: refs/heads/main\n");
        _folder.Write(repository + "config", $"[core]\n\trepositoryformatversion = 0\n\tfsmonitor = touch {ran}\n\tworktree = {_folder["lib"]}\n[filter \"evil\"]\n\tclean = touch {ran}; cat\n\tsmudge = touch {ran}; cat\n");
        _folder.Write(repository + "objects/none", "");
        _folder.Write(repository + "refs/none", "");
        if (repository == "lib/inner/")
            _folder.Write("lib/.git", "gitdir: inner\n");
        var preparation = Preparation.FromValue(Hillingar.Opam.Syntax.Document.ParseValue("[\"lib.1\" \"lib\" [] [[\"p\" \"text=diff --git a/a.ml b/a.ml\n--- a/a.ml\n+++ b/a.ml\n@@ -1 +1 @@\n-one\n+two\n\"]] [\"p\"] [] []]"))!;
        await new Preparer(_folder["lib"], _ => HostPlatform.Current.For(preparation.Package)).Prepare([preparation], _ => throw new NotSupportedException(), Cancellation);
        Assert.Equal("two\n", await File.ReadAllTextAsync(_folder["lib/a.ml"], Cancellation));
        Assert.False(File.Exists(ran));
    }

    [Theory]
    [InlineData(30_000, 0)]
    [InlineData(60_000, 60_000)]
    public async Task Links_by_the_thousand_take_no_longer_than_their_number(int links, int folders)
    {
        IEnumerable<TarEntry> Entries()
        {
            yield return Tarball.File("t/x/f");
            for (var n = 0; n < folders; n++)
                yield return Tarball.Folder($"t/d{n}/");
            for (var n = 0; n < links; n++)
                yield return Tarball.Link($"t/l{n}", n % 2 == 0 ? "x/../x/f" : $"l{n - 1}");
        }

        var archive = Tarball.Write(_folder, Tarball.Gzip(Tarball.Tar(Entries())));
        await Ends(Task.Run(() =>
        {
            Unpacker.Unpack(archive, _folder["out"], cancellation: Cancellation);
            return true;
        }, Cancellation));
        Assert.Equal(links + folders + 1, Directory.EnumerateFileSystemEntries(_folder["out"]).Count());
    }

    [Fact]
    public void Unpacking_links_stops_when_asked()
    {
        var archive = Tarball.Write(_folder, Tarball.Gzip(Tarball.Tar(Enumerable.Range(0, 20_000).Select(n => Tarball.Link($"t/l{n}", "x")))));
        using var stop = new CancellationTokenSource();
        var limits = new UnpackLimits { Reach = path => new StoppingNode(Node.Open(path), stop, after: 100) };
        Assert.ThrowsAny<OperationCanceledException>(() => Unpacker.Unpack(archive, _folder["out"], limits, stop.Token));
        Assert.False(Path.Exists(_folder["out"]));
    }

    [Fact]
    public async Task A_header_of_hundreds_of_megabytes_is_refused_in_little_memory()
    {
        // A pax header's size, 700 MB, and as many zeros.
        var path = _folder["bomb.tar.gz"];
        var header = Tarball.Tar(new PaxTarEntry(TarEntryType.RegularFile, "a", new Dictionary<string, string> { ["comment"] = "x" })).AsSpan(0, 512).ToArray();
        System.Text.Encoding.ASCII.GetBytes(Convert.ToString(700 << 20, 8).PadLeft(11, '0')).CopyTo(header, 124);
        await using (var gzip = new System.IO.Compression.GZipStream(File.Create(path), System.IO.Compression.CompressionLevel.Fastest))
        {
            gzip.Write(Tarball.Summed(header));
            var zeros = new byte[1 << 20];
            for (var n = 0; n < 700; n++)
                gzip.Write(zeros);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        var refused = Assert.Throws<HillingarException>(() => Unpacker.Unpack(path, _folder["out"], cancellation: Cancellation));
        Assert.Equal("HIL4015", refused.Diagnostic.Code);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 20);
    }
}
