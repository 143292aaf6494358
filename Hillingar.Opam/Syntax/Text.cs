using System.Text;

namespace Hillingar.Opam.Syntax;

/// <summary>Bytes to text, sharing the few words that every file repeats.</summary>
static class Text
{
    const int Slots = 1024;

    // Races only cost a string: a slot is written whole, and a reader compares before it trusts.
    static readonly string?[] Words = new string?[Slots];

    public static string Intern(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > 32)
            return Encoding.UTF8.GetString(utf8);
        var hash = 17u;
        foreach (var b in utf8)
            hash = hash * 31 + b;
        ref var slot = ref Words[hash % Slots];
        if (slot is { } word && Same(word, utf8))
            return word;
        return slot = Encoding.UTF8.GetString(utf8);
    }

    static bool Same(string word, ReadOnlySpan<byte> utf8)
    {
        if (word.Length != utf8.Length)
            return false;
        for (var i = 0; i < utf8.Length; i++)
            if (word[i] != utf8[i] || utf8[i] >= 0x80)
                return false;
        return true;
    }
}
