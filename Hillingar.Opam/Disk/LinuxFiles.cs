using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Hillingar.Opam.Disk;

/// <summary>Linux's two calls by which files are looked at and opened, with their numbers and layouts: <c>include/uapi</c>.</summary>
static class LinuxFiles
{
    /// <summary>The numbers of errors.</summary>
    public const int NotPermitted = 1,
        NoEntry = 2,
        Interrupted = 4,
        InputOutput = 5,
        NoDevice = 6,
        TryAgain = 11,
        AccessDenied = 13,
        CrossDevice = 18,
        NotFolder = 20,
        NameTooLong = 36,
        NoCall = 38,
        Loop = 40;

    /// <summary>How a file is opened, and that it is not handed on to programs.</summary>
    public const int NonBlocking = 0x800,
        CloseOnExec = 0x80000;

    /// <summary>What may lie on the way: nothing that leads out, no link of <c>/proc</c>, no link.</summary>
    public const ulong Beneath = 0x08,
        NoMagicLinks = 0x02,
        NoLinks = 0x04;

    /// <summary>What is looked at: a link itself, what is open.</summary>
    public const int LinkItself = 0x100,
        OpenItself = 0x1000;

    const uint BasicFacts = 0x7ff;
    const long OpenAt2 = 437;

    // These two are where the processors differ.
    static readonly bool s_isArm = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm or Architecture.Ppc64le;

    /// <summary>Opens folders only.</summary>
    public static int Folder => s_isArm ? 0x4000 : 0x10000;

    /// <summary>Opens no link.</summary>
    public static int NoFollow => s_isArm ? 0x8000 : 0x20000;

    // The younger calls have one number everywhere; this one is older. The C library has it from glibc 2.28 on, .NET runs on 2.27.
    static readonly long s_statX = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 332,
        Architecture.X86 => 383,
        Architecture.Arm => 397,
        Architecture.S390x => 379,
        Architecture.Ppc64le => 383,
        _ => 291,
    };

    /// <summary>Stands for the process's own folder, which whole paths do not look at.</summary>
    public static readonly SafeFileHandle Here = new(-100, ownsHandle: false);

    /// <summary>What the kernel says of a file.</summary>
    /// <param name="Mode">Kind and permissions.</param>
    /// <param name="Owner">The number of its user.</param>
    /// <param name="Group">The number of its group.</param>
    /// <param name="Size">How many bytes it has.</param>
    /// <param name="Seconds">When it was last written, since 1970.</param>
    /// <param name="Nanoseconds">What comes on top of these.</param>
    /// <param name="Device">The number of its file system.</param>
    /// <param name="Number">Its number there.</param>
    public readonly record struct Facts(
        ushort Mode,
        uint Owner,
        uint Group,
        long Size,
        long Seconds,
        uint Nanoseconds,
        ulong Device,
        ulong Number
    );

    [StructLayout(LayoutKind.Sequential)]
    struct OpenHow
    {
        public ulong Flags,
            Mode,
            Resolve;
    }

    /// <summary>Looks at a file (<c>statx</c>); the error's number, or 0.</summary>
    /// <param name="folder">The folder that the path begins in.</param>
    /// <param name="path">The path, ended by a zero.</param>
    /// <param name="flags">What is looked at.</param>
    /// <param name="facts">What the kernel says.</param>
    public static int Look(SafeFileHandle folder, byte[] path, int flags, out Facts facts)
    {
        Span<byte> found = stackalloc byte[256];
        var error =
            syscall(s_statX, folder, path, flags, BasicFacts, ref MemoryMarshal.GetReference(found)) < 0
                ? Marshal.GetLastPInvokeError()
                : 0;
        facts =
            error != 0
                ? default
                : new(
                    BitConverter.ToUInt16(found[28..]),
                    BitConverter.ToUInt32(found[20..]),
                    BitConverter.ToUInt32(found[24..]),
                    BitConverter.ToInt64(found[40..]),
                    BitConverter.ToInt64(found[112..]),
                    BitConverter.ToUInt32(found[120..]),
                    (ulong)BitConverter.ToUInt32(found[136..]) << 32 | BitConverter.ToUInt32(found[140..]),
                    BitConverter.ToUInt64(found[32..])
                );
        return error;
    }

    /// <summary>Opens a file by a path that the kernel resolves (<c>openat2</c>); the error's number, or 0.</summary>
    /// <param name="folder">The folder that the path begins in.</param>
    /// <param name="path">The path, ended by a zero.</param>
    /// <param name="flags">How it is opened.</param>
    /// <param name="resolve">What may lie on the way.</param>
    /// <param name="file">What is open, or a handle that is none.</param>
    public static int OpenBelow(SafeFileHandle folder, byte[] path, int flags, ulong resolve, out SafeFileHandle file)
    {
        var how = new OpenHow { Flags = (uint)(flags | CloseOnExec), Resolve = resolve };
        long descriptor = -1;
        var error = 0;
        // A rename elsewhere while a ".." is resolved makes the kernel ask to try again.
        for (var attempt = 0; attempt < 128; attempt++)
        {
            descriptor = syscall(OpenAt2, folder, path, ref how, 24);
            error = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
            if (error is not (TryAgain or Interrupted))
                break;
        }

        file = new SafeFileHandle((nint)descriptor, ownsHandle: true);
        return error;
    }

    const string C = "libc";

    [DllImport(C, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern long syscall(long number, SafeFileHandle folder, byte[] path, int flags, uint mask, ref byte found);

    [DllImport(C, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern long syscall(long number, SafeFileHandle folder, byte[] path, ref OpenHow how, nuint size);
}
