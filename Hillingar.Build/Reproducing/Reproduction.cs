namespace Hillingar.Build.Reproducing;

/// <summary>A part in which two builds of an image differ.</summary>
/// <param name="Part">The ELF section's name; <c>file</c> for what is no ELF file, or lies outside all sections.</param>
/// <param name="Offset">The first byte that differs, from the part's start.</param>
/// <param name="First">The part's size in the first build, in bytes; null where it has no such part.</param>
/// <param name="Second">The size in the second build.</param>
public sealed record ImageDifference(string Part, long Offset, long? First, long? Second)
{
    /// <summary>Whether only debuggers read the part.</summary>
    public bool IsDebug =>
        Part.StartsWith(".debug", StringComparison.Ordinal)
        || Part is ".symtab" or ".strtab" or ".shstrtab" or ".comment" or ".note.gnu.build-id";

    /// <summary>In words.</summary>
    public override string ToString() =>
        First is null ? $"{Part}: only in the second build"
        : Second is null ? $"{Part}: only in the first build"
        : $"{Part}: from byte {Offset} on{(First == Second ? "" : $"; {First} and {Second} bytes")}";
}

/// <summary>Whether two builds gave the same image.</summary>
/// <param name="Name">The unikernel's name.</param>
/// <param name="Target">The mirage target.</param>
/// <param name="Backend">Who built.</param>
/// <param name="First">The first build's image.</param>
/// <param name="Second">The second's.</param>
/// <param name="Differences">Where they differ.</param>
public sealed record Reproduction(
    string Name,
    string Target,
    string Backend,
    string First,
    string Second,
    IReadOnlyList<ImageDifference> Differences
)
{
    /// <summary>Whether they are the same, byte for byte.</summary>
    public bool IsIdentical => Differences.Count == 0;

    /// <summary>Whether what is loaded and run is the same.</summary>
    public bool IsReproducible => Differences.All(difference => difference.IsDebug);

    /// <summary>In words.</summary>
    public override string ToString() =>
        $"{Name} for {Target}: {(IsIdentical ? "identical" : IsReproducible ? "the same but for debug information" : string.Join("; ", Differences.Where(difference => !difference.IsDebug)))}";
}
