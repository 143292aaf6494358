using System.Security.Cryptography;
using System.Text;
using Hillingar.Build.Files;
using Hillingar.Build.Locks;
using Hillingar.Build.Reporting;
using Hillingar.Build.Repositories;
using Hillingar.Build.Sources;
using Hillingar.Build.Storage;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Repositories;

namespace Hillingar.Build.Auditing;

/// <summary>
/// The audit of a restore. The advisories are a source like any other: a lock pins them, so that the same lock gives the same findings,
/// and they are taken anew with what is updated. That they cannot be had is a warning, never the end of a restore.
/// </summary>
sealed class Auditor(Stores stores, IReporter reporter, bool offline)
{
    // A proxy that swallows connections would hold up every restore.
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    bool _warned;

    /// <summary>A lock with its advisories pinned: as before, or to what the source holds now.</summary>
    /// <param name="locked">The lock.</param>
    /// <param name="before">What they were pinned to.</param>
    /// <param name="refresh">Whether to take what the source holds now although they are pinned.</param>
    /// <param name="options">What to audit by.</param>
    /// <param name="cancellation">Stops.</param>
    public async Task<LockFile> Pin(
        LockFile locked,
        (string Address, string Content)? before,
        bool refresh,
        AuditOptions options,
        CancellationToken cancellation
    )
    {
        var address = RepositoryOpener.Locked(options.Source);
        if (refresh || before?.Address != address)
            await Try(
                    async patience => before = (address, await Content(address, locked.Folder, patience).ConfigureAwait(false)),
                    cancellation
                )
                .ConfigureAwait(false);
        return before is null || before == locked.Advisories ? locked : locked with { Advisories = before };
    }

    /// <summary>Checks a lock against the advisories that it pins and reports what is found.</summary>
    public async Task Check(LockFile locked, AuditOptions options, Place place, CancellationToken cancellation)
    {
        if (_warned)
            return;
        if (locked.Advisories is not { } pin)
            Warn($"the lock pins none. Pin them: {Advice.LockAnew}", place);
        else
            await Try(
                    async patience =>
                        Audit.Report(
                            Audit.Check(locked, await Read(pin, locked.Folder, patience).ConfigureAwait(false)),
                            options,
                            place,
                            reporter
                        ),
                    cancellation
                )
                .ConfigureAwait(false);
    }

    /// <summary>What the advisories say of a lock. Here they are what was asked for, so that they cannot be had is an error.</summary>
    /// <param name="locked">The lock.</param>
    /// <param name="source">Where the advisories are, as they are now; null for those that the lock pins, else OCaml's own.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="HillingarException">HIL4050: they cannot be had, or read.</exception>
    public async Task<IReadOnlyList<Finding>> Find(LockFile locked, string? source, CancellationToken cancellation)
    {
        var address = RepositoryOpener.Locked(source ?? new AuditOptions([]).Source);
        var pin =
            source is null && locked.Advisories is { } pinned
                ? pinned
                : (address, await Content(address, locked.Folder, cancellation).ConfigureAwait(false));
        return Audit.Check(locked, await Read(pin, locked.Folder, cancellation).ConfigureAwait(false));
    }

    async Task<string> Content(string address, string folder, CancellationToken cancellation)
    {
        if (IsGit(address))
            return offline && !GitSource.IsLocal(GitSource.Split(address).Address)
                ? throw new HillingarException("HIL4050", $"{address} needs the network, which may not be used (HillingarOffline)")
                : await GitSource.Resolve(address, cancellation).ConfigureAwait(false);
        var path = PathOf(address, folder);
        Advisories.RequireFile(path);
        if (File.Exists(path))
            return Hashes.OfFile(path, [ChecksumKind.Sha256])[0].ToString();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var advisory in Advisories.Read(path, reporter, cancellation))
            hash.AppendData(SHA256.HashData(Encoding.UTF8.GetBytes(advisory.Text)));
        return $"sha256={Convert.ToHexStringLower(hash.GetHashAndReset())}";
    }

    async Task<IReadOnlyList<Advisory>> Read((string Address, string Content) pin, string folder, CancellationToken cancellation)
    {
        if (!IsGit(pin.Address))
            return Advisories.Read(PathOf(pin.Address, folder), reporter, cancellation);
        if (!Git.IsCommit(pin.Content))
            throw new HillingarException("HIL4050", $"'{pin.Content}' is no commit");
        var unpacked = Path.Combine(stores.Root, "advisories", pin.Content);
        if (!Directory.Exists(unpacked))
        {
            var staging = AtomicFile.Beside(unpacked);
            try
            {
                await GitSource
                    .Unpack(
                        $"git+{GitSource.Split(pin.Address).Address}#{pin.Content}",
                        staging,
                        stores.Sources.Folder,
                        offline,
                        cancellation
                    )
                    .ConfigureAwait(false);
                AtomicFile.ReplaceFolder(staging, unpacked);
            }
            finally
            {
                Tree.Delete(staging);
            }
        }

        return Advisories.Read(unpacked, reporter, cancellation);
    }

    async Task Try(Func<CancellationToken, Task> action, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(s_patience);
        try
        {
            await action(patience.Token).ConfigureAwait(false);
        }
        catch (HillingarException exception)
        {
            Warn(
                $"{exception.Message.TrimEnd('.')}. When that is mended: {Advice.Say("dotnet restore --force", "Restore-HillingarMonorepo")}",
                exception.Diagnostic.Place
            );
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            Warn(
                $"they did not come within {s_patience.TotalSeconds:0} s. When that is mended: {Advice.Say("dotnet restore --force", "Restore-HillingarMonorepo")}",
                null
            );
        }
    }

    void Warn(string why, Place? place)
    {
        _warned = true;
        reporter.Report(
            new Diagnostic(Severity.Warning, "HIL4050", $"The locked versions were not checked against security advisories: {why}.", place)
        );
    }

    static bool IsGit(string address) => new Source(address, [], [], []).IsGit;

    static string PathOf(string address, string folder) =>
        Uri.TryCreate(RepositoryOpener.Expand(address, folder), UriKind.Absolute, out var uri) && uri.IsFile && !uri.IsUnc
            ? uri.LocalPath
            : throw new HillingarException(
                "HIL4050",
                $"'{address}' is neither a git repository (git+https://…) nor a folder or an archive. Correct HillingarAuditSource"
            );
}
