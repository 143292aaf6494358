using Hillingar.Opam.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace Hillingar.Opam.Disk;

/// <summary>Reading whole small files, many of them.</summary>
static class Content
{
    /// <summary>How many bytes a file may have.</summary>
    public const int MaxBytes = 16 << 20;

    /// <summary>A file's bytes.</summary>
    /// <exception cref="HillingarException">HIL1002: it is too large. HIL1004: it is no file that has contents.</exception>
    public static byte[] Read(string path)
    {
        // To open a pipe would wait for whoever writes into it.
        if (UnixFile.Of(path, follow: true) is { IsRegular: false, IsFolder: false })
            throw new HillingarException("HIL1004", "cannot read the file: it is a pipe, a socket or a device", new Place(path));
        using var file = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
        return Read(file, path, out _);
    }

    static byte[] Read(SafeFileHandle file, string path, out long stamp)
    {
        stamp = File.GetLastWriteTimeUtc(file).Ticks;
        var length = RandomAccess.GetLength(file);
        if (length > MaxBytes)
            throw new HillingarException(
                "HIL1002",
                $"the file has {length} bytes, more than the {MaxBytes} that are read; cut it down",
                new Place(path)
            );
        var content = new byte[length];
        var read = 0;
        for (int some; read < content.Length && (some = RandomAccess.Read(file, content.AsSpan(read), read)) > 0; )
            read += some;
        return read == content.Length ? content : content[..read];
    }

    /// <summary>
    /// A file of a folder that strangers filled, or null when there is none. A link is followed as long as it stays in the folder.
    /// </summary>
    /// <param name="root">The folder.</param>
    /// <param name="path">The file's path below it, with <c>/</c>.</param>
    /// <param name="stamp">When it was last changed, in ticks, UTC.</param>
    /// <exception cref="HillingarException">
    /// HIL1002: it is too large. HIL1011: it leads out of the folder, or is no file that has contents.
    /// </exception>
    public static byte[]? ReadInside(string root, string path, out long stamp)
    {
        stamp = 0;
        var full = $"{root}{Path.DirectorySeparatorChar}{path.Replace('/', Path.DirectorySeparatorChar)}";
        using var folder = UnixFile.OpenFolder(root);
        if (folder is not null)
            switch (UnixFile.OpenBelow(folder, path, out var file))
            {
                case UnixFile.Opening.Done:
                    using (file)
                        return UnixFile.Of(file!) is { IsRegular: false } ? throw NoFile(full) : Read(file!, full, out stamp);
                case UnixFile.Opening.Missing:
                    return null;
                case UnixFile.Opening.Outside:
                    throw Outside(full);
                case UnixFile.Opening.Refused:
                    throw UnixFile.Of(full, follow: false) is { IsRegular: false, IsLink: false, IsFolder: false }
                        ? NoFile(full)
                        : new UnauthorizedAccessException($"'{full}' may not be read.");
            }

        // Where the kernel cannot promise it, the path is walked: who changes it at this very moment may see another file read than was
        // looked at.
        var real = UnixFile.Real(full);
        if (!Path.Exists(real))
            return null;
        if (!real.StartsWith(UnixFile.Real(root) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw Outside(full);
        if (UnixFile.Of(real, follow: false) is { IsRegular: false })
            throw NoFile(full);
        using var opened = File.OpenHandle(real, share: FileShare.ReadWrite | FileShare.Delete);
        return Read(opened, full, out stamp);
    }

    static HillingarException NoFile(string path) =>
        new("HIL1011", "this is no file, but a folder, a pipe, a socket or a device; it is not read", new Place(path));

    static HillingarException Outside(string path) =>
        new("HIL1011", "a link leads out of the repository here; it is not followed", new Place(path));
}
