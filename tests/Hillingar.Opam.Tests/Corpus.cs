using System.Formats.Tar;
using System.IO.Compression;

[assembly: AssemblyFixture(typeof(Hillingar.Tests.Scratch))]

namespace Hillingar.Tests;

/// <summary>Folders that all tests share, gone when the last is done.</summary>
public sealed class Scratch : IDisposable
{
    static readonly List<string> Folders = [];

    public static string Create(string name)
    {
        var folder = Directory.CreateTempSubdirectory($"hillingar-{name}-").FullName;
        lock (Folders)
            Folders.Add(folder);
        return folder;
    }

    public void Dispose() => Folders.ForEach(folder => Directory.Delete(folder, recursive: true));
}

/// <summary>The corpora, read from their archives or unpacked once for all tests.</summary>
static class Corpus
{
    public const string Repository = "opam-repository.tar.gz", Overlays = "opam-overlays.tar.gz", Advisories = "security-advisories.tar.gz";

    static readonly Lock Gate = new();
    static readonly Dictionary<string, string> Folders = [];

    /// <summary>The files of an archive whose path ends so.</summary>
    public static IEnumerable<(string Path, byte[] Content)> Files(string archive, string suffix)
    {
        using var file = File.OpenRead(TestData.Require(archive));
        using var unpacked = new GZipStream(file, CompressionMode.Decompress);
        using var tar = new TarReader(unpacked);
        while (tar.GetNextEntry() is { } entry)
            if (entry.EntryType == TarEntryType.RegularFile && entry.Name.EndsWith(suffix, StringComparison.Ordinal))
            {
                var content = new byte[entry.Length];
                entry.DataStream?.ReadExactly(content);
                yield return (entry.Name, content);
            }
    }

    /// <summary>The unpacked archive: its only folder. Not to be changed.</summary>
    public static string Folder(string archive)
    {
        var path = TestData.Require(archive);
        lock (Gate)
        {
            if (!Folders.TryGetValue(archive, out var folder))
            {
                folder = Scratch.Create("corpus");
                using var file = File.OpenRead(path);
                using var unpacked = new GZipStream(file, CompressionMode.Decompress);
                TarFile.ExtractToDirectory(unpacked, folder, overwriteFiles: false);
                Folders.Add(archive, folder);
            }
            return Directory.GetDirectories(folder).Single();
        }
    }
}
