using System.Runtime.InteropServices;

namespace Hillingar.Build;

/// <summary>Tells regular files from FIFOs, sockets and devices, for all of which .NET says file.</summary>
static class UnixKind
{
    /// <summary>Whether a path, not followed, is a regular file.</summary>
    public static bool IsRegular(string path) => OperatingSystem.IsLinux()
        ? LinuxCalls.Look(LinuxCalls.Here, path, path, out var entry) == 0 && entry.Kind == EntryKind.File
        : IsRegularOnMac(path);

    // struct stat with inodes of 64 bits: the device's 4 bytes, then the mode's 2.
    static bool IsRegularOnMac(string path)
    {
        var found = new byte[256];
        var error = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? lstat64(EntryName.Encode(path), found) : lstat(EntryName.Encode(path), found);
        return error == 0 && (BitConverter.ToUInt16(found, 4) & 0xf000) == 0x8000;
    }

    [DllImport("libc")]
    static extern int lstat(byte[] path, byte[] found);

    [DllImport("libc", EntryPoint = "lstat$INODE64")]
    static extern int lstat64(byte[] path, byte[] found);
}
