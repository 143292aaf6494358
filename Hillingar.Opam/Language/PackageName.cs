using System.Buffers;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Opam.Language;

/// <summary>
/// A package's name. Names are ordered as opam orders them: ignoring case character by character, then by case, then by length.
/// </summary>
/// <param name="text">The name's text.</param>
public readonly struct PackageName(string text) : IComparable<PackageName>, IEquatable<PackageName>
{
    readonly string? _text = text;

    /// <summary>The name's text.</summary>
    public string Text => _text ?? "";

    /// <summary>Whether opam accepts a text as a name: letters, digits and <c>-_+</c>, at least one letter.</summary>
    public static bool IsValid(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(s_allowed) && text.ContainsAny(s_letters);

    static readonly SearchValues<char> s_letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    static readonly SearchValues<char> s_allowed = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+");

    /// <summary>Reads a name.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="HillingarException">It is no name (HIL1005).</exception>
    public static PackageName Parse(string text) =>
        IsValid(text)
            ? new(text)
            : throw new HillingarException(
                "HIL1005",
                $"'{text}' is no package name; expected letters, digits and - _ +, with at least one letter"
            );

    /// <summary>Compares in opam's order (<c>OpamStd.String.compare_case</c>).</summary>
    /// <param name="other">The other name.</param>
    public int CompareTo(PackageName other)
    {
        var (left, right) = (Text, other.Text);
        for (var i = 0; i < left.Length && i < right.Length; i++)
        {
            var (l, r) = (left[i], right[i]);
            if (l == r)
                continue;
            var difference = Lower(l) - Lower(r);
            return difference != 0 ? difference : l - r;
        }
        return left.Length - right.Length;
    }

    static char Lower(char c) => c is >= 'A' and <= 'Z' ? (char)(c + 32) : c;

    /// <inheritdoc/>
    public bool Equals(PackageName other) => Text == other.Text;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PackageName other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Text.GetHashCode();

    /// <summary>The name's text.</summary>
    public override string ToString() => Text;

    /// <summary>Whether the texts are equal.</summary>
    public static bool operator ==(PackageName left, PackageName right) => left.Equals(right);

    /// <summary>Whether the texts differ.</summary>
    public static bool operator !=(PackageName left, PackageName right) => !left.Equals(right);

    /// <summary>Whether the left comes first in opam's order.</summary>
    public static bool operator <(PackageName left, PackageName right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left comes later in opam's order.</summary>
    public static bool operator >(PackageName left, PackageName right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left does not come later in opam's order.</summary>
    public static bool operator <=(PackageName left, PackageName right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left does not come first in opam's order.</summary>
    public static bool operator >=(PackageName left, PackageName right) => left.CompareTo(right) >= 0;
}
