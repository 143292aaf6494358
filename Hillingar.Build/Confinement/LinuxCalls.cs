using System.Runtime.InteropServices;
using Hillingar.Opam.Disk;
using Microsoft.Win32.SafeHandles;

namespace Hillingar.Build.Confinement;

/// <summary>The system calls that work below an opened folder, beside those of <see cref="LinuxFiles"/>.</summary>
static class LinuxCalls
{
    public const int Exists = 17,
        NoSpace = 28;
    public const int ReadOnly = 0,
        WriteOnly = 1,
        Create = 0x40,
        Exclusive = 0x80,
        PathOnly = 0x200000;
    const int RemoveFolder = 0x200;
    const uint ReadWriteForAll = 0x1b6,
        AllForAll = 0x1ff;

    // The years 1 to 9999.
    const long FirstSecond = -62_135_596_800,
        LastSecond = 253_402_300_799;
    const nuint CopyAtOnce = 1 << 26;

    /// <summary>Opens below a folder; the error's number, or 0.</summary>
    public static int Open(SafeFileHandle folder, string path, int flags, out SafeFileHandle handle)
    {
        int descriptor;
        do descriptor = openat(folder, EntryName.Encode(path), flags | LinuxFiles.CloseOnExec, ReadWriteForAll);
        while (descriptor < 0 && Marshal.GetLastPInvokeError() == LinuxFiles.Interrupted);
        return Taken(descriptor, out handle);
    }

    /// <summary>Opens as <see cref="Open"/> does, with the kernel's promise of what lies on the way.</summary>
    public static int OpenBelow(SafeFileHandle folder, string path, int flags, ulong resolve, out SafeFileHandle handle) =>
        LinuxFiles.OpenBelow(folder, EntryName.Encode(path), flags, resolve, out handle);

    static int Taken(int descriptor, out SafeFileHandle handle)
    {
        var error = Errno(descriptor);
        handle = new SafeFileHandle(descriptor, ownsHandle: true);
        return error;
    }

    /// <summary>What a name is, or with an empty one the handle's own file.</summary>
    public static int Look(SafeFileHandle folder, string name, string path, out Entry entry)
    {
        var error = LinuxFiles.Look(folder, EntryName.Encode(name), LinuxFiles.LinkItself | LinuxFiles.OpenItself, out var facts);
        entry =
            error != 0
                ? default
                : new Entry(
                    path,
                    Kind(facts.Mode),
                    facts.Size,
                    Math.Clamp(facts.Seconds, FirstSecond, LastSecond) * TimeSpan.TicksPerSecond
                        + facts.Nanoseconds / 100
                        + DateTime.UnixEpoch.Ticks,
                    (UnixFileMode)(facts.Mode & 0xfff),
                    (facts.Device, facts.Number)
                );
        return error;
    }

    static EntryKind Kind(int mode) =>
        (mode & 0xf000) switch
        {
            0x8000 => EntryKind.File,
            0x4000 => EntryKind.Folder,
            0xa000 => EntryKind.Link,
            _ => EntryKind.Special,
        };

    public static int MakeFolder(SafeFileHandle folder, string name) => Errno(mkdirat(folder, EntryName.Encode(name), AllForAll));

    public static int MakeLink(string target, SafeFileHandle folder, string name) =>
        Errno(symlinkat(EntryName.Encode(target), folder, EntryName.Encode(name)));

    public static int Move(SafeFileHandle folder, string name, SafeFileHandle to, string newName) =>
        Errno(renameat(folder, EntryName.Encode(name), to, EntryName.Encode(newName)));

    public static int Delete(SafeFileHandle folder, string name, bool isFolder) =>
        Errno(unlinkat(folder, EntryName.Encode(name), isFolder ? RemoveFolder : 0));

    public static int SetMode(SafeFileHandle file, UnixFileMode mode) => Errno(fchmod(file, (uint)mode));

    /// <summary>Follows a link in the name's place: only for what was just seen to be none, where no stranger's program runs.</summary>
    public static int SetMode(SafeFileHandle folder, string name, UnixFileMode mode) =>
        Errno(fchmodat(folder, EntryName.Encode(name), (uint)mode, 0));

    public static int Target(SafeFileHandle folder, string name, out string target)
    {
        var buffer = new byte[4097];
        var length = (int)readlinkat(folder, EntryName.Encode(name), buffer, (nuint)buffer.Length);
        target = length < 0 ? "" : EntryName.Decode(buffer.AsSpan(0, length));
        return Errno(length);
    }

    /// <summary>The names in a folder, in the order the system has them.</summary>
    public static int Names(SafeFileHandle folder, List<string> names)
    {
        // A description of its own, as the position in the folder is not to be shared. It is the stream's from here on.
        if (Open(folder, ".", ReadOnly | LinuxFiles.Folder, out var own) is not 0 and var error)
            return error;
        var stream = fdopendir(own);
        if (stream == 0)
        {
            error = Marshal.GetLastPInvokeError();
            own.Dispose();
            return error;
        }

        own.SetHandleAsInvalid();
        try
        {
            var buffer = new byte[512];
            while (readdir(stream) is not 0 and var record)
            {
                // struct dirent: inode and offset of 8 bytes each, the record's length of 2, the type of 1, the name.
                var length = Math.Min((ushort)Marshal.ReadInt16(record, 16) - 19, buffer.Length);
                Marshal.Copy(record + 19, buffer, 0, length);
                var name = buffer.AsSpan(0, length);
                name = name[..name.IndexOf((byte)0)];
                if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                    names.Add(EntryName.Decode(name));
            }

            return Marshal.GetLastPInvokeError();
        }
        finally
        {
            _ = closedir(stream);
        }
    }

    /// <summary>Copies what a file holds as the kernel does it best; false where it cannot between these two.</summary>
    public static bool Copy(SafeFileHandle from, SafeFileHandle to, CancellationToken cancellation)
    {
        for (var first = true; ; first = false)
        {
            cancellation.ThrowIfCancellationRequested();
            var copied = copy_file_range(from, 0, to, 0, CopyAtOnce, 0);
            if (copied == 0)
                return true;
            if (copied < 0 && Marshal.GetLastPInvokeError() is var error && error != LinuxFiles.Interrupted)
                return first && error != NoSpace ? false : throw Fault(error, "a copy");
        }
    }

    /// <summary>The exception of an error's number.</summary>
    public static Exception Fault(int error, string path)
    {
        var text = $"{Marshal.GetPInvokeErrorMessage(error)}: '{path}'";
        return error switch
        {
            LinuxFiles.NoEntry => new FileNotFoundException(text),
            LinuxFiles.AccessDenied or LinuxFiles.NotPermitted => new UnauthorizedAccessException(text),
            _ => new IOException(text, error),
        };
    }

    static int Errno(int result) => result < 0 ? Marshal.GetLastPInvokeError() : 0;

    const string C = "libc";

    [DllImport(C, SetLastError = true)]
    static extern int openat(SafeFileHandle folder, byte[] path, int flags, uint mode);

    [DllImport(C, SetLastError = true)]
    static extern int mkdirat(SafeFileHandle folder, byte[] path, uint mode);

    [DllImport(C, SetLastError = true)]
    static extern int symlinkat(byte[] target, SafeFileHandle folder, byte[] path);

    [DllImport(C, SetLastError = true)]
    static extern int renameat(SafeFileHandle folder, byte[] path, SafeFileHandle to, byte[] newPath);

    [DllImport(C, SetLastError = true)]
    static extern int unlinkat(SafeFileHandle folder, byte[] path, int flags);

    [DllImport(C, SetLastError = true)]
    static extern int fchmod(SafeFileHandle file, uint mode);

    [DllImport(C, SetLastError = true)]
    static extern int fchmodat(SafeFileHandle folder, byte[] path, uint mode, int flags);

    [DllImport(C, SetLastError = true)]
    static extern nint readlinkat(SafeFileHandle folder, byte[] path, byte[] buffer, nuint size);

    [DllImport(C, SetLastError = true)]
    static extern nint fdopendir(SafeFileHandle folder);

    [DllImport(C, SetLastError = true)]
    static extern nint readdir(nint stream);

    [DllImport(C, SetLastError = true)]
    static extern int closedir(nint stream);

    [DllImport(C, SetLastError = true)]
    static extern nint copy_file_range(SafeFileHandle from, nint fromOffset, SafeFileHandle to, nint toOffset, nuint length, uint flags);
}
