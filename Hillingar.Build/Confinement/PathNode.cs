using Hillingar.Opam.Disk;
using Microsoft.Win32.SafeHandles;

namespace Hillingar.Build.Confinement;

/// <summary>A folder by its path, where the system has no calls that work below an opened one, or .NET does not reach them: each name is looked at before it is used.</summary>
/// <param name="path">The folder.</param>
sealed class PathNode(string path) : Node
{
    readonly string _path = Directory.Exists(path) ? path : throw new DirectoryNotFoundException($"There is no folder '{path}'.");

    string At(string name) => Path.Combine(_path, name);

    public override Entry Self() => Of(new DirectoryInfo(_path)) with { Path = "" };

    public override Entry? Look(string name)
    {
        FileSystemInfo file = new FileInfo(At(name));
        if (file.Attributes == (FileAttributes)(-1))
            return null;
        return Of(file.Attributes.HasFlag(FileAttributes.Directory) ? new DirectoryInfo(file.FullName) : file) with { Path = name };
    }

    static Entry Of(FileSystemInfo info)
    {
        var attributes = info.Attributes;
        var kind =
            info.LinkTarget is not null || attributes.HasFlag(FileAttributes.ReparsePoint) ? EntryKind.Link
            : info is DirectoryInfo ? EntryKind.Folder
            : IsPlain(info) ? EntryKind.File
            : EntryKind.Special;
        return new Entry(
            info.Name,
            kind,
            kind == EntryKind.File ? ((FileInfo)info).Length : 0,
            info.LastWriteTimeUtc.Ticks,
            OperatingSystem.IsWindows() ? default : info.UnixFileMode,
            default
        );
    }

    // .NET calls FIFOs, sockets and devices files; all of them are of no size.
    static bool IsPlain(FileSystemInfo info) =>
        OperatingSystem.IsWindows()
            ? !info.Attributes.HasFlag(FileAttributes.Device)
            : ((FileInfo)info).Length > 0 || UnixFile.Of(info.FullName, follow: false) is { IsRegular: true };

    Entry Require(string name, EntryKind kind) =>
        Look(name) is { } entry && entry.Kind == kind ? entry : throw new IOException($"'{At(name)}' is no {kind}.");

    public override Node Folder(string name) => new PathNode(At(Require(name, EntryKind.Folder).Path));

    public override Node Above(Entry above) => new PathNode(Path.GetDirectoryName(_path)!);

    public override Node Again() => new PathNode(_path);

    public override string Target(string name) => new FileInfo(At(name)).LinkTarget ?? throw new IOException($"'{At(name)}' is no link.");

    public override SafeFileHandle? Read(string name) =>
        Look(name) is { Kind: EntryKind.File } ? File.OpenHandle(At(name), share: FileShare.Read | FileShare.Delete) : null;

    public override SafeFileHandle? Create(string name) =>
        Look(name) is not null
            ? null
            : File.OpenHandle(At(name), FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);

    public override bool MakeFolder(string name)
    {
        if (Look(name) is not null)
            return false;
        Directory.CreateDirectory(At(name));
        return true;
    }

    public override bool MakeLink(string name, string target)
    {
        if (Look(name) is not null)
            return false;
        // Windows makes another kind of link for a folder.
        if (OperatingSystem.IsWindows() && Directory.Exists(Path.Combine(_path, target)))
            Directory.CreateSymbolicLink(At(name), target);
        else
            File.CreateSymbolicLink(At(name), target);
        return true;
    }

    public override void Move(string name, Node to, string newName)
    {
        var target = ((PathNode)to).At(newName);
        if (Look(name) is { Kind: EntryKind.Folder })
            Directory.Move(At(name), target);
        else
            File.Move(At(name), target, overwrite: true);
    }

    public override void DeleteFile(string name)
    {
        if (
            Look(name) is { Kind: EntryKind.Link }
            && new DirectoryInfo(At(name)).Attributes.HasFlag(FileAttributes.Directory)
            && OperatingSystem.IsWindows()
        )
            Directory.Delete(At(name));
        else
            File.Delete(At(name));
    }

    public override void DeleteFolder(string name) => Directory.Delete(At(name));

    public override void SetMode(string name, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(At(name), mode);
    }

    public override void Unlock(string? name)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(
                name is null ? _path : At(name),
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            );
        else if (name is not null)
            File.SetAttributes(At(name), FileAttributes.Normal);
    }

    public override IReadOnlyList<string> Names() =>
        [
            .. new DirectoryInfo(_path)
                .EnumerateFileSystemInfos("*", new EnumerationOptions { AttributesToSkip = 0, ReturnSpecialDirectories = false })
                .Select(info => info.Name),
        ];
}
