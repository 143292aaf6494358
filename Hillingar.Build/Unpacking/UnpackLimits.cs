using Hillingar.Build.Confinement;

namespace Hillingar.Build.Unpacking;

/// <summary>How much an archive may unpack to. An archive that exceeds one of them is refused as a bomb.</summary>
/// <param name="Bytes">All files together, in bytes.</param>
/// <param name="Entries">Files, folders and links, those folders too that no entry of their own names.</param>
/// <param name="Depth">Folders within folders.</param>
/// <param name="NameLength">One path, or what one link names, in characters.</param>
public sealed record UnpackLimits(long Bytes = 2L << 30, int Entries = 200_000, int Depth = 64, int NameLength = 1024)
{
    /// <summary>
    /// Whether the files are built on this machine alone. A name that this system cannot have is an error then; else such a file is left out
    /// and told of, as another system may build what is restored here.
    /// </summary>
    public bool OnlyHere { get; init; }

    /// <summary>Is told of each file that was left out.</summary>
    public Action<string>? LeftOut { get; init; }

    /// <summary>How much there may be between the contents of two files, in bytes: headers are read into memory.</summary>
    internal int Headers { get; init; } = 1 << 20;

    /// <summary>How many parts all links may name together: each is looked at.</summary>
    internal int LinkParts { get; init; } = 500_000;

    /// <summary>
    /// How many parts of paths may be looked at to see where all links lead. Each may lead through as many others as the system follows, and each of these may be the
    /// longest: that many are counted for each.
    /// </summary>
    internal long LinkSteps { get; init; } = 50_000_000;

    /// <summary>How many characters all names, and what the links are to, may have together: they are in memory at once.</summary>
    internal int Names { get; init; } = 32 << 20;

    /// <summary>Whether names are Windows'.</summary>
    internal bool Windows { get; init; } = OperatingSystem.IsWindows();

    /// <summary>How the folder is reached.</summary>
    internal Func<string, Node> Reach { get; init; } = Node.Open;
}
