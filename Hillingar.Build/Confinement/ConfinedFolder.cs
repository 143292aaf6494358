using Hillingar.Opam.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace Hillingar.Build.Confinement;

/// <summary>How a folder's owner refuses a path in it: the path below the folder, and what is wrong with it.</summary>
delegate HillingarException Refusal(string path, string why);

/// <summary>
/// A folder that strangers filled: an unpacked archive, a git repository's files, what a package's build left. Whatever is read, written or
/// deleted in it goes through here, part by part and by what is really there, so that nothing reaches out of it: no link is followed, but
/// for reading where that is said, and then it has to stay inside; only regular files are opened. Linux's kernel keeps that
/// (<c>openat2</c> with <c>RESOLVE_BENEATH</c>, or <c>openat</c> part by part); elsewhere each part is looked at first.
/// </summary>
sealed class ConfinedFolder : IDisposable
{
    /// <summary>As many links as Linux follows on one way.</summary>
    public const int MaxLinks = 40;

    readonly Node _root;
    (string Path, Node Node)? _last;

    ConfinedFolder(string path, Node root, Refusal refuse) => (Path, _root, Refuse) = (path, root, refuse);

    /// <summary>Where it is. Only for messages, and for programs that have to be told a path.</summary>
    public string Path { get; }

    /// <summary>How a path in it is refused.</summary>
    public Refusal Refuse { get; }

    /// <summary>Opens a folder whose own path is trusted.</summary>
    /// <exception cref="DirectoryNotFoundException">It is not there.</exception>
    public static ConfinedFolder Open(string path, Refusal refuse) => new(path, Node.Open(path), refuse);

    /// <summary>The same on a given way to the file system.</summary>
    internal static ConfinedFolder Open(string path, Node root, Refusal refuse) => new(path, root, refuse);

    /// <summary>A folder in this one, as a root of its own.</summary>
    public ConfinedFolder Folder(string path, Refusal? refuse = null) =>
        new(System.IO.Path.Combine(Path, path), Descend(path).Again(), refuse ?? Refuse);

    /// <summary>What a path is, its last part not followed; null where it is nothing.</summary>
    public Entry? Look(string path)
    {
        if (Parts(path).Length == 0)
            return _root.Self();
        var (folder, name) = Above(path, mustExist: false);
        return folder?.Look(name) is { } entry ? entry with { Path = path } : null;
    }

    /// <summary>Whether there is a folder, and no link to one.</summary>
    public bool HasFolder(string path) => Look(path) is { Kind: EntryKind.Folder };

    /// <summary>Opens a regular file; null where there is none.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="throughLinks">Whether links that stay inside are followed.</param>
    public FileStream? Read(string path, bool throughLinks = false)
    {
        if (throughLinks)
        {
            if (Resolve(path) is not { } real)
                return null;
            path = real;
        }

        var (folder, name) = Above(path, mustExist: false);
        if (folder?.Look(name) is not { } entry)
            return null;
        if (entry.Kind != EntryKind.File)
            throw Refuse(
                path,
                entry.Kind switch
                {
                    EntryKind.Link => "it is a link",
                    EntryKind.Folder => "it is a folder, and a file is wanted",
                    _ => "it is neither a file nor a folder nor a link",
                }
            );
        return folder.Read(name) is { } handle
            ? new FileStream(handle, FileAccess.Read, bufferSize: 1)
            : throw Refuse(path, "it is no regular file");
    }

    /// <summary>The bytes of a regular file; null where there is none.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="limit">How many bytes it may have.</param>
    /// <param name="throughLinks">Whether links that stay inside are followed.</param>
    public byte[]? ReadBytes(string path, int limit, bool throughLinks = false)
    {
        using var file = Read(path, throughLinks);
        if (file is null)
            return null;
        if (file.Length > limit)
            throw Refuse(path, $"it is larger than the {limit >> 20} MiB that are read");
        var bytes = new byte[file.Length];
        return bytes.AsSpan(0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)).ToArray();
    }

    /// <summary>Makes a file, with the folders above it; null where the name is taken, be it by one that this file system takes for the same.</summary>
    public SafeFileHandle? Create(string path)
    {
        var (folder, name) = Above(path, make: true);
        return folder!.Create(name);
    }

    /// <summary>Writes a file in place of what has its name, which may be a file or a link, but no folder.</summary>
    public void Write(string path, ReadOnlySpan<byte> content)
    {
        var (folder, name) = Above(path, make: true);
        var mode = default(UnixFileMode?);
        if (folder!.Look(name) is { } there)
        {
            if (there.Kind == EntryKind.Folder)
                throw Refuse(path, "it is a folder, and a file is to be written");
            mode = there.Kind == EntryKind.File ? there.Mode : null;
        }

        var temporary = $".{Guid.NewGuid():N}.tmp";
        try
        {
            using (var file = folder.Create(temporary)!)
            {
                RandomAccess.Write(file, content, 0);
                if (mode is { } kept && !OperatingSystem.IsWindows())
                    File.SetUnixFileMode(file, kept);
            }

            folder.Move(temporary, folder, name);
        }
        finally
        {
            folder.DeleteFile(temporary);
        }
    }

    /// <summary>Makes a folder, and those above it.</summary>
    public void MakeFolder(string path) => Descend(path, make: true);

    /// <summary>Makes a folder in one that is there; false where the name is taken, be it by one that this file system takes for the same.</summary>
    public bool TryMakeFolder(string path)
    {
        var (folder, name) = Above(path);
        return folder!.MakeFolder(name);
    }

    /// <summary>Makes a link in a folder that is there; false where the name is taken. Where it leads is not looked at.</summary>
    public bool TryMakeLink(string path, string target)
    {
        var (folder, name) = Above(path);
        return folder!.MakeLink(name, target);
    }

    /// <summary>Where a link leads, as it is written.</summary>
    public string Target(string path)
    {
        var (folder, name) = Above(path);
        return folder!.Target(name);
    }

    /// <summary>Sets the permissions of a regular file.</summary>
    public void SetMode(string path, UnixFileMode mode)
    {
        var (folder, name) = Above(path);
        if (folder!.Look(name) is not { Kind: EntryKind.File })
            throw Refuse(path, "it is no regular file");
        folder.SetMode(name, mode);
    }

    /// <summary>Gives a file, link or folder another name, in this folder or in another one; a file or link of that name is replaced.</summary>
    public void Move(string path, ConfinedFolder to, string newPath)
    {
        // The way to the first folder must not be forgotten for that to the second.
        var (folder, name) = Above(path);
        using var from = folder!.Again();
        var (target, newName) = to.Above(newPath, make: true);
        from.Move(name, target!, newName);
    }

    /// <summary>Puts a finished folder into the place of an older one, which is kept until the new one stands.</summary>
    public void Replace(string finished, string place)
    {
        var old = $"{finished}.old";
        var replaces = Look(place) is not null;
        if (replaces)
            Move(place, this, old);
        try
        {
            Move(finished, this, place);
        }
        catch
        {
            if (replaces)
                Move(old, this, place);
            throw;
        }

        Delete(old);
    }

    /// <summary>Copies a regular file to a path that is free, with its permissions and its time.</summary>
    public void Copy(string path, ConfinedFolder to, string newPath, CancellationToken cancellation)
    {
        using var source = Read(path) ?? throw Refuse(path, "it is not there");
        to.CopyTo(source, newPath, cancellation);
    }

    /// <summary>Copies a regular file out of the folder to a path of ours that is free.</summary>
    /// <inheritdoc cref="Read"/>
    public void CopyOut(string path, string place, CancellationToken cancellation, bool throughLinks = false)
    {
        using var source = Read(path, throughLinks) ?? throw Refuse(path, "it is not there");
        using var target = File.OpenHandle(place, FileMode.CreateNew, FileAccess.Write);
        CopyContents(source, target, cancellation);
    }

    /// <summary>Copies a file of ours to a path that is free, with its permissions and its time.</summary>
    public void CopyIn(string place, string path, CancellationToken cancellation)
    {
        using var source = new FileStream(place, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
        CopyTo(source, path, cancellation);
    }

    void CopyTo(FileStream source, string path, CancellationToken cancellation)
    {
        using var target = Create(path) ?? throw Refuse(path, "its name is taken");
        CopyContents(source, target, cancellation);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(target, File.GetUnixFileMode(source.SafeFileHandle));
        File.SetLastWriteTimeUtc(target, File.GetLastWriteTimeUtc(source.SafeFileHandle));
    }

    static void CopyContents(FileStream source, SafeFileHandle target, CancellationToken cancellation)
    {
        if (OperatingSystem.IsLinux() && LinuxCalls.Copy(source.SafeFileHandle, target, cancellation))
            return;
        var buffer = new byte[1 << 16];
        var at = 0L;
        for (int read; (read = source.Read(buffer)) > 0; at += read)
        {
            cancellation.ThrowIfCancellationRequested();
            RandomAccess.Write(target, buffer.AsSpan(0, read), at);
        }
    }

    /// <summary>Everything below a folder, folders before what is in them, links not followed.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="depth">How many folders may lie within each other; who nests deeper is refused.</param>
    /// <param name="enter">Says which folders are entered; null for all.</param>
    /// <param name="cancellation">Stops.</param>
    public IEnumerable<Entry> Walk(
        string path = "",
        int depth = 256,
        Predicate<Entry>? enter = null,
        CancellationToken cancellation = default
    )
    {
        using var cursor = new Cursor(Descend(path).Again());
        var prefix = path.Length == 0 ? "" : path + "/";
        var rest = new Stack<(string Prefix, IReadOnlyList<string> Names, int Next)>([(prefix, cursor.Here.Names(), 0)]);
        while (rest.TryPop(out var level))
        {
            cancellation.ThrowIfCancellationRequested();
            if (level.Next == level.Names.Count)
            {
                if (rest.Count > 0)
                    cursor.Up();
                continue;
            }

            rest.Push(level with { Next = level.Next + 1 });
            var name = level.Names[level.Next];
            if (cursor.Here.Look(name) is not { } seen)
                continue;
            var entry = seen with { Path = level.Prefix + name };
            yield return entry;
            if (entry.Kind != EntryKind.Folder || enter?.Invoke(entry) == false)
                continue;
            if (rest.Count > depth)
                throw Refuse(
                    entry.Path.Length > 200 ? entry.Path[..200] + "…" : entry.Path,
                    $"more than {depth} folders lie within each other"
                );
            cursor.Down(name);
            rest.Push((entry.Path + "/", cursor.Here.Names(), 0));
        }
    }

    /// <summary>Refuses any link below the folder that leads out of it, now or once what it names is there.</summary>
    public void CheckLinks(CancellationToken cancellation)
    {
        foreach (var entry in Walk(cancellation: cancellation))
            if (entry.Kind == EntryKind.Link && Target(entry.Path) is var target && Lead(entry.Path, target) == Destination.Outside)
                throw Refuse(entry.Path, $"it is a link to '{target}', which leads outside");
    }

    /// <summary>Where a link leads, or would.</summary>
    /// <param name="path">The link's path.</param>
    /// <param name="target">What is written in it.</param>
    public Destination Lead(string path, string target)
    {
        if (IsAbsolute(target))
            return Destination.Outside;
        target = Slashed(target);
        var below = path.LastIndexOf('/') is var slash and >= 0 ? $"{path[..slash]}/{target}" : target;
        return _root.Lead(below) ?? Follow(below).Where;
    }

    /// <summary>The path that is meant where links that stay inside are followed; null where it leads to nothing.</summary>
    string? Resolve(string path)
    {
        var (where, real) = Follow(path);
        return where switch
        {
            Destination.Inside => real,
            Destination.Outside => throw Refuse(path, "it leads out of the folder"),
            _ => null,
        };
    }

    // As the kernel does it: a link's parts take its place, and ".." is the folder above the one that was really come to. Behind a part that
    // is not there ".." could mean anything later, so that counts as leading out.
    (Destination Where, string Path) Follow(string path)
    {
        var rest = new Stack<string>(path.Split('/').Reverse());
        var real = new List<string>();
        var nodes = new Stack<Node>([_root.Again()]);
        var links = 0;
        try
        {
            while (rest.TryPop(out var part))
            {
                if (part is "" or ".")
                    continue;
                if (part == "..")
                {
                    if (nodes.Count == 1)
                        return (Destination.Outside, "");
                    nodes.Pop().Dispose();
                    real.RemoveAt(real.Count - 1);
                    continue;
                }

                var entry = LookSafely(nodes.Peek(), part);
                if (entry is { Kind: EntryKind.Link } && ++links <= MaxLinks)
                {
                    var target = nodes.Peek().Target(part);
                    if (IsAbsolute(target))
                        return (Destination.Outside, "");
                    foreach (var inner in Slashed(target).Split('/').Reverse())
                        rest.Push(inner);
                    continue;
                }

                if (entry is { Kind: EntryKind.Folder })
                {
                    nodes.Push(nodes.Peek().Folder(part));
                    real.Add(part);
                    continue;
                }

                if (entry is null or { Kind: EntryKind.Link } || rest.Any(left => left is not ("" or ".")))
                    return (rest.Contains("..") ? Destination.Outside : Destination.Nowhere, "");
                real.Add(part);
            }

            return (Destination.Inside, string.Join('/', real));
        }
        finally
        {
            foreach (var node in nodes)
                node.Dispose();
        }
    }

    // A name that no file can have is the name of none.
    static Entry? LookSafely(Node folder, string name)
    {
        try
        {
            return folder.Look(name);
        }
        catch (IOException exception) when (exception is not DirectoryNotFoundException && !FileFault.IsFull(exception))
        {
            return null;
        }
    }

    /// <summary>Deletes whatever has a path: a file, a link, or a folder with all that is in it, however deep. Nothing there is no fault.</summary>
    public void Delete(string path)
    {
        var (folder, name) = Above(path, mustExist: false);
        if (folder is null)
            return;
        Forget();
        using var above = Above(path).Folder!.Again();
        Forget();
        Deletion.Run(above, name);
    }

    // The folder that a path is in, and its name there.
    (Node? Folder, string Name) Above(string path, bool mustExist = true, bool make = false)
    {
        var parts = Parts(path);
        if (parts.Length == 0)
            throw Refuse(path, "it names nothing below the folder");
        var slash = path.LastIndexOf('/');
        var folder = slash < 0 ? _root : Reach(path[..slash], mustExist, make);
        return (folder, parts[^1]);
    }

    Node Descend(string path, bool make = false) => Parts(path).Length == 0 ? _root : Reach(path, mustExist: true, make)!;

    // Archives and walks name one file of a folder after another.
    Node? Reach(string path, bool mustExist, bool make)
    {
        if (_last is { } last && last.Path == path)
            return last.Node;
        var node = _root.Descend(path) ?? ByHand(path, mustExist, make);
        if (node is null)
            return null;
        Forget();
        _last = (path, node);
        return node;
    }

    Node? ByHand(string path, bool mustExist, bool make)
    {
        var node = _root.Again();
        try
        {
            foreach (var part in Parts(path))
            {
                var entry = node.Look(part);
                if (entry is null && make)
                    node.MakeFolder(part);
                // What lies below a file is nothing; a link there may be meant to be followed, and is not.
                else if (entry is null || (entry is { Kind: EntryKind.File or EntryKind.Special } && !mustExist && !make))
                {
                    node.Dispose();
                    return mustExist ? throw Refuse(path, "it is not there") : null;
                }
                else if (entry is not { Kind: EntryKind.Folder })
                    throw Refuse(
                        path,
                        entry is { Kind: EntryKind.Link } ? $"'{part}' on its way is a link" : $"'{part}' on its way is no folder"
                    );
                var inner = node.Folder(part);
                node.Dispose();
                node = inner;
            }

            return node;
        }
        catch
        {
            node.Dispose();
            throw;
        }
    }

    string[] Parts(string path)
    {
        if (path.Length == 0)
            return [];
        var parts = path.Split('/');
        foreach (var part in parts)
            if (part is "" or "." or ".." || part.Contains('\0') || (OperatingSystem.IsWindows() && part.AsSpan().ContainsAny('\\', ':')))
                throw Refuse(path, "it is no path below the folder");
        return parts;
    }

    static bool IsAbsolute(string target) =>
        target.Length == 0
        || target.Contains('\0')
        || System.IO.Path.IsPathRooted(target)
        || target[0] == '/'
        // What is one name here leads elsewhere on Windows.
        || target[0] == '\\'
        || (target.Length > 1 && target[1] == ':' && char.IsAsciiLetter(target[0]));

    static string Slashed(string target) => OperatingSystem.IsWindows() ? target.Replace('\\', '/') : target;

    void Forget()
    {
        _last?.Node.Dispose();
        _last = null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Forget();
        _root.Dispose();
    }
}
