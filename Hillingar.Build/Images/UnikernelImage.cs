using System.Security.Cryptography;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Images;

/// <summary>What Solo5's tenders check before they start an image (note <c>ABI1</c>, <c>elf_abi.h</c>).</summary>
/// <param name="Target">The mirage target: <c>hvt</c>, <c>spt</c>, <c>virtio</c>, <c>muen</c>, <c>genode</c>, <c>xen</c>, or <c>abi-N</c> for one that is not known.</param>
/// <param name="Version">The version of the interface to it.</param>
public sealed record Solo5Abi(string Target, uint Version)
{
    /// <summary>Target and version: <c>spt.2</c>.</summary>
    public override string ToString() => $"{Target}.{Version}";
}

/// <summary>A kind of device that an image asks its host for.</summary>
public enum DeviceKind
{
    /// <summary>A network interface.</summary>
    Network,

    /// <summary>A block device.</summary>
    Block,
}

/// <summary>A device that an image asks for (note <c>MFT1</c>, <c>mft_abi.h</c>).</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Name">The unikernel's name for it: 1 to 67 letters and digits.</param>
public sealed record ImageDevice(DeviceKind Kind, string Name);

/// <summary>A part of an image that is loaded as a whole.</summary>
/// <param name="Address">Its virtual address.</param>
/// <param name="FileSize">Its bytes in the file.</param>
/// <param name="Size">Its bytes in memory.</param>
/// <param name="Access">What it may: <c>r</c>, <c>w</c>, <c>x</c>, each or <c>-</c>.</param>
public sealed record ImageSegment(ulong Address, long FileSize, long Size, string Access);

/// <summary>What a library adds to an image.</summary>
/// <param name="Library">A folder of the duniverse, or <c>ocaml</c>; <c>(project)</c>, <c>(C)</c> and <c>(ELF)</c> for what belongs to none.</param>
/// <param name="Size">Bytes in memory.</param>
public sealed record LibrarySize(string Library, long Size);

/// <summary>What a symbol takes up in an image.</summary>
/// <param name="Symbol">Its name; of OCaml's, <c>camlMODULE.FUNCTION_NUMBER</c>.</param>
/// <param name="Library">What it belongs to, as of <see cref="LibrarySize"/>.</param>
/// <param name="Size">Bytes in memory, up to the next symbol.</param>
public sealed record SymbolSize(string Symbol, string Library, long Size);

/// <summary>What a built image's file says of itself.</summary>
public sealed record UnikernelImage
{
    const int MostSymbols = 100;

    /// <summary>The SHA-256 of the file, in hex.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The file's size in bytes.</summary>
    public required long FileSize { get; init; }

    /// <summary>32 or 64.</summary>
    public required int Bits { get; init; }

    /// <summary>The processor, as opam calls it (<c>x86_64</c>, <c>arm64</c>, …), or <c>machine-N</c>.</summary>
    public required string Machine { get; init; }

    /// <summary>The system whose extensions of ELF it uses: <c>System V</c> for none, <c>Linux</c>, …, or <c>abi-N</c>.</summary>
    public required string OsAbi { get; init; }

    /// <summary>What Solo5 knows it by; null for images of other targets.</summary>
    public Solo5Abi? Abi { get; init; }

    /// <summary>The devices it asks Solo5 for, in its order.</summary>
    public IReadOnlyList<ImageDevice> Devices { get; init; } = [];

    /// <summary>What is loaded.</summary>
    public required IReadOnlyList<ImageSegment> Segments { get; init; }

    /// <summary>What the libraries add, the largest first; their sum is <see cref="LoadedSize"/>.</summary>
    public required IReadOnlyList<LibrarySize> Libraries { get; init; }

    /// <summary>The largest symbols, the largest first, 100 at most; none in a stripped image.</summary>
    public IReadOnlyList<SymbolSize> Symbols { get; init; } = [];

    /// <summary>The bytes in memory of all that is loaded.</summary>
    public long LoadedSize => Segments.Sum(segment => segment.Size);

    /// <summary>Reads an image.</summary>
    /// <param name="path">The file; nothing in it is trusted.</param>
    /// <param name="libraries">Which library defines what; null: only what names tell.</param>
    /// <exception cref="HillingarException">HIL5030: no ELF file that can be read. HIL5031: a damaged one, with the offset. HIL5032: notes that Solo5 would refuse.</exception>
    public static UnikernelImage Read(string path, ImageLibraries? libraries = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        var bytes = ElfFile.Bytes(path);
        var elf = new ElfFile(bytes, path);
        var (abi, devices) = Solo5Notes.Read(elf);
        var parts = ImageParts.Of(elf, libraries ?? ImageLibraries.None, MostSymbols);
        return new UnikernelImage
        {
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes)),
            FileSize = bytes.Length,
            Bits = elf.Bits,
            Machine = elf.Machine,
            OsAbi = elf.OsAbi,
            Abi = abi,
            Devices = devices,
            Segments =
            [
                .. elf.Loaded.Select(segment => new ImageSegment(
                    segment.Address,
                    (long)segment.FileSize,
                    (long)segment.Size,
                    segment.Access
                )),
            ],
            Libraries = parts.Libraries,
            Symbols = parts.Symbols,
        };
    }
}
