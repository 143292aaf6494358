using System.Net;
using System.Net.Http.Headers;
using Hillingar.Build.Confinement;
using Hillingar.Build.Files;
using Hillingar.Build.Reporting;
using Hillingar.Build.Storage;
using Hillingar.Opam.Addresses;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;

namespace Hillingar.Build.Sources;

/// <summary>
/// Gets archives into the store: from its folders, upstream and the mirrors, in that order. Every checksum is verified before a
/// file gets its name. Downloads go on where they broke off, and are tried again, with growing pauses, when the fault may pass.
/// </summary>
public sealed class SourceFetcher : IDisposable
{
    const int Attempts = 4;
    const int Downloads = 8;

    readonly SourceStore _store;
    readonly IReporter _reporter;
    readonly HttpMessageHandler? _handler;
    readonly Lazy<WebFetcher> _web;
    readonly TimeSpan _pause;
    readonly SemaphoreSlim _downloads = new(Downloads);
    readonly SemaphoreSlim _holding = new(1);
    IDisposable? _use;

    /// <summary>Makes a fetcher into a store.</summary>
    /// <param name="store">Where archives go.</param>
    /// <param name="reporter">Is told what is downloaded.</param>
    /// <param name="handler">Carries the requests; by default .NET's own, which honours the usual proxy variables and user names in URLs.</param>
    /// <param name="pause">The first pause before another attempt; each further one is twice as long.</param>
    public SourceFetcher(SourceStore store, IReporter reporter, HttpMessageHandler? handler = null, TimeSpan? pause = null)
    {
        _store = store;
        _reporter = reporter;
        _pause = pause ?? TimeSpan.FromSeconds(1);
        _handler = handler;
        _web = new(() => new WebFetcher(_handler) { StallTimeout = StallTimeout });
    }

    /// <summary>Whether the network may be used; where not, only the store's folders and <c>file</c> addresses are.</summary>
    public bool Offline { get; init; }

    /// <summary>The addresses of folders that may be taken as sources: those that the project's own files name.</summary>
    public IReadOnlySet<string> Folders { get; init; } = new HashSet<string>();

    /// <summary>For how long a transfer may bring nothing before it counts as broken.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The path of an archive, which is fetched if it is not in the store.</summary>
    /// <exception cref="HillingarException">HIL4003: a cached file is damaged. HIL4005: it could not be had from anywhere. HIL4002: it has no checksum. HIL4007: the store cannot be written.</exception>
    public async Task<string> Fetch(Source source, string name, CancellationToken cancellation)
    {
        if (source.Checksums.Count == 0)
            throw new HillingarException(
                "HIL4002",
                $"{name}: '{Printable.Line(source.Url)}' has no checksum, so nobody could tell whether the right file came. Add one to the package's url section."
            );
        await Hold(cancellation).ConfigureAwait(false);
        return _store.Find(source.Checksums)
            ?? await FileFault.Guard(_store.Folder, () => Bring(source, name, cancellation)).ConfigureAwait(false);
    }

    /// <summary>Takes what an address has now into the store: an archive, or a folder of this machine. Nobody says what it is to be, so its checksum is to be kept.</summary>
    /// <returns>Its SHA-256.</returns>
    /// <exception cref="HillingarException">HIL4005: it could not be had. HIL4007: the store cannot be written.</exception>
    public async Task<Checksum> Take(string address, string name, CancellationToken cancellation)
    {
        await Hold(cancellation).ConfigureAwait(false);
        return await FileFault
            .Guard(
                _store.Folder,
                async () =>
                {
                    var partial = Path.Combine(_store.Folder, "incoming", Guid.NewGuid().ToString("N") + ".part");
                    Directory.CreateDirectory(Path.GetDirectoryName(partial)!);
                    try
                    {
                        await Get(address, name, partial, cancellation).ConfigureAwait(false);
                        _store.Import(partial);
                        return Hashes.OfFile(partial, [ChecksumKind.Sha256])[0];
                    }
                    catch (Exception exception) when (IsOfAddress(exception))
                    {
                        throw new HillingarException(
                            "HIL4005",
                            $"{name} could not be had from {Printable.Line(address)}: {exception.Message}. Check the address and the network.",
                            innerException: exception
                        );
                    }
                    finally
                    {
                        File.Delete(partial);
                    }
                }
            )
            .ConfigureAwait(false);
    }

    /// <summary>The path of an archive as <see cref="Fetch"/> gives it, and whether its checksums are still to be verified.</summary>
    internal async Task<(string Path, bool Verified)> Obtain(Source source, string name, CancellationToken cancellation)
    {
        await Hold(cancellation).ConfigureAwait(false);
        return source.Checksums.Count > 0 && _store.Locate(source.Checksums) is { } found
            ? (found, false)
            : (await Fetch(source, name, cancellation).ConfigureAwait(false), true);
    }

    /// <summary>Keeps what is in the store from being pruned until this fetcher is disposed of.</summary>
    internal async Task Hold(CancellationToken cancellation)
    {
        await _holding.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            _use ??= await FileFault
                .Guard(
                    _store.Folder,
                    () =>
                        FolderLock.Share(
                            _store.UseLock,
                            cancellation,
                            () => _reporter.Step("Waiting until another process is done, which prunes or repairs the source store")
                        )
                )
                .ConfigureAwait(false);
        }
        finally
        {
            _holding.Release();
        }
    }

    // Another address may do better; a full disk is not the address's fault.
    static bool IsOfAddress(Exception exception) =>
        !FileFault.IsFull(exception)
        && exception is HttpRequestException or IOException or UnauthorizedAccessException or UriFormatException or NotSupportedException;

    async Task<string> Bring(Source source, string name, CancellationToken cancellation)
    {
        var partial = Path.Combine(_store.Folder, "incoming", source.Checksums.Strongest().First().Hex + ".part");
        Directory.CreateDirectory(Path.GetDirectoryName(partial)!);
        // Two restores that want the same archive take turns; the second finds it in the store. The locks are few and stay.
        using var turn = await FolderLock
            .Take(
                Path.Combine(_store.Folder, "incoming", source.Checksums.Strongest().First().Hex[..2] + ".lock"),
                cancellation,
                () => _reporter.Step($"Waiting for {name}: another restore downloads it, or one beside it")
            )
            .ConfigureAwait(false);
        // Whoever had the turn before us may have brought it.
        if (_store.Find(source.Checksums) is { } brought)
            return brought;
        var failures = new List<string>();
        foreach (var address in source.Addresses.Distinct())
        {
            try
            {
                await Get(address, name, partial, cancellation).ConfigureAwait(false);
                if (Hashes.FirstMismatch(partial, source.Checksums) is not { } mismatch)
                    return _store.Place(partial, source.Checksums);
                failures.Add($"{Printable.Line(address)}: the file that came does not have the checksum {mismatch}");
            }
            catch (Exception exception) when (IsOfAddress(exception))
            {
                failures.Add($"{Printable.Line(address)}: {exception.Message}");
            }

            File.Delete(partial);
        }

        throw new HillingarException(
            "HIL4005",
            $"The archive of {name} ({source.Checksums.Strongest().First()}) could not be had. Tried: {string.Join("; ", failures)}. "
                + $"Import it into the source store from somewhere else ({Advice.Say("dotnet msbuild -t:HillingarImportSource -p:HillingarArchive=PATH", "Import-HillingarSource PATH")}), or name a mirror in the repository's 'archive-mirrors'."
        );
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _use?.Dispose();
        if (_web.IsValueCreated)
            _web.Value.Dispose();
        _downloads.Dispose();
        _holding.Dispose();
    }

    async Task Get(string address, string name, string partial, CancellationToken cancellation)
    {
        if (!Address.TryParse(address, out var parsed, out var why))
            throw new NotSupportedException(why);
        if (parsed.IsLocal && Folders.Contains(address) && Directory.Exists(parsed.LocalPath))
        {
            FolderArchive.Write(parsed.LocalPath, partial, cancellation);
            return;
        }

        if (parsed.IsLocal)
        {
            await RegularFile.Copy(parsed.LocalPath, partial, WebFetcher.MaxBytes, cancellation).ConfigureAwait(false);
            return;
        }

        if (parsed.Uri!.Scheme is not ("https" or "http"))
            throw new NotSupportedException($"the protocol '{parsed.Uri.Scheme}' is not used for archives; https, http and file are");
        if (Offline)
            throw new IOException("not tried, as the network may not be used (HillingarOffline)");
        await _downloads.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await Download(parsed, name, partial, cancellation).ConfigureAwait(false);
        }
        finally
        {
            _downloads.Release();
        }
    }

    async Task Download(Address address, string name, string partial, CancellationToken cancellation)
    {
        _reporter.Step($"Downloading {name} from {address}");
        File.Delete(partial);
        for (var attempt = 1; ; attempt++)
            try
            {
                await Transfer(address, name, partial, cancellation).ConfigureAwait(false);
                return;
            }
            catch (Exception exception) when (attempt < Attempts && MayPass(exception, cancellation))
            {
                _reporter.Detail($"{address}: {exception.Message}; attempt {attempt + 1} of {Attempts} follows");
                await Task.Delay(_pause * Math.Pow(2, attempt - 1), cancellation).ConfigureAwait(false);
            }
    }

    async Task Transfer(Address address, string name, string partial, CancellationToken cancellation)
    {
        var have = File.Exists(partial) ? new FileInfo(partial).Length : 0;
        using var answer = await _web
            .Value.Get(
                address,
                request =>
                {
                    if (have > 0)
                        request.Headers.Range = new RangeHeaderValue(have, null);
                },
                cancellation
            )
            .ConfigureAwait(false);
        var response = answer.Response;
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            File.Delete(partial);
        if (!response.IsSuccessStatusCode)
            throw new HttpRequestException(
                $"the server answered {(int)response.StatusCode} {response.ReasonPhrase}",
                null,
                response.StatusCode
            );
        var resumed = response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == have;
        var before = resumed ? have : 0;
        using var body = await answer.Read(WebFetcher.MaxBytes - before, cancellation).ConfigureAwait(false);
        using var file = new FileStream(partial, resumed ? FileMode.Append : FileMode.Create, FileAccess.Write, FileShare.None);
        var total = response.Content.Headers.ContentLength is { } expected ? expected + before : 0;
        var buffer = new byte[1 << 16];
        for (int read; (read = await body.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0; )
        {
            await file.WriteAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
            _reporter.Progress(new Progress("Downloading", name, file.Position, total, ProgressUnit.Bytes));
        }
    }

    // Another name server answer or a refusal will not change within seconds; a broken transfer or an overloaded server may.
    static bool MayPass(Exception exception, CancellationToken cancellation) =>
        !cancellation.IsCancellationRequested
        && exception switch
        {
            HttpRequestException { StatusCode: { } status } => (int)status >= 500
                || status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or HttpStatusCode.RequestedRangeNotSatisfiable,
            HttpRequestException
            {
                HttpRequestError: HttpRequestError.NameResolutionError
                    or HttpRequestError.SecureConnectionError
                    or HttpRequestError.ProxyTunnelError
            } => false,
            WebLimitException or RedirectRefusedException or HttpRequestException { InnerException: RedirectRefusedException } => false,
            IOException when FileFault.IsFull(exception) => false,
            HttpRequestException or IOException => true,
            _ => false,
        };
}
