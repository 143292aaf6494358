using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Text;
using Hillingar.Build.Confinement;
using Hillingar.Build.Files;
using Hillingar.Build.Locks;
using Hillingar.Build.Reporting;
using Hillingar.Build.Requests;
using Hillingar.Build.Sources;
using Hillingar.Build.Storage;
using Hillingar.Build.Unpacking;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;

namespace Hillingar.Build.Vendoring;

/// <summary>
/// The folder of vendored sources, in opam-monorepo's layout: one folder a source repository, and a <c>dune</c> file that tells dune
/// that they are vendored.
/// </summary>
public static class Duniverse
{
    const string StampFolder = ".hillingar";
    const string Staging = StampFolder + "/staging";
    const int MaxStamp = 16 << 20;

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
    /// <exception cref="HillingarException">Of the 4000s: an archive cannot be had or is refused, or two entries want one folder; HIL4007: the disk is full.</exception>
    public static Task Vendor(
        string folder,
        IReadOnlyList<DuniverseEntry> entries,
        SourceFetcher fetcher,
        SourceStore store,
        IReporter reporter,
        CancellationToken cancellation
    ) => FileFault.Guard(folder, () => VendorUnguarded(Path.GetFullPath(folder), entries, fetcher, store, reporter, cancellation));

    static async Task VendorUnguarded(
        string folder,
        IReadOnlyList<DuniverseEntry> entries,
        SourceFetcher fetcher,
        SourceStore store,
        IReporter reporter,
        CancellationToken cancellation
    )
    {
        foreach (var entry in entries)
            if (!DuniverseEntry.IsName(entry.Folder))
                throw DuniverseEntry.NoFolder(entry.Folder);
        if (
            entries.GroupBy(entry => entry.Folder, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1) is { } twice
        )
            throw new HillingarException(
                "HIL4031",
                $"Two sources are to be unpacked into duniverse/{twice.Key}: {string.Join(" and ", twice.Select(entry => entry.Source.Url))}. Lock the project again."
            );

        using var all = Make(folder);
        using var turn = await FolderLock
            .Take(
                Path.Combine(folder, StampFolder, "lock"),
                cancellation,
                () => reporter.Step("Waiting until another restore of this project is done")
            )
            .ConfigureAwait(false);
        await fetcher.Hold(cancellation).ConfigureAwait(false);
        WarnOfWeakChecksums(entries, reporter);
        var owners = OwnersOf(entries);
        var stale = entries.Where(entry => !IsCurrent(all, entry, owners)).ToList();
        var archives = await Fetch(stale, fetcher, reporter, cancellation).ConfigureAwait(false);

        all.Delete(Staging);
        all.MakeFolder(Staging);
        var staging = Path.Combine(folder, Staging);
        var stamps = new ConcurrentDictionary<string, string>();
        try
        {
            var done = 0;
            // Everything is unpacked before anything is replaced: an archive that is refused leaves the duniverse as it was.
            // The largest first: one that begins last would keep a single processor busy at the end.
            await Parallel
                .ForEachAsync(
                    archives.OrderByDescending(item => item.Archive is null ? long.MaxValue : new FileInfo(item.Archive).Length),
                    cancellation,
                    async (item, token) =>
                    {
                        reporter.Step($"Unpacking {string.Join(", ", item.Entry.Packages)} to duniverse/{item.Entry.Folder}");
                        var target = Path.Combine(staging, item.Entry.Folder);
                        await Lay(target, item.Entry, item.Archive, item.Verified, fetcher, store, reporter, token).ConfigureAwait(false);
                        stamps[item.Entry.Folder] = Cut(target, item.Entry, owners);
                        reporter.Progress(
                            new Progress(
                                "Vendoring",
                                item.Entry.Folder,
                                Interlocked.Increment(ref done),
                                archives.Count,
                                ProgressUnit.Items
                            )
                        );
                    }
                )
                .ConfigureAwait(false);
            foreach (var (entry, _, _) in archives)
            {
                // Without its stamp a folder counts as stale, so a kill between these steps costs only time.
                all.Delete(StampOf(entry.Folder));
                all.Replace($"{Staging}/{entry.Folder}", entry.Folder);
                all.Write(StampOf(entry.Folder), Encoding.UTF8.GetBytes(stamps[entry.Folder]));
            }
        }
        finally
        {
            all.Delete(Staging);
        }

        RemoveStrangers(all, entries);
        if (!(all.ReadBytes("dune", Vendored.Length) ?? []).AsSpan().SequenceEqual(Vendored))
            all.Write("dune", Vendored);
    }

    static ReadOnlySpan<byte> Vendored => "(vendored_dirs *)\n"u8;

    // A build ran code of strangers beside it, so what is there may be anything.
    static ConfinedFolder Make(string folder)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder)!);
        using var workspace = ConfinedFolder.Open(
            Path.GetDirectoryName(folder)!,
            (path, why) =>
                new HillingarException(
                    "HIL4034",
                    $"The vendored sources are refused: '{Path.Combine(Path.GetDirectoryName(folder)!, Unpacker.Printable(path))}' is not what a restore makes ({Unpacker.Printable(why)}). Delete the folder '{Path.GetDirectoryName(folder)}', then restore.",
                    new Place(folder)
                )
        );
        workspace.MakeFolder($"{Path.GetFileName(folder)}/{StampFolder}");
        var all = workspace.Folder(Path.GetFileName(folder));
        using var _ = all.Read($"{StampFolder}/lock");
        return all;
    }

    // Which folder each package comes from.
    static Dictionary<string, string> OwnersOf(IEnumerable<DuniverseEntry> entries) =>
        entries
            .SelectMany(entry => entry.Names.Select(name => (name, entry.Folder)))
            .DistinctBy(pair => pair.name)
            .ToDictionary(pair => pair.name, pair => pair.Folder);

    // The sources before anything is cut out of them.
    static async Task Lay(
        string target,
        DuniverseEntry entry,
        string? archive,
        bool verified,
        SourceFetcher fetcher,
        SourceStore store,
        IReporter reporter,
        CancellationToken cancellation
    )
    {
        if (archive is null)
            await GitSource.Unpack(entry.Source.Url, target, store.Folder, fetcher.Offline, cancellation).ConfigureAwait(false);
        else
            Unpack(
                archive,
                verified ? [] : entry.Source.Checksums,
                target,
                left =>
                    reporter.Report(
                        new Diagnostic(
                            Severity.Warning,
                            "HIL4018",
                            $"{string.Join(", ", entry.Packages)}: a file was left out that this system cannot have, {left}. Build on a system that can, where the build needs it."
                        )
                    ),
                cancellation
            );
        await new Preparer(target, HostPlatform.Current.With("jobs", "1").With("make", "make").For)
            .Prepare(entry.Preparations, extra => Extra(entry, extra, fetcher, cancellation), cancellation)
            .ConfigureAwait(false);
        // What an archive brings by itself, it was made without.
        if (archive is not null && entry.Preparations.Count == 0)
            return;
        using var sources = Sources(target, entry);
        GitLeftovers.Break(sources, cancellation);
    }

    /// <summary>What is cut out of the sources of a duniverse's folders, by folder; those that are whole are not in it.</summary>
    /// <param name="folder">The duniverse, vendored.</param>
    /// <param name="entries">What it holds.</param>
    /// <param name="fetcher">Gets the archives again.</param>
    /// <param name="store">Where git repositories are kept.</param>
    /// <param name="reporter">Is told of downloads.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="HillingarException">Of the 4000s: an archive cannot be had any more.</exception>
    public static async Task<IReadOnlyDictionary<string, SourceCut>> Cuts(
        string folder,
        IReadOnlyList<DuniverseEntry> entries,
        SourceFetcher fetcher,
        SourceStore store,
        IReporter reporter,
        CancellationToken cancellation
    )
    {
        using var all = Make(Path.GetFullPath(folder));
        var owners = OwnersOf(entries);
        var cut = entries.Where(entry => entry.OnlyPackages.Count > 0 || StampIn(all, entry.Folder) is [.., "cut"]).ToList();
        var cuts = new Dictionary<string, SourceCut>();
        const string staging = StampFolder + "/cuts";
        try
        {
            foreach (var (entry, archive, verified) in await Fetch(cut, fetcher, reporter, cancellation).ConfigureAwait(false))
            {
                all.MakeFolder(staging);
                var target = Path.Combine(folder, staging, entry.Folder);
                await Lay(target, entry, archive, verified, fetcher, store, reporter, cancellation).ConfigureAwait(false);
                using var sources = Sources(target, entry);
                cuts[entry.Folder] = CutOf(sources, entry, GuestsIn(sources, entry), owners)!.Cut();
            }
        }
        finally
        {
            all.Delete(staging);
        }
        return cuts;
    }

    static ConfinedFolder Sources(string folder, DuniverseEntry entry) =>
        ConfinedFolder.Open(
            folder,
            (path, why) =>
                new HillingarException(
                    "HIL4023",
                    $"The sources of {string.Join(", ", entry.Packages)} are refused because of '{Unpacker.Printable(path)}': {Unpacker.Printable(why)}. Do not use them: they are hostile or broken."
                )
        );

    // Old archives of git hold a carton, which has long had a repository of its own. What else the sources hold is kept in the stamp: whether
    // that is in the way, depends on what is vendored beside it.
    static string Cut(string target, DuniverseEntry entry, Dictionary<string, string> owners)
    {
        using var sources = Sources(target, entry);
        var guests = GuestsIn(sources, entry);
        CutOf(sources, entry, guests, owners)?.Cut();
        return $"{entry.Stamp}\n{string.Join(' ', guests)}\n{(guests.Exists(owners.ContainsKey) ? "cut" : "")}";
    }

    static List<string> GuestsIn(ConfinedFolder sources, DuniverseEntry entry) =>
        entry.OnlyPackages.Count > 0 || !entry.Names.Any()
            ? []
            : [.. PackageCut.Described(sources).Except(entry.Names).Order(StringComparer.Ordinal)];

    static PackageCut? CutOf(ConfinedFolder sources, DuniverseEntry entry, List<string> guests, Dictionary<string, string> owners)
    {
        var clashes = guests.Exists(owners.ContainsKey);
        return clashes || entry.OnlyPackages.Count > 0
            ? new PackageCut(sources, $"duniverse/{entry.Folder}", clashes ? [.. entry.Names] : entry.OnlyPackages)
            : null;
    }

    /// <summary>Tells of archives that only a weak checksum speaks for: who can make two of one MD5 or SHA-1 can have one reviewed and another built.</summary>
    internal static void WarnOfWeakChecksums(IReadOnlyList<DuniverseEntry> entries, IReporter reporter)
    {
        var weak = entries
            .Where(entry =>
                entry.Source.Checksums is { Count: > 0 } checksums
                && checksums.All(checksum => checksum.Kind is ChecksumKind.Md5 or ChecksumKind.Sha1)
            )
            .ToList();
        if (weak.Count > 0)
            reporter.Report(
                new Diagnostic(
                    Severity.Warning,
                    "HIL4006",
                    $"Only MD5 or SHA-1 says what these archives are, and archives can be forged for both: {string.Join(", ", weak.Select(entry => string.Join(", ", entry.Packages)))}. Ask their repository for a sha256, or pin versions that have one."
                )
            );
    }

    // What is in the store already is verified while it is unpacked, into the staging folder: nothing of it is used before both are done.
    static void Unpack(
        string archive,
        IReadOnlyList<Checksum> unverified,
        string target,
        Action<string> leftOut,
        CancellationToken cancellation
    )
    {
        var verification =
            unverified.Count == 0 ? Task.CompletedTask : Task.Run(() => SourceStore.Verify(archive, unverified), cancellation);
        try
        {
            Unpacker.Unpack(archive, target, new UnpackLimits { LeftOut = leftOut }, cancellation);
        }
        finally
        {
            // A damaged archive may also be refused for what the damage made of it; that it is damaged is the cause.
            verification.GetAwaiter().GetResult();
        }
    }

    static Task<string> Extra(DuniverseEntry entry, ExtraSource extra, SourceFetcher fetcher, CancellationToken cancellation) =>
        fetcher.Fetch(
            new Source(extra.Source.Url, extra.Source.Checksums, extra.Source.Mirrors, entry.Source.ArchiveMirrors),
            $"{string.Join(", ", entry.Packages)} ({extra.Name})",
            cancellation
        );

    // What cannot be had is all told at once: whoever fetches archives by hand wants the whole list.
    static async Task<IReadOnlyList<(DuniverseEntry Entry, string? Archive, bool Verified)>> Fetch(
        IReadOnlyList<DuniverseEntry> entries,
        SourceFetcher fetcher,
        IReporter reporter,
        CancellationToken cancellation
    )
    {
        var archives = entries
            .Select(entry =>
                Task.Run(
                    async () =>
                        entry.Source.IsGit
                            ? (null, true)
                            : ((string?, bool))
                                await fetcher.Obtain(entry.Source, string.Join(", ", entry.Packages), cancellation).ConfigureAwait(false),
                    cancellation
                )
            )
            .ToList();
        var extras = entries
            .SelectMany(entry =>
                entry
                    .Preparations.SelectMany(preparation => preparation.Sources)
                    .Select(extra => Task.Run(() => Extra(entry, extra, fetcher, cancellation), cancellation))
            )
            .ToList();
        var fetches = archives.Concat<Task>(extras).ToList();
        await Task.WhenAll(fetches).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var failures = fetches.Where(fetch => fetch.IsFaulted).Select(fetch => fetch.Exception!.InnerException!).ToList();
        if (
            failures.OfType<HillingarException>().Where(failure => failure.Diagnostic.Code == "HIL4005").ToList() is { Count: > 1 } lacking
            && lacking.Count == failures.Count
        )
            throw Lacking(
                lacking,
                [.. entries.Where((_, place) => archives[place].IsFaulted).Select(entry => string.Join(", ", entry.Packages))],
                reporter
            );
        foreach (var failure in failures.Skip(1).OfType<HillingarException>())
            reporter.Report(failure.Diagnostic);
        if (failures.Count > 0)
            ExceptionDispatchInfo.Throw(failures[0]);
        cancellation.ThrowIfCancellationRequested();
        return [.. entries.Zip(archives, (entry, fetch) => (entry, fetch.Result.Item1, fetch.Result.Item2))];
    }

    // Without a network none can be had: that is one fault. What was tried for each is a detail.
    static HillingarException Lacking(List<HillingarException> lacking, List<string> names, IReporter reporter)
    {
        foreach (var failure in lacking)
            reporter.Detail(failure.Message);
        return new HillingarException(
            lacking[0].Diagnostic with
            {
                Message =
                    $"{lacking.Count} archives could not be had{(names.Count > 0 ? $": {string.Join("; ", names)}" : "")}. What was tried for each is in the log ({Advice.Say("dotnet restore -v:detailed", "-Debug")}). The first: {lacking[0].Message}",
            },
            lacking[0]
        );
    }

    /// <summary>Whether a duniverse holds just the given entries, judged by its stamps.</summary>
    public static bool IsCurrent(string folder, IReadOnlyList<DuniverseEntry> entries)
    {
        // A link in its place is none that a restore made, and no restore makes folders of other names.
        if (
            new DirectoryInfo(folder) is not { Exists: true, LinkTarget: null }
            || !entries.All(entry => DuniverseEntry.IsName(entry.Folder))
        )
            return false;
        using var all = ConfinedFolder.Open(
            folder,
            (path, why) =>
                new HillingarException(
                    "HIL4034",
                    $"'{Unpacker.Printable(path)}' in '{folder}' is not what a restore makes ({Unpacker.Printable(why)}). Delete the folder, then restore."
                )
        );
        var owners = OwnersOf(entries);
        return all.Look("dune") is { Kind: EntryKind.File }
            && all.HasFolder(StampFolder)
            && entries.All(entry => IsCurrent(all, entry, owners))
            && all.Walk(enter: _ => false)
                .All(inner =>
                    inner.Kind != EntryKind.Folder || inner.Path == StampFolder || entries.Any(entry => entry.Folder == inner.Path)
                );
    }

    static bool IsCurrent(ConfinedFolder all, DuniverseEntry entry, Dictionary<string, string> owners) =>
        all.HasFolder(entry.Folder)
        && StampIn(all, entry.Folder) is [var made, var guests, var cut]
        && made == entry.Stamp
        && guests.Split(' ').Any(owners.ContainsKey) == (cut == "cut");

    static string[] StampIn(ConfinedFolder all, string folder) =>
        all.Look(StampOf(folder)) is { Kind: EntryKind.File } && all.ReadBytes(StampOf(folder), MaxStamp) is { } stamp
            ? Encoding.UTF8.GetString(stamp).Split('\n')
            : [];

    static void RemoveStrangers(ConfinedFolder all, IReadOnlyList<DuniverseEntry> entries)
    {
        foreach (var inner in all.Walk(enter: _ => false).ToList())
            if (
                inner.Kind is EntryKind.Folder or EntryKind.Link
                    ? inner.Path != StampFolder && entries.All(entry => entry.Folder != inner.Path)
                    : inner.Path is ['.', .., '.', 't', 'm', 'p']
            )
            {
                all.Delete(StampOf(inner.Path));
                all.Delete(inner.Path);
            }

        // Stamps of folders that are gone, and what a kill left of writing one. The lock is held, so nobody is writing now.
        foreach (var file in all.Walk(StampFolder, enter: _ => false).ToList())
            if (file.Kind != EntryKind.Folder && file.Name != "lock" && entries.All(entry => file.Path != StampOf(entry.Folder)))
                all.Delete(file.Path);
    }

    static string StampOf(string entry) => $"{StampFolder}/{entry}.stamp";
}
