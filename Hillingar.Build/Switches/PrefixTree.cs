using Hillingar.Build.Confinement;
using Hillingar.Build.Unpacking;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Switches;

/// <summary>The files below a prefix: putting together those of several packages, and telling which are new.</summary>
static class PrefixTree
{
    /// <summary>What tells a file from the one that was there before, without reading it.</summary>
    internal readonly record struct Stamp(long Length, long Ticks, UnixFileMode Mode, string? Link, bool IsFolder);

    /// <summary>Copies a package's files into a prefix. What is there already is replaced: the package was installed over it. Links stay links.</summary>
    /// <exception cref="HillingarException">HIL5064: what the package left cannot be in a prefix.</exception>
    public static void Add(string tree, string prefix, CancellationToken cancellation)
    {
        Directory.CreateDirectory(prefix);
        using var from = Open(tree);
        using var to = Open(prefix);
        foreach (var entry in from.Walk(cancellation: cancellation))
        {
            var there = to.Look(entry.Path)?.Kind;
            if (entry.Kind == EntryKind.Folder && there == EntryKind.Folder)
                continue;
            // Also something of another kind: a file where a folder is to be, or the other way round.
            if (there is not null)
                to.Delete(entry.Path);
            if (entry.Kind == EntryKind.Folder)
                to.TryMakeFolder(entry.Path);
            else if (entry.Kind == EntryKind.Link)
                to.TryMakeLink(entry.Path, from.Target(entry.Path));
            else
                from.Copy(entry.Path, to, entry.Path, cancellation);
        }
    }

    /// <summary>Everything below a prefix, by its path there.</summary>
    /// <exception cref="HillingarException">HIL5064: something in it is neither a file nor a folder nor a link, or lies too deep.</exception>
    public static Dictionary<string, Stamp> Read(string prefix, CancellationToken cancellation)
    {
        using var folder = Open(prefix);
        return Read(folder, cancellation);
    }

    static Dictionary<string, Stamp> Read(ConfinedFolder folder, CancellationToken cancellation)
    {
        var found = new Dictionary<string, Stamp>(StringComparer.Ordinal);
        foreach (var entry in folder.Walk(cancellation: cancellation))
            found[entry.Path] = entry.Kind switch
            {
                EntryKind.Link => new(0, 0, default, folder.Target(entry.Path), false),
                EntryKind.File => new(entry.Length, entry.Ticks, entry.Mode, null, false),
                EntryKind.Folder => new(0, 0, default, null, true),
                _ => throw folder.Refuse(entry.Path, "it is neither a file nor a folder nor a link"),
            };
        return found;
    }

    /// <summary>Moves what is new or changed below a prefix to a folder of its own, at the same paths.</summary>
    /// <param name="prefix">The prefix, which is used up.</param>
    /// <param name="before">What was there before.</param>
    /// <param name="tree">The folder, which does not exist yet.</param>
    /// <param name="cancellation">Stops.</param>
    /// <returns>The paths of files and links that were there before and are gone.</returns>
    /// <exception cref="HillingarException">As of <see cref="Read(string, CancellationToken)"/>.</exception>
    public static IReadOnlyList<string> Collect(
        string prefix,
        Dictionary<string, Stamp> before,
        string tree,
        CancellationToken cancellation
    )
    {
        Directory.CreateDirectory(tree);
        using var from = Open(prefix);
        using var to = Open(tree);
        var after = Read(from, cancellation);
        foreach (
            var (path, stamp) in after
                .Where(pair => !before.TryGetValue(pair.Key, out var old) || old != pair.Value)
                .OrderBy(pair => pair.Key, StringComparer.Ordinal)
        )
        {
            if (stamp.IsFolder)
            {
                to.MakeFolder(path);
                continue;
            }

            from.Move(path, to, path);
            // No program of a store runs as somebody else.
            if (stamp.Link is null && (stamp.Mode & (UnixFileMode.SetUser | UnixFileMode.SetGroup)) != 0)
                to.SetMode(path, stamp.Mode & ~(UnixFileMode.SetUser | UnixFileMode.SetGroup));
        }

        return [.. before.Where(pair => !pair.Value.IsFolder && !after.ContainsKey(pair.Key)).Select(pair => pair.Key)];
    }

    static ConfinedFolder Open(string folder) =>
        ConfinedFolder.Open(
            folder,
            (path, why) =>
                new HillingarException(
                    "HIL5064",
                    $"What the package installs is refused because of '{Unpacker.Printable(path)}': {Unpacker.Printable(why)}. Tell the package's maintainers.",
                    new Place(Path.Combine(folder, Unpacker.Printable(path)))
                )
        );
}
