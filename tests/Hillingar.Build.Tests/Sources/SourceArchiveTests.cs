using System.Formats.Tar;
using System.Text;
using Hillingar.Build.Files;
using Hillingar.Build.Sources;
using Hillingar.Build.Storage;
using Hillingar.Build.Vendoring;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

public sealed class SourceArchiveTests : IDisposable
{
    static readonly byte[] s_bytes = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 5_000)));
    static readonly IReadOnlyList<Checksum> s_checksums = Hashes.Of(new MemoryStream(s_bytes), Hashes.Kinds);

    readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    SourceStore Here => new(_folder["here"]);

    SourceStore There => new(_folder["there"]);

    async Task Export(params Source[] sources)
    {
        using var fetcher = new SourceFetcher(Here, new ReporterFake());
        Assert.Equal(sources.Length, await SourceArchive.Export(sources, _folder["sources.tar"], Here, fetcher, Cancellation));
    }

    Task<int> Import() => SourceArchive.Import(_folder["sources.tar"], There, Cancellation);

    async Task<Diagnostic> Refused(params TarEntry[] entries)
    {
        Tarball.Write(_folder, Tarball.Tar(entries), "sources.tar");
        return (await Assert.ThrowsAsync<HillingarException>(Import)).Diagnostic;
    }

    [Fact]
    public async Task What_one_machine_exports_another_restores_from_without_network()
    {
        var archive = Tarball.Write(_folder, s_bytes, "upstream/a.tar");
        var source = new Source("file://" + archive, [s_checksums[1]], [], []);
        var commit = await GitRepository.Make(_folder, "repo", "lib/a.ml", "let a = 1\n");
        var git = new Source($"git+file://{_folder["repo"]}#{commit}", [], [], []);
        await Export(source, git);
        File.Delete(archive);
        Directory.Delete(_folder["repo"], recursive: true);

        Assert.Equal(2, await Import());
        using var fetcher = new SourceFetcher(There, new ReporterFake()) { Offline = true };
        Assert.Equal(s_bytes, await File.ReadAllBytesAsync(await fetcher.Fetch(source with { Url = "https://example.invalid/a" }, "a", Cancellation), Cancellation));
        await GitSource.Unpack(git.Url, _folder["out"], There.Folder, offline: true, Cancellation);
        Assert.Equal("let a = 1\n", await File.ReadAllTextAsync(_folder["out/lib/a.ml"], Cancellation));
        // Every checksum leads to it now, as after a download.
        Assert.All(s_checksums, checksum => Assert.NotNull(There.Find([checksum])));
    }

    [Fact]
    public async Task The_archive_has_the_stores_layout_and_is_the_same_each_time()
    {
        var source = new Source("file://" + Tarball.Write(_folder, s_bytes, "upstream/a.tar"), s_checksums, [], []);
        await Export(source);
        var first = await File.ReadAllBytesAsync(_folder["sources.tar"], Cancellation);
        await Export(source);
        Assert.Equal(first, await File.ReadAllBytesAsync(_folder["sources.tar"], Cancellation));
        using var tar = new TarReader(new MemoryStream(first));
        Assert.Equal(s_checksums[0].CachePath, tar.GetNextEntry()!.Name);
        Assert.Null(tar.GetNextEntry());
    }

    [Fact]
    public async Task A_source_that_cannot_be_had_leaves_no_archive()
    {
        var error = await Assert.ThrowsAsync<HillingarException>(() => Export(new Source("file:///nowhere", s_checksums, [], [])));
        Assert.Equal("HIL4005", error.Diagnostic.Code);
        Assert.False(File.Exists(_folder["sources.tar"]));
    }

    [Theory]
    [InlineData("../../pwned")]
    [InlineData("/etc/pwned")]
    [InlineData("sha256/../pwned")]
    [InlineData("sha256/ab/abcd")]
    [InlineData("git/0123456789abcdef0123456789abcdef/hooks")]
    [InlineData("incoming/use.lock")]
    public async Task Other_names_than_sources_have_are_refused(string name)
    {
        var error = await Refused(Tarball.File(name));
        Assert.Equal("HIL4008", error.Code);
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.Empty(There.Files());
    }

    [Fact]
    public async Task A_source_in_the_wrong_folder_is_refused() =>
        Assert.Equal("HIL4008", (await Refused(Tarball.File(s_checksums[0].CachePath.Replace("/" + s_checksums[0].Hex[..2] + "/", "/zz/", StringComparison.Ordinal)))).Code);

    [Fact]
    public async Task Links_and_wrong_bytes_are_refused_and_nothing_of_them_is_stored()
    {
        Assert.Contains("SymbolicLink", (await Refused(Tarball.Link(s_checksums[0].CachePath, "/etc/passwd"))).Message, StringComparison.Ordinal);
        Assert.Contains("checksum", (await Refused(Tarball.File(s_checksums[0].CachePath, "forged"))).Message, StringComparison.Ordinal);
        Assert.Empty(There.Files());
        Assert.Empty(Directory.EnumerateFiles(_folder["there"], "*.tmp", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_forged_pack_does_not_get_into_the_repository()
    {
        var commit = await GitRepository.Make(_folder, "repo", "a.ml", "1");
        await Export(new Source($"git+file://{_folder["repo"]}#{commit}", [], [], []));
        using var tar = new TarReader(File.OpenRead(_folder["sources.tar"]));
        var entry = tar.GetNextEntry(copyData: true)!;
        var renamed = new PaxTarEntry(TarEntryType.RegularFile, entry.Name.Replace(commit, new string('a', 40), StringComparison.Ordinal)) { DataStream = entry.DataStream };
        Assert.Contains("commit", (await Refused(renamed)).Message, StringComparison.Ordinal);
        var bytes = ((MemoryStream)entry.DataStream!).ToArray();
        bytes[20] ^= 1;
        Assert.Contains("commit", (await Refused(new PaxTarEntry(TarEntryType.RegularFile, entry.Name) { DataStream = new MemoryStream(bytes) })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cut_off_archive_is_told()
    {
        await Export(new Source("file://" + Tarball.Write(_folder, s_bytes, "upstream/a.tar"), s_checksums, [], []));
        var whole = await File.ReadAllBytesAsync(_folder["sources.tar"], Cancellation);
        await File.WriteAllBytesAsync(_folder["sources.tar"], whole[..3000], Cancellation);
        Assert.Equal("HIL4008", (await Assert.ThrowsAsync<HillingarException>(Import)).Diagnostic.Code);
        Assert.Empty(There.Files());
    }
}
