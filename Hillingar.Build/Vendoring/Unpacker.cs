using System.Formats.Tar;
using ICSharpCode.SharpZipLib;

namespace Hillingar.Build;

/// <summary>
/// Unpacks archives of strangers. Nothing is written outside the folder: names must be relative and stay inside, links are made
/// last and must point inside, devices are refused, modes are cut down to plain and executable, sizes are limited, and two names
/// that are one file on some system are refused, as is a name that Windows cannot have.
/// </summary>
public sealed class Unpacker
{
    readonly string _archive;
    readonly string _root;
    readonly UnpackLimits _limits;
    readonly CancellationToken _cancellation;
    readonly Dictionary<string, string> _names;
    readonly HashSet<string> _folders = [""];
    readonly List<(string Name, string Target)> _links = [];
    long _bytes;
    int _entries;

    // Linux alone has every name, and tells all of them apart.
    bool IsPortable => !_limits.OnlyHere || !OperatingSystem.IsLinux();

    Unpacker(string archive, string root, UnpackLimits limits, CancellationToken cancellation)
    {
        (_archive, _root, _limits, _cancellation) = (archive, root, limits, cancellation);
        _names = new(IsPortable ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
    }

    /// <summary>Unpacks an archive into a folder that does not exist yet; when it holds one folder only, that folder's contents, as opam does.</summary>
    /// <param name="archive">A <c>.tar.gz</c>, <c>.tbz</c>, <c>.tar.xz</c> or <c>.tar</c>.</param>
    /// <param name="folder">The folder to make.</param>
    /// <param name="limits">How much it may unpack to.</param>
    /// <param name="cancellation">Stops, leaving nothing.</param>
    /// <exception cref="HillingarException">HIL4010 to HIL4018: the archive is refused; the message names it and the entry. Nothing is left behind.</exception>
    public static void Unpack(string archive, string folder, UnpackLimits? limits = null, CancellationToken cancellation = default) =>
        Guarded(archive, folder, limits, unpacker => ArchiveStream.Read(archive, unpacker.Read, cancellation), keepTop: false, cancellation);

    /// <summary>The same from a tar stream, such as git's.</summary>
    /// <param name="name">What the stream is called in messages.</param>
    /// <param name="write">Hands the stream over.</param>
    /// <param name="folder">The folder to make.</param>
    /// <param name="cancellation">Stops, leaving nothing.</param>
    internal static void UnpackStream(string name, Action<Action<Stream>> write, string folder, CancellationToken cancellation) =>
        Guarded(name, folder, null, unpacker => write(unpacker.Read), keepTop: true, cancellation);

    static void Guarded(string archive, string folder, UnpackLimits? limits, Action<Unpacker> unpack, bool keepTop, CancellationToken cancellation)
    {
        var staging = AtomicFile.Beside(folder);
        try
        {
            Directory.CreateDirectory(staging);
            unpack(new Unpacker(archive, staging, limits ?? new UnpackLimits(), cancellation));
            var top = Directory.GetFileSystemEntries(staging);
            var inner = !keepTop && top is [var only] && Directory.Exists(only) && new DirectoryInfo(only).LinkTarget is null ? only : staging;
            Directory.Move(inner, folder);
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException or SharpZipBaseException or FormatException or IndexOutOfRangeException)
        {
            throw new HillingarException("HIL4011", $"The archive '{archive}' is damaged: {exception.Message} Fetch it again.", null, exception);
        }
        finally
        {
            Tree.Delete(staging);
        }
    }

    void Read(Stream stream)
    {
        using var counted = new LimitedStream(stream, this);
        using var tar = new TarReader(counted, leaveOpen: true);
        while (tar.GetNextEntry() is { } entry)
        {
            _cancellation.ThrowIfCancellationRequested();
            if (entry.EntryType is TarEntryType.GlobalExtendedAttributes)
                continue;
            if (++_entries > _limits.Entries)
                throw Refuse("HIL4015", entry.Name, $"the archive holds more than {_limits.Entries} entries");
            Extract(entry);
        }

        // Reading on to the end shows a stream that is cut off or damaged behind the last entry.
        counted.CopyTo(Stream.Null);
        foreach (var (name, target) in _links)
            Link(name, target);
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
                WriteFile(NewName(entry.Name), entry);
                break;
            case TarEntryType.SymbolicLink:
                _links.Add((NewName(entry.Name), entry.LinkName));
                break;
            case TarEntryType.HardLink:
                // A copy says the same and cannot reach out of the folder; only files that were unpacked count.
                var target = Path.Combine(_root, Name(entry.LinkName));
                if (!File.Exists(target))
                    throw Refuse("HIL4013", entry.Name, $"it is a hard link to '{entry.LinkName}', which is no file of the archive before it");
                var copy = NewName(entry.Name);
                Grow(entry.Name, new FileInfo(target).Length);
                File.Copy(target, Path.Combine(_root, copy));
                break;
            default:
                throw Refuse("HIL4014", entry.Name, $"it is a {entry.EntryType}, and only files, folders and links are unpacked");
        }
    }

    void WriteFile(string name, TarEntry entry)
    {
        Grow(entry.Name, entry.Length);
        var path = Path.Combine(_root, name);
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        entry.DataStream?.CopyTo(file);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file.SafeFileHandle, Mode(entry.Mode.HasFlag(UnixFileMode.UserExecute)));
        File.SetLastWriteTimeUtc(file.SafeFileHandle, entry.ModificationTime.UtcDateTime is { Year: >= 1980 and <= 2100 } time ? time : DateTime.UnixEpoch.AddYears(10));
    }

    void Link(string name, string target)
    {
        var parts = new List<string>(name.Split('/')[..^1]);
        if (target.Length == 0 || target[0] is '/' or '\\' || target.Contains('\0') || (target.Length > 1 && target[1] == ':'))
            throw Refuse("HIL4013", name, $"it is a link to '{target}', outside the archive");
        foreach (var part in target.Split('/', '\\'))
            if (part == "..")
            {
                if (parts.Count == 0)
                    throw Refuse("HIL4013", name, $"it is a link to '{target}', outside the archive");
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part is not ("" or "."))
            {
                parts.Add(part);
                // Behind another link, ".." would mean something else than it says here.
                if (_links.Exists(link => link.Name == string.Join('/', parts)) && target.Contains("..", StringComparison.Ordinal))
                    throw Refuse("HIL4013", name, $"it is a link to '{target}', through another link");
            }

        File.CreateSymbolicLink(Path.Combine(_root, name), target);
    }

    // A name that no entry before it had, with its folders made.
    string NewName(string raw)
    {
        var name = Name(raw);
        if (name.Length == 0)
            throw Refuse("HIL4012", raw, "its name is empty");
        if (name.LastIndexOf('/') is var slash and > 0)
            MakeFolder(name[..slash], raw);
        if (_folders.Contains(name))
            throw Refuse("HIL4016", raw, "it has the name of a folder");
        Claim(name, raw, again: false);
        return name;
    }

    void MakeFolder(string name, string raw)
    {
        if (!_folders.Add(name))
            return;
        if (name.LastIndexOf('/') is var slash and > 0)
            MakeFolder(name[..slash], raw);
        Claim(name, raw, again: true);
        if (_links.Exists(link => link.Name == name) || File.Exists(Path.Combine(_root, name)))
            throw Refuse("HIL4016", raw, $"'{name}' is no folder in this archive");
        Directory.CreateDirectory(Path.Combine(_root, name));
    }

    // On macOS and Windows, names that differ in case are one file.
    void Claim(string name, string raw, bool again)
    {
        if (_names.TryAdd(name, name) || (again && _names[name] == name))
            return;
        throw Refuse("HIL4016", raw, _names[name] == name ? "it is there twice" : $"on some systems it is the same file as '{_names[name]}'");
    }

    string Name(string raw)
    {
        if (raw.Length > _limits.NameLength)
            throw Refuse("HIL4015", raw[..64] + "…", $"its name is longer than {_limits.NameLength} characters");
        if (raw.StartsWith('/'))
            throw Refuse("HIL4012", raw, "its name is absolute");
        var parts = raw.Split('/').Where(part => part is not ("" or ".")).ToList();
        foreach (var part in parts)
            if (part == "..")
                throw Refuse("HIL4012", raw, "its name leads out of the folder");
            else if (IsPortable && PortableName.Fault(part) is { } fault)
                throw Refuse("HIL4017", raw, fault);
        if (parts.Count > _limits.Depth)
            throw Refuse("HIL4015", raw, $"it lies more than {_limits.Depth} folders deep");
        return string.Join('/', parts);
    }

    void Grow(string entry, long bytes)
    {
        if ((_bytes += bytes) > _limits.Bytes)
            throw Refuse("HIL4015", entry, $"the archive unpacks to more than {_limits.Bytes >> 20} MiB");
    }

    HillingarException Refuse(string code, string entry, string why) =>
        new(code, $"The archive '{_archive}' is refused because of its entry '{Printable(entry)}': {why}.");

    /// <summary>A name of a stranger's as messages may hold it.</summary>
    internal static string Printable(string name) => Hillingar.Printable.Line(name);

    static UnixFileMode Mode(bool executable) =>
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead
        | (executable ? UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute : 0);

    // Counts what comes out of the decompressor, headers and skipped data included: a bomb need not be in a file's contents.
    sealed class LimitedStream(Stream inner, Unpacker owner) : Stream
    {
        long _read;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => _read; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var read = inner.Read(buffer);
            if ((_read += read) > owner._limits.Bytes + ((long)owner._limits.Entries << 10))
                throw owner.Refuse("HIL4015", "(end)", $"the archive unpacks to more than {owner._limits.Bytes >> 20} MiB");
            return read;
        }

        public override void Flush() => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
