using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;

namespace Hillingar.Opam.Syntax;

enum Token : byte
{
    End,
    Ident,
    String,
    Int,
    Bool,
    Colon,
    OpenBrace,
    CloseBrace,
    OpenBracket,
    CloseBracket,
    OpenGroup,
    CloseGroup,
    Relation,
    Logic,
    Prefix,
    Update,
}

/// <summary>
/// Cuts a file into tokens, by the rules of <c>opamLexer.mll</c>: the longest match, then the first rule.
/// Blanks and comments are what lies between two tokens.
/// </summary>
ref struct Scanner(byte[] source, string path)
{
    static readonly SearchValues<byte> s_stringStop = SearchValues.Create("\"\\"u8);

    const byte Blank = 1,
        Letter = 2,
        Digit = 4,
        Dash = 8,
        Name = Letter | Digit | Dash;

    static ReadOnlySpan<byte> Classes => s_classTable;

    static readonly byte[] s_classTable = MakeClasses();

    readonly ReadOnlySpan<byte> _text = source;
    int _position;

    /// <summary>The current token.</summary>
    public Token Token;

    /// <summary>Its first byte.</summary>
    public int Start;

    /// <summary>The byte after it.</summary>
    public int End;

    /// <summary>The operator of a relation, logic, prefix or update token, or the value of a bool.</summary>
    public byte Operator;

    /// <summary>The value of an int.</summary>
    public long Number;

    static byte[] MakeClasses()
    {
        var table = new byte[256];
        table[' '] = table['\t'] = table['\n'] = Blank;
        for (var c = 'a'; c <= 'z'; c++)
            table[c] = table[c - 32] = Letter;
        for (var c = '0'; c <= '9'; c++)
            table[c] = Digit;
        table['_'] = table['-'] = Dash;
        return table;
    }

    /// <summary>Moves to the next token.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Next()
    {
        SkipBlank();
        Start = _position;
        if (_position >= _text.Length)
        {
            Token = Token.End;
            End = _position;
            return;
        }
        var c = _text[_position];
        switch (c)
        {
            case (byte)'"':
                ScanString();
                break;
            case (byte)'{':
                Take(Token.OpenBrace, 1);
                break;
            case (byte)'}':
                Take(Token.CloseBrace, 1);
                break;
            case (byte)'[':
                Take(Token.OpenBracket, 1);
                break;
            case (byte)']':
                Take(Token.CloseBracket, 1);
                break;
            case (byte)'(':
                Take(Token.OpenGroup, 1);
                break;
            case (byte)')':
                Take(Token.CloseGroup, 1);
                break;
            case (byte)'&':
                Take(Token.Logic, 1, (byte)LogicalOperator.And);
                break;
            case (byte)'|':
                Take(Token.Logic, 1, (byte)LogicalOperator.Or);
                break;
            case (byte)'?':
                Take(Token.Prefix, 1, (byte)PrefixOperator.Defined);
                break;
            case (byte)'!':
                if (At(1) == '=')
                    Take(Token.Relation, 2, (byte)RelationalOperator.NotEqual);
                else
                    Take(Token.Prefix, 1, (byte)PrefixOperator.Not);
                break;
            case (byte)'>':
                if (At(1) == '=')
                    Take(Token.Relation, 2, (byte)RelationalOperator.GreaterOrEqual);
                else
                    Take(Token.Relation, 1, (byte)RelationalOperator.Greater);
                break;
            case (byte)'<':
                if (At(1) == '=')
                    Take(Token.Relation, 2, (byte)RelationalOperator.LessOrEqual);
                else
                    Take(Token.Relation, 1, (byte)RelationalOperator.Less);
                break;
            case (byte)'~':
                Take(Token.Relation, 1, (byte)RelationalOperator.GreaterOrEqual);
                break;
            case (byte)'=':
                ScanEquals();
                break;
            case (byte)':':
                if (At(1) == '=')
                    Take(Token.Update, 2, (byte)UpdateOperator.PrependAlways);
                else
                    Take(Token.Colon, 1);
                break;
            case (byte)'+' when At(1) == '=':
                Take(Token.Update, 2, (byte)UpdateOperator.Prepend);
                break;
            default:
                if ((Classes[c] & Name) != 0)
                    ScanWord();
                else
                    throw Error(
                        _position,
                        $"expected a value or a field, but {Show(_position)} means nothing in opam's language; remove it or put it into a string"
                    );
                break;
        }
        End = _position;
    }

    /// <summary>The error at an offset, told as the user's.</summary>
    public readonly HillingarException Error(int offset, string message, string code = "HIL1001") =>
        new(code, message, Document.PlaceIn(_text, path, offset));

    /// <summary>The current token as a message shows it.</summary>
    public readonly string Show() => Token == Token.End ? "the end of the file" : Quote(_text[Start..End]);

    readonly string Show(int offset)
    {
        Rune.DecodeFromUtf8(_text[offset..], out var rune, out var length);
        return _text[offset] < 0x20 || rune == Rune.ReplacementChar ? $"the byte 0x{_text[offset]:x2}" : Quote(_text.Slice(offset, length));
    }

    static string Quote(ReadOnlySpan<byte> token)
    {
        var line = token.IndexOfAny((byte)'\r', (byte)'\n');
        var cut = line >= 0 ? token[..line] : token;
        if (cut.Length > 40)
            cut = cut[..40];
        return $"'{Encoding.UTF8.GetString(cut)}{(cut.Length < token.Length ? "…" : "")}'";
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    readonly byte At(int ahead) => (uint)(_position + ahead) < (uint)_text.Length ? _text[_position + ahead] : (byte)0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void Take(Token token, int length, byte op = 0)
    {
        Token = token;
        Operator = op;
        _position += length;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void SkipBlank()
    {
        while (_position < _text.Length)
        {
            var c = _text[_position];
            if ((Classes[c] & Blank) != 0)
                _position++;
            else if (c == '#')
            {
                var line = _text[_position..].IndexOf((byte)'\n');
                _position = line < 0 ? _text.Length : _position + line + 1;
            }
            else if (c == '\r' && At(1) == '\n')
                _position += 2;
            else if (c == '(' && At(1) == '*')
                SkipComment();
            else if (_position == 0 && _text.StartsWith(Text.ByteOrderMark))
                _position = Text.ByteOrderMark.Length;
            else
                return;
        }
    }

    void SkipComment()
    {
        var start = _position;
        _position += 2;
        for (var depth = 1; depth > 0; )
        {
            var next = _text[_position..].IndexOfAny((byte)'(', (byte)'*');
            if (next < 0)
                throw Error(start, "this comment has no end; expected '*)'");
            _position += next;
            if (At(0) == '*' && At(1) == ')')
            {
                depth--;
                _position += 2;
            }
            else if (At(0) == '(' && At(1) == '*')
            {
                depth++;
                _position += 2;
            }
            else
                _position++;
        }
    }

    /// <summary>Where blanks and comments that begin at an offset end; a reprint checks its layout with it.</summary>
    public int SkipBlankFrom(int offset)
    {
        _position = offset;
        SkipBlank();
        return _position;
    }

    void ScanEquals()
    {
        switch (At(1))
        {
            case (byte)'+' when At(2) == '=':
                Take(Token.Update, 3, (byte)UpdateOperator.Replace);
                break;
            case (byte)'+':
                Take(Token.Update, 2, (byte)UpdateOperator.Append);
                break;
            case (byte)':' when At(2) == '=':
                throw Error(_position, "'=:=' is no operator; expected one of = += =+ =+= := =:");
            case (byte)':':
                Take(Token.Update, 2, (byte)UpdateOperator.AppendAlways);
                break;
            default:
                Take(Token.Relation, 1, (byte)RelationalOperator.Equal);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void ScanString()
    {
        Token = Token.String;
        var start = _position;
        if (At(1) == '"' && At(2) == '"')
        {
            _position += 3;
            while (true)
            {
                StringStep(start);
                if (_text[_position] == '\\')
                    ScanEscape(start);
                else if (At(1) == '"' && At(2) == '"')
                {
                    _position += 3;
                    return;
                }
                else
                    _position++;
            }
        }
        _position++;
        while (true)
        {
            StringStep(start);
            if (_text[_position] == '\\')
                ScanEscape(start);
            else
            {
                _position++;
                return;
            }
        }
    }

    /// <summary>Moves to the next quote or backslash.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void StringStep(int start)
    {
        var next = _text[_position..].IndexOfAny(s_stringStop);
        if (next < 0)
            throw Unterminated(start);
        _position += next;
    }

    readonly HillingarException Unterminated(int start) =>
        Error(start, $"this string has no end; expected {(_text[start..].StartsWith("\"\"\""u8) ? "\"\"\"" : "\"")}");

    void ScanEscape(int start)
    {
        var c = At(1);
        if (_position + 1 >= _text.Length)
            throw Unterminated(start);
        switch (c)
        {
            case (byte)'\\' or (byte)'"' or (byte)'\'' or (byte)'n' or (byte)'r' or (byte)'t' or (byte)'b' or (byte)' ' or (byte)'\n':
                _position += 2;
                return;
            case (byte)'\r' when At(2) == '\n':
                _position += 3;
                return;
            case (byte)'x' when char.IsAsciiHexDigit((char)At(2)) && char.IsAsciiHexDigit((char)At(3)):
                _position += 4;
                return;
        }
        if (IsDigit(c) && IsDigit(At(2)) && IsDigit(At(3)) && (c - '0') * 100 + (At(2) - '0') * 10 + (At(3) - '0') <= 255)
            _position += 4;
        else
            throw Error(
                _position,
                "this is no escape of opam's; expected one of \\\\ \\\" \\' \\n \\r \\t \\b, \\ and a space, \\DDD (at most 255), \\xHH or a line end"
            );
    }

    static bool IsDigit(byte c) => c is >= (byte)'0' and <= (byte)'9';

    /// <summary>A run of letters, digits, '_' and '-', from an offset, and which of them it holds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    readonly int Run(int from, out int classes)
    {
        classes = 0;
        var i = from;
        for (; i < _text.Length; i++)
        {
            var c = Classes[_text[i]];
            if ((c & Name) == 0)
                break;
            classes |= c;
        }
        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void ScanWord()
    {
        var start = _position;
        var end = Run(start, out var classes);
        var single = end == start + 1 && _text[start] == '_';
        if ((classes & Letter) == 0 && !single)
        {
            ScanNumber(end);
            return;
        }
        // ident = (id | '_') ('+' (id | '_'))* (':' id)?, where an id holds a letter.
        var plain = true;
        while (end < _text.Length && _text[end] == '+')
        {
            var next = Run(end + 1, out classes);
            if ((classes & Letter) == 0 && !(next == end + 2 && _text[end + 1] == '_'))
                break;
            plain = false;
            end = next;
        }
        if (end < _text.Length && _text[end] == ':')
        {
            var next = Run(end + 1, out classes);
            if ((classes & Letter) != 0)
            {
                plain = false;
                end = next;
            }
        }
        if (single && plain)
            throw Error(start, "'_' alone is no value; expected an identifier such as _:version");
        _position = end;
        Token = Token.Ident;
        if (plain && end - start is 4 or 5)
        {
            var word = _text[start..end];
            if (word.SequenceEqual("true"u8))
                (Token, Operator) = (Token.Bool, 1);
            else if (word.SequenceEqual("false"u8))
                (Token, Operator) = (Token.Bool, 0);
        }
    }

    // int = '-'? ['0'-'9' '_']+, read by OCaml's int_of_string: 63 bits, a digit first.
    void ScanNumber(int end)
    {
        var start = _position;
        var i = start;
        var negative = _text[i] == '-';
        if (negative)
            i++;
        var digits = i;
        long value = 0;
        var overflow = false;
        for (; i < end && _text[i] != '-'; i++)
        {
            if (_text[i] == '_')
                continue;
            var digit = _text[i] - '0';
            overflow |= value > ((1L << 62) - digit) / 10;
            value = unchecked(value * 10 + digit);
        }
        if (i == digits || _text[digits] == '_')
            throw Error(start, $"{Quote(_text[start..Math.Max(i, start + 1)])} is no number; expected digits");
        if (overflow || (!negative && value == 1L << 62))
            throw Error(start, $"{Quote(_text[start..i])} is larger than opam's numbers go (62 bits)");
        Token = Token.Int;
        Number = negative ? -value : value;
        _position = i;
    }
}
