using System.Runtime.ExceptionServices;
using System.Text;
using Hillingar.Opam;

namespace Hillingar.Build;

/// <summary>One folder of the duniverse: the sources of one repository, which may hold several packages.</summary>
/// <param name="Folder">The folder's name below the duniverse.</param>
/// <param name="Source">Where the sources come from.</param>
/// <param name="Packages">The locked packages in it, for messages.</param>
public sealed record DuniverseEntry(string Folder, Source Source, IReadOnlyList<string> Packages)
{
    // Everything that decides what the folder holds; another version of this code may unpack differently.
    internal string Stamp => $"1 {(Source.Checksums.Count > 0 ? string.Join(' ', Source.Checksums.Strongest()) : Source.Url)}";
}

/// <summary>
/// The folder of vendored sources, in opam-monorepo's layout: one folder a source repository, and a <c>dune</c> file that tells dune
/// that they are vendored.
/// </summary>
public static class Duniverse
{
    const string StampFolder = ".hillingar";

    /// <summary>
    /// Makes a duniverse hold just the given entries. Each folder is unpacked beside its place and renamed into it; a folder whose
    /// stamp says that it holds the entry already is left alone. All archives are had and verified before anything is changed.
    /// </summary>
    /// <param name="folder">The duniverse's folder.</param>
    /// <param name="entries">What it is to hold.</param>
    /// <param name="fetcher">Gets the archives.</param>
    /// <param name="store">Where git repositories are kept.</param>
    /// <param name="reporter">Is told of each folder that is unpacked.</param>
    /// <param name="cancellation">Stops; each folder is then the old one or the new one.</param>
    /// <exception cref="HillingarException">Of the 4000s: an archive cannot be had or is refused, or two entries want one folder.</exception>
    public static async Task Vendor(string folder, IReadOnlyList<DuniverseEntry> entries, SourceFetcher fetcher, SourceStore store, IReporter reporter, CancellationToken cancellation)
    {
        foreach (var entry in entries)
            if (entry.Folder.Length == 0 || entry.Folder[0] == '.' || entry.Folder.Contains('/') || PortableName.Fault(entry.Folder) is not null)
                throw new HillingarException("HIL4030", $"'{entry.Folder}' cannot be a folder of the duniverse. Lock the project again.");
        if (entries.GroupBy(entry => entry.Folder, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new HillingarException("HIL4031", $"Two sources are to be unpacked into duniverse/{twice.Key}: {string.Join(" and ", twice.Select(entry => entry.Source.Url))}. Lock the project again.");

        Directory.CreateDirectory(Path.Combine(folder, StampFolder));
        using var turn = await FolderLock.Take(Path.Combine(folder, StampFolder, "lock"), cancellation).ConfigureAwait(false);
        var stale = entries.Where(entry => !IsCurrent(folder, entry)).ToList();
        var archives = await Fetch(stale, fetcher, reporter, cancellation).ConfigureAwait(false);

        var staging = Path.Combine(folder, StampFolder, "staging");
        Tree.Delete(staging);
        Directory.CreateDirectory(staging);
        try
        {
            // Everything is unpacked before anything is replaced: an archive that is refused leaves the duniverse as it was.
            await Parallel.ForEachAsync(archives, cancellation, async (item, token) =>
            {
                reporter.Step($"Unpacking {string.Join(", ", item.Entry.Packages)} to duniverse/{item.Entry.Folder}");
                var target = Path.Combine(staging, item.Entry.Folder);
                if (item.Archive is null)
                    await GitSource.Unpack(item.Entry.Source.Url, target, store.Folder, fetcher.Offline, token).ConfigureAwait(false);
                else
                    Unpacker.Unpack(item.Archive, target, cancellation: token);
            }).ConfigureAwait(false);
            foreach (var (entry, _) in archives)
            {
                // Without its stamp a folder counts as stale, so a kill between these steps costs only time.
                File.Delete(StampOf(folder, entry.Folder));
                AtomicFile.ReplaceFolder(Path.Combine(staging, entry.Folder), Path.Combine(folder, entry.Folder));
                AtomicFile.WriteText(StampOf(folder, entry.Folder), entry.Stamp);
            }
        }
        finally
        {
            Tree.Delete(staging);
        }

        RemoveStrangers(folder, entries);
        AtomicFile.WriteText(Path.Combine(folder, "dune"), "(vendored_dirs *)\n");
    }

    // What cannot be had is all told at once: whoever fetches archives by hand wants the whole list.
    static async Task<IReadOnlyList<(DuniverseEntry Entry, string? Archive)>> Fetch(IReadOnlyList<DuniverseEntry> entries, SourceFetcher fetcher, IReporter reporter, CancellationToken cancellation)
    {
        var fetches = entries.Select(entry => entry.Source.IsGit ? Task.FromResult("") : fetcher.Fetch(entry.Source, string.Join(", ", entry.Packages), cancellation)).ToList();
        await ((Task)Task.WhenAll(fetches)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var failures = fetches.Where(fetch => fetch.IsFaulted).Select(fetch => fetch.Exception!.InnerException!).ToList();
        foreach (var failure in failures.Skip(1).OfType<HillingarException>())
            reporter.Report(failure.Diagnostic);
        if (failures.Count > 0)
            ExceptionDispatchInfo.Throw(failures[0]);
        cancellation.ThrowIfCancellationRequested();
        return [.. entries.Zip(fetches, (entry, fetch) => (entry, entry.Source.IsGit ? null : fetch.Result))];
    }

    /// <summary>Whether a duniverse holds just the given entries, judged by its stamps.</summary>
    public static bool IsCurrent(string folder, IReadOnlyList<DuniverseEntry> entries) =>
        File.Exists(Path.Combine(folder, "dune")) && entries.All(entry => IsCurrent(folder, entry))
        && Directory.EnumerateDirectories(folder).All(inner => Path.GetFileName(inner) is var name && (name == StampFolder || entries.Any(entry => entry.Folder == name)));

    static bool IsCurrent(string folder, DuniverseEntry entry) =>
        Directory.Exists(Path.Combine(folder, entry.Folder))
        && StampOf(folder, entry.Folder) is var stamp && File.Exists(stamp) && File.ReadAllText(stamp, Encoding.UTF8) == entry.Stamp;

    static void RemoveStrangers(string folder, IReadOnlyList<DuniverseEntry> entries)
    {
        foreach (var inner in Directory.EnumerateDirectories(folder))
            if (Path.GetFileName(inner) is var name && name != StampFolder && entries.All(entry => entry.Folder != name))
            {
                File.Delete(StampOf(folder, name));
                Tree.Delete(inner);
            }
    }

    static string StampOf(string folder, string entry) => Path.Combine(folder, StampFolder, entry + ".stamp");
}
