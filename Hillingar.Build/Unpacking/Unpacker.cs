using System.Formats.Tar;
using Hillingar.Build.Confinement;
using Hillingar.Build.Files;
using Hillingar.Opam.Diagnostics;
using ICSharpCode.SharpZipLib;

namespace Hillingar.Build.Unpacking;

/// <summary>
/// Unpacks archives of strangers. Nothing is written outside the folder: names must be relative and stay inside, links are made
/// last and must lead to something inside, devices are refused, modes are cut down to plain and executable, sizes are limited, and two names
/// that are one file here are refused.
/// </summary>
public sealed class Unpacker
{
    readonly string _archive;
    readonly ConfinedFolder _root;
    readonly UnpackLimits _limits;
    readonly CancellationToken _cancellation;
    readonly HashSet<string> _folders = [""];
    readonly HashSet<string> _files = [];
    readonly List<(string Name, string Target)> _links = [];

    // Systems that take two names for one would follow the wrong one.
    readonly HashSet<string> _linkNames = new(StringComparer.OrdinalIgnoreCase);
    long _bytes;
    int _entries;
    int _names;
    int _linkParts;
    int _longestLink;

    Unpacker(string archive, ConfinedFolder root, UnpackLimits limits, CancellationToken cancellation) =>
        (_archive, _root, _limits, _cancellation) = (archive, root, limits, cancellation);

    /// <summary>Unpacks an archive into a folder that does not exist yet; when it holds one folder only, that folder's contents, as opam does.</summary>
    /// <param name="archive">A <c>.tar.gz</c>, <c>.tbz</c>, <c>.tar.xz</c> or <c>.tar</c>.</param>
    /// <param name="folder">The folder to make.</param>
    /// <param name="limits">How much it may unpack to.</param>
    /// <param name="cancellation">Stops, leaving nothing.</param>
    /// <exception cref="HillingarException">HIL4010 to HIL4018: the archive is refused; the message names it and the entry. Nothing is left behind.</exception>
    public static void Unpack(string archive, string folder, UnpackLimits? limits = null, CancellationToken cancellation = default) =>
        Guarded(
            archive,
            folder,
            limits,
            unpacker => ArchiveStream.Read(archive, unpacker.Read, cancellation),
            keepTop: false,
            cancellation
        );

    /// <summary>The same from a tar stream, such as git's.</summary>
    /// <param name="name">What the stream is called in messages.</param>
    /// <param name="write">Hands the stream over.</param>
    /// <param name="folder">The folder to make.</param>
    /// <param name="cancellation">Stops, leaving nothing.</param>
    internal static void UnpackStream(string name, Action<Action<Stream>> write, string folder, CancellationToken cancellation) =>
        Guarded(name, folder, null, unpacker => write(unpacker.Read), keepTop: true, cancellation);

    static void Guarded(
        string archive,
        string folder,
        UnpackLimits? limits,
        Action<Unpacker> unpack,
        bool keepTop,
        CancellationToken cancellation
    )
    {
        var staging = AtomicFile.Beside(folder);
        limits ??= new UnpackLimits();
        try
        {
            Directory.CreateDirectory(staging);
            string? top;
            using (var root = ConfinedFolder.Open(staging, limits.Reach(staging), (path, why) => Refused(archive, "HIL4016", path, why)))
            {
                var unpacker = new Unpacker(archive, root, limits, cancellation);
                unpack(unpacker);
                top = keepTop ? null : unpacker.OnlyFolder();
                unpacker.MakeLinks(top);
                // Of git's own commits others know the hash of all files: nothing is left out here.
                if (!keepTop)
                    unpacker._files.Where(GitLeftovers.IsHead).ToList().ForEach(head => GitLeftovers.Break(root, head));
            }

            Directory.Move(top is null ? staging : Path.Combine(staging, top), folder);
        }
        catch (Exception exception)
            when (exception
                    is InvalidDataException
                        or EndOfStreamException
                        or SharpZipBaseException
                        or FormatException
                        or IndexOutOfRangeException
            )
        {
            throw new HillingarException(
                "HIL4011",
                $"The archive '{archive}' is damaged: {exception.Message} Fetch it again.",
                null,
                exception
            );
        }
        finally
        {
            Tree.Delete(staging);
        }
    }

    void Read(Stream stream)
    {
        using var counted = new LimitedStream(stream, _limits, (entry, why) => Refuse("HIL4015", entry, why));
        using var tar = new TarReader(counted, leaveOpen: true);
        while (Next(counted, tar) is { } entry)
        {
            _cancellation.ThrowIfCancellationRequested();
            if (++_entries > _limits.Entries)
                throw Refuse("HIL4015", entry.Name, $"the archive holds more than {_limits.Entries} entries");
            if (entry.EntryType is not TarEntryType.GlobalExtendedAttributes)
                Extract(entry);
        }

        // Reading on to the end shows a stream that is cut off or damaged behind the last entry.
        counted.CopyTo(Stream.Null);
    }

    TarEntry? Next(LimitedStream stream, TarReader tar)
    {
        stream.BeginHeaders();
        try
        {
            return tar.GetNextEntry();
        }
        catch (NotSupportedException exception)
        {
            throw Refuse("HIL4014", "(unknown)", $"it holds what only files, folders and links are unpacked of ({exception.Message})");
        }
        finally
        {
            stream.EndHeaders();
        }
    }

    void Extract(TarEntry entry)
    {
        switch (entry.EntryType)
        {
            case TarEntryType.Directory:
                if (Name(entry.Name) is { Length: > 0 } folder)
                    MakeFolder(folder, entry.Name);
                break;
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                // https://www.gnu.org/software/tar/manual/html_section/Sparse-Formats.html: its contents begin with a map of the holes.
                if (
                    entry is PaxTarEntry pax
                    && pax.ExtendedAttributes.Keys.Any(key => key.StartsWith("GNU.sparse.", StringComparison.Ordinal))
                )
                    throw Refuse("HIL4014", entry.Name, "it is a sparse file, and only files, folders and links are unpacked");
                if (NewName(entry.Name) is { } file)
                    WriteFile(file, entry);
                break;
            case TarEntryType.SymbolicLink:
                if (entry.LinkName.Length > _limits.NameLength)
                    throw Refuse("HIL4015", entry.Name, $"what it links to is longer than {_limits.NameLength} characters");
                if (NewName(entry.Name) is { } link)
                {
                    Count(entry.LinkName, entry.Name);
                    _links.Add((link, entry.LinkName));
                    _linkNames.Add(link);
                }

                break;
            case TarEntryType.HardLink:
                Copy(entry);
                break;
            default:
                throw Refuse("HIL4014", entry.Name, $"it is a {entry.EntryType}, and only files, folders and links are unpacked");
        }
    }

    // A copy says the same and cannot reach out of the folder; only files that were unpacked count.
    void Copy(TarEntry entry)
    {
        var target = Name(entry.LinkName);
        if (target is null || !_files.Contains(target) || _linkNames.Contains(target) || _root.Look(target) is not { } source)
            throw Refuse(
                "HIL4013",
                entry.Name,
                $"it is a hard link to '{Printable(entry.LinkName)}', which is no file of the archive before it"
            );
        if (NewName(entry.Name) is not { } copy)
            return;
        Grow(entry.Name, source.Length);
        _root.Copy(target, _root, copy, _cancellation);
    }

    void WriteFile(string name, TarEntry entry)
    {
        Grow(entry.Name, entry.Length);
        using var file = new FileStream(_root.Create(name) ?? throw Folded(entry.Name), FileAccess.Write, bufferSize: 0);
        entry.DataStream?.CopyTo(file);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file.SafeFileHandle, Mode(entry.Mode.HasFlag(UnixFileMode.UserExecute)));
        File.SetLastWriteTimeUtc(
            file.SafeFileHandle,
            entry.ModificationTime.UtcDateTime is { Year: >= 1980 and <= 2100 } time ? time : DateTime.UnixEpoch.AddYears(10)
        );
    }

    // The one folder that everything lies in.
    string? OnlyFolder() =>
        _folders.Count > 1
        && _folders
            .Concat(_files)
            .Select(name => name.IndexOf('/') is var slash and >= 0 ? name[..slash] : name)
            .Where(name => name.Length > 0)
            .Distinct()
            .Take(2)
            .ToList()
            is [var only]
        && _folders.Contains(only)
            ? only
            : null;

    // All of them are made before one is looked at: it may lead through another. What is above the folder that is kept is outside.
    void MakeLinks(string? top)
    {
        foreach (var (name, target) in _links)
        {
            _cancellation.ThrowIfCancellationRequested();
            Written(name, target);
            if ((long)_links.Count * _longestLink * ConfinedFolder.MaxLinks > _limits.LinkSteps)
                throw Refuse(
                    "HIL4015",
                    name,
                    $"to see where the archive's links lead, more than {_limits.LinkSteps} parts of paths may have to be looked at"
                );
            if (!_root.TryMakeLink(name, target))
                throw Folded(name);
        }

        using var inner = top is null ? null : _root.Folder(top);
        foreach (var (name, target) in _links)
        {
            _cancellation.ThrowIfCancellationRequested();
            if ((inner ?? _root).Lead(top is null ? name : name[(top.Length + 1)..], target) == Destination.Outside)
                throw Leaves(name, target);
        }
    }

    // What is written must not lead out either: other systems take the parts one by one, without looking at links, or take another name for the link's.
    void Written(string name, string target)
    {
        if (target.Length == 0 || target[0] is '/' or '\\' || target.Contains('\0') || (target.Length > 1 && target[1] == ':'))
            throw Leaves(name, target);
        var parts = name.Split('/')[..^1].ToList();
        var written = target.Split(_limits.Windows ? ['/', '\\'] : ['/']);
        _longestLink = Math.Max(_longestLink, written.Length);
        if ((_linkParts += written.Length) > _limits.LinkParts)
            throw Refuse("HIL4015", name, $"the archive's links name more than {_limits.LinkParts} parts");
        var climbs = written.Contains("..");
        foreach (var part in written)
            if (part == "..")
            {
                if (parts.Count == 0)
                    throw Leaves(name, target);
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part is not ("" or "."))
            {
                parts.Add(part);
                // Behind another link, ".." would mean something else than it says here.
                if (climbs && _linkNames.Contains(string.Join('/', parts)))
                    throw Refuse("HIL4013", name, $"it is a link to '{Printable(target)}', through another link");
            }
    }

    HillingarException Leaves(string name, string target) =>
        Refuse("HIL4013", name, $"it is a link to '{Printable(target)}', outside the archive");

    // A name that no entry before it had, with its folders made; null where this system cannot have it.
    string? NewName(string raw)
    {
        if (Name(raw) is not { } name)
            return null;
        if (name.Length == 0)
            throw Refuse("HIL4012", raw, "its name is empty");
        if (name.LastIndexOf('/') is var slash and > 0)
            MakeFolder(name[..slash], raw);
        if (_folders.Contains(name))
            throw Refuse("HIL4016", raw, "it has the name of a folder");
        if (!_files.Add(name))
            throw Refuse("HIL4016", raw, "it is there twice");
        Count(name, raw);
        return name;
    }

    void MakeFolder(string name, string raw)
    {
        if (!_folders.Add(name))
            return;
        if (name.LastIndexOf('/') is var slash and > 0)
            MakeFolder(name[..slash], raw);
        if (_files.Contains(name))
            throw Refuse("HIL4016", raw, $"'{name}' is no folder in this archive");
        Count(name, raw);
        if (!_root.TryMakeFolder(name))
            throw Folded(raw);
    }

    // An entry may bring folders above it by the dozen, and all names are kept.
    void Count(string kept, string raw)
    {
        if (_files.Count + _folders.Count - 1 > _limits.Entries)
            throw Refuse("HIL4015", raw, $"the archive unpacks to more than {_limits.Entries} files, folders and links");
        if ((_names += kept.Length) > _limits.Names)
            throw Refuse("HIL4015", raw, $"the names in the archive have more than {_limits.Names >> 20} Mi characters together");
    }

    // The file system knows which names it takes for one (case on macOS and Windows, composition on macOS): no list of ours does.
    HillingarException Folded(string raw) => Refuse("HIL4016", raw, "on this machine it is the same file as another entry");

    // Null where this system cannot have the name, and nothing here needs it.
    string? Name(string raw)
    {
        if (raw.Length > _limits.NameLength)
            throw Refuse("HIL4015", raw[..64] + "…", $"its name is longer than {_limits.NameLength} characters");
        if (raw.StartsWith('/'))
            throw Refuse("HIL4012", raw, "its name is absolute");
        var parts = raw.Split('/').Where(part => part is not ("" or ".")).ToList();
        foreach (var part in parts)
            if (part == "..")
                throw Refuse("HIL4012", raw, "its name leads out of the folder");
        if (parts.Count > _limits.Depth)
            throw Refuse("HIL4015", raw, $"it lies more than {_limits.Depth} folders deep");
        if (parts.Exists(GitLeftovers.IsRepository))
            return null;
        foreach (var part in parts)
            if (PortableName.FaultOn(part, _limits.Windows) is { } fault)
            {
                if (!_limits.Windows || _limits.OnlyHere || part.Any(char.IsControl) || part.Split('\\').Contains(".."))
                    throw Refuse("HIL4017", raw, fault);
                _limits.LeftOut?.Invoke($"'{Printable(raw)}': {fault}");
                return null;
            }

        return string.Join('/', parts);
    }

    void Grow(string entry, long bytes)
    {
        if ((_bytes += bytes) > _limits.Bytes)
            throw Refuse("HIL4015", entry, $"the archive unpacks to more than {_limits.Bytes >> 20} MiB");
    }

    HillingarException Refuse(string code, string entry, string why) => Refused(_archive, code, entry, why);

    static HillingarException Refused(string archive, string code, string entry, string why) =>
        new(code, $"The archive '{archive}' is refused because of its entry '{Printable(entry)}': {why}.");

    /// <summary>A name of a stranger's as messages may hold it.</summary>
    internal static string Printable(string name) => Hillingar.Opam.Diagnostics.Printable.Line(name);

    static UnixFileMode Mode(bool executable) =>
        UnixFileMode.UserRead
        | UnixFileMode.UserWrite
        | UnixFileMode.GroupRead
        | UnixFileMode.OtherRead
        | (executable ? UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute : 0);
}
