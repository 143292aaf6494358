namespace Hillingar.Build;

/// <summary>How much an archive may unpack to. An archive that exceeds one of them is refused as a bomb.</summary>
/// <param name="Bytes">All files together, in bytes.</param>
/// <param name="Entries">Files, folders and links.</param>
/// <param name="Depth">Folders within folders.</param>
/// <param name="NameLength">One path, in characters.</param>
public sealed record UnpackLimits(long Bytes = 2L << 30, int Entries = 200_000, int Depth = 64, int NameLength = 1024)
{
    /// <summary>Whether the files are for this machine alone: names that other systems cannot have, or take for one, are no fault then.</summary>
    public bool OnlyHere { get; init; }
}
