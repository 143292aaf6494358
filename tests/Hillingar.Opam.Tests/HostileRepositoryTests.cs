using System.Diagnostics;
using System.Text;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;

namespace Hillingar.Tests;

/// <summary>Repositories that were made to read what is not theirs, to take for ever, or to fill the memory.</summary>
public sealed class HostileRepositoryTests : IDisposable
{
    const string Head = "opam-version: \"2.0\"\n";

    readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    static readonly PackageName A = new("a");

    // With and without an index, which read files at different times.
    IEnumerable<FolderRepository> Opened() => [new(_folder["repo"], cancel: Cancellation), new(_folder["repo"], _folder[$"{Guid.NewGuid():N}.index"], Cancellation)];

    void Link(string name, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[name])!);
        if (Directory.Exists(target))
            Directory.CreateSymbolicLink(_folder[name], target);
        else
            File.CreateSymbolicLink(_folder[name], target);
    }

    void Pipe(string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[name])!);
        using var made = Process.Start("mkfifo", _folder[name]);
        made.WaitForExit();
        Assert.Equal(0, made.ExitCode);
    }

    static string Code(Action read) => Assert.Throws<HillingarException>(read).Diagnostic.Code;

    [Fact]
    public void Links_that_lead_out_of_a_folder_are_not_followed_wherever_they_are()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs links");
        _folder.Write("outside/opam", Head + "synopsis: \"secret\"\n");
        _folder.Write("outside/a.7/opam", Head);
        _folder.Write("outside/a.7/files/secret", "secret");
        _folder.Write("repo/packages/a/a.1/opam", Head);
        Link("repo/packages/a/a.2/opam", _folder["outside/opam"]);
        Link("repo/packages/a/a.3/opam", "../../../../outside/opam");
        Link("repo/packages/a/a.7", _folder["outside/a.7"]);
        Link("repo/packages/b", _folder["outside"]);
        _folder.Write("outside/b.1/opam", Head);
        Link("repo/repo", "/etc/passwd");
        foreach (var repository in Opened())
        {
            Assert.Equal("HIL1011", Code(() => _ = repository.Info));
            Assert.Equal("a.1", repository.Versions(A)[^1].Read().Name + ".1");
            foreach (var name in new[] { "a.2", "a.3", "a.7", "b.1" })
            {
                Assert.Equal("HIL1011", Code(() => repository.Find(OpamPackage.Parse(name))!.Read()));
                Assert.Equal("HIL1011", Code(() => _ = repository.Find(OpamPackage.Parse(name))!.Depends));
            }

            Assert.Equal("HIL1011", Code(() => repository.Find(OpamPackage.Parse("a.7"))!.ReadExtra("secret")));
        }
    }

    [Fact]
    public void A_link_that_stays_in_the_folder_is_followed_and_loops_and_nothing_are_none()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs links");
        _folder.Write("repo/packages/a/a.1/opam", Head + "synopsis: \"one\"\n");
        _folder.Write("repo/packages/a/a.1/files/x", "x");
        Link("repo/packages/a/a.2", _folder["repo/packages/a/a.1"].Replace(_folder["repo/packages/a"], ".", StringComparison.Ordinal));
        Link("repo/packages/a/a.3/opam", "../a.1/opam");
        Link("repo/packages/a/a.4/opam", "opam");
        Link("repo/packages/a/a.5/opam", "nothing");
        foreach (var repository in Opened())
        {
            foreach (var name in new[] { "a.1", "a.2", "a.3" })
                Assert.Equal("one", repository.Find(OpamPackage.Parse(name))!.Read().Synopsis);
            Assert.Equal("x"u8.ToArray(), repository.Find(OpamPackage.Parse("a.2"))!.ReadExtra("x"));
            foreach (var name in new[] { "a.4", "a.5" })
                if (repository.Find(OpamPackage.Parse(name)) is { } broken)
                    Assert.StartsWith("HIL10", Code(() => broken.Read()), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_folder_packages_that_leads_elsewhere_is_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs links");
        _folder.Write("repo-other/packages/a/a.1/opam", Head);
        Directory.CreateDirectory(_folder["repo"]);
        Link("repo/packages", _folder["repo-other/packages"]);
        Assert.Equal("HIL1011", Code(() => _ = new FolderRepository(_folder["repo"])));
        // Where the user's own path has a link it is the user's.
        Link("mine", _folder["repo-other"]);
        Assert.Single(new FolderRepository(_folder["mine"]).Versions(A));
        Assert.NotNull(new FolderRepository(_folder["mine"]).Versions(A)[0].Read());
    }

    [Fact]
    public async Task Pipes_and_devices_are_not_waited_for()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs pipes");
        _folder.Write("repo/packages/a/a.1/opam", Head);
        Pipe("repo/packages/a/a.1/files/pipe");
        Pipe("repo/packages/a/a.2/opam");
        Pipe("repo/repo");
        Directory.CreateDirectory(_folder["repo/packages/a/a.3/opam"]);
        await Task.Run(() =>
        {
            foreach (var repository in Opened())
            {
                Assert.Equal("HIL1011", Code(() => _ = repository.Info));
                Assert.Equal("HIL1011", Code(() => repository.Find(OpamPackage.Parse("a.2"))!.Read()));
                Assert.Equal("HIL1011", Code(() => repository.Find(OpamPackage.Parse("a.1"))!.ReadExtra("pipe")));
                if (repository.Find(OpamPackage.Parse("a.3")) is { } folder)
                    Assert.StartsWith("HIL10", Code(() => folder.Read()), StringComparison.Ordinal);
            }

            Pipe("project/app.opam");
            Assert.Equal("HIL1004", Code(() => LocalRepository.Read(_folder["project/app.opam"])));
        }, Cancellation).WaitAsync(TimeSpan.FromSeconds(120), Cancellation);
    }

    [Fact]
    public void Files_of_hundreds_of_megabytes_are_refused_without_being_read()
    {
        _folder.Write("repo/packages/a/a.1/opam", Head);
        foreach (var name in new[] { "repo/packages/a/a.2/opam", "repo/packages/a/a.1/files/big", "repo/repo" })
        {
            _folder.Write(name, "");
            // Of holes: it takes no place on the disk.
            using var file = new FileStream(_folder[name], FileMode.Open);
            file.SetLength(400L << 20);
        }

        foreach (var repository in Opened())
        {
            Assert.Equal("HIL1002", Code(() => _ = repository.Info));
            Assert.Equal("HIL1002", Code(() => repository.Find(OpamPackage.Parse("a.2"))!.Read()));
            Assert.Equal("HIL1002", Code(() => repository.Find(OpamPackage.Parse("a.1"))!.ReadExtra("big")));
        }
    }

    public static TheoryData<string, string> Deep => new()
    {
        { "lists", new string('[', 1_000_000) },
        { "groups", new string('(', 1_000_000) },
        { "negations", new string('!', 1_000_000) + "a" },
        { "operators", "a" + new StringBuilder().Insert(0, " & a", 1_000_000) },
        { "options", "a" + new StringBuilder().Insert(0, " {a}", 1_000_000) },
        { "inner options", new StringBuilder().Insert(0, "a {", 1_000_000).ToString() },
    };

    [Theory]
    [MemberData(nameof(Deep))]
    public void A_value_a_million_deep_is_refused(string kind, string value)
    {
        Assert.NotEmpty(kind);
        _folder.Write("repo/packages/a/a.1/opam", $"{Head}depends: {value}\n");
        foreach (var repository in Opened())
            Assert.Equal("HIL1002", Code(() => _ = repository.Versions(A)[0].Depends));
    }

    [Fact]
    public void Sections_a_million_deep_are_refused()
    {
        _folder.Write("repo/packages/a/a.1/opam", Head + new StringBuilder().Insert(0, "a {", 1_000_000));
        foreach (var repository in Opened())
            Assert.Equal("HIL1002", Code(() => _ = repository.Versions(A)[0].Depends));
    }

    [Theory]
    [InlineData("depends: [", "\"a\" ", "]")]
    [InlineData("depends: [\"a\" {", "\"b\" ", "}]")]
    [InlineData("tags: [", "\"\" ", "]")]
    [InlineData("build: [", "[\"a\"] ", "]")]
    [InlineData("url { src: \"a\" checksum: [", "\"md5=00000000000000000000000000000000\" ", "] }")]
    [InlineData("", "x-a: 1\n", "")]
    [InlineData("", "a { }\n", "")]
    [InlineData("", "# a\n", "")]
    [InlineData("available: \"", "\\n", "\"")]
    [InlineData("depopts: [", "\"a\" | ", "\"a\"]")]
    public void What_is_as_long_as_may_be_is_read_in_time_linear_in_its_length_or_refused(string begin, string repeated, string end)
    {
        var text = new StringBuilder(Head).Append(begin).Insert(Head.Length + begin.Length, repeated, (Opam.Syntax.Document.MaxBytes - 1000) / repeated.Length).Append(end);
        _folder.Write("repo/packages/a/a.1/opam", text.Append('\n').ToString());
        var started = Stopwatch.GetTimestamp();
        foreach (var repository in Opened())
            foreach (var package in repository.Versions(A))
                try
                {
                    _ = (package.Depends, package.Depopts, package.Conflicts, package.Available, package.Tags, package.Url, package.UsesDune);
                }
                catch (HillingarException exception)
                {
                    Assert.StartsWith("HIL10", exception.Diagnostic.Code, StringComparison.Ordinal);
                }

        // What is quadratic in sixteen million takes hours.
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(120));
    }

    [Theory]
    [InlineData("depends: [", "\"a\" ", "]")]
    [InlineData("", "x-a: 1\n", "")]
    [InlineData("depends: [", "[] ", "]")]
    public void A_file_of_too_many_values_is_refused(string begin, string repeated, string end)
    {
        _folder.Write("repo/packages/a/a.1/opam", new StringBuilder(Head).Append(begin).Insert(Head.Length + begin.Length, repeated, Opam.Syntax.Document.MaxValues + 1).Append(end).ToString());
        foreach (var repository in Opened())
            Assert.Equal("HIL1002", Code(() => _ = repository.Versions(A)[0].Depends));
    }

    static long Working => GC.GetTotalMemory(forceFullCollection: true);

    void Fill(int packages, int versions)
    {
        for (var i = 0; i < packages; i++)
            for (var version = 0; version < versions; version++)
            {
                var folder = Directory.CreateDirectory(_folder[$"repo/packages/p{i}/p{i}.{version}"]).FullName;
                File.WriteAllText(Path.Combine(folder, "opam"), Head);
            }
    }

    [Fact]
    public void Many_packages_are_read_with_memory_for_what_is_asked_of_them_and_the_reading_can_be_stopped()
    {
        var count = TestData.Full ? 200_000 : 4_000;
        Fill(count / 2, 1);
        Fill(1, count / 2);
        var before = Working;
        var repository = new FolderRepository(_folder["repo"], _folder["index"], Cancellation);
        Assert.Equal(count / 2, repository.Names.Count);
        Assert.Equal(count / 2, repository.Versions(new("p0")).Count);
        Assert.InRange((Working - before) / count, 0, 4096);
        GC.KeepAlive(repository);

        // One version more: all of its name are compared with what is known of them.
        _folder.Write($"repo/packages/p0/p0.{count}/opam", Head);
        Assert.Equal((count / 2) + 1, new FolderRepository(_folder["repo"], _folder["index"], Cancellation).Versions(new("p0")).Count);

        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => _ = new FolderRepository(_folder["repo"], _folder["other"], stop.Token));
        Assert.ThrowsAny<OperationCanceledException>(() => _ = new FolderRepository(_folder["repo"], null, stop.Token).Names);
        Assert.ThrowsAny<OperationCanceledException>(() => _ = new FolderRepository(_folder["repo"], null, stop.Token).Versions(new("p0")));
        Assert.False(File.Exists(_folder["other"]));
    }

    void Git(string folder, params string[] arguments)
    {
        using var git = Process.Start("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", "-C", _folder[folder], .. arguments]);
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
    }

    [Fact]
    public async Task Links_of_a_git_repository_are_not_followed_and_its_reading_can_be_stopped()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs links");
        _folder.Write("repo/packages/a/a.1/opam", Head);
        Link("repo/packages/a/a.2/opam", "/etc/passwd");
        Link("repo/packages/a/a.3", "../../../outside");
        _folder.Write("outside/opam", Head);
        Git("repo", "init", "--quiet", "-b", "main");
        Git("repo", "add", ".");
        Git("repo", "commit", "--quiet", "-m", "one");
        var cache = new RepositoryCache(_folder["cache"]);
        var url = $"git+file://{_folder["repo"]}#main";
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cache.OpenAsync(url, new CancellationToken(canceled: true)));
        Assert.Equal("a.1", Assert.Single((await cache.OpenAsync(url, Cancellation)).Versions(A)).ToString());
        Assert.False(Directory.Exists(_folder["cache/git"]) && Directory.EnumerateFileSystemEntries(_folder["cache/git"]).Any());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    [InlineData(-1)]
    public void A_damaged_index_is_made_again(int cut)
    {
        _folder.Write("repo/packages/a/a.1/opam", Head + "depends: \"b\"\n");
        _ = new FolderRepository(_folder["repo"], _folder["index"]).Names;
        var bytes = File.ReadAllBytes(_folder["index"]);
        File.WriteAllBytes(_folder["index"], cut < 0 ? [.. bytes.Select(b => (byte)~b)] : bytes[..cut]);
        Assert.Equal("\"b\"", new FolderRepository(_folder["repo"], _folder["index"]).Versions(A)[0].Depends.ToString());
    }
}
