using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Images;

/// <summary>An image's file, with what it says of itself.</summary>
/// <param name="Path">The file.</param>
/// <param name="Image">What it says.</param>
public sealed record ImageFile(string Path, UnikernelImage Image)
{
    /// <summary>The file's name.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>The target by Solo5's note, with the version of its interface; empty for images of other targets.</summary>
    public string Abi => $"{Image.Abi}";

    /// <summary>The processor.</summary>
    public string Machine => Image.Machine;

    /// <summary>The file's size in bytes.</summary>
    public long Size => Image.FileSize;

    /// <summary>The bytes in memory of all that is loaded.</summary>
    public long LoadedSize => Image.LoadedSize;

    /// <summary>The devices it asks for.</summary>
    public IReadOnlyList<ImageDevice> Devices => Image.Devices;

    /// <summary>What is loaded.</summary>
    public IReadOnlyList<ImageSegment> Segments => Image.Segments;

    /// <summary>What the libraries add, the largest first.</summary>
    public IReadOnlyList<LibrarySize> Libraries => Image.Libraries;

    /// <summary>The largest symbols, the largest first.</summary>
    public IReadOnlyList<SymbolSize> Symbols => Image.Symbols;

    /// <summary>The SHA-256 of the file, in hex.</summary>
    public string Sha256 => Image.Sha256;

    /// <summary>Reads an image.</summary>
    /// <param name="path">The file.</param>
    /// <param name="buildFolder">The folder of dune's context that it was built in, whose libraries tell what takes up how much; null, or one that is gone, for what names alone tell.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="HillingarException">HIL5030 to HIL5032: it cannot be read.</exception>
    public static ImageFile Read(string path, string? buildFolder, CancellationToken cancellation) =>
        new(
            path,
            UnikernelImage.Read(
                path,
                buildFolder is not null && Directory.Exists(buildFolder) ? ImageLibraries.Read(buildFolder, cancellation) : null
            )
        );
}
