using System.Text;
using Hillingar.Build.Confinement;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Requests;

/// <summary>An atom, a string or a list of a dune file.</summary>
/// <param name="Start">Where it begins.</param>
/// <param name="End">Where it ends: the place behind its last character.</param>
/// <param name="Text">What an atom or a string says, or null for a list.</param>
/// <param name="Items">What a list holds.</param>
sealed record DuneNode(int Start, int End, string? Text, IReadOnlyList<DuneNode> Items)
{
    /// <summary>The word that a list begins with: the name of a stanza or a field.</summary>
    public string? Head => Items is [{ Text: { } word }, ..] ? word : null;

    /// <summary>A stanza's field, or null.</summary>
    public DuneNode? Field(string name) => Items.FirstOrDefault(item => item.Head == name);

    /// <summary>The one word that a stanza's field says, or null.</summary>
    public string? Value(string name) => Field(name) is { Items: [_, { Text: { } word }] } ? word : null;

    /// <summary>What a field says behind its name, at any depth.</summary>
    public IEnumerable<DuneNode> Atoms => Items.Skip(1).SelectMany(item => item.Text is null ? item.AllAtoms : [item]);

    IEnumerable<DuneNode> AllAtoms => Items.SelectMany(item => item.Text is null ? item.AllAtoms : [item]);
}

/// <summary>
/// A <c>dune</c> or <c>dune-project</c> file, read as dune reads it (<c>dune_sexp/lexer.mll</c>; only <c>;</c> begins a comment), and
/// changed so that everything else stays byte for byte where it is, on its line.
/// </summary>
sealed class DuneText
{
    const int MaxDepth = 500;

    readonly string _shown,
        _text;
    string _code = "HIL4032",
        _told = "";
    readonly List<(DuneNode Node, string? Replacement)> _edits = [];
    int _at;

    // Bytes as they are, whatever the file's encoding; everything that means something is ASCII.
    DuneText(string shown, byte[] bytes) => (_shown, _text) = (shown, Encoding.Latin1.GetString(bytes));

    /// <summary>The stanzas, in their order.</summary>
    public IReadOnlyList<DuneNode> Stanzas { get; private set; } = [];

    /// <summary>The most bytes that a file is read of.</summary>
    public const int MaxLength = 16 << 20;

    /// <summary>Reads a file of sources.</summary>
    /// <param name="folder">The sources.</param>
    /// <param name="path">Its path there; links that stay inside are followed.</param>
    /// <param name="shown">Its path as messages show it.</param>
    /// <returns>Null where there is no such file.</returns>
    /// <exception cref="HillingarException">As of <see cref="Parse(byte[], string)"/>.</exception>
    public static DuneText? Read(ConfinedFolder folder, string path, string shown) =>
        folder.ReadBytes(path, MaxLength, throughLinks: true) is { } bytes ? Parse(bytes, shown) : null;

    /// <summary>Reads a file's bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="shown">The file's path as messages show it.</param>
    /// <exception cref="HillingarException">HIL4032: dune could not read it either, or it is a program in OCaml.</exception>
    public static DuneText Parse(byte[] bytes, string shown) => Parse(bytes, shown, "HIL4032", "");

    /// <summary>Reads a file's bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="shown">The file's path as messages show it.</param>
    /// <param name="code">The code of a fault.</param>
    /// <param name="told">What a fault means, to be followed by what it is; empty for the sake of which a file is cut down.</param>
    public static DuneText Parse(byte[] bytes, string shown, string code, string told)
    {
        var text = new DuneText(shown, bytes.Length > MaxLength ? [] : bytes) { _code = code, _told = told };
        if (bytes.Length > MaxLength)
            throw text.Fault(0, $"it is larger than {MaxLength >> 20} MiB");
        if (text._text.StartsWith("\u00EF\u00BB\u00BF", StringComparison.Ordinal))
            text._at = 3;
        if (text._text.StartsWith("(* -*- tuareg -*- *)", StringComparison.Ordinal))
            throw text.Fault(0, "it is a program in OCaml, and what stanzas it makes is known only when it runs");
        var stanzas = new List<DuneNode>();
        while (text.Skip() is not '\0')
            stanzas.Add(text.Node(0));
        if (stanzas.Find(stanza => stanza.Head is null) is { } stray)
            throw text.Fault(stray.Start, "a stanza of the form (NAME …) was expected");
        text.Stanzas = stanzas;
        return text;
    }

    /// <summary>A node as it stands there.</summary>
    public string Of(DuneNode node) => _text[node.Start..node.End];

    /// <summary>Takes a node out; the lines that it stood on stay, so that messages of dune name the right ones.</summary>
    public void Remove(DuneNode node) => _edits.Add((node, null));

    /// <summary>Puts a word in a node's place.</summary>
    public void Replace(DuneNode node, string word) => _edits.Add((node, word));

    /// <summary>The changed text.</summary>
    public string Print()
    {
        var result = new StringBuilder();
        var end = 0;
        foreach (
            var (node, replacement) in _edits
                .OrderBy(edit => edit.Node.Start)
                .ThenByDescending(edit => edit.Node.End)
                .Where(edit => edit.Node.Start >= end)
        )
        {
            result
                .Append(_text, end, node.Start - end)
                .Append(replacement ?? string.Concat(_text[node.Start..node.End].Where(c => c is '\n' or '\r')));
            end = node.End;
        }

        return result.Append(_text, end, _text.Length - end).ToString();
    }

    /// <summary>What the file is to hold now; null where nothing was changed.</summary>
    public byte[]? Changed => _edits.Count > 0 ? Encoding.Latin1.GetBytes(Print()) : null;

    char Peek(int ahead = 0) => _at + ahead < _text.Length ? _text[_at + ahead] : '\0';

    // To the next token; the character it begins with, or NUL at the end.
    char Skip()
    {
        while (_at < _text.Length)
            if (Peek() == ';')
                while (_at < _text.Length && Peek() is not ('\n' or '\r'))
                    _at++;
            else if (Peek() is ' ' or '\t' or '\f' or '\n' || (Peek() == '\r' && Peek(1) == '\n'))
                _at++;
            else
                return Peek() == '\0' ? throw Fault(_at, "it holds a NUL character") : Peek();
        return '\0';
    }

    DuneNode Node(int depth)
    {
        var start = _at;
        if (depth > MaxDepth)
            throw Fault(start, $"it is nested more than {MaxDepth} deep");
        switch (Skip())
        {
            case '(':
                _at++;
                var items = new List<DuneNode>();
                while (Skip() is not ')')
                    items.Add(_at < _text.Length ? Node(depth + 1) : throw Fault(start, "this parenthesis is not closed"));
                return new DuneNode(start, ++_at, null, items);
            case ')':
                throw Fault(start, "this parenthesis closes none");
            case '"':
                _at++;
                var text = Peek() == '\\' && Peek(1) is '|' or '>' ? Block() : Quoted();
                return new DuneNode(start, _at, text, []);
            default:
                while (Peek() is > ' ' and < '\x7f' and not (';' or '(' or ')' or '"'))
                    _at++;
                return _at > start
                    ? new DuneNode(start, _at, _text[start.._at], [])
                    : throw Fault(start, $"the character '\\x{(int)Peek():x2}' cannot stand here");
        }
    }

    string Quoted()
    {
        var (start, text) = (_at - 1, new StringBuilder());
        while (Peek() is not '"' || _at >= _text.Length)
            if (_at >= _text.Length)
                throw Fault(start, "this string is not closed");
            else if (Peek() == '\\')
                Escape(text, inBlock: false);
            else
                text.Append(_text[_at++]);
        _at++;
        return text.ToString();
    }

    // "\| a line, and "\> one without escapes; the string goes on while the next line begins so too.
    string Block()
    {
        var text = new StringBuilder();
        do
        {
            var raw = Peek(1) == '>';
            _at += 2;
            if (Peek() == ' ')
                _at++;
            else if (_at < _text.Length && Peek() is not '\n' && !(Peek() == '\r' && Peek(1) == '\n'))
                throw Fault(_at, "a space was expected behind \"\\| or \"\\>");
            while (_at < _text.Length && Peek() != '\n')
                if (Peek() == '\\' && !raw)
                    Escape(text, inBlock: true);
                else
                    text.Append(_text[_at++]);
            if (_at < _text.Length)
                text.Append(_text[_at++]);
        } while (Continues());
        return text.ToString();

        bool Continues()
        {
            var next = _at;
            while (next < _text.Length && _text[next] is ' ' or '\t' or '\f')
                next++;
            if (next + 2 >= _text.Length || _text[next] != '"' || _text[next + 1] != '\\' || _text[next + 2] is not ('|' or '>'))
                return false;
            _at = next + 1;
            return true;
        }
    }

    void Escape(StringBuilder text, bool inBlock)
    {
        var start = _at++;
        var c = Peek();
        if (c == '\r' && Peek(1) == '\n')
            c = _text[++_at];
        if (c == '\n')
        {
            // In a block the line ends here all the same: what sees it is the loop over its lines.
            if (inBlock)
                return;
            for (_at++; Peek() is ' ' or '\t'; _at++)
                continue;
            return;
        }

        var (length, value) = c switch
        {
            'n' => (1, '\n'),
            'r' => (1, '\r'),
            'b' => (1, '\b'),
            't' => (1, '\t'),
            '\\' or '\'' or '"' or '%' => (1, c),
            'x' when char.IsAsciiHexDigit(Peek(1)) && char.IsAsciiHexDigit(Peek(2)) => (
                3,
                (char)Convert.ToInt32(_text.Substring(_at + 1, 2), 16)
            ),
            >= '0'
            and <= '9'
                when char.IsAsciiDigit(Peek(1)) && char.IsAsciiDigit(Peek(2)) && int.Parse(_text.AsSpan(_at, 3)) is <= 255 and var code => (
                3,
                (char)code
            ),
            _ => throw Fault(start, "this is no escape sequence"),
        };
        text.Append(value);
        _at += length;
    }

    /// <summary>A fault, at its place; where a merge left its marks, they are the fault, whatever they led to.</summary>
    public HillingarException Fault(int at, string what)
    {
        var place = PlaceOf(at);
        if (MergeMarks.Find(_text) is var (line, told))
            (place, what) = (new Place(_shown, line, 1), $"it has {told}");
        return new(
            _code,
            _told.Length > 0
                ? $"{_told}: {what}."
                : $"This file says what belongs to which package, and it cannot be read: {what}. It must be, as another archive that holds some of the same packages is vendored beside it, and each is cut down to its own. Constrain their packages to versions of one release.",
            place
        );
    }

    /// <summary>The line and the column of a place in the text.</summary>
    public Place PlaceOf(int at)
    {
        var before = _text.AsSpan(0, at);
        return new(_shown, before.Count('\n') + 1, at - before.LastIndexOf('\n'));
    }
}
