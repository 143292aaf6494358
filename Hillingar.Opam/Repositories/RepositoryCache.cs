using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Hillingar.Opam.Addresses;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Opam.Repositories;

/// <summary>
/// Opens repositories by location, and keeps on disk what makes opening them again cheap: indexes of folders, snapshots of git
/// repositories and of archives. Several processes may use one folder at a time.
/// </summary>
/// <param name="folder">The cache's folder; null: the user's.</param>
/// <param name="handler">Carries the requests for archives; null: .NET's own.</param>
/// <param name="report">Is told what did not go as wished, yet did not stop the work.</param>
public sealed class RepositoryCache(string? folder = null, HttpMessageHandler? handler = null, Action<Diagnostic>? report = null)
{
    /// <summary>opam's own repository, taken when none is named.</summary>
    public const string Default = "https://opam.ocaml.org";

    /// <summary>The cache of archives that goes with <see cref="Default"/>.</summary>
    public const string DefaultArchives = "https://opam.ocaml.org/cache";

    const long MaxUnpacked = 4L << 30;

    // A repository's archive is a tenth of it.
    const long MaxPacked = 1L << 30;

    const int MaxHeader = 1 << 20;

    static readonly Lazy<WebFetcher> s_shared = new(() => new WebFetcher());

    readonly WebFetcher _web = handler is null ? s_shared.Value : new WebFetcher(handler);

    /// <summary>The cache's folder.</summary>
    public string Folder { get; } = folder ?? UserCache.Folder;

    /// <summary>How old a fetched archive may be before the server is asked whether there is a newer one.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Opens a repository.</summary>
    /// <param name="location">
    /// A folder or <c>file://</c> URL; <c>git+https://host/path#ref</c> (also <c>http</c>, <c>ssh</c>, <c>git</c>, <c>file</c>, and URLs that end in
    /// <c>.git</c>), best with a whole commit hash; <c>https://host/path</c>, of which <c>index.tar.gz</c> is fetched, or a URL of such an archive.
    /// </param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="HillingarException">It is no repository (HIL1006), or cannot be had (HIL1009, HIL1010).</exception>
    public async Task<Repository> OpenAsync(string location = Default, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(location);
        if (!location.Contains("://", StringComparison.Ordinal) && !location.StartsWith("git+", StringComparison.Ordinal))
            return new FolderRepository(location, IndexPath(Path.GetFullPath(location)), cancel);
        // The address that is kept and told has no password; who fetches finds it here.
        Network.Current = Network.Current.With([location]);
        if (IsGit(location))
            return await OpenGitAsync(location, cancel).ConfigureAwait(false);
        if (!Address.TryParse(location, out var address, out var why))
            throw new HillingarException(
                "HIL1006",
                $"'{location}' is no location of a repository: {why}; expected a folder, git+https://…, or https://…"
            );
        if (!address.IsLocal)
            return await OpenArchiveAsync(Address.WithoutCredentials(location).TrimEnd('/'), cancel).ConfigureAwait(false);
        location = address.LocalPath;
        return new FolderRepository(location, IndexPath(Path.GetFullPath(location)), cancel);
    }

    static bool IsGit(string location) =>
        location.StartsWith("git+", StringComparison.Ordinal)
        || location.StartsWith("ssh://", StringComparison.Ordinal)
        || location.StartsWith("git://", StringComparison.Ordinal)
        || location.Split('#')[0].EndsWith(".git", StringComparison.Ordinal);

    string IndexPath(string key) =>
        Path.Combine(Folder, "repositories", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))[..32] + ".index");

    static Snapshot? TryOpen(string path, string key, string location) =>
        IndexFile.TryOpen(path) is { } index && index.Key == key ? new Snapshot(index, path, location) : null;

    async Task<Snapshot> OpenGitAsync(string location, CancellationToken cancellation)
    {
        var (url, reference) = Git.Parse(location);
        var commit = Git.IsCommit(reference) ? reference : await Git.ResolveAsync(url, reference, cancellation).ConfigureAwait(false);
        var key = $"git+{url}#{commit}";
        var path = IndexPath(key);
        if (TryOpen(path, key, key) is { } known)
            return known;
        var builder = new SnapshotBuilder(key);
        await Git.ReadAsync(url, commit, Path.Combine(Folder, "git", Guid.NewGuid().ToString("N")), builder.Add, cancellation)
            .ConfigureAwait(false);
        return builder.Write(path, key, cancel: cancellation);
    }

    async Task<Snapshot> OpenArchiveAsync(string location, CancellationToken cancellation)
    {
        var path = IndexPath(location);
        var known = TryOpen(path, location, location);
        if (known is not null && DateTime.UtcNow - File.GetLastWriteTimeUtc(path) is var age && age >= TimeSpan.Zero && age < MaxAge)
            return known;
        try
        {
            return await FetchAsync(location, path, known, cancellation).ConfigureAwait(false);
        }
        catch (HillingarException e) when (known is not null && e.Diagnostic.Code == "HIL1010")
        {
            report?.Invoke(
                e.Diagnostic with
                {
                    Severity = Severity.Warning,
                    Message = $"{e.Message}; the copy of {File.GetLastWriteTimeUtc(path):u} is used",
                }
            );
            return known;
        }
    }

    async Task<Snapshot> FetchAsync(string location, string path, Snapshot? known, CancellationToken cancellation)
    {
        var url =
            location.EndsWith(".tar.gz", StringComparison.Ordinal) || location.EndsWith(".tgz", StringComparison.Ordinal)
                ? location
                : $"{location}/index.tar.gz";
        try
        {
            if (!Address.TryParse(url, out var address, out var why))
                throw Failed(why);
            using var answer = await _web.Get(
                    address,
                    request =>
                    {
                        if (known?.Tag is { Length: > 0 } tag)
                            request.Headers.TryAddWithoutValidation(
                                tag.StartsWith('"') || tag.StartsWith("W/", StringComparison.Ordinal)
                                    ? "If-None-Match"
                                    : "If-Modified-Since",
                                tag
                            );
                    },
                    cancellation
                )
                .ConfigureAwait(false);
            var response = answer.Response;
            if (response.StatusCode == HttpStatusCode.NotModified && known is not null)
            {
                File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
                return known;
            }
            if (!response.IsSuccessStatusCode)
                throw Failed($"the server answered {(int)response.StatusCode} {response.ReasonPhrase}");
            var builder = new SnapshotBuilder(location);
            using var content = await answer.Read(MaxPacked, cancellation).ConfigureAwait(false);
            await UnpackAsync(content, builder, cancellation).ConfigureAwait(false);
            return builder.Write(
                path,
                location,
                response.Headers.ETag?.ToString() ?? response.Content.Headers.LastModified?.ToString("R") ?? "",
                cancellation
            );
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException)
        {
            throw Failed(e.Message, e);
        }

        HillingarException Failed(string why, Exception? cause = null) =>
            new(
                "HIL1010",
                $"{url} could not be fetched: {why}; check the URL and the network, or name a folder or git repository",
                innerException: cause
            );
    }

    static async Task UnpackAsync(Stream compressed, SnapshotBuilder builder, CancellationToken cancellation)
    {
        using var unpacked = new Headers(new GZipStream(compressed, CompressionMode.Decompress));
        using var tar = new TarReader(unpacked);
        long total = 0;
        while (true)
        {
            // A name or an attribute can be as long as it likes, and would be in memory whole.
            unpacked.Left = MaxHeader;
            if (await tar.GetNextEntryAsync(copyData: false, cancellation).ConfigureAwait(false) is not { } entry)
                return;
            unpacked.Left = long.MaxValue;
            if ((total += entry.Length) > MaxUnpacked)
                throw new InvalidDataException($"the archive unpacks to more than {MaxUnpacked >> 30} GiB");
            if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile && Inside(entry.Name) is { } path)
            {
                if (entry.Length > SnapshotBuilder.MaxFile)
                    throw new InvalidDataException($"{entry.Name} has {entry.Length} bytes, more than is read");
                var content = new byte[entry.Length];
                if (entry.DataStream is { } data)
                    await data.ReadExactlyAsync(content, cancellation).ConfigureAwait(false);
                builder.Add(path, content);
            }
            else if (entry.DataStream is { } data)
                await data.CopyToAsync(Stream.Null, cancellation).ConfigureAwait(false);
        }
    }

    // What the reader takes between one entry's contents and the next.
    sealed class Headers(Stream inner) : Stream
    {
        public long Left { get; set; }

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Take(inner.Read(buffer, offset, count));

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Take(await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false));

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        int Take(int read) =>
            (Left -= read) >= 0
                ? read
                : throw new InvalidDataException($"what the archive says of one entry has more than {MaxHeader >> 20} MiB");

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }

    // Archives of a git host have everything in one folder.
    static string? Inside(string name)
    {
        if (name.StartsWith("./", StringComparison.Ordinal))
            name = name[2..];
        if (SnapshotBuilder.IsWanted(name))
            return name;
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && name[(slash + 1)..] is var inner && SnapshotBuilder.IsWanted(inner) ? inner : null;
    }
}
