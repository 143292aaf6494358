using System.IO.Compression;
using Hillingar.Build.Processes;
using Hillingar.Opam.Diagnostics;
using ICSharpCode.SharpZipLib.BZip2;

namespace Hillingar.Build.Unpacking;

/// <summary>Opens an archive as the tar stream that it holds, by its first bytes: names lie.</summary>
static class ArchiveStream
{
    /// <summary>Reads the tar inside a <c>.tar.gz</c>, <c>.tbz</c>, <c>.tar.xz</c> or plain <c>.tar</c>.</summary>
    /// <exception cref="HillingarException">HIL4010: none of these. HIL4011: damaged. HIL5001: the program <c>xz</c> is missing.</exception>
    public static void Read(string path, Action<Stream> read, CancellationToken cancellation)
    {
        using var file = File.OpenRead(path);
        Span<byte> start = stackalloc byte[512];
        var length = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        start = start[..length];
        file.Position = 0;
        if (start.StartsWith<byte>([0x1f, 0x8b]))
        {
            using var gzip = new GZipStream(file, CompressionMode.Decompress);
            read(gzip);
        }
        else if (start.StartsWith("BZh"u8))
        {
            // The program is several times as fast, and runs beside us.
            if (ProcessRunner.Find("bzip2") is { } program)
            {
                Run(program);
                return;
            }

            using var bzip2 = new BZip2InputStream(file);
            read(bzip2);
        }
        else if (start.StartsWith<byte>([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]))
        {
            Run("xz");
        }
        else if (length == 512 && start.Slice(257, 5).SequenceEqual("ustar"u8))
        {
            read(file);
        }
        else
        {
            throw new HillingarException("HIL4010", $"'{path}' is no archive that can be unpacked: .tar.gz, .tar.bz2 (.tbz), .tar.xz and .tar can.");
        }

        void Run(string program)
        {
            var result = ProcessRunner.RunPiped(new Command(program, ["--decompress", "--stdout", "--", path]), stream =>
            {
                // A pipe is read header by header else, a system call each.
                using var buffered = new BufferedStream(stream, 1 << 16);
                read(buffered);
            }, cancellation);
            if (result.ExitCode != 0)
                throw new InvalidDataException(result.Error.Trim());
        }
    }
}
