using System.Runtime.InteropServices;
using Hillingar.Opam.Disk;
using Microsoft.Win32.SafeHandles;

namespace Hillingar.Build.Sources;

/// <summary>Opens a file that an address of somebody else's names: a file of bytes, never a pipe that nobody writes to nor a device without end.</summary>
static partial class RegularFile
{
    /// <summary>Copies a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="target">The copy; what was there is replaced.</param>
    /// <param name="limit">How many bytes it may have.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="IOException">There is no such file, it is none, or it is larger.</exception>
    public static async Task Copy(string path, string target, long limit, CancellationToken cancellation)
    {
        using var source = Open(path);
        using var copy = new FileStream(target, FileMode.Create, FileAccess.Write, FileShare.None);
        var buffer = new byte[1 << 17];
        for (int read; (read = await source.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0; )
        {
            if (copy.Position + read > limit)
                throw new IOException($"'{path}' has more than {limit >> 20} MiB");
            await copy.WriteAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Opens a file for reading.</summary>
    /// <exception cref="IOException">There is no such file, or it is none.</exception>
    public static FileStream Open(string path)
    {
        if (OperatingSystem.IsWindows())
            return path.StartsWith(@"\\", StringComparison.Ordinal) ? throw NoFile(path) : File.OpenRead(path);
        // Opened without waiting, then looked at: what was looked at by its name could be another thing when it is opened.
        var flags = OperatingSystem.IsLinux()
            ? NonBlocking.Linux | Close.Linux | NoTerminal.Linux
            : NonBlocking.Mac | Close.Mac | NoTerminal.Mac;
        var descriptor = open(path, flags, 0);
        if (descriptor < 0)
            throw new IOException(
                Marshal.GetLastPInvokeError() is var error && error == 2
                    ? $"there is no file '{path}'"
                    : $"'{path}' cannot be opened: {Marshal.GetPInvokeErrorMessage(error)}"
            );
        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (UnixFile.Of(handle) is { IsRegular: true })
            return new FileStream(handle, FileAccess.Read, 1 << 16);
        handle.Dispose();
        throw NoFile(path);
    }

    static IOException NoFile(string path) => new($"'{path}' is no file");

    static class NonBlocking
    {
        public const int Linux = 0x800,
            Mac = 0x4;
    }

    static class Close
    {
        public const int Linux = 0x80000,
            Mac = 0x1000000;
    }

    static class NoTerminal
    {
        public const int Linux = 0x100,
            Mac = 0x20000;
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int open(string path, int flags, int mode);
}
