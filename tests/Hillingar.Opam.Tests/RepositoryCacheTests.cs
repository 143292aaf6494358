using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;

namespace Hillingar.Tests;

public class RepositoryCacheTests
{
    static readonly OpamPackage Dune = OpamPackage.Parse("dune.3.0");

    static void Fill(TestFolder folder)
    {
        folder.Write("repo", "opam-version: \"2.0\"\narchive-mirrors: \"cache\"\n");
        folder.Write("packages/dune/dune.3.0/opam", "opam-version: \"2.0\"\ndepends: \"ocaml\"\n");
        folder.Write("packages/dune/dune.3.0/files/sub/a.patch", "patch");
        folder.Write("packages/bad/bad.1/opam", "depends: [");
    }

    static void Check(Repository repository)
    {
        Assert.Equal(["bad", "dune"], repository.Names.Select(name => name.Text));
        var dune = repository.Find(Dune)!;
        Assert.Equal("\"ocaml\"", dune.Depends.ToString());
        Assert.Equal("opam-version: \"2.0\"\ndepends: \"ocaml\"\n"u8.ToArray(), dune.Read().Document.Reprint());
        Assert.Equal("patch"u8.ToArray(), dune.ReadExtra("sub/a.patch"));
        Assert.Null(dune.ReadExtra("a.patch"));
        Assert.Throws<HillingarException>(() => dune.ReadExtra("../opam"));
        Assert.Equal("HIL1001", Assert.Throws<HillingarException>(() => repository.Versions(new("bad"))[0].Read()).Diagnostic.Code);
        Assert.EndsWith("/cache", Assert.Single(repository.ArchiveMirrors), StringComparison.Ordinal);
    }

    static string Git(TestFolder folder, params string[] arguments) => Program.Run("git", start =>
    {
        start.WorkingDirectory = folder.Path;
        start.Environment["GIT_CONFIG_GLOBAL"] = "/dev/null";
        foreach (var name in (ReadOnlySpan<string>)["GIT_AUTHOR", "GIT_COMMITTER"])
        {
            start.Environment[$"{name}_NAME"] = "test";
            start.Environment[$"{name}_EMAIL"] = "test@example.org";
        }
    }, arguments).Trim();

    [Fact]
    public void The_users_cache_is_never_where_one_stands() =>
        Assert.DoesNotContain(Directory.GetCurrentDirectory(), Path.GetDirectoryName(new RepositoryCache().Folder)!, StringComparison.Ordinal);

    [Fact]
    public async Task A_git_repository_is_read_at_a_commit()
    {
        Program.Require("git");
        using var source = new TestFolder();
        using var cache = new TestFolder();
        Git(source, "init", "-q", "-b", "main");
        Fill(source);
        Git(source, "add", "-A");
        Git(source, "commit", "-q", "-m", "one");
        Git(source, "tag", "-a", "-m", "tag", "v1");
        var commit = Git(source, "rev-parse", "HEAD");
        source.Write("packages/dune/dune.4.0/opam", "");
        Git(source, "add", "-A");
        Git(source, "commit", "-q", "-m", "two");

        var repositories = new RepositoryCache(cache.Path);
        var url = $"git+file://{source.Path}";
        var old = await repositories.OpenAsync($"{url}#{commit}", TestContext.Current.CancellationToken);
        Check(old);
        Assert.Equal($"{url}#{commit}", old.Location);
        var tagged = await repositories.OpenAsync($"{url}#v1", TestContext.Current.CancellationToken);
        Assert.Equal(old.Location, tagged.Location);
        foreach (var location in new[] { url, $"{url}#main", $"{url}#refs/heads/main" })
            Assert.Equal(2, (await repositories.OpenAsync(location, TestContext.Current.CancellationToken)).Versions(Dune.Name).Count);
        Assert.Empty(Directory.GetFileSystemEntries(cache["git"]));

        // A commit that is known needs the remote no more.
        Directory.Delete(source[".git"], recursive: true);
        Check(await repositories.OpenAsync($"{url}#{commit}", TestContext.Current.CancellationToken));
        var gone = await Assert.ThrowsAsync<HillingarException>(() => repositories.OpenAsync(url, TestContext.Current.CancellationToken));
        Assert.Equal("HIL1009", gone.Diagnostic.Code);
    }

    [Theory]
    [InlineData("git+https://example.org/x.git#--upload-pack=touch")]
    [InlineData("git+https://example.org/x.git#-x")]
    [InlineData("git+https://example.org/x.git#a..b")]
    [InlineData("git+https://example.org/x.git#")]
    [InlineData("git+ext::sh -c touch")]
    [InlineData("git+--upload-pack=touch")]
    [InlineData("git+ssh://-oProxyCommand=touch/x")]
    [InlineData("git+/etc")]
    public async Task Git_is_given_no_options_and_no_programs(string location)
    {
        using var cache = new TestFolder();
        var error = await Assert.ThrowsAsync<HillingarException>(() => new RepositoryCache(cache.Path).OpenAsync(location, TestContext.Current.CancellationToken));
        Assert.Equal("HIL1009", error.Diagnostic.Code);
        Assert.Empty(Directory.GetFileSystemEntries(cache.Path));
    }

    /// <summary>A server of one archive, by ETag.</summary>
    sealed class Server(string tag) : HttpMessageHandler
    {
        public List<string> Log { get; } = [];

        public byte[]? Archive { get; set; }

        public string Tag { get; set; } = tag;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var known = request.Headers.IfNoneMatch.SingleOrDefault()?.Tag;
            var response = Archive is null ? new HttpResponseMessage(HttpStatusCode.BadGateway)
                : known == Tag ? new(HttpStatusCode.NotModified)
                : new(HttpStatusCode.OK) { Content = new ByteArrayContent(Archive) };
            response.Headers.ETag = new(Tag);
            Log.Add($"{request.RequestUri} {(int)response.StatusCode}");
            return Task.FromResult(response);
        }
    }

    static byte[] Pack(TestFolder folder, string prefix = "", Action<TarWriter>? more = null)
    {
        using var memory = new MemoryStream();
        using (var zip = new GZipStream(memory, CompressionLevel.Fastest))
        using (var tar = new TarWriter(zip, TarEntryFormat.Pax))
        {
            foreach (var path in Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories))
                tar.WriteEntry(path, prefix + Path.GetRelativePath(folder.Path, path));
            more?.Invoke(tar);
        }
        return memory.ToArray();
    }

    [Theory]
    [InlineData("")]
    [InlineData("./")]
    [InlineData("opam-repository-0123abc/")]
    public async Task An_archive_is_fetched_once_and_then_asked_for_by_its_tag(string prefix)
    {
        using var source = new TestFolder();
        using var cache = new TestFolder();
        Fill(source);
        using var server = new Server("\"one\"") { Archive = Pack(source, prefix) };
        var told = new List<Diagnostic>();
        var repositories = new RepositoryCache(cache.Path, server, told.Add) { MaxAge = TimeSpan.Zero };
        Check(await repositories.OpenAsync("https://opam.example.org/", TestContext.Current.CancellationToken));
        Check(await repositories.OpenAsync("https://opam.example.org", TestContext.Current.CancellationToken));
        source.Write("packages/dune/dune.4.0/opam", "");
        (server.Archive, server.Tag) = (Pack(source, prefix), "\"two\"");
        Assert.Equal(2, (await repositories.OpenAsync("https://opam.example.org", TestContext.Current.CancellationToken)).Versions(Dune.Name).Count);
        Assert.Empty(told);

        // Without the server the last copy will do, and that is told.
        server.Archive = null;
        Assert.Equal(2, (await repositories.OpenAsync("https://opam.example.org", TestContext.Current.CancellationToken)).Versions(Dune.Name).Count);
        Assert.Equal((Severity.Warning, "HIL1010"), (told.Single().Severity, told[0].Code));
        Assert.Equal(["200", "304", "200", "502"], server.Log.Select(line => line[^3..]));
        Assert.StartsWith("https://opam.example.org/index.tar.gz ", server.Log[0], StringComparison.Ordinal);

        // Nor is the server asked while the copy is young.
        _ = await new RepositoryCache(cache.Path, server).OpenAsync("https://opam.example.org", TestContext.Current.CancellationToken);
        Assert.Equal(4, server.Log.Count);
    }

    [Fact]
    public async Task The_default_is_opams_own_and_its_archive_cache()
    {
        using var source = new TestFolder();
        using var cache = new TestFolder();
        Fill(source);
        File.WriteAllText(source["repo"], "opam-version: \"2.0\"\n");
        using var server = new Server("\"one\"") { Archive = Pack(source) };
        var repository = await new RepositoryCache(cache.Path, server).OpenAsync(cancel: TestContext.Current.CancellationToken);
        Assert.Equal("https://opam.ocaml.org", repository.Location);
        Assert.Equal(["https://opam.ocaml.org/cache"], repository.ArchiveMirrors);
        Assert.Equal("https://opam.ocaml.org/index.tar.gz 200", Assert.Single(server.Log));
    }

    [Fact]
    public async Task An_archive_that_is_broken_or_hostile_is_refused_or_harmless()
    {
        using var source = new TestFolder();
        using var cache = new TestFolder();
        Fill(source);
        using var server = new Server("\"one\"") { Archive = Pack(source)[..100] };
        var repositories = new RepositoryCache(cache.Path, server) { MaxAge = TimeSpan.Zero };
        // An entry that says of itself more than anybody says would be in memory whole.
        var talkative = Pack(source, more: tar => tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "packages/a/a.1/opam", new Dictionary<string, string> { ["comment"] = new('0', 4 << 20) })));
        foreach (var archive in new[] { Pack(source)[..100], "no archive"u8.ToArray(), talkative })
        {
            server.Archive = archive;
            Assert.Equal("HIL1010", (await Assert.ThrowsAsync<HillingarException>(() => repositories.OpenAsync("https://x.example.org", TestContext.Current.CancellationToken))).Diagnostic.Code);
        }
        server.Archive = Pack(source, more: tar =>
        {
            foreach (var name in (ReadOnlySpan<string>)["packages/dune/dune.3.0/files/../../../../../escaped", "../packages/evil/evil.1/opam", "packages/dune/evil.1/opam", "/packages/a/a.1/x"])
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream([1]) });
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "packages/dune/dune.3.0/files/link") { LinkName = "/etc/passwd" });
        });
        var repository = await repositories.OpenAsync("https://x.example.org", TestContext.Current.CancellationToken);
        Assert.Null(repository.Find(Dune)!.ReadExtra("link"));
        Assert.DoesNotContain(Directory.EnumerateFiles(cache.Path, "*", SearchOption.AllDirectories), path => path.Contains("escaped", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_an_archive_calls_its_files_counts_as_what_is_in_them_does()
    {
        using var source = new TestFolder();
        using var cache = new TestFolder();
        Fill(source);
        // Empty files, whose names alone would fill the memory.
        using var server = new Server("\"one\"")
        {
            Archive = Pack(source, more: tar =>
            {
                for (var n = 0; n < 150; n++)
                    tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, $"packages/dune/dune.3.0/files/{n}{new string('n', 1_000_000)}"));
            }),
        };
        var refused = await Assert.ThrowsAsync<HillingarException>(() => new RepositoryCache(cache.Path, server).OpenAsync("https://x.example.org", TestContext.Current.CancellationToken));
        Assert.Equal("HIL1002", refused.Diagnostic.Code);
    }

    [Fact]
    public async Task A_damaged_snapshot_is_thrown_away()
    {
        using var source = new TestFolder();
        using var cache = new TestFolder();
        Fill(source);
        using var server = new Server("\"one\"") { Archive = Pack(source) };
        var repositories = new RepositoryCache(cache.Path, server);
        _ = await repositories.OpenAsync("https://x.example.org", TestContext.Current.CancellationToken);
        var index = Directory.GetFiles(cache["repositories"]).Single();
        var bytes = File.ReadAllBytes(index);
        // Whatever byte is hit: it is noticed by who needs it, and the next run has a sound copy.
        for (var at = 0; at < bytes.Length; at++)
        {
            File.WriteAllBytes(index, [.. bytes[..at], (byte)(bytes[at] ^ 0x20), .. bytes[(at + 1)..]]);
            var damaged = await repositories.OpenAsync("https://x.example.org", TestContext.Current.CancellationToken);
            Assert.True(Record.Exception(() => Check(damaged)) is null || !File.Exists(index), $"byte {at}");
            Check(await repositories.OpenAsync("https://x.example.org", TestContext.Current.CancellationToken));
        }
    }
}
