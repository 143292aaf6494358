using System.Formats.Tar;
using System.IO.Compression;
using Hillingar.Build.Confinement;
using Hillingar.Build.Unpacking;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Sources;

/// <summary>A folder as an archive: the same bytes for the same files, so that a checksum says whether the folder is what was locked.</summary>
static class FolderArchive
{
    static readonly string[] s_left = [".git", ".hg", "_darcs", "_build", "_opam"];

    /// <summary>Writes a folder's files, without what version control and builds put there.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="archive">The archive to write.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="HillingarException">HIL4014: there is something else than files, folders and links in it.</exception>
    public static void Write(string folder, string archive, CancellationToken cancellation)
    {
        using var all = ConfinedFolder.Open(
            folder,
            (path, why) =>
                new HillingarException(
                    "HIL4014",
                    $"The folder '{folder}' cannot be taken as sources because of '{Unpacker.Printable(path)}': {Unpacker.Printable(why)}."
                )
        );
        using var file = File.Create(archive);
        using var compressed = new GZipStream(file, CompressionLevel.Fastest);
        using var tar = new TarWriter(compressed, TarEntryFormat.Pax);
        foreach (
            var entry in all.Walk(enter: entry => !s_left.Contains(entry.Name), cancellation: cancellation)
                .OrderBy(entry => entry.Path, StringComparer.Ordinal)
        )
        {
            cancellation.ThrowIfCancellationRequested();
            var name = $"sources/{entry.Path}";
            if (entry.Kind == EntryKind.Link)
                tar.WriteEntry(Plain(new PaxTarEntry(TarEntryType.SymbolicLink, name) { LinkName = all.Target(entry.Path) }));
            else if (entry.Kind != EntryKind.Folder)
            {
                using var data = all.Read(entry.Path);
                tar.WriteEntry(
                    Plain(
                        new PaxTarEntry(TarEntryType.RegularFile, name)
                        {
                            DataStream = data,
                            Mode = Mode((entry.Mode & UnixFileMode.UserExecute) != 0),
                        }
                    )
                );
            }
        }
    }

    static UnixFileMode Mode(bool executable) =>
        UnixFileMode.UserRead
        | UnixFileMode.UserWrite
        | UnixFileMode.GroupRead
        | UnixFileMode.OtherRead
        | (executable ? UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute : UnixFileMode.None);

    static PaxTarEntry Plain(PaxTarEntry entry)
    {
        entry.ModificationTime = DateTimeOffset.UnixEpoch;
        return entry;
    }
}
