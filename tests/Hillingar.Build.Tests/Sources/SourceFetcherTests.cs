using System.Text;
using Hillingar.Build.Files;
using Hillingar.Build.Sources;
using Hillingar.Build.Storage;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

public sealed class SourceFetcherTests : IDisposable
{
    static readonly byte[] s_archive = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 20_000)));
    static readonly IReadOnlyList<Checksum> s_checksums = Hashes.Of(new MemoryStream(s_archive), Hashes.Kinds);

    readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    SourceStore Store => new(_folder["store"]);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    SourceFetcher Fetcher(bool offline = false) =>
        new(Store, new ReporterFake(), pause: TimeSpan.FromMilliseconds(1)) { Offline = offline, StallTimeout = TimeSpan.FromSeconds(5) };

    static Source Source(string url, params string[] archiveMirrors) => new(url, s_checksums, [], archiveMirrors);

    async Task<byte[]> Fetch(Source source)
    {
        using var fetcher = Fetcher();
        return await File.ReadAllBytesAsync(await fetcher.Fetch(source, "lib", Cancellation), Cancellation);
    }

    async Task<Diagnostic> Refused(Source source, bool offline = false)
    {
        using var fetcher = Fetcher(offline);
        return (await Assert.ThrowsAsync<HillingarException>(() => fetcher.Fetch(source, "lib", Cancellation))).Diagnostic;
    }

    [Fact]
    public async Task A_download_is_stored_under_each_of_its_checksums()
    {
        using var server = new SourceServer((_, _, stream) => SourceServer.Ok(stream, s_archive));
        Assert.Equal(s_archive, await Fetch(Source(server.Url())));
        foreach (var checksum in s_checksums)
            Assert.Equal(s_archive, await File.ReadAllBytesAsync(_folder[$"store/{checksum.CachePath}"], Cancellation));
        await Fetch(Source(server.Url()));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_broken_transfer_goes_on_where_it_broke_off()
    {
        using var server = new SourceServer((number, _, stream) => number == 1
            ? SourceServer.Send(stream, $"HTTP/1.1 200 OK\nContent-Length: {s_archive.Length}", s_archive.AsMemory(0, 1000))
            : SourceServer.Send(stream, $"HTTP/1.1 206 Partial Content\nContent-Length: {s_archive.Length - 1000}\nContent-Range: bytes 1000-{s_archive.Length - 1}/{s_archive.Length}\nConnection: close", s_archive.AsMemory(1000)));
        Assert.Equal(s_archive, await Fetch(Source(server.Url())));
        Assert.Contains("Range: bytes=1000-", server.Requests[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_cannot_resume_sends_everything_again()
    {
        using var server = new SourceServer((number, _, stream) => number == 1
            ? SourceServer.Send(stream, $"HTTP/1.1 200 OK\nContent-Length: {s_archive.Length}", s_archive.AsMemory(0, 1000))
            : SourceServer.Ok(stream, s_archive));
        Assert.Equal(s_archive, await Fetch(Source(server.Url())));
    }

    [Fact]
    public async Task Server_errors_and_stalls_are_tried_again()
    {
        using var server = new SourceServer(async (number, _, stream) =>
        {
            if (number == 1)
                await SourceServer.Send(stream, "HTTP/1.1 503 Busy\nContent-Length: 0\nConnection: close");
            else if (number == 2)
                await Task.Delay(TimeSpan.FromSeconds(20));
            else
                await SourceServer.Ok(stream, s_archive);
        });
        Assert.Equal(s_archive, await Fetch(Source(server.Url())));
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task Wrong_bytes_send_us_to_the_mirror()
    {
        using var server = new SourceServer((_, head, stream) => SourceServer.Ok(stream, head.StartsWith("GET /mirror/", StringComparison.Ordinal) ? s_archive : [1, 2, 3]));
        Assert.Equal(s_archive, await Fetch(Source(server.Url(), server.Url("mirror/"))));
        Assert.StartsWith($"GET /mirror/{s_checksums[0].CachePath} ", server.Requests[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_had_is_told_with_every_address_and_nothing_is_stored()
    {
        using var server = new SourceServer((_, _, stream) => SourceServer.Send(stream, "HTTP/1.1 404 Gone\nContent-Length: 0\nConnection: close"));
        var error = await Refused(Source(server.Url("secret@"), "file://" + _folder["nowhere"]));
        Assert.Equal("HIL4005", error.Code);
        Assert.Contains("404", error.Message, StringComparison.Ordinal);
        Assert.Contains("nowhere", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(_folder["store"], "*.part", SearchOption.AllDirectories));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Passwords_in_addresses_are_used_and_not_told()
    {
        using var server = new SourceServer((_, _, stream) => SourceServer.Send(stream, "HTTP/1.1 403 No\nContent-Length: 0\nConnection: close"));
        var error = await Refused(Source(server.Url().Replace("http://", "http://me:s3cret@", StringComparison.Ordinal)));
        Assert.DoesNotContain("s3cret", error.Message, StringComparison.Ordinal);
        Assert.Contains("Authorization: Basic " + Convert.ToBase64String("me:s3cret"u8), server.Requests[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Offline_opens_no_connection()
    {
        using var server = new SourceServer((_, _, stream) => SourceServer.Ok(stream, s_archive));
        Assert.Contains("HillingarOffline", (await Refused(Source(server.Url()), offline: true)).Message, StringComparison.Ordinal);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task A_damaged_file_in_the_store_is_named()
    {
        Store.Import(_folder.Write("a.tar", Encoding.ASCII.GetString(s_archive)));
        var stored = _folder[$"store/{s_checksums[0].CachePath}"];
        var bytes = await File.ReadAllBytesAsync(stored, Cancellation);
        bytes[100] ^= 1;
        await File.WriteAllBytesAsync(stored, bytes, Cancellation);
        var error = await Refused(Source("file:///nowhere"));
        Assert.Equal("HIL4003", error.Code);
        Assert.Contains(stored, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_import_is_found_by_any_checksum_and_in_the_layout_of_opams_cache()
    {
        Store.Import(_folder.Write("a.tar", Encoding.ASCII.GetString(s_archive)));
        foreach (var checksum in s_checksums)
        {
            var other = new SourceStore(_folder["other"], [_folder["store"]]);
            using var fetcher = new SourceFetcher(other, new ReporterFake()) { Offline = true };
            Assert.Equal(s_archive, await File.ReadAllBytesAsync(await fetcher.Fetch(new Source("https://example.invalid/a", [checksum], [], []), "lib", Cancellation), Cancellation));
        }
    }

    [Fact]
    public async Task Two_that_want_the_same_archive_download_it_once()
    {
        using var server = new SourceServer(async (_, _, stream) =>
        {
            await Task.Delay(100);
            await SourceServer.Ok(stream, s_archive);
        });
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Fetch(Source(server.Url()))));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_source_without_checksum_is_refused() =>
        Assert.Equal("HIL4002", (await Refused(new Source("https://example.invalid/a", [], [], []))).Code);
}
