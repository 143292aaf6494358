using Hillingar.Build.Confinement;
using Hillingar.Build.Files;
using Hillingar.Build.Storage;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Health;

/// <summary>What lies in the user's stores.</summary>
/// <param name="Root">Where they are.</param>
/// <param name="Sources">How many source archives.</param>
/// <param name="SourceSize">Their bytes.</param>
/// <param name="Repositories">How many git repositories.</param>
/// <param name="RepositorySize">Their bytes.</param>
/// <param name="Switches">How many host packages that were built, and switches assembled of them.</param>
/// <param name="SwitchSize">Their bytes.</param>
/// <param name="LeastRecent">When that was used last that was not used for the longest time, in UTC; null where nothing is there.</param>
public sealed record StoreContents(
    string Root,
    int Sources,
    long SourceSize,
    int Repositories,
    long RepositorySize,
    int Switches,
    long SwitchSize,
    DateTime? LeastRecent
)
{
    /// <summary>The bytes of all that a pruning may take.</summary>
    public long Size => SourceSize + RepositorySize + SwitchSize;

    /// <summary>Looks.</summary>
    /// <param name="stores">The stores.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="HillingarException">HIL4007: they cannot be read. HIL4070: others may change what is in them.</exception>
    public static Task<StoreContents> Of(Stores stores, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(stores);
        return FileFault.Guard(
            stores.Root,
            async () =>
            {
                var sources = stores.Sources;
                // Nobody prunes meanwhile.
                using var reading = await FolderLock.Share(sources.UseLock, cancellation).ConfigureAwait(false);
                var files = Until(sources.Files());
                var repositories = Until(StorePruner.Repositories(sources));
                var switches = Until(stores.Switches.Entries());
                return new StoreContents(
                    stores.Root,
                    files.Count,
                    files.Sum(entry => entry.Size),
                    repositories.Count,
                    repositories.Sum(entry => entry.Size),
                    switches.Count,
                    switches.Sum(entry => entry.Size),
                    files.Concat(repositories).Concat(switches).Select(entry => (DateTime?)entry.Used).Min()
                );
            }
        );

        List<(string Path, long Size, DateTime Used)> Until(IEnumerable<(string Path, long Size, DateTime Used)> entries)
        {
            var all = new List<(string Path, long Size, DateTime Used)>();
            foreach (var entry in entries)
            {
                cancellation.ThrowIfCancellationRequested();
                all.Add(entry);
            }

            return all;
        }
    }
}
