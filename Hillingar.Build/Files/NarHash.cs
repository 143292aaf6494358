using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Hillingar.Opam.Disk;

namespace Hillingar.Build.Files;

/// <summary>
/// The hash by which Nix knows a folder: SHA-256 of its NAR, where of all a file system keeps only names, contents, links and the owner's
/// right to execute count (E. Dolstra, "The purely functional software deployment model", 2006, section 5.2.1).
/// </summary>
public static class NarHash
{
    /// <summary>The hash of a file or folder, as <c>sha256-BASE64=</c>.</summary>
    /// <exception cref="IOException">Something in it cannot be read.</exception>
    public static string Of(string path)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        new Writer(hash, modes: false, default).Archive(path);
        return "sha256-" + Convert.ToBase64String(hash.GetHashAndReset());
    }

    /// <summary>A hash of the same and of all permissions, by which a folder of our own is known again: Nix has no use for it.</summary>
    /// <exception cref="IOException">Something in it cannot be read.</exception>
    internal static string WithModes(string path, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        new Writer(hash, modes: true, cancellation).Archive(path);
        return "sha256-" + Convert.ToBase64String(hash.GetHashAndReset());
    }

    sealed class Writer(IncrementalHash hash, bool modes, CancellationToken cancellation)
    {
        static readonly byte[] s_padding = new byte[8];
        readonly byte[] _buffer = new byte[1 << 16];

        public void Archive(string path)
        {
            Text("nix-archive-1");
            Node(new FileInfo(path) is { Exists: true } file ? file : new DirectoryInfo(path));
        }

        void Node(FileSystemInfo entry)
        {
            cancellation.ThrowIfCancellationRequested();
            Text("(");
            Text("type");
            if (entry.LinkTarget is { } target)
            {
                Text("symlink");
                Text("target");
                Text(target);
            }
            else if (entry is FileInfo file)
            {
                // To open a pipe waits for whoever writes into it.
                if (UnixFile.Of(file.FullName, follow: false) is { IsRegular: false })
                    throw new IOException($"'{file.FullName}' is no file, but a pipe, a socket or a device.");
                Text("regular");
                Mode(file);
                if (!OperatingSystem.IsWindows() && file.UnixFileMode.HasFlag(UnixFileMode.UserExecute))
                {
                    Text("executable");
                    Text("");
                }
                Text("contents");
                Contents(file);
            }
            else
            {
                Text("directory");
                Mode(entry);
                foreach (
                    var inner in ((DirectoryInfo)entry)
                        .GetFileSystemInfos()
                        .OrderBy(
                            inner => Encoding.UTF8.GetBytes(inner.Name),
                            Comparer<byte[]>.Create((left, right) => left.AsSpan().SequenceCompareTo(right))
                        )
                )
                {
                    Text("entry");
                    Text("(");
                    Text("name");
                    Text(inner.Name);
                    Text("node");
                    Node(inner);
                    Text(")");
                }
            }
            Text(")");
        }

        void Mode(FileSystemInfo entry)
        {
            if (!modes || OperatingSystem.IsWindows())
                return;
            Text("mode");
            Number((long)entry.UnixFileMode);
        }

        void Contents(FileInfo file)
        {
            using var stream = file.OpenRead();
            var length = stream.Length;
            Number(length);
            var left = length;
            for (int read; left > 0 && (read = stream.Read(_buffer, 0, (int)Math.Min(_buffer.Length, left))) > 0; left -= read)
            {
                cancellation.ThrowIfCancellationRequested();
                hash.AppendData(_buffer, 0, read);
            }

            if (left > 0)
                throw new IOException($"'{file.FullName}' became shorter while it was read.");
            Pad(length);
        }

        void Text(string text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            Number(bytes.Length);
            hash.AppendData(bytes);
            Pad(bytes.Length);
        }

        void Number(long number)
        {
            Span<byte> bytes = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
            hash.AppendData(bytes);
        }

        void Pad(long length) => hash.AppendData(s_padding, 0, (int)((8 - (length % 8)) % 8));
    }
}
