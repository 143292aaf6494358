using System.Text;
using System.Text.Unicode;

namespace Hillingar.Build.Confinement;

/// <summary>
/// Names of files as Linux has them, bytes, and as text: what is no UTF-8 is kept as lone surrogates, so that every name can be opened and
/// deleted again (Python's PEP 383).
/// </summary>
static class EntryName
{
    const int First = 0xdc80;

    /// <summary>The name as text.</summary>
    public static string Decode(ReadOnlySpan<byte> name)
    {
        if (Utf8.IsValid(name))
            return Encoding.UTF8.GetString(name);
        var text = new StringBuilder();
        while (!name.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(name, out var rune, out var length) == System.Buffers.OperationStatus.Done)
                text.Append(rune.ToString());
            else
            {
                length = 1;
                text.Append((char)(First + (name[0] & 0x7f)));
            }

            name = name[length..];
        }

        return text.ToString();
    }

    /// <summary>The bytes of a name or path, with the zero that C wants at the end.</summary>
    public static byte[] Encode(string name)
    {
        if (!name.AsSpan().ContainsAnyInRange((char)First, (char)(First + 0x7f)))
            return Ended(name);
        var bytes = new List<byte>();
        Span<byte> utf8 = stackalloc byte[4];
        for (var at = 0; at < name.Length; at++)
            if (Rune.TryGetRuneAt(name, at, out var rune))
            {
                bytes.AddRange(utf8[..rune.EncodeToUtf8(utf8)]);
                at += rune.Utf16SequenceLength - 1;
            }
            else if (name[at] is >= (char)First and < (char)(First + 0x80))
                bytes.Add((byte)(name[at] - First + 0x80));
            else
                bytes.AddRange("\uFFFD"u8);
        bytes.Add(0);
        return [.. bytes];
    }

    static byte[] Ended(string name)
    {
        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(name.Length) + 1];
        Array.Resize(ref bytes, Encoding.UTF8.GetBytes(name, bytes) + 1);
        return bytes;
    }
}
