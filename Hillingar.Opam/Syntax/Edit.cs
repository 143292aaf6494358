using System.Text;

namespace Hillingar.Opam.Syntax;

/// <summary>Changes to a document. Each gives a new one; what it does not touch stays byte for byte, layout and comments too.</summary>
public static class Edit
{
    /// <summary>The document with a field set: its first field of that name gets the value, or a new field is added at the end.</summary>
    /// <param name="document">The document.</param>
    /// <param name="name">The field's name.</param>
    /// <param name="value">Its new value.</param>
    public static Document Set(this Document document, string name, Value value) => document.Set(new Field(name, value));

    /// <summary>The document with an item in place of its first of the same name (and kind, for a section), or at the end.</summary>
    /// <param name="document">The document.</param>
    /// <param name="item">The item.</param>
    public static Document Set(this Document document, Item item)
    {
        var old = document.Items.FirstOrDefault(other =>
            (other, item) switch
            {
                (Field a, Field b) => a.Name == b.Name,
                (Section a, Section b) => a.Kind == b.Kind && a.Name == b.Name,
                _ => false,
            }
        );
        if (document.Source is not { } source)
            return Document.Create(old is null ? document.Items.Add(item) : document.Items.Replace(old, item), document.Path);
        return old is null
            ? Splice(
                document,
                source,
                source.Length,
                source.Length,
                $"{(source is [] or [.., (byte)'\n'] ? "" : "\n")}{Printer.Print(item)}\n"
            )
            : Splice(document, source, old.Start, old.End, Printer.Print(item, Column(source, old.Start)));
    }

    /// <summary>The document without the first field of a name; the line goes with it, unless something else is on it.</summary>
    /// <param name="document">The document.</param>
    /// <param name="name">The field's name.</param>
    public static Document Remove(this Document document, string name)
    {
        if (document.Field(name) is not { } field)
            return document;
        if (document.Source is not { } source)
            return Document.Create(document.Items.Remove(field), document.Path);
        return Cut(document, source, field.Start, field.End, blanks: false);
    }

    /// <summary>The document with one value in place of another, anywhere in it.</summary>
    /// <param name="document">A document that was parsed.</param>
    /// <param name="old">A value of this document.</param>
    /// <param name="value">The value to stand there.</param>
    public static Document Replace(this Document document, Value old, Value value)
    {
        if (document.Source is not { } source || old.Start < 0 || old.End > source.Length)
            throw new ArgumentException("Only a value of a parsed document can be replaced.", nameof(old));
        return Splice(document, source, old.Start, old.End, Printer.Print(value, Column(source, old.Start)));
    }

    /// <summary>The document without an item of a list; the line goes with it, unless something else is on it.</summary>
    /// <param name="document">A document that was parsed.</param>
    /// <param name="item">A value of this document, in a list.</param>
    public static Document Remove(this Document document, Value item)
    {
        ArgumentNullException.ThrowIfNull(item);
        if (document.Source is not { } source || item.Start < 0 || item.End > source.Length)
            throw new ArgumentException("Only a value of a parsed document can be removed.", nameof(item));
        return Cut(document, source, item.Start, item.End, blanks: true);
    }

    // The line goes with it where nothing else is on it; else the blanks before it do where they are said to, or those behind it at the start of a line.
    static Document Cut(Document document, byte[] source, int first, int last, bool blanks)
    {
        var (start, end) = (first, last);
        while (start > 0 && source[start - 1] is (byte)' ' or (byte)'\t')
            start--;
        while (end < source.Length && source[end] is (byte)' ' or (byte)'\t' or (byte)'\r')
            end++;
        var alone = (start == 0 || source[start - 1] == '\n') && (end == source.Length || source[end] == '\n');
        if (alone)
            return Splice(document, source, start, Math.Min(end + 1, source.Length), "");
        var leads = start == 0 || source[start - 1] == '\n';
        return Splice(document, source, blanks && !leads ? start : first, blanks && leads ? end : last, "");
    }

    static int Column(byte[] source, int offset) => offset - source.AsSpan(0, offset).LastIndexOf((byte)'\n') - 1;

    static Document Splice(Document document, byte[] source, int start, int end, string text) =>
        Document.Parse([.. source.AsSpan(0, start), .. Encoding.UTF8.GetBytes(text), .. source.AsSpan(end)], document.Path);
}
