using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace Hillingar.Opam.Language;

/// <summary>Bytes to text, sharing the few words that every file repeats.</summary>
static class Text
{
    const int SlotBits = 13;

    // Races only cost a string: a slot is written whole, and a reader compares before it trusts.
    static readonly string?[] s_words = new string?[1 << SlotBits];

    /// <summary>What editors of Windows begin a file of UTF-8 with.</summary>
    public static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static string Intern(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > 32)
            return Encoding.UTF8.GetString(utf8);
        var hash = (ulong)utf8.Length;
        var rest = utf8;
        for (; rest.Length >= 8; rest = rest[8..])
            hash = (hash ^ BinaryPrimitives.ReadUInt64LittleEndian(rest)) * 0x9e3779b97f4a7c15;
        foreach (var b in rest)
            hash = (hash ^ b) * 0x9e3779b97f4a7c15;
        ref var slot = ref s_words[hash >> (64 - SlotBits)];
        if (slot is { } word && Ascii.Equals(utf8, word))
            return word;
        return slot = Encoding.UTF8.GetString(utf8);
    }
}
