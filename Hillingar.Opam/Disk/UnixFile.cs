using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Hillingar.Opam.Disk;

/// <summary>
/// What .NET does not tell of files and cannot do with them: their kind and owner, and opening them without being led elsewhere or waiting.
/// </summary>
static class UnixFile
{
    static bool IsArm => RuntimeInformation.ProcessArchitecture is Architecture.Arm64;

    static int FolderOnly => OperatingSystem.IsMacOS() ? 0x1100000 : LinuxFiles.Folder | LinuxFiles.CloseOnExec;

    /// <summary>What the file system says of a file.</summary>
    /// <param name="Mode">Kind and permissions.</param>
    /// <param name="Owner">The number of the user that owns it.</param>
    /// <param name="Group">The number of its group.</param>
    public readonly record struct Status(int Mode, uint Owner, uint Group)
    {
        /// <summary>Whether it is a file with contents: no folder, link, pipe, socket or device.</summary>
        public bool IsRegular => (Mode & 0xf000) == 0x8000;

        /// <summary>Whether it is a folder.</summary>
        public bool IsFolder => (Mode & 0xf000) == 0x4000;

        /// <summary>Whether it is a symbolic link.</summary>
        public bool IsLink => (Mode & 0xf000) == 0xa000;
    }

    /// <summary>What a path leads to; null where nobody can say, as on Windows.</summary>
    /// <param name="path">The path.</param>
    /// <param name="follow">Whether to look at what a link leads to, and not at the link.</param>
    public static Status? Of(string path, bool follow)
    {
        if (OperatingSystem.IsLinux())
            return Stat(LinuxFiles.Here, path, follow ? 0 : LinuxFiles.LinkItself);
        var buffer = new byte[256];
        return OperatingSystem.IsMacOS() && (follow ? Mac.Stat(path, buffer) : Mac.LStat(path, buffer)) == 0 ? Mac.Read(buffer) : null;
    }

    /// <summary>What is open.</summary>
    public static Status? Of(SafeFileHandle handle)
    {
        if (OperatingSystem.IsLinux())
            return Stat(handle, "", LinuxFiles.OpenItself);
        var buffer = new byte[256];
        var status =
            OperatingSystem.IsMacOS() && Mac.FStat((int)handle.DangerousGetHandle(), buffer) == 0 ? Mac.Read(buffer) : (Status?)null;
        GC.KeepAlive(handle);
        return status;
    }

    static Status? Stat(SafeFileHandle folder, string path, int flags) =>
        LinuxFiles.Look(folder, Encoded(path), flags, out var facts) != 0 ? null : new(facts.Mode, facts.Owner, facts.Group);

    static byte[] Encoded(string path) => Encoding.UTF8.GetBytes(path + '\0');

    /// <summary>Opens a folder, to ask about it or to open what is below; null where that is not allowed, or not known here.</summary>
    public static SafeFileHandle? OpenFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            return null;
        var number = Native.Open(path, FolderOnly, 0);
        return number < 0 ? null : new SafeFileHandle(number, ownsHandle: true);
    }

    /// <summary>Sets the permissions of what is open. .NET's own call does so for files only.</summary>
    public static bool SetMode(SafeFileHandle handle, int mode)
    {
        var done = Native.ChangeMode((int)handle.DangerousGetHandle(), mode) == 0;
        GC.KeepAlive(handle);
        return done;
    }

    /// <summary>A path without links, as far as there is something at it.</summary>
    public static string Real(string path)
    {
        var real = Path.GetPathRoot(path)!;
        foreach (var part in path[real.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            real = Path.Combine(real, part);
            if (new DirectoryInfo(real) is { LinkTarget: not null } link)
                real = link.ResolveLinkTarget(returnFinalTarget: true) is { } target ? Real(target.FullName) : real;
        }
        return real;
    }

    /// <summary>The user that this process acts as.</summary>
    public static uint Me => OperatingSystem.IsWindows() ? 0 : Native.Me();

    /// <summary>What came of opening a file below a folder.</summary>
    public enum Opening
    {
        /// <summary>It is open.</summary>
        Done,

        /// <summary>This kernel cannot promise where a path leads: it is to be walked by hand.</summary>
        Unknown,

        /// <summary>There is none.</summary>
        Missing,

        /// <summary>A link leads out of the folder.</summary>
        Outside,

        /// <summary>It may not be read.</summary>
        Refused,
    }

    /// <summary>Opens a file by a path that the kernel resolves below a folder, without waiting for the other end of a pipe.</summary>
    /// <param name="folder">The folder, open.</param>
    /// <param name="path">The path below it.</param>
    /// <param name="file">The file, which may be of any kind.</param>
    public static Opening OpenBelow(SafeFileHandle folder, string path, out SafeFileHandle? file)
    {
        file = null;
        if (!OperatingSystem.IsLinux())
            return Opening.Unknown;
        var error = LinuxFiles.OpenBelow(
            folder,
            Encoded(path),
            LinuxFiles.NonBlocking,
            LinuxFiles.Beneath | LinuxFiles.NoMagicLinks,
            out var opened
        );
        if (error == 0)
        {
            file = opened;
            return Opening.Done;
        }

        opened.Dispose();
        return error switch
        {
            LinuxFiles.NoEntry or LinuxFiles.NotFolder => Opening.Missing,
            LinuxFiles.CrossDevice or LinuxFiles.Loop => Opening.Outside,
            // Among others a socket, or a pipe.
            LinuxFiles.AccessDenied or LinuxFiles.NoDevice or LinuxFiles.NameTooLong or LinuxFiles.InputOutput => Opening.Refused,
            // An old kernel, and a container that forbids what it does not know.
            _ => Opening.Unknown,
        };
    }

    static class Mac
    {
        public static Status Read(byte[] buffer) =>
            new(
                BinaryPrimitives.ReadUInt16LittleEndian(buffer.AsSpan(4)),
                BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan(16)),
                BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan(20))
            );

        public static int Stat(string path, byte[] buffer) => IsArm ? Native.MacStat(path, buffer) : Native.MacStat64(path, buffer);

        public static int LStat(string path, byte[] buffer) => IsArm ? Native.MacLStat(path, buffer) : Native.MacLStat64(path, buffer);

        public static int FStat(int file, byte[] buffer) => IsArm ? Native.MacFStat(file, buffer) : Native.MacFStat64(file, buffer);
    }

    static class Native
    {
        const string LibC = "libc";

        [DllImport(LibC, EntryPoint = "open", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, int mode);

        [DllImport(LibC, EntryPoint = "fchmod", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int ChangeMode(int file, int mode);

        [DllImport(LibC, EntryPoint = "geteuid")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern uint Me();

        [DllImport(LibC, EntryPoint = "stat")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int MacStat([MarshalAs(UnmanagedType.LPUTF8Str)] string path, [Out] byte[] buffer);

        [DllImport(LibC, EntryPoint = "stat$INODE64")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int MacStat64([MarshalAs(UnmanagedType.LPUTF8Str)] string path, [Out] byte[] buffer);

        [DllImport(LibC, EntryPoint = "lstat")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int MacLStat([MarshalAs(UnmanagedType.LPUTF8Str)] string path, [Out] byte[] buffer);

        [DllImport(LibC, EntryPoint = "lstat$INODE64")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int MacLStat64([MarshalAs(UnmanagedType.LPUTF8Str)] string path, [Out] byte[] buffer);

        [DllImport(LibC, EntryPoint = "fstat")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int MacFStat(int file, [Out] byte[] buffer);

        [DllImport(LibC, EntryPoint = "fstat$INODE64")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int MacFStat64(int file, [Out] byte[] buffer);
    }
}
