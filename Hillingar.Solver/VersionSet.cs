using System.Numerics;

namespace Hillingar.Solver;

/// <summary>
/// An immutable set of versions of one <see cref="Package"/>, each known by its rank: 0 is the oldest.
/// </summary>
public readonly struct VersionSet : IEquatable<VersionSet>
{
    // Three packages of four have at most 64 versions, so their sets are one word and allocate nothing.
    readonly ulong _first;
    readonly ulong[]? _rest;

    VersionSet(ulong first, ulong[]? rest) => (_first, _rest) = (first, rest);

    /// <summary>The set of no version.</summary>
    public static VersionSet Empty => default;

    /// <summary>The set of one version.</summary>
    public static VersionSet Of(int version)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(version);
        if (version < 64)
            return new(1ul << version, null);
        var rest = new ulong[version >> 6];
        rest[^1] = 1ul << version;
        return new(0, rest);
    }

    /// <summary>The set of the given versions.</summary>
    public static VersionSet Of(IEnumerable<int> versions)
    {
        ArgumentNullException.ThrowIfNull(versions);
        ulong first = 0;
        ulong[]? rest = null;
        foreach (var version in versions)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(version);
            if (version < 64)
                first |= 1ul << version;
            else
            {
                if ((rest?.Length ?? 0) <= (version >> 6) - 1)
                    Array.Resize(ref rest, version >> 6);
                rest![(version >> 6) - 1] |= 1ul << version;
            }
        }
        return new(first, rest);
    }

    /// <summary>The versions from 0 to below <paramref name="count"/>.</summary>
    public static VersionSet All(int count) => Empty.Complement(count);

    /// <summary>The versions below <paramref name="count"/> that <paramref name="holds"/> holds for.</summary>
    public static VersionSet Where(int count, Func<int, bool> holds)
    {
        ArgumentNullException.ThrowIfNull(holds);
        ulong first = 0;
        for (var version = 0; version < Math.Min(count, 64); version++)
            if (holds(version))
                first |= 1ul << version;
        if (count <= 64)
            return new(first, null);
        var rest = new ulong[(count - 1) >> 6];
        for (var version = 64; version < count; version++)
            if (holds(version))
                rest[(version >> 6) - 1] |= 1ul << version;
        return new(first, rest);
    }

    /// <summary>Whether the set has no member.</summary>
    public bool IsEmpty => _first == 0 && (_rest is null || _rest.AsSpan().IndexOfAnyExcept(0ul) < 0);

    /// <summary>The number of members.</summary>
    public int Count
    {
        get
        {
            var count = BitOperations.PopCount(_first);
            foreach (var word in _rest ?? [])
                count += BitOperations.PopCount(word);
            return count;
        }
    }

    /// <summary>The only member, or -1 where there is none or there are several.</summary>
    public int Only
    {
        get
        {
            var only =
                _first == 0 ? -1
                : BitOperations.IsPow2(_first) ? BitOperations.TrailingZeroCount(_first)
                : -2;
            for (var i = 0; i < (_rest?.Length ?? 0) && only > -2; i++)
                if (_rest![i] != 0)
                    only = only == -1 && BitOperations.IsPow2(_rest[i]) ? (i + 1 << 6) + BitOperations.TrailingZeroCount(_rest[i]) : -2;
            return Math.Max(only, -1);
        }
    }

    /// <summary>The members, oldest first.</summary>
    public IEnumerable<int> Members
    {
        get
        {
            for (var at = 0; at <= (_rest?.Length ?? 0); at++)
            for (var word = Word(at); word != 0; word &= word - 1)
                yield return (at << 6) + BitOperations.TrailingZeroCount(word);
        }
    }

    ulong Word(int at) =>
        at == 0 ? _first
        : at <= (_rest?.Length ?? 0) ? _rest![at - 1]
        : 0;

    /// <summary>Whether <paramref name="version"/> is a member.</summary>
    public bool Contains(int version) => (Word(version >> 6) >> version & 1) != 0;

    /// <summary>Whether the two sets have a member in common.</summary>
    public bool Overlaps(VersionSet other)
    {
        if ((_first & other._first) != 0)
            return true;
        for (var i = Math.Min(_rest?.Length ?? 0, other._rest?.Length ?? 0); i > 0; i--)
            if ((_rest![i - 1] & other._rest![i - 1]) != 0)
                return true;
        return false;
    }

    /// <summary>Whether every member is one of <paramref name="other"/> too.</summary>
    public bool IsSubsetOf(VersionSet other)
    {
        if ((_first & ~other._first) != 0)
            return false;
        for (var i = _rest?.Length ?? 0; i > 0; i--)
            if ((_rest![i - 1] & ~other.Word(i)) != 0)
                return false;
        return true;
    }

    /// <summary>The members of both sets.</summary>
    public static VersionSet operator &(VersionSet left, VersionSet right)
    {
        if (left._rest is null || right._rest is null)
            return new(left._first & right._first, null);
        var rest = new ulong[Math.Min(left._rest.Length, right._rest.Length)];
        for (var i = 0; i < rest.Length; i++)
            rest[i] = left._rest[i] & right._rest[i];
        return new(left._first & right._first, rest);
    }

    /// <summary>The members of either set.</summary>
    public static VersionSet operator |(VersionSet left, VersionSet right)
    {
        if (left._rest is null || right._rest is null)
            return new(left._first | right._first, left._rest ?? right._rest);
        var rest = new ulong[Math.Max(left._rest.Length, right._rest.Length)];
        for (var i = 0; i < rest.Length; i++)
            rest[i] = left.Word(i + 1) | right.Word(i + 1);
        return new(left._first | right._first, rest);
    }

    /// <summary>The members that <paramref name="right"/> lacks.</summary>
    public static VersionSet operator -(VersionSet left, VersionSet right)
    {
        if (left._rest is null)
            return new(left._first & ~right._first, null);
        var rest = new ulong[left._rest.Length];
        for (var i = 0; i < rest.Length; i++)
            rest[i] = left._rest[i] & ~right.Word(i + 1);
        return new(left._first & ~right._first, rest);
    }

    /// <summary>The versions from 0 to below <paramref name="count"/> that are not members.</summary>
    public VersionSet Complement(int count)
    {
        static ulong Mask(int bits) =>
            bits >= 64 ? ulong.MaxValue
            : bits <= 0 ? 0
            : (1ul << bits) - 1;
        if (count <= 64)
            return new(~_first & Mask(count), null);
        var words = new ulong[(count - 1) >> 6];
        for (var i = 0; i < words.Length; i++)
            words[i] = ~Word(i + 1) & Mask(count - (i + 1 << 6));
        return new(~_first, words);
    }

    /// <summary>Whether both sets have the same members.</summary>
    public bool Equals(VersionSet other) => IsSubsetOf(other) && other.IsSubsetOf(this);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is VersionSet other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Members.Aggregate(0, HashCode.Combine);

    /// <summary>Whether both sets have the same members.</summary>
    public static bool operator ==(VersionSet left, VersionSet right) => left.Equals(right);

    /// <summary>Whether the sets differ.</summary>
    public static bool operator !=(VersionSet left, VersionSet right) => !left.Equals(right);

    /// <inheritdoc/>
    public override string ToString() => $"{{{string.Join(' ', Members)}}}";
}
