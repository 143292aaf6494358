using Hillingar.Build.Confinement;
using Hillingar.Build.Files;
using Hillingar.Build.Processes;
using Hillingar.Build.Reporting;
using Hillingar.Build.Sources;
using Hillingar.Build.Storage;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Disk;

namespace Hillingar.Build.Health;

/// <summary>Something in a store that is not as it was put there.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Path">Where it lies.</param>
/// <param name="Problem">What is wrong.</param>
public sealed record StoreFault(StoreEntryKind Kind, string Path, string Problem)
{
    /// <summary>Path and problem.</summary>
    public override string ToString() => $"{Path}: {Problem}";
}

/// <summary>What was found of a store.</summary>
/// <param name="Root">The store.</param>
/// <param name="Checked">How many things were looked at.</param>
/// <param name="Faults">Those that are not as they were put there.</param>
/// <param name="Removed">How many of them were removed.</param>
public sealed record StoreHealth(string Root, int Checked, IReadOnlyList<StoreFault> Faults, int Removed)
{
    /// <summary>Whether all that is in it now is as it was put there.</summary>
    public bool IsOk => Faults.Count == Removed;
}

/// <summary>
/// Compares what lies in the user's stores with what it is known by: sources with their checksums, git repositories with their objects' names,
/// built packages and switches with the hash that was written down when they were finished.
/// </summary>
/// <param name="stores">The stores.</param>
/// <param name="reporter">Is told how far it is.</param>
public sealed class StoreCheck(Stores stores, IReporter reporter)
{
    /// <summary>Looks at everything. Restores and builds go on meanwhile.</summary>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="HillingarException">HIL4007: the store cannot be read. HIL4070: others may change what is in it. HIL5001: there are git repositories, and no git.</exception>
    public Task<StoreHealth> Examine(CancellationToken cancellation) =>
        FileFault.Guard(
            stores.Root,
            async () =>
            {
                var (root, sources, switches) = (stores.Root, stores.Sources, stores.Switches);
                using var use = await FolderLock.Share(switches.UseLock, cancellation).ConfigureAwait(false);
                using var reading = await FolderLock.Share(sources.UseLock, cancellation).ConfigureAwait(false);
                List<(StoreEntryKind Kind, string Path)> entries =
                [
                    .. sources.Named().Select(path => (StoreEntryKind.Source, path)),
                    .. Repositories(sources),
                    .. switches.Sealed(),
                ];
                var faults = new List<StoreFault>();
                for (var done = 0; done < entries.Count; done++)
                {
                    cancellation.ThrowIfCancellationRequested();
                    reporter.Progress(new Progress("Store", Path.GetFileName(entries[done].Path), done, entries.Count, ProgressUnit.Items));
                    if (await Fault(entries[done].Kind, entries[done].Path, sources, cancellation).ConfigureAwait(false) is { } problem)
                        faults.Add(new(entries[done].Kind, entries[done].Path, problem));
                }

                reporter.Progress(new Progress("Store", "done", entries.Count, Math.Max(1, entries.Count), ProgressUnit.Items));
                return new StoreHealth(root, entries.Count, faults, 0);
            }
        );

    /// <summary>Removes what is wrong, so that it is fetched or built again. Waits for restores and builds that use the store, and they wait for it.</summary>
    /// <param name="faults">What <see cref="Examine"/> found. What was put right meanwhile stays.</param>
    /// <param name="cancellation">Stops; what is not removed then stays whole.</param>
    /// <returns>What is put right now.</returns>
    /// <exception cref="HillingarException">HIL4007: something cannot be removed. HIL4070: others may change what is in the store.</exception>
    public Task<IReadOnlyList<StoreFault>> Repair(IReadOnlyList<StoreFault> faults, CancellationToken cancellation) =>
        FileFault.Guard<IReadOnlyList<StoreFault>>(
            stores.Root,
            async () =>
            {
                var (root, sources, switches) = (stores.Root, stores.Sources, stores.Switches);
                using var use = await FolderLock.Take(switches.UseLock, cancellation).ConfigureAwait(false);
                using var turn = await FolderLock.Take(sources.UseLock, cancellation).ConfigureAwait(false);
                var removed = new List<StoreFault>();
                foreach (var fault in faults)
                {
                    cancellation.ThrowIfCancellationRequested();
                    if (!fault.Path.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                        throw new ArgumentException($"'{fault.Path}' does not lie in '{root}'.", nameof(faults));
                    if (
                        Path.Exists(fault.Path)
                        && await Fault(fault.Kind, fault.Path, sources, cancellation).ConfigureAwait(false) is not null
                    )
                        if (fault.Kind == StoreEntryKind.Source)
                            File.Delete(fault.Path);
                        else
                            Tree.Delete(fault.Path);
                    removed.Add(fault);
                }

                foreach (var alias in sources.BrokenAliases())
                    File.Delete(alias);
                return removed;
            }
        );

    static IEnumerable<(StoreEntryKind, string)> Repositories(SourceStore sources) =>
        Directory.Exists(sources.GitFolder)
            ? Directory
                .EnumerateDirectories(sources.GitFolder)
                .Where(folder => Path.GetExtension(folder) != ".tmp")
                .Order(StringComparer.Ordinal)
                .Select(folder => (StoreEntryKind.Repository, folder))
            : [];

    static async Task<string?> Fault(StoreEntryKind kind, string path, SourceStore sources, CancellationToken cancellation)
    {
        switch (kind)
        {
            case StoreEntryKind.Source:
                return SourceFault(path, sources);
            case StoreEntryKind.Repository:
                // git computes each object's name from its bytes. A commit that was fetched by itself has no reference, which is no fault.
                var result = await ProcessRunner
                    .Run(GitSource.Git(path, "fsck", "--full", "--no-dangling", "--no-progress", "--no-reflogs"), cancellation)
                    .ConfigureAwait(false);
                return result.ExitCode == 0 ? null : $"git finds it damaged: {result.Error.Trim().Split('\n')[0]}";
            default:
                return SwitchStore.Fault(path, cancellation);
        }
    }

    static string? SourceFault(string path, SourceStore sources)
    {
        if (SourceStore.ChecksumOf(path) is not { } checksum)
            return "its name is no checksum";
        if (UnixFile.Of(path, follow: false) is { IsRegular: false, IsLink: false })
            return "it is no file, but a pipe, a socket or a device";
        if (
            File.ResolveLinkTarget(path, returnFinalTarget: true) is { } target
            && (
                !target.FullName.StartsWith(sources.Folder + Path.DirectorySeparatorChar, StringComparison.Ordinal)
                || UnixFile.Of(target.FullName, follow: false) is null or { IsRegular: false }
            )
        )
            return "it leads to no archive of the store";
        try
        {
            return Hashes.FirstMismatch(path, [checksum]) is null ? null : "its contents do not have the checksum that it is named after";
        }
        catch (Exception exception) when (FileFault.Is(exception))
        {
            return $"it cannot be read: {exception.Message}";
        }
    }
}
