using System.Collections.Immutable;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Disk;
using Hillingar.Opam.Language;

namespace Hillingar.Opam.Syntax;

/// <summary>
/// A file of opam's language as a tree: items, values, and where each stands. A parsed document keeps the layout it was
/// read in, comments and all, and prints it back byte for byte (<see cref="Reprint"/>).
/// </summary>
public sealed class Document
{
    /// <summary>The largest file that is read, in bytes.</summary>
    public const int MaxBytes = Content.MaxBytes;

    /// <summary>
    /// The most values and items of a file: each takes memory by the hundred bytes, and a file can have one in two bytes.
    /// </summary>
    public const int MaxValues = 500_000;

    /// <summary>How deep values and sections may nest, operators counted.</summary>
    public const int MaxDepth = 500;

    Document(string path, byte[]? source, ImmutableArray<Item> items)
    {
        Path = path;
        Source = source;
        Items = items;
    }

    /// <summary>The file's path, as messages give it.</summary>
    public string Path { get; }

    /// <summary>What is in it.</summary>
    public ImmutableArray<Item> Items { get; }

    /// <summary>The bytes it was parsed from; null when it was made by hand.</summary>
    internal byte[]? Source { get; }

    /// <summary>Parses a file's content.</summary>
    /// <param name="source">The content; the document keeps it, so leave it as it is.</param>
    /// <param name="path">The path that messages give.</param>
    /// <exception cref="HillingarException">The content is not of opam's language (HIL1001), or too large or deep (HIL1002).</exception>
    public static Document Parse(byte[] source, string path = "opam") => new(path, source, Parser.ParseFile(source, path));

    /// <summary>Parses a file's content.</summary>
    /// <inheritdoc cref="Parse(byte[], string)"/>
    public static Document Parse(string source, string path = "opam") => Parse(System.Text.Encoding.UTF8.GetBytes(source), path);

    /// <summary>Parses one value, such as the filter of a command line option.</summary>
    /// <inheritdoc cref="Parse(byte[], string)"/>
    public static Value ParseValue(string source, string path = "value") =>
        Parser.ParseValue(System.Text.Encoding.UTF8.GetBytes(source), path);

    /// <summary>Reads and parses a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="HillingarException">It cannot be read (HIL1004), or is not of opam's language (HIL1001, HIL1002).</exception>
    public static Document Read(string path)
    {
        byte[] source;
        try
        {
            source = Content.Read(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HillingarException("HIL1004", $"cannot read the file: {e.Message}", new Place(path), e);
        }
        return Parse(source, path);
    }

    /// <summary>Makes a new document; it prints in opam's own layout.</summary>
    /// <param name="items">What is in it.</param>
    /// <param name="path">The path it is meant for.</param>
    public static Document Create(IEnumerable<Item> items, string path = "opam") => new(path, null, [.. items]);

    /// <summary>The first field of this name, or null.</summary>
    /// <param name="name">The name.</param>
    public Field? Field(ReadOnlySpan<byte> name) => Items.Field(name);

    /// <summary>The first field of this name, or null.</summary>
    /// <param name="name">The name.</param>
    public Field? Field(string name) => Items.Field(System.Text.Encoding.UTF8.GetBytes(name));

    /// <summary>The elements of a field's list; a value that is no list is the only one.</summary>
    /// <param name="field">The field's name.</param>
    public IReadOnlyList<Value> Elements(string field) =>
        Field(field)?.Value switch
        {
            null => [],
            ListValue list => list.Items,
            var single => [single],
        };

    /// <summary>The first section of this kind, or null.</summary>
    /// <param name="kind">The kind, such as <c>url</c>.</param>
    public Section? Section(string kind)
    {
        foreach (var item in Items)
            if (item is Section section && section.Kind == kind)
                return section;
        return null;
    }

    /// <summary>The document in opam's own layout, without comments: what opam writes for a new file.</summary>
    public string Print() => Printer.Print(Items);

    /// <summary>
    /// The document in the layout it was read in, built from the tree: every token comes from its node, blanks and comments from between
    /// them.
    /// </summary>
    public byte[] Reprint() => Source is null ? System.Text.Encoding.UTF8.GetBytes(Print()) : new Reprinter(this, Source).Print();

    /// <summary>The place of a value, for a message.</summary>
    /// <param name="value">A value of this document.</param>
    public Place PlaceOf(Value value) => PlaceOf(value.Start);

    /// <summary>The place of an item, for a message.</summary>
    /// <param name="item">An item of this document.</param>
    public Place PlaceOf(Item item) => PlaceOf(item.Start);

    Place PlaceOf(int offset) => Source is null || offset < 0 ? new Place(Path) : PlaceIn(Source, Path, offset);

    internal static Place PlaceIn(ReadOnlySpan<byte> source, string path, int offset)
    {
        var before = source[..Math.Min(offset, source.Length)];
        var (line, column) = (before.Count((byte)'\n') + 1, before.Length - before.LastIndexOf((byte)'\n'));
        // Nobody sees a byte order mark, so it is no column.
        return new Place(path, line, line == 1 && before.StartsWith(Text.ByteOrderMark) ? column - Text.ByteOrderMark.Length : column);
    }
}
