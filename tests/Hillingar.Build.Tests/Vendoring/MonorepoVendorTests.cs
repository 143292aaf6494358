using System.Collections.Concurrent;
using System.Net;
using System.Text.RegularExpressions;
using Hillingar.Build.Files;
using Hillingar.Build.Locks;
using Hillingar.Build.Sources;
using Hillingar.Build.Storage;
using Hillingar.Build.Vendoring;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Syntax;
using Hillingar.Tests;
using ICSharpCode.SharpZipLib.BZip2;

namespace Hillingar.Build.Tests;

/// <summary>
/// Duniverses from the locks that opam-monorepo wrote. Their archives are not here, so the contents are stand-ins: small archives of our
/// own, served under the recorded addresses, with their checksums put into the lock's text. All else of the lock is as recorded.
/// </summary>
public sealed class MonorepoVendorTests : IDisposable
{
    readonly TestFolder _folder = new();
    readonly ReporterFake _reporter = new();
    readonly Upstream _upstream = new();

    public void Dispose()
    {
        _upstream.Dispose();
        _folder.Dispose();
    }

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Locked => TestData.Folder is { } folder && Directory.Exists(Path.Combine(folder, "monorepo-cases"))
        ? [.. Directory.GetDirectories(Path.Combine(folder, "monorepo-cases")).Where(path => new MonorepoCase(path).IsLocked).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)]
        : ["(no test data)"];

    static string Recorded(string name) => new MonorepoCase(TestData.Require(Path.Combine("monorepo-cases", name))).Text;

    static LockFile Parse(string text) => LockFile.Parse(Document.Parse(text, "app.opam.locked"));

    // An archive as the address says it is packed, that tells where it was had.
    static byte[] StandIn(LockedSource source, IEnumerable<string> packages)
    {
        var top = $"{source.Folder}-stand-in";
        var tar = Tarball.Tar([Tarball.File($"{top}/from", source.Url), .. packages.Select(package => Tarball.File($"{top}/{package}.opam", "opam-version: \"2.0\"\n"))]);
        if (!source.Url.EndsWith(".tbz", StringComparison.Ordinal) && !source.Url.EndsWith(".bz2", StringComparison.Ordinal))
            return Tarball.Gzip(tar);
        using var stream = new MemoryStream();
        BZip2.Compress(new MemoryStream(tar), stream, isStreamOwner: false, level: 1);
        return stream.ToArray();
    }

    // The lock's text with each recorded checksum replaced by the stand-in's of its kind.
    string Serve(string text)
    {
        var recorded = Parse(text);
        foreach (var source in recorded.Duniverse.Where(source => !source.Checksums.IsEmpty))
        {
            var archive = StandIn(source, Names(recorded, source));
            _upstream.Archives[source.Url] = archive;
            foreach (var (before, now) in source.Checksums.Join(Hashes.Of(new MemoryStream(archive), source.Checksums.Select(checksum => checksum.Kind)), checksum => checksum.Kind, checksum => checksum.Kind, (before, now) => (before, now)))
                text = text.Replace(before.ToString(), now.ToString(), StringComparison.Ordinal);
        }

        return text;
    }

    static IEnumerable<string> Names(LockFile locked, LockedSource source) => locked.Pins.Where(pin => pin.Url == source.Url).Select(pin => pin.Package.Name.Text);

    async Task Vendor(LockFile locked)
    {
        var store = new SourceStore(_folder["store"]);
        using var fetcher = new SourceFetcher(store, _reporter, _upstream, TimeSpan.FromMilliseconds(1));
        await Duniverse.Vendor(_folder["duniverse"], locked.Entries, fetcher, store, _reporter, Cancellation);
    }

    [Theory, MemberData(nameof(Locked))]
    public async Task A_lock_that_opam_monorepo_wrote_vendors(string name)
    {
        var locked = Parse(Serve(Recorded(name)));
        Assert.DoesNotContain(locked.Duniverse, source => source.Checksums.IsEmpty);
        await Vendor(locked);
        Assert.Equal(
            locked.Duniverse.Select(source => source.Folder).Append(".hillingar").Order(StringComparer.Ordinal),
            Directory.GetDirectories(_folder["duniverse"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal("(vendored_dirs *)\n", await File.ReadAllTextAsync(_folder["duniverse/dune"], Cancellation));
        foreach (var source in locked.Duniverse)
        {
            var folder = _folder["duniverse/" + source.Folder];
            Assert.Equal(source.Url, await File.ReadAllTextAsync(Path.Combine(folder, "from"), Cancellation));
            Assert.Equal(
                Names(locked, source).Select(package => package + ".opam").Append("from").Order(StringComparer.Ordinal),
                Directory.GetFileSystemEntries(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        }

        // Every vendored package is there, each archive was asked for once, and there is nothing to do again.
        Assert.Equal(
            locked.Packages.Where(item => item.Vendored).Select(item => item.Package.Name.Text + ".opam").Order(StringComparer.Ordinal),
            Directory.GetFiles(_folder["duniverse"], "*.opam", SearchOption.AllDirectories).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(locked.Duniverse.Select(source => source.Url).Order(StringComparer.Ordinal), _upstream.Asked.Order(StringComparer.Ordinal));
        Assert.True(Duniverse.IsCurrent(_folder["duniverse"], locked.Entries));
    }

    [Fact]
    public async Task With_the_recorded_checksums_a_stand_in_is_refused()
    {
        Serve(Recorded("yojson"));
        var told = (await Assert.ThrowsAsync<HillingarException>(() => Vendor(Parse(Recorded("yojson"))))).Diagnostic;
        Assert.Equal("HIL4005", told.Code);
        Assert.DoesNotContain(Directory.GetDirectories(_folder["duniverse"]), path => Path.GetFileName(path) != ".hillingar");
    }

    [Fact]
    public async Task Archives_that_cannot_be_had_are_one_error_that_names_them()
    {
        Serve(Recorded("lwt"));
        var told = (await Assert.ThrowsAsync<HillingarException>(() => Vendor(Parse(Recorded("lwt"))))).Diagnostic;
        Assert.Equal("HIL4005", told.Code);
        Assert.StartsWith("6 archives could not be had: ocplib-endian.1.2; ba", told.Message, StringComparison.Ordinal);
    }

    // As opam-monorepo writes an entry that is pinned to git: the commit, and no checksums. None of the recorded locks has one.
    [Fact]
    public async Task An_entry_that_is_a_git_repository_vendors_beside_archives()
    {
        var commit = await GitRepository.Make(_folder, "lwt.git", "lwt.opam", "opam-version: \"2.0\"\n");
        var text = Recorded("lwt");
        var lwt = Parse(text).Duniverse.Single(source => source.Folder == "lwt");
        foreach (var checksum in lwt.Checksums)
            text = text.Replace($"\"{checksum}\"", "", StringComparison.Ordinal);
        var git = $"git+file://{_folder["lwt.git"]}#{commit}";
        text = Regex.Replace(text.Replace(lwt.Url, git, StringComparison.Ordinal), @"\[\s*\]", "");
        Assert.Empty(Parse(text).Duniverse.Single(source => source.Url == git).Checksums);
        var locked = Parse(Serve(text));
        await Vendor(locked);
        Assert.True(File.Exists(_folder["duniverse/lwt/lwt.opam"]));
        Assert.All(locked.Duniverse.Where(source => source.Url != git), source => Assert.True(File.Exists(_folder[$"duniverse/{source.Folder}/from"])));
    }

    /// <summary>Answers requests to the recorded addresses with stand-ins.</summary>
    sealed class Upstream : HttpMessageHandler
    {
        public ConcurrentDictionary<string, byte[]> Archives { get; } = [];

        public ConcurrentQueue<string> Asked { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var address = request.RequestUri!.OriginalString;
            Asked.Enqueue(address);
            return Task.FromResult(Archives.TryGetValue(address, out var archive)
                ? new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(archive) }
                : new HttpResponseMessage(HttpStatusCode.NotFound));
        }
    }
}
