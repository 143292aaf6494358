using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>Makes archives, hostile ones among them.</summary>
static class Tarball
{
    public static TarEntry File(string name, string text = "x", UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite) =>
        new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)), Mode = mode };

    public static TarEntry Folder(string name) => new PaxTarEntry(TarEntryType.Directory, name);

    public static TarEntry Link(string name, string target, TarEntryType type = TarEntryType.SymbolicLink) => new PaxTarEntry(type, name) { LinkName = target };

    public static TarEntry Special(TarEntryType type, string name) => new PaxTarEntry(type, name);

    public static byte[] Tar(params IEnumerable<TarEntry> entries)
    {
        using var stream = new MemoryStream();
        using (var writer = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true))
            foreach (var entry in entries)
            {
                // The same entries make the same archive, whenever.
                entry.ModificationTime = DateTimeOffset.UnixEpoch.AddYears(30);
                writer.WriteEntry(entry);
            }

        return stream.ToArray();
    }

    /// <summary>An archive whose first header's checksum is made right again.</summary>
    public static byte[] Summed(byte[] tar)
    {
        var sum = 0;
        "        "u8.CopyTo(tar.AsSpan(148, 8));
        foreach (var value in tar.AsSpan(0, 512))
            sum += value;
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(tar, 148);
        return tar;
    }

    public static byte[] Gzip(byte[] bytes)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(bytes);
        return stream.ToArray();
    }

    public static string Write(TestFolder folder, byte[] bytes, string name = "a.tar.gz")
    {
        var path = folder[name];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllBytes(path, bytes);
        return path;
    }
}
