using Hillingar.Build.Confinement;
using Hillingar.Build.Files;
using Hillingar.Build.Storage;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Health;

/// <summary>What a pruning did.</summary>
/// <param name="Removed">How many sources, and where they count built packages and switches, went.</param>
/// <param name="Freed">How many bytes went, leftovers included.</param>
/// <param name="Kept">How many bytes of them stay.</param>
public sealed record Pruning(int Removed, long Freed, long Kept);

/// <summary>Keeps a store below a size: the least recently used sources go first.</summary>
public static class StorePruner
{
    static readonly TimeSpan s_leftover = TimeSpan.FromDays(1);

    /// <summary>
    /// Removes sources until the rest is no larger than a limit, and what killed restores left behind more than a day ago.
    /// Waits for restores that use the store, and they wait for it.
    /// </summary>
    /// <param name="store">The store.</param>
    /// <param name="limit">The size to come down to, in bytes.</param>
    /// <param name="cancellation">Stops; what is not removed then stays whole.</param>
    /// <exception cref="HillingarException">HIL4007: a file cannot be removed.</exception>
    public static Task<Pruning> Prune(SourceStore store, long limit, CancellationToken cancellation) =>
        Prune(store, limit, null, cancellation);

    /// <summary>The same, and what was not used for long goes too.</summary>
    /// <param name="store">The store.</param>
    /// <param name="limit">The size to come down to, in bytes.</param>
    /// <param name="unusedSince">Sources that were last used before then, in UTC, go whatever the size; null for none.</param>
    /// <param name="cancellation">Stops; what is not removed then stays whole.</param>
    public static Task<Pruning> Prune(SourceStore store, long limit, DateTime? unusedSince, CancellationToken cancellation) =>
        Prune(store, null, limit, unusedSince, cancellation);

    /// <summary>The same with the host packages that were built, the switches assembled of them, and the sources together. No build may run with one of these switches meanwhile.</summary>
    /// <inheritdoc cref="Prune(SourceStore, long, DateTime?, CancellationToken)"/>
    public static Task<Pruning> Prune(Stores store, long limit, DateTime? unusedSince, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(store);
        return Prune(store.Sources, store.Switches, limit, unusedSince, cancellation);
    }

    static Task<Pruning> Prune(SourceStore store, SwitchStore? switches, long limit, DateTime? unusedSince, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        return FileFault.Guard(
            store.Folder,
            async () =>
            {
                // In the order in which a build takes them.
                using var switchTurn = switches is null
                    ? null
                    : await FolderLock.Take(switches.UseLock, cancellation).ConfigureAwait(false);
                using var turn = await FolderLock.Take(store.UseLock, cancellation).ConfigureAwait(false);
                switches?.RemoveLeftovers();
                var leftovers = Leftovers(store.Folder, DateTime.UtcNow - s_leftover);
                var sources = store
                    .Files()
                    .Concat(Repositories(store))
                    .Concat(switches?.Entries() ?? [])
                    .OrderByDescending(source => source.Used)
                    .ToList();
                var (kept, removed, freed) = (0L, 0, leftovers);
                foreach (var source in sources)
                {
                    cancellation.ThrowIfCancellationRequested();
                    if (source.Size <= limit - kept && !(source.Used < unusedSince))
                    {
                        kept += source.Size;
                        continue;
                    }

                    // What was used before it may be smaller and still fit, but the older one would then outlive the newer one.
                    limit = kept;
                    Remove(source.Path);
                    removed++;
                    freed += source.Size;
                }

                foreach (var alias in store.BrokenAliases())
                    File.Delete(alias);
                return new Pruning(removed, freed, kept);
            }
        );
    }

    /// <summary>The git repositories of a store, and when they were last used.</summary>
    internal static IEnumerable<(string Path, long Size, DateTime Used)> Repositories(SourceStore store) =>
        Directory.Exists(store.GitFolder)
            ? Directory
                .EnumerateDirectories(store.GitFolder)
                .Where(folder => !IsLeftover(folder))
                .Select(folder => (folder, Tree.Size(folder), Directory.GetLastWriteTimeUtc(folder)))
            : [];

    static long Leftovers(string folder, DateTime before)
    {
        var freed = 0L;
        if (!Directory.Exists(folder))
            return freed;
        // Only names that we give: in the folders themselves, never inside a repository.
        foreach (
            var path in Directory
                .EnumerateDirectories(folder)
                .SelectMany(inner =>
                    Directory
                        .EnumerateFileSystemEntries(inner)
                        .Concat(
                            Directory
                                .EnumerateDirectories(inner)
                                .Where(deep => Path.GetFileName(deep).Length == 2)
                                .SelectMany(Directory.EnumerateFileSystemEntries)
                        )
                )
                .Where(IsLeftover)
                .ToList()
        )
            if (File.GetLastWriteTimeUtc(path) < before)
            {
                freed += Directory.Exists(path) ? Tree.Size(path) : new FileInfo(path).Length;
                Remove(path);
            }

        return freed;
    }

    static bool IsLeftover(string path) => Path.GetExtension(path) is ".tmp" or ".part";

    static void Remove(string path)
    {
        if (Directory.Exists(path))
            Tree.Delete(path);
        else
            File.Delete(path);
    }
}
