namespace Hillingar.Build;

/// <summary>The files below a prefix: putting together those of several packages, and telling which are new.</summary>
static class PrefixTree
{
    static readonly EnumerationOptions s_all = new() { AttributesToSkip = 0, RecurseSubdirectories = false };

    /// <summary>What tells a file from the one that was there before, without reading it.</summary>
    internal readonly record struct Stamp(long Length, long Ticks, UnixFileMode Mode, string? Link, bool IsFolder);

    /// <summary>Copies a package's files into a prefix. What is there already is replaced: the package was installed over it. Links stay links.</summary>
    public static void Add(string tree, string prefix, CancellationToken cancellation)
    {
        Directory.CreateDirectory(prefix);
        foreach (var entry in new DirectoryInfo(tree).EnumerateFileSystemInfos("*", s_all))
        {
            cancellation.ThrowIfCancellationRequested();
            var place = Path.Combine(prefix, entry.Name);
            if (entry is DirectoryInfo { LinkTarget: null })
            {
                Remove(place, keepFolder: true);
                Add(entry.FullName, place, cancellation);
                continue;
            }

            Remove(place, keepFolder: false);
            if (entry.LinkTarget is { } target)
                File.CreateSymbolicLink(place, target);
            else
                File.Copy(entry.FullName, place);
        }
    }

    // Something of another kind is in the way: a file where a folder is to be, or the other way round.
    static void Remove(string place, bool keepFolder)
    {
        var there = new DirectoryInfo(place);
        if (there is { Exists: true, LinkTarget: null })
        {
            if (!keepFolder)
                Tree.Delete(place);
        }
        else
            File.Delete(place);
    }

    /// <summary>Everything below a prefix, by its path there.</summary>
    public static Dictionary<string, Stamp> Read(string prefix)
    {
        var found = new Dictionary<string, Stamp>(StringComparer.Ordinal);
        Read(new DirectoryInfo(prefix), "", found);
        return found;
    }

    static void Read(DirectoryInfo folder, string path, Dictionary<string, Stamp> found)
    {
        foreach (var entry in folder.EnumerateFileSystemInfos("*", s_all))
        {
            found[path + entry.Name] = Of(entry);
            if (entry is DirectoryInfo { LinkTarget: null } inner)
                Read(inner, path + entry.Name + "/", found);
        }
    }

    static Stamp Of(FileSystemInfo entry) => entry switch
    {
        { LinkTarget: { } target } => new(0, 0, default, target, false),
        FileInfo file => new(file.Length, file.LastWriteTimeUtc.Ticks, file.UnixFileMode, null, false),
        _ => new(0, 0, default, null, true),
    };

    /// <summary>Moves what is new or changed below a prefix to a folder of its own, at the same paths.</summary>
    /// <param name="prefix">The prefix, which is used up.</param>
    /// <param name="before">What was there before.</param>
    /// <param name="tree">The folder, which does not exist yet.</param>
    /// <returns>The paths of files and links that were there before and are gone.</returns>
    public static IReadOnlyList<string> Collect(string prefix, Dictionary<string, Stamp> before, string tree)
    {
        Directory.CreateDirectory(tree);
        var after = Read(prefix);
        foreach (var (path, stamp) in after.Where(pair => !before.TryGetValue(pair.Key, out var old) || old != pair.Value).OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var target = Path.Combine(tree, path);
            if (stamp.IsFolder)
            {
                Directory.CreateDirectory(target);
                continue;
            }

            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Move(Path.Combine(prefix, path), target);
            // No program of a store runs as somebody else.
            if (stamp.Link is null && !OperatingSystem.IsWindows() && File.GetUnixFileMode(target) is var mode && (mode & (UnixFileMode.SetUser | UnixFileMode.SetGroup)) != 0)
                File.SetUnixFileMode(target, mode & ~(UnixFileMode.SetUser | UnixFileMode.SetGroup));
        }

        return [.. before.Where(pair => !pair.Value.IsFolder && !after.ContainsKey(pair.Key)).Select(pair => pair.Key)];
    }
}
