using System.IO.Compression;
using Hillingar.Build.Processes;
using Hillingar.Opam.Diagnostics;
using ICSharpCode.SharpZipLib.BZip2;

namespace Hillingar.Build.Unpacking;

/// <summary>Opens an archive as the tar stream that it holds, by its first bytes: names lie.</summary>
static class ArchiveStream
{
    // A header of xz's says how much memory it takes to unpack, up to 4 GiB. What xz makes at its best takes 65 MiB.
    const int XzMemory = 256;

    /// <summary>Reads the tar inside a <c>.tar.gz</c>, <c>.tbz</c>, <c>.tar.xz</c> or plain <c>.tar</c>.</summary>
    /// <exception cref="HillingarException">HIL4010: none of these. HIL4011: damaged. HIL4015: it takes too much memory. HIL5001: the program <c>xz</c> is missing.</exception>
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
                Run(program, []);
                return;
            }

            using var bzip2 = new BZip2InputStream(file);
            read(bzip2);
        }
        else if (start.StartsWith<byte>([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]))
        {
            Run("xz", [$"--memlimit-decompress={XzMemory}MiB"]);
        }
        else if (length == 512 && start.Slice(257, 5).SequenceEqual("ustar"u8))
        {
            read(file);
        }
        else
        {
            throw new HillingarException(
                "HIL4010",
                $"'{path}' is no archive that can be unpacked: .tar.gz, .tar.bz2 (.tbz), .tar.xz and .tar can."
            );
        }

        void Run(string program, IReadOnlyList<string> limits)
        {
            EndOfStreamException? cut = null;
            var result = ProcessRunner.RunPiped(
                new Command(
                    program,
                    ["--decompress", "--stdout", .. limits, "--", path],
                    Environment: new Dictionary<string, string?>
                    {
                        ["LC_ALL"] = "C",
                        ["XZ_DEFAULTS"] = null,
                        ["XZ_OPT"] = null,
                    }
                ),
                stream =>
                {
                    // A pipe is read header by header else, a system call each.
                    using var buffered = new BufferedStream(stream, 1 << 16);
                    try
                    {
                        read(buffered);
                    }
                    catch (EndOfStreamException exception)
                    {
                        // What the program says of it is more.
                        cut = exception;
                    }
                },
                cancellation
            );
            if (result.ExitCode != 0 && result.Error.Contains("Memory usage limit", StringComparison.Ordinal))
                throw new HillingarException(
                    "HIL4015",
                    $"The archive '{path}' is refused: it takes more than {XzMemory} MiB of memory to unpack."
                );
            if (result.ExitCode != 0)
                throw new InvalidDataException(result.Error.Trim());
            if (cut is not null)
                throw new InvalidDataException(cut.Message, cut);
        }
    }
}
