using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;

namespace Hillingar.Opam.Language;

/// <summary>The escapes of opam's strings (opam-file-format, <c>opamLexer.mll</c> and <c>opamPrinter.ml</c>).</summary>
static class Escape
{
    static readonly SearchValues<byte> s_special = SearchValues.Create("\\\r"u8);

    /// <summary>What is between the quotes, if that is also what the string says; empty when it must be decoded (or is empty).</summary>
    public static ReadOnlySpan<byte> Plain(ReadOnlySpan<byte> literal)
    {
        var body = Body(literal);
        return body.IndexOfAny(s_special) < 0 ? body : default;
    }

    /// <summary>What a literal, quotes included, says.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static string Decode(ReadOnlySpan<byte> literal)
    {
        var body = Body(literal);
        if (body.IndexOfAny(s_special) < 0)
            return Text.Intern(body);
        var buffer = ArrayPool<byte>.Shared.Rent(body.Length);
        var length = Decode(body, buffer);
        var text = Encoding.UTF8.GetString(buffer.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(buffer);
        return text;
    }

    static ReadOnlySpan<byte> Body(ReadOnlySpan<byte> literal) =>
        literal.Length >= 6 && literal.StartsWith("\"\"\""u8) ? literal[3..^3] : literal[1..^1];

    // The scanner has accepted every escape, so nothing here can be out of range.
    static int Decode(ReadOnlySpan<byte> body, Span<byte> to)
    {
        var length = 0;
        for (var i = 0; i < body.Length; )
        {
            var c = body[i++];
            if (c == '\r' && i < body.Length && body[i] == '\n')
                continue;
            if (c != '\\')
            {
                to[length++] = c;
                continue;
            }
            c = body[i++];
            switch (c)
            {
                case (byte)'\r' or (byte)'\n':
                    if (c == '\r')
                        i++;
                    while (i < body.Length && body[i] is (byte)' ' or (byte)'\t')
                        i++;
                    break;
                case (byte)'x':
                    to[length++] = (byte)(Hex(body[i]) * 16 + Hex(body[i + 1]));
                    i += 2;
                    break;
                case >= (byte)'0' and <= (byte)'9':
                    to[length++] = (byte)((c - '0') * 100 + (body[i] - '0') * 10 + (body[i + 1] - '0'));
                    i += 2;
                    break;
                default:
                    to[length++] = c switch
                    {
                        (byte)'n' => (byte)'\n',
                        (byte)'r' => (byte)'\r',
                        (byte)'t' => (byte)'\t',
                        (byte)'b' => (byte)'\b',
                        _ => c,
                    };
                    break;
            }
        }
        return length;
    }

    static int Hex(byte c) => c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;

    /// <summary>
    /// A text between quotes as opam prints it: quotes and backslashes are escaped. Where opam's own would not read back, we escape
    /// more: a carriage return, and a blank that begins a text after <c>"""\</c> and a line end, which are skipped together.
    /// </summary>
    public static string Encode(string text, bool triple)
    {
        if (text.AsSpan().IndexOfAny('"', '\\', '\r') < 0 && !(triple && text[0] is ' ' or '\t'))
            return text;
        var result = new StringBuilder(text.Length + 8);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            var quote = c == '"' && (!triple || i == text.Length - 1 || (i < text.Length - 2 && text[i + 1] == '"' && text[i + 2] == '"'));
            if (c == '\r')
                result.Append("\\r");
            else if (c == '\t' && i == 0 && triple)
                result.Append("\\t");
            else if (quote || c == '\\' || (c == ' ' && i == 0 && triple))
                result.Append('\\').Append(c);
            else
                result.Append(c);
        }
        return result.ToString();
    }
}
