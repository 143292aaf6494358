using System.Security;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using Hillingar.Build.Files;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Projects;

/// <summary>
/// A project's file as text: elements are found by the XML reader, and changed where they stand, so that every blank, comment, quote and line end that is not
/// changed stays as it is, which no XML library's writer does.
/// </summary>
sealed partial class ProjectText
{
    static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    readonly string _path;
    readonly Encoding _encoding;
    readonly List<int> _lines = [0];
    readonly List<(int Start, int End, string Text)> _edits = [];

    ProjectText(string path, string text, Encoding encoding)
    {
        (_path, Text, _encoding) = (path, text, encoding);
        for (var i = 0; i < text.Length; i++)
            if (text[i] is '\n' || (text[i] is '\r' && (i + 1 == text.Length || text[i + 1] != '\n')))
                _lines.Add(i + 1);
        Elements = Read();
    }

    /// <summary>What is read.</summary>
    public string Text { get; }

    /// <summary>All elements, in their order; the first is the root.</summary>
    public IReadOnlyList<ProjectElement> Elements { get; }

    /// <summary>What ends the file's lines.</summary>
    public string LineEnd => Text.IndexOf('\n', StringComparison.Ordinal) is > 0 and var at && Text[at - 1] == '\r' ? "\r\n" : "\n";

    /// <summary>Reads a file.</summary>
    /// <exception cref="HillingarException">HIL7004: it cannot be read, or is no XML.</exception>
    public static ProjectText Load(string path)
    {
        try
        {
            using var reader = new StreamReader(path, s_utf8, detectEncodingFromByteOrderMarks: true);
            reader.Peek();
            var text = reader.ReadToEnd();
            // The reader takes the mark away and knows what it said.
            var marked = reader.CurrentEncoding is not UTF8Encoding || File.ReadAllBytes(path) is [0xEF, 0xBB, 0xBF, ..];
            return new ProjectText(
                path,
                text,
                !marked ? s_utf8
                    : reader.CurrentEncoding is UTF8Encoding ? Encoding.UTF8
                    : reader.CurrentEncoding
            );
        }
        catch (Exception exception)
            when (exception is IOException or XmlException or UnauthorizedAccessException or DecoderFallbackException)
        {
            throw new HillingarException(
                "HIL7004",
                $"The project's file cannot be read: {exception.Message} Make the change by hand.",
                new Place(path),
                exception
            );
        }
    }

    /// <summary>Where an element stands.</summary>
    public Place PlaceOf(ProjectElement element) => new(_path, element.Line, element.Column);

    /// <summary>The blanks before an element, where nothing else stands before it on its line.</summary>
    public string? Indentation(ProjectElement element)
    {
        var start = _lines[element.Line - 1];
        var before = Text[start..element.Start];
        return string.IsNullOrWhiteSpace(before) ? before : null;
    }

    /// <summary>Puts an element on a line of its own after another; or right behind it, where that one has none.</summary>
    public void InsertAfter(ProjectElement element, string text)
    {
        // A comment on the same line is about that element.
        var at = element.End + CommentsOfLine().Match(Text, element.End).Length;
        _edits.Add(Indentation(element) is { } blank ? (at, at, LineEnd + blank + text) : (element.End, element.End, text));
    }

    /// <summary>The same before another.</summary>
    public void InsertBefore(ProjectElement element, string text) =>
        _edits.Add((element.Start, element.Start, Indentation(element) is { } blank ? text + LineEnd + blank : text));

    /// <summary>Puts lines before the end of an element, which may be one that has no end.</summary>
    /// <param name="element">The element.</param>
    /// <param name="lines">The lines, indented.</param>
    public void Append(ProjectElement element, IEnumerable<string> lines)
    {
        var text = string.Concat(lines.Select(line => line + LineEnd));
        if (element.IsEmpty)
        {
            var tag = element.End - 2;
            while (char.IsWhiteSpace(Text[tag - 1]))
                tag--;
            _edits.Add((tag, element.End, $">{LineEnd}{text}{Indentation(element)}</{element.Name}>"));
            return;
        }

        var line = Text.LastIndexOfAny(['\n', '\r'], element.ContentEnd - 1) + 1;
        // Where something stands before the end on its line, a new line begins after it.
        var own = string.IsNullOrWhiteSpace(Text[line..element.ContentEnd]);
        _edits.Add(own ? (line, line, text) : (element.ContentEnd, element.ContentEnd, LineEnd + text));
    }

    /// <summary>Puts a group after the last one of the project.</summary>
    /// <param name="name">The group's name, such as <c>ItemGroup</c>.</param>
    /// <param name="inner">The lines in it, not indented.</param>
    public void AppendGroup(string name, IEnumerable<string> inner)
    {
        var root = Elements[0];
        var last = Elements.LastOrDefault(element => element.Parent == root && (element.Is("ItemGroup") || element.Is("PropertyGroup")));
        var blank = last is null ? "  " : Indentation(last) ?? "  ";
        string[] lines = [$"<{name}>", .. inner.Select(line => blank + line), $"</{name}>"];
        if (last is null)
            Append(root, lines.Select(each => blank + each));
        else
            InsertAfter(last, string.Join(LineEnd + blank, lines));
    }

    /// <summary>Takes an element away, and the line that was its own.</summary>
    public void Remove(ProjectElement element)
    {
        var (start, end) = (element.Start, element.End);
        if (Indentation(element) is { } blank)
        {
            var next = end;
            while (next < Text.Length && Text[next] is ' ' or '\t')
                next++;
            if (next == Text.Length || Text[next] is '\n' or '\r')
            {
                start -= blank.Length;
                end =
                    next
                    + (
                        next == Text.Length ? 0
                        : Text.AsSpan(next).StartsWith("\r\n") ? 2
                        : 1
                    );
            }
        }

        _edits.Add((start, end, ""));
    }

    /// <summary>Gives an attribute another value, or makes it behind the others; null takes it away, and the blanks before it.</summary>
    public void SetAttribute(ProjectElement element, string name, string? value)
    {
        var found = element.Attributes.FirstOrDefault(attribute => attribute.Name == name);
        if (found.Name is not null)
        {
            var start = found.Start;
            while (value is null && char.IsWhiteSpace(Text[start - 1]))
                start--;
            _edits.Add(value is null ? (start, found.ValueEnd + 1, "") : (found.ValueStart, found.ValueEnd, Escape(value)));
        }
        else if (value is not null)
        {
            var last = element.Attributes.Count > 0 ? element.Attributes[^1].ValueEnd + 1 : element.Start + 1 + element.Name.Length;
            _edits.Add((last, last, $" {name}=\"{Escape(value)}\""));
        }
    }

    /// <summary>Gives an element another text.</summary>
    public void SetContent(ProjectElement element, string text) => _edits.Add((element.ContentStart, element.ContentEnd, Escape(text)));

    /// <summary>Writes what was changed. A reader sees the old file or the new one; a link stays one.</summary>
    public void Save()
    {
        var text = new StringBuilder(Text);
        foreach (var (start, end, with) in _edits.OrderByDescending(edit => edit.Start))
            text.Remove(start, end - start).Insert(start, with);
        AtomicFile.WriteText(
            File.ResolveLinkTarget(_path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(_path),
            text.ToString(),
            _encoding
        );
    }

    /// <summary>A text as an attribute's value, or an element's, says it.</summary>
    public static string Escape(string text) => SecurityElement.Escape(text)!;

    // The reader says where names begin; where tags and values end is found by the rules of XML, which it has checked by then.
    List<ProjectElement> Read()
    {
        using var reader = new XmlTextReader(new StringReader(Text)) { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };
        var (found, open) = (new List<ProjectElement>(), new Stack<ProjectElement>());
        while (reader.Read())
        {
            if (reader.NodeType == XmlNodeType.Element)
            {
                var start = At(reader.LineNumber, reader.LinePosition) - 1;
                var (line, column, name, empty) = (reader.LineNumber, reader.LinePosition - 1, reader.Name, reader.IsEmptyElement);
                var attributes = new List<ProjectAttribute>();
                while (reader.MoveToNextAttribute())
                    attributes.Add(Attribute(reader.Name, reader.Value, At(reader.LineNumber, reader.LinePosition)));
                var end = Text.IndexOf('>', attributes.Count > 0 ? attributes[^1].ValueEnd : start) + 1;
                var element = new ProjectElement(name, open.TryPeek(out var parent) ? parent : null, attributes, empty, line, column)
                {
                    Start = start,
                    ContentStart = end,
                    ContentEnd = end,
                    End = end,
                };
                found.Add(element);
                if (!empty)
                    open.Push(element);
            }
            else if (reader.NodeType == XmlNodeType.EndElement)
            {
                var element = open.Pop();
                element.ContentEnd = At(reader.LineNumber, reader.LinePosition) - 2;
                element.End = Text.IndexOf('>', element.ContentEnd) + 1;
            }
            else if (reader.NodeType is XmlNodeType.Text or XmlNodeType.CDATA && open.TryPeek(out var around))
            {
                around.Content += reader.Value;
            }
        }

        return found;
    }

    ProjectAttribute Attribute(string name, string value, int start)
    {
        var quote = Text.IndexOfAny(['"', '\''], start);
        return new ProjectAttribute(name, value, start, quote + 1, Text.IndexOf(Text[quote], quote + 1));
    }

    [GeneratedRegex(@"\G(?:[ \t]*<!--(?:(?!-->)[^\r\n])*-->)*(?=[ \t]*(?:[\r\n]|\z))")]
    private static partial Regex CommentsOfLine();

    int At(int line, int position) => _lines[line - 1] + position - 1;
}
