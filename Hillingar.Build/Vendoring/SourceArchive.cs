using System.Formats.Tar;
using System.Text.RegularExpressions;
using Hillingar.Build.Confinement;
using Hillingar.Build.Files;
using Hillingar.Build.Locks;
using Hillingar.Build.Sources;
using Hillingar.Build.Storage;
using Hillingar.Build.Unpacking;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;

namespace Hillingar.Build.Vendoring;

/// <summary>
/// All sources of a lock in one file, for machines without network: a tar whose entries lie as they do in the store,
/// <c>KIND/first two digits/digits</c>, and git commits, submodules too, as <c>git/REPOSITORY/COMMIT.pack</c>.
/// </summary>
public static partial class SourceArchive
{
    /// <summary>Everything that a restore of a lock may need: the duniverse, the tools, and what packages add to their sources.</summary>
    public static IReadOnlyList<Source> SourcesOf(LockFile locked) =>
        [
            .. locked.Entries.SelectMany(entry =>
                entry.Preparations.SelectMany(preparation => preparation.ExtraSources(locked)).Prepend(entry.Source)
            ),
            .. locked.Tools.Select(locked.SourceOf),
        ];

    /// <summary>Whether a file is such an archive, by its first entry's name.</summary>
    public static bool IsOne(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            using var tar = new TarReader(stream);
            return tar.GetNextEntry() is { } entry && (Name().IsMatch(entry.Name) || GitName().IsMatch(entry.Name));
        }
        catch (Exception exception)
            when (exception is IOException or InvalidDataException or FormatException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Writes sources into one archive; what is not in the store is fetched first.</summary>
    /// <param name="sources">The sources; <see cref="SourcesOf"/> has those of a lock.</param>
    /// <param name="path">The archive to write; an older one is replaced when the new one is whole.</param>
    /// <param name="store">The store.</param>
    /// <param name="fetcher">Fetches into that store.</param>
    /// <param name="cancellation">Stops, leaving no archive or the older one.</param>
    /// <returns>How many sources it holds.</returns>
    /// <exception cref="HillingarException">HIL4005, HIL4020, HIL4021: a source cannot be had. HIL4007: the archive cannot be written.</exception>
    public static Task<int> Export(
        IReadOnlyList<Source> sources,
        string path,
        SourceStore store,
        SourceFetcher fetcher,
        CancellationToken cancellation
    ) =>
        FileFault.Guard(
            path,
            async () =>
            {
                await fetcher.Hold(cancellation).ConfigureAwait(false);
                var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
                var temporary = AtomicFile.Beside(Path.GetFullPath(path));
                var scratch = AtomicFile.Beside(Path.Combine(store.Folder, "incoming", "export"));
                try
                {
                    foreach (var source in sources)
                        if (source.IsGit)
                            foreach (
                                var url in await GitSource
                                    .WithSubmodules(source.Url, store.Folder, fetcher.Offline, cancellation)
                                    .ConfigureAwait(false)
                            )
                                files[GitSource.PackName(url)] = await GitSource
                                    .Pack(url, Path.Combine(scratch, files.Count.ToString()), store, fetcher.Offline, cancellation)
                                    .ConfigureAwait(false);
                        else
                            files[source.Checksums.Strongest().First().CachePath] = await fetcher
                                .Fetch(source, source.Url, cancellation)
                                .ConfigureAwait(false);
                    using (var stream = new FileStream(temporary, FileMode.CreateNew))
                    using (var tar = new TarWriter(stream, TarEntryFormat.Pax))
                        foreach (var (name, file) in files)
                        {
                            using var content = File.OpenRead(file);
                            // The same sources make the same archive, whoever writes it when.
                            await tar.WriteEntryAsync(
                                    new PaxTarEntry(TarEntryType.RegularFile, name)
                                    {
                                        DataStream = content,
                                        ModificationTime = DateTimeOffset.UnixEpoch,
                                    },
                                    cancellation
                                )
                                .ConfigureAwait(false);
                        }

                    File.Move(temporary, path, overwrite: true);
                    return files.Count;
                }
                finally
                {
                    File.Delete(temporary);
                    Tree.Delete(scratch);
                }
            }
        );

    /// <summary>Takes the sources of an archive into a store. The archive may come from anybody: each entry must be what its name says.</summary>
    /// <param name="path">The archive that <see cref="Export"/> wrote.</param>
    /// <param name="store">The store.</param>
    /// <param name="cancellation">Stops; sources taken in so far stay.</param>
    /// <returns>How many sources it held.</returns>
    /// <exception cref="HillingarException">HIL4004: there is no such file. HIL4008: an entry is refused, or the archive damaged; entries before it were taken in. HIL4007: the store cannot be written.</exception>
    public static Task<int> Import(string path, SourceStore store, CancellationToken cancellation) =>
        FileFault.Guard(
            store.Folder,
            async () =>
            {
                if (!File.Exists(path))
                    throw new HillingarException("HIL4004", $"There is no archive '{path}' to import.");
                using var use = await FolderLock.Share(store.UseLock, cancellation).ConfigureAwait(false);
                using var stream = File.OpenRead(path);
                using var tar = new TarReader(stream);
                var count = 0;
                try
                {
                    for (; tar.GetNextEntry() is { } entry; count++)
                        await Take(path, entry, store, cancellation).ConfigureAwait(false);
                }
                catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException or FormatException)
                {
                    throw new HillingarException(
                        "HIL4008",
                        $"The archive of sources '{path}' is damaged: {exception.Message} Export it again.",
                        null,
                        exception
                    );
                }

                return count > 0
                    ? count
                    : throw new HillingarException("HIL4008", $"'{path}' is no archive of sources, or an empty one. Export it again.");
            }
        );

    static async Task Take(string path, TarEntry entry, SourceStore store, CancellationToken cancellation)
    {
        if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile))
            throw Refused($"is a {entry.EntryType}, and only files are taken in");
        var checksum =
            Name().Match(entry.Name) is { Success: true } match
            && Checksum.TryParse($"{match.Groups["kind"]}={match.Groups["hex"]}", out var named)
            && named.CachePath == entry.Name
                ? named
                : null;
        var git = GitName().Match(entry.Name);
        if (checksum is null && !git.Success)
            throw Refused("has a name that no source has");
        if (entry.Length > new UnpackLimits().Bytes)
            throw Refused("is larger than a source may be");

        var temporary = store.TemporaryFile();
        try
        {
            using (var file = new FileStream(temporary, FileMode.CreateNew))
                if (entry.DataStream is { } data)
                    await data.CopyToAsync(file, cancellation).ConfigureAwait(false);
            if (git.Success)
            {
                if (
                    !await GitSource
                        .Unpack(
                            temporary,
                            Path.Combine(store.GitFolder, git.Groups["repository"].Value),
                            git.Groups["commit"].Value,
                            cancellation
                        )
                        .ConfigureAwait(false)
                )
                    throw Refused("does not hold the commit that its name says");
                return;
            }

            var actual = Hashes.OfFile(temporary, Hashes.Kinds.Append(checksum!.Kind));
            if (!actual.Contains(checksum))
                throw Refused("does not have the checksum that its name says");
            store.Place(temporary, [.. actual.Append(checksum).Distinct()]);
        }
        finally
        {
            File.Delete(temporary);
        }

        HillingarException Refused(string why) =>
            new(
                "HIL4008",
                $"The archive of sources '{path}' is refused: its entry '{Unpacker.Printable(entry.Name)}' {why}. Export it again, or do not trust where it came from."
            );
    }

    [GeneratedRegex("^(?<kind>md5|sha1|sha256|sha512)/[0-9a-f]{2}/(?<hex>[0-9a-f]+)\\z")]
    private static partial Regex Name();

    [GeneratedRegex("^git/(?<repository>[0-9a-f]{32})/(?<commit>[0-9a-f]{40}|[0-9a-f]{64})\\.pack\\z")]
    private static partial Regex GitName();
}
