using Hillingar.Opam.Diagnostics;

namespace Hillingar.Opam.Language;

/// <summary>A package at a version: <c>name.version</c>.</summary>
/// <param name="Name">The name.</param>
/// <param name="Version">The version.</param>
public readonly record struct OpamPackage(PackageName Name, OpamVersion Version) : IComparable<OpamPackage>
{
    /// <summary>Reads <c>name.version</c>, cut at the first dot.</summary>
    /// <param name="text">The text.</param>
    /// <param name="package">The package.</param>
    public static bool TryParse(string text, out OpamPackage package)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        var valid = dot > 0 && PackageName.IsValid(text.AsSpan(0, dot)) && OpamVersion.IsValid(text.AsSpan(dot + 1));
        package = valid ? new(new(text[..dot]), new(text[(dot + 1)..])) : default;
        return valid;
    }

    /// <summary>Reads <c>name.version</c>, cut at the first dot.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="HillingarException">It is no package (HIL1005).</exception>
    public static OpamPackage Parse(string text) =>
        TryParse(text, out var package)
            ? package
            : throw new HillingarException("HIL1005", $"'{text}' is no package; expected NAME.VERSION");

    /// <summary>Compares by name, then by version, in opam's orders.</summary>
    /// <param name="other">The other package.</param>
    public int CompareTo(OpamPackage other)
    {
        var name = Name.CompareTo(other.Name);
        return name != 0 ? name : Version.CompareTo(other.Version);
    }

    /// <summary><c>name.version</c>.</summary>
    public override string ToString() => $"{Name}.{Version}";

    /// <summary>Whether the left comes first.</summary>
    public static bool operator <(OpamPackage left, OpamPackage right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left comes later.</summary>
    public static bool operator >(OpamPackage left, OpamPackage right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left does not come later.</summary>
    public static bool operator <=(OpamPackage left, OpamPackage right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left does not come first.</summary>
    public static bool operator >=(OpamPackage left, OpamPackage right) => left.CompareTo(right) >= 0;
}
