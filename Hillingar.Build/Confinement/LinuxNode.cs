using Hillingar.Opam.Disk;
using Microsoft.Win32.SafeHandles;

namespace Hillingar.Build.Confinement;

/// <summary>A folder of Linux's: every call is one of the kernel's <c>…at</c> calls on its descriptor.</summary>
sealed class LinuxNode : Node
{
    // Old kernels, and sandboxes that know none of it, refuse openat2 (5.6) with these.
    static volatile bool s_hasNoBeneath;

    readonly SafeFileHandle _handle;
    readonly string _path;
    readonly bool _askKernel;

    LinuxNode(SafeFileHandle handle, string path, bool askKernel) => (_handle, _path, _askKernel) = (handle, path, askKernel);

    /// <summary>Opens a folder by its own path.</summary>
    /// <param name="path">The path.</param>
    /// <param name="askKernel">Whether the kernel is asked to resolve whole paths; tests do without.</param>
    public static LinuxNode OpenRoot(string path, bool askKernel = true)
    {
        var error = LinuxCalls.Open(LinuxFiles.Here, path, LinuxCalls.ReadOnly | LinuxFiles.Folder, out var handle);
        return error switch
        {
            0 => new LinuxNode(handle, path, askKernel),
            LinuxFiles.NoEntry => throw new DirectoryNotFoundException($"There is no folder '{path}'."),
            _ => throw LinuxCalls.Fault(error, path),
        };
    }

    public override Entry Self() => Done(LinuxCalls.Look(_handle, "", "", out var entry), "", entry);

    public override Entry? Look(string name)
    {
        var error = LinuxCalls.Look(_handle, name, name, out var entry);
        return error == LinuxFiles.NoEntry ? null : Done(error, name, entry);
    }

    public override Node Folder(string name) =>
        Made(LinuxCalls.Open(_handle, name, LinuxCalls.ReadOnly | LinuxFiles.Folder | LinuxFiles.NoFollow, out var handle), name, handle);

    public override Node Above(Entry above)
    {
        var node = Made(LinuxCalls.Open(_handle, "..", LinuxCalls.ReadOnly | LinuxFiles.Folder, out var handle), "..", handle);
        if (node.Self().Identity == above.Identity)
            return node;
        node.Dispose();
        throw new IOException($"A folder below '{_path}' was moved elsewhere while it was worked on.");
    }

    public override Node Again() =>
        Made(LinuxCalls.Open(_handle, ".", LinuxCalls.ReadOnly | LinuxFiles.Folder, out var handle), ".", handle);

    public override string Target(string name) => Done(LinuxCalls.Target(_handle, name, out var target), name, target);

    // What is opened for its path alone waits for nobody and starts nothing, whatever it is; and it is that very file that is opened then.
    public override SafeFileHandle? Read(string name)
    {
        using var found = Done(LinuxCalls.Open(_handle, name, LinuxCalls.PathOnly | LinuxFiles.NoFollow, out var handle), name, handle);
        var entry = Done(LinuxCalls.Look(found, "", name, out var seen), name, seen);
        if (entry.Kind != EntryKind.File)
            return null;
        var error = LinuxCalls.Open(LinuxFiles.Here, $"/proc/self/fd/{found.DangerousGetHandle()}", LinuxCalls.ReadOnly, out var file);
        if (error != LinuxFiles.NoEntry)
            return Done(error, name, file);
        // Without /proc, by name once more: without waiting, and only if it is still the same.
        file = Done(
            LinuxCalls.Open(_handle, name, LinuxCalls.ReadOnly | LinuxFiles.NoFollow | LinuxFiles.NonBlocking, out handle),
            name,
            handle
        );
        if (Done(LinuxCalls.Look(file, "", name, out seen), name, seen).Identity == entry.Identity)
            return file;
        file.Dispose();
        return null;
    }

    public override SafeFileHandle? Create(string name)
    {
        var error = LinuxCalls.Open(
            _handle,
            name,
            LinuxCalls.WriteOnly | LinuxCalls.Create | LinuxCalls.Exclusive | LinuxFiles.NoFollow,
            out var handle
        );
        return error == LinuxCalls.Exists ? null : Done(error, name, handle);
    }

    public override bool MakeFolder(string name)
    {
        var error = LinuxCalls.MakeFolder(_handle, name);
        return error != LinuxCalls.Exists && Done(error, name, true);
    }

    public override bool MakeLink(string name, string target)
    {
        var error = LinuxCalls.MakeLink(target, _handle, name);
        return error != LinuxCalls.Exists && Done(error, name, true);
    }

    public override void Move(string name, Node to, string newName) =>
        Done(LinuxCalls.Move(_handle, name, ((LinuxNode)to)._handle, newName), name, 0);

    public override void DeleteFile(string name) => Delete(name, isFolder: false);

    public override void DeleteFolder(string name) => Delete(name, isFolder: true);

    void Delete(string name, bool isFolder)
    {
        var error = LinuxCalls.Delete(_handle, name, isFolder);
        if (error != LinuxFiles.NoEntry)
            Done(error, name, 0);
    }

    public override void SetMode(string name, UnixFileMode mode) => Done(LinuxCalls.SetMode(_handle, name, mode), name, 0);

    public override void Unlock(string? name)
    {
        const UnixFileMode all = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Done(name is null ? LinuxCalls.SetMode(_handle, all) : LinuxCalls.SetMode(_handle, name, all), name ?? "", 0);
    }

    public override IReadOnlyList<string> Names()
    {
        var names = new List<string>();
        return Done(LinuxCalls.Names(_handle, names), "", names);
    }

    public override Node? Descend(string path)
    {
        if (!_askKernel || s_hasNoBeneath)
            return null;
        var error = LinuxCalls.OpenBelow(
            _handle,
            path,
            LinuxCalls.ReadOnly | LinuxFiles.Folder,
            LinuxFiles.Beneath | LinuxFiles.NoLinks | LinuxFiles.NoMagicLinks,
            out var handle
        );
        if (error == 0)
            return new LinuxNode(handle, $"{_path}/{path}", _askKernel);
        s_hasNoBeneath |= IsUnknown(error);
        // What is wrong there is told by looking at each part.
        return null;
    }

    public override Destination? Lead(string path)
    {
        if (!_askKernel || s_hasNoBeneath)
            return null;
        var error = LinuxCalls.OpenBelow(_handle, path, LinuxCalls.PathOnly, LinuxFiles.Beneath | LinuxFiles.NoMagicLinks, out var handle);
        handle.Dispose();
        s_hasNoBeneath |= IsUnknown(error);
        // What leads to nothing may still begin by leading out: the parts have to be looked at.
        return error switch
        {
            0 => Destination.Inside,
            LinuxFiles.CrossDevice => Destination.Outside,
            _ => null,
        };
    }

    static bool IsUnknown(int error) => error is LinuxFiles.NoCall or LinuxFiles.NotPermitted;

    LinuxNode Made(int error, string name, SafeFileHandle handle) => new(Done(error, name, handle), $"{_path}/{name}", _askKernel);

    T Done<T>(int error, string name, T value) =>
        error == 0 ? value : throw LinuxCalls.Fault(error, name.Length == 0 ? _path : $"{_path}/{name}");

    public override void Dispose()
    {
        _handle.Dispose();
        base.Dispose();
    }
}
