using System.Buffers;
using System.Runtime.CompilerServices;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Opam.Language;

/// <summary>
/// A package's version. Versions are ordered as opam orders them (<c>opamVersionCompare.ml</c>, Debian's order without epochs:
/// <c>0.9~rc1 &lt; 0.9 &lt; 0.9.1</c>, <c>5 &lt; v0.17</c>); they are equal when their text is. So two versions may
/// differ and compare as 0: <c>1.0</c> and <c>1.00</c>.
/// </summary>
/// <param name="text">The version's text.</param>
public readonly struct OpamVersion(string text) : IComparable<OpamVersion>, IComparable, IEquatable<OpamVersion>
{
    readonly string? _text = text;

    /// <summary>The version's text.</summary>
    public string Text => _text ?? "";

    /// <summary>Whether opam accepts a text as a version: letters, digits and <c>-_+.~</c>, at least one.</summary>
    public static bool IsValid(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExcept(s_letters);

    static readonly SearchValues<char> s_letters = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+.~"
    );

    /// <summary>Reads a version.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="HillingarException">It is no version (HIL1005).</exception>
    public static OpamVersion Parse(string text) =>
        IsValid(text)
            ? new(text)
            : throw new HillingarException("HIL1005", $"'{text}' is no version; expected letters, digits and - _ + . ~");

    /// <summary>Compares in opam's order.</summary>
    /// <param name="other">The other version.</param>
    public int CompareTo(OpamVersion other) => Compare(Text, other.Text);

    // Sorters that know no types, such as PowerShell's, ask this way.
    int IComparable.CompareTo(object? obj) =>
        obj is OpamVersion other ? CompareTo(other)
        : obj is null ? 1
        : throw new ArgumentException($"{obj.GetType()} is no version.", nameof(obj));

    /// <inheritdoc/>
    public bool Equals(OpamVersion other) => Text == other.Text;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is OpamVersion other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Text.GetHashCode();

    /// <summary>The version's text.</summary>
    public override string ToString() => Text;

    /// <summary>Whether the texts are equal.</summary>
    public static bool operator ==(OpamVersion left, OpamVersion right) => left.Equals(right);

    /// <summary>Whether the texts differ.</summary>
    public static bool operator !=(OpamVersion left, OpamVersion right) => !left.Equals(right);

    /// <summary>Whether the left comes first in opam's order.</summary>
    public static bool operator <(OpamVersion left, OpamVersion right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left comes later in opam's order.</summary>
    public static bool operator >(OpamVersion left, OpamVersion right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left does not come later in opam's order.</summary>
    public static bool operator <=(OpamVersion left, OpamVersion right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left does not come first in opam's order.</summary>
    public static bool operator >=(OpamVersion left, OpamVersion right) => left.CompareTo(right) >= 0;

    /// <summary>Compares two texts as versions: before the last '-', then after it.</summary>
    internal static int Compare(string left, string right)
    {
        if (left == right)
            return 0;
        var l = left.LastIndexOf('-');
        var r = right.LastIndexOf('-');
        var upstream = ComparePart(l < 0 ? left : left.AsSpan(0, l), r < 0 ? right : right.AsSpan(0, r));
        return upstream != 0 ? upstream : ComparePart(l < 0 ? default : left.AsSpan(l + 1), r < 0 ? default : right.AsSpan(r + 1));
    }

    // Runs of other characters and runs of digits by turns. Where one side ends, it counts as zeros, and as larger than '~'.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static int ComparePart(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        while (true)
        {
            if (left.IsEmpty)
                return -Tail(right);
            if (right.IsEmpty)
                return Tail(left);
            var leftDigit = char.IsAsciiDigit(left[0]);
            var rightDigit = char.IsAsciiDigit(right[0]);
            if (leftDigit && rightDigit)
            {
                left = left.TrimStart('0');
                right = right.TrimStart('0');
                var length = Digits(left);
                var difference = length - Digits(right);
                if (difference != 0)
                    return Math.Sign(difference);
                difference = left[..length].SequenceCompareTo(right[..length]);
                if (difference != 0)
                    return Math.Sign(difference);
                left = left[length..];
                right = right[length..];
            }
            else if (leftDigit)
                return right[0] == '~' ? 1 : -1;
            else if (rightDigit)
                return left[0] == '~' ? -1 : 1;
            else
            {
                var difference = Weight(left[0]) - Weight(right[0]);
                if (difference != 0)
                    return Math.Sign(difference);
                left = left[1..];
                right = right[1..];
            }
        }
    }

    static int Tail(ReadOnlySpan<char> rest)
    {
        rest = rest.TrimStart('0');
        return rest.IsEmpty ? 0
            : rest[0] == '~' ? -1
            : 1;
    }

    static int Digits(ReadOnlySpan<char> text)
    {
        var length = text.IndexOfAnyExceptInRange('0', '9');
        return length < 0 ? text.Length : length;
    }

    static int Weight(char c) =>
        c == '~' ? 0
        : char.IsAsciiLetter(c) ? c
        : c + 0x10000;
}
