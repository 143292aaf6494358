using Hillingar.Build.Files;
using Hillingar.Build.Processes;
using Hillingar.Build.Sources;
using Hillingar.Build.Storage;
using Hillingar.Opam.Files;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>The real <c>opam</c> takes archives from our store, and we take them from its download cache.</summary>
public sealed class OpamCacheTests : IDisposable
{
    const string Nowhere = "http://127.0.0.1:9/lib-1.tar.gz";

    readonly TestFolder _folder = new();
    readonly byte[] _archive = Tarball.Gzip(Tarball.Tar(Tarball.File("lib-1/lib.ml", "let x = 1\n")));
    readonly IReadOnlyList<Checksum> _checksums;

    public OpamCacheTests()
    {
        Assert.SkipWhen(ProcessRunner.Find("opam") is null, "needs opam");
        _checksums = Hashes.Of(new MemoryStream(_archive), Hashes.Kinds);
    }

    public void Dispose() => _folder.Dispose();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    OpamRoot Opam => new(_folder);

    SourceStore Store => new(_folder["store"]);

    async Task Make(string url, IEnumerable<Checksum> checksums, string repo = "")
    {
        _folder.Write("repository/repo", $"opam-version: \"2.0\"\n{repo}\n");
        _folder.Write("repository/packages/lib/lib.1/opam", $"opam-version: \"2.0\"\nurl {{ src: \"{url}\" checksum: [{string.Join(' ', checksums.Select(checksum => $"\"{checksum}\""))}] }}\n");
        await Opam.Make();
    }

    async Task Takes()
    {
        await Opam.Accepted("source", "lib.1", "--switch=test", "--dir", _folder["taken"]);
        Assert.Equal("let x = 1\n", await File.ReadAllTextAsync(_folder["taken/lib.ml"], Cancellation));
    }

    [Theory]
    [InlineData(ChecksumKind.Md5)]
    [InlineData(ChecksumKind.Sha256)]
    [InlineData(ChecksumKind.Sha512)]
    public async Task Opam_takes_what_upstream_lost_from_our_store_as_its_archive_mirror(ChecksumKind kind)
    {
        Store.Import(Tarball.Write(_folder, _archive));
        await Make(Nowhere, _checksums.Where(checksum => checksum.Kind == kind), $"archive-mirrors: \"file://{_folder["store"]}\"");
        await Takes();
    }

    [Fact]
    public async Task Our_store_can_be_opams_download_cache()
    {
        Store.Import(Tarball.Write(_folder, _archive));
        await Make(Nowhere, _checksums);
        Directory.CreateSymbolicLink(Path.Combine(Opam.Path, "download-cache"), _folder["store"]);
        await Takes();
    }

    [Fact]
    public async Task Opam_finds_nothing_where_the_store_is_empty()
    {
        await Make(Nowhere, _checksums);
        Assert.NotEqual(0, (await Opam.Run("source", "lib.1", "--switch=test", "--dir", _folder["taken"])).ExitCode);
    }

    // opam 2.1 keeps an archive under one of its checksums only; whoever knows all that the package states finds it.
    [Theory]
    [InlineData(ChecksumKind.Md5)]
    [InlineData(ChecksumKind.Sha256)]
    [InlineData(ChecksumKind.Md5, ChecksumKind.Sha512, ChecksumKind.Sha256)]
    public async Task What_opam_downloaded_we_take_from_its_cache(params ChecksumKind[] kinds)
    {
        var stated = kinds.Select(kind => _checksums.Single(checksum => checksum.Kind == kind)).ToList();
        using var server = new SourceServer((_, _, stream) => SourceServer.Ok(stream, _archive));
        await Make(server.Url("lib-1.tar.gz"), stated);
        await Takes();
        var store = new SourceStore(_folder["store"], [Path.Combine(Opam.Path, "download-cache")]);
        using var fetcher = new SourceFetcher(store, new ReporterFake()) { Offline = true };
        Assert.Equal(_archive, await File.ReadAllBytesAsync(await fetcher.Fetch(new Source(Nowhere, stated, [], []), "lib", Cancellation), Cancellation));
    }
}
