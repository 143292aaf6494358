using System.Formats.Tar;
using System.IO.Compression;

namespace Hillingar.Build;

/// <summary>A folder as an archive: the same bytes for the same files, so that a checksum says whether the folder is what was locked.</summary>
static class FolderArchive
{
    static readonly string[] s_left = [".git", ".hg", "_darcs", "_build", "_opam"];

    /// <summary>Writes a folder's files, without what version control and builds put there.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="archive">The archive to write.</param>
    public static void Write(string folder, string archive)
    {
        using var file = File.Create(archive);
        using var compressed = new GZipStream(file, CompressionLevel.Fastest);
        using var tar = new TarWriter(compressed, TarEntryFormat.Ustar);
        Add(tar, folder, "sources");
    }

    static void Add(TarWriter tar, string folder, string name)
    {
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            var inner = $"{name}/{entry.Name}";
            if (entry.LinkTarget is { } target)
                tar.WriteEntry(Plain(new UstarTarEntry(TarEntryType.SymbolicLink, inner) { LinkName = target }));
            else if (entry is DirectoryInfo)
            {
                if (!s_left.Contains(entry.Name))
                    Add(tar, entry.FullName, inner);
            }
            else
            {
                using var data = File.OpenRead(entry.FullName);
                var executable = !OperatingSystem.IsWindows() && (File.GetUnixFileMode(entry.FullName) & UnixFileMode.UserExecute) != 0;
                tar.WriteEntry(Plain(new UstarTarEntry(TarEntryType.RegularFile, inner) { DataStream = data, Mode = Mode(executable) }));
            }
        }
    }

    static UnixFileMode Mode(bool executable) => UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead
        | (executable ? UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute : UnixFileMode.None);

    static UstarTarEntry Plain(UstarTarEntry entry)
    {
        entry.ModificationTime = DateTimeOffset.UnixEpoch;
        return entry;
    }
}
