using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace Hillingar.Opam;

/// <summary>
/// Opens repositories by location, and keeps on disk what makes opening them again cheap: indexes of folders, snapshots of git
/// repositories and of archives. Several processes may use one folder at a time.
/// </summary>
/// <param name="folder">The cache's folder; null: the user's.</param>
/// <param name="http">What fetches archives; null: one of its own.</param>
/// <param name="report">Is told what did not go as wished, yet did not stop the work.</param>
public sealed class RepositoryCache(string? folder = null, HttpClient? http = null, Action<Diagnostic>? report = null)
{
    /// <summary>opam's own repository, taken when none is named.</summary>
    public const string Default = "https://opam.ocaml.org";

    /// <summary>The cache of archives that goes with <see cref="Default"/>.</summary>
    public const string DefaultArchives = "https://opam.ocaml.org/cache";

    const long MaxUnpacked = 4L << 30;

    static readonly Lazy<HttpClient> Shared = new(() =>
    {
        var client = new HttpClient { Timeout = TimeSpan.FromMinutes(5) };
        client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("hillingar", typeof(RepositoryCache).Assembly.GetName().Version?.ToString(3)));
        return client;
    });

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
        if (location.StartsWith("git+", StringComparison.Ordinal) || location.StartsWith("ssh://", StringComparison.Ordinal) || location.StartsWith("git://", StringComparison.Ordinal)
            || location.Split('#')[0].EndsWith(".git", StringComparison.Ordinal) && location.Contains("://", StringComparison.Ordinal))
            return await OpenGitAsync(location, cancel).ConfigureAwait(false);
        if (location.StartsWith("https://", StringComparison.Ordinal) || location.StartsWith("http://", StringComparison.Ordinal))
            return await OpenArchiveAsync(location.TrimEnd('/'), cancel).ConfigureAwait(false);
        if (location.StartsWith("file://", StringComparison.Ordinal))
            location = new Uri(location).LocalPath;
        else if (location.Contains("://", StringComparison.Ordinal))
            throw new HillingarException("HIL1006", $"'{location}' is no location of a repository; expected a folder, git+https://…, or https://…");
        return new FolderRepository(location, IndexPath(Path.GetFullPath(location)), cancel);
    }

    string IndexPath(string key) => Path.Combine(Folder, "repositories", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))[..32] + ".index");

    static Snapshot? TryOpen(string path, string key, string location) =>
        IndexFile.TryOpen(path) is { } index && index.Key == key ? new Snapshot(index, path, location) : null;

    async Task<Snapshot> OpenGitAsync(string location, CancellationToken cancel)
    {
        var (url, reference) = Git.Parse(location);
        var commit = Git.IsCommit(reference) ? reference : await Git.ResolveAsync(url, reference, cancel).ConfigureAwait(false);
        var key = $"git+{url}#{commit}";
        var path = IndexPath(key);
        if (TryOpen(path, key, key) is { } known)
            return known;
        var builder = new SnapshotBuilder(key);
        await Git.ReadAsync(url, commit, Path.Combine(Folder, "git", Guid.NewGuid().ToString("N")), builder.Add, cancel).ConfigureAwait(false);
        return builder.Write(path, key, cancel: cancel);
    }

    async Task<Snapshot> OpenArchiveAsync(string location, CancellationToken cancel)
    {
        var path = IndexPath(location);
        var known = TryOpen(path, location, location);
        if (known is not null && DateTime.UtcNow - File.GetLastWriteTimeUtc(path) is var age && age >= TimeSpan.Zero && age < MaxAge)
            return known;
        try
        {
            return await FetchAsync(location, path, known, cancel).ConfigureAwait(false);
        }
        catch (HillingarException e) when (known is not null && e.Diagnostic.Code == "HIL1010")
        {
            report?.Invoke(e.Diagnostic with { Severity = Severity.Warning, Message = $"{e.Message}; the copy of {File.GetLastWriteTimeUtc(path):u} is used" });
            return known;
        }
    }

    async Task<Snapshot> FetchAsync(string location, string path, Snapshot? known, CancellationToken cancel)
    {
        var url = location.EndsWith(".tar.gz", StringComparison.Ordinal) || location.EndsWith(".tgz", StringComparison.Ordinal) ? location : $"{location}/index.tar.gz";
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            if (known?.Tag is { Length: > 0 } tag)
                request.Headers.TryAddWithoutValidation(tag.StartsWith('"') || tag.StartsWith("W/", StringComparison.Ordinal) ? "If-None-Match" : "If-Modified-Since", tag);
            using var response = await (http ?? Shared.Value).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.NotModified && known is not null)
            {
                File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
                return known;
            }
            if (!response.IsSuccessStatusCode)
                throw Failed($"the server answered {(int)response.StatusCode} {response.ReasonPhrase}");
            var builder = new SnapshotBuilder(location);
            using var content = await response.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
            await UnpackAsync(content, builder, cancel).ConfigureAwait(false);
            return builder.Write(path, location, response.Headers.ETag?.ToString() ?? response.Content.Headers.LastModified?.ToString("R") ?? "", cancel);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException || (e is TaskCanceledException && !cancel.IsCancellationRequested))
        {
            throw Failed(e.Message, e);
        }

        HillingarException Failed(string why, Exception? cause = null) =>
            new("HIL1010", $"{url} could not be fetched: {why}; check the URL and the network, or name a folder or git repository", innerException: cause);
    }

    static async Task UnpackAsync(Stream compressed, SnapshotBuilder builder, CancellationToken cancel)
    {
        using var unpacked = new GZipStream(compressed, CompressionMode.Decompress);
        using var tar = new TarReader(unpacked);
        long total = 0;
        while (await tar.GetNextEntryAsync(copyData: false, cancel).ConfigureAwait(false) is { } entry)
        {
            if ((total += entry.Length) > MaxUnpacked)
                throw new InvalidDataException($"the archive unpacks to more than {MaxUnpacked >> 30} GiB");
            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile) || Inside(entry.Name) is not { } path)
                continue;
            if (entry.Length > SnapshotBuilder.MaxFile)
                throw new InvalidDataException($"{entry.Name} has {entry.Length} bytes, more than is read");
            var content = new byte[entry.Length];
            if (entry.DataStream is { } data)
                await data.ReadExactlyAsync(content, cancel).ConfigureAwait(false);
            builder.Add(path, content);
        }
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
