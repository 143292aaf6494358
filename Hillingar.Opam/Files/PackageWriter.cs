using System.Collections.Immutable;
using Hillingar.Opam.Syntax;

namespace Hillingar.Opam.Files;

/// <summary>
/// Makes a new opam file. Items may be added in any order; the file has them in the order of opam itself
/// (<c>OpamFile.OPAM.write</c>): known fields, then sections, then extension fields by name.
/// </summary>
public sealed class PackageWriter
{
    // OPAMSyntax.fields_gen in opamFile.ml: the fields in order, and how many brackets of a list of one are left out.
    internal static readonly ImmutableArray<string> Order =
    [
        "opam-version",
        "name",
        "version",
        "synopsis",
        "description",
        "maintainer",
        "authors",
        "author",
        "license",
        "tags",
        "homepage",
        "doc",
        "bug-reports",
        "depends",
        "depopts",
        "conflicts",
        "conflict-class",
        "available",
        "flags",
        "setenv",
        "build",
        "run-test",
        "install",
        "remove",
        "substs",
        "patches",
        "build-env",
        "features",
        "messages",
        "post-messages",
        "depexts",
        "libraries",
        "syntax",
        "dev-repo",
        "pin-depends",
        "extra-files",
    ];

    static readonly string[] s_lists =
    [
        "maintainer",
        "authors",
        "author",
        "license",
        "tags",
        "homepage",
        "doc",
        "bug-reports",
        "conflict-class",
        "available",
        "flags",
        "substs",
        "patches",
        "features",
        "messages",
        "post-messages",
        "libraries",
        "syntax",
    ];

    static readonly string[] s_listsOfLists =
    [
        "setenv",
        "build",
        "run-test",
        "install",
        "remove",
        "build-env",
        "depexts",
        "pin-depends",
        "extra-files",
    ];

    readonly List<Item> _items = [];

    /// <summary>Begins a file of opam's format 2.0.</summary>
    public PackageWriter() => Add("opam-version", "2.0");

    /// <summary>Adds a field. opam writes nothing for an empty list.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">Its value.</param>
    public PackageWriter Add(string name, Value value) => Add(new Field(name, value));

    /// <summary>Adds a field that is a string.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="text">Its text.</param>
    public PackageWriter Add(string name, string text) => Add(name, Make.Text(text));

    /// <summary>Adds a field that is a list of strings.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="texts">Its elements.</param>
    public PackageWriter Add(string name, params IReadOnlyCollection<string> texts) => Add(name, Make.Strings(texts));

    /// <summary>Adds a field or section, replacing one of the same name. Brackets of a list of one are left out where opam does.</summary>
    /// <param name="item">The item.</param>
    public PackageWriter Add(Item item)
    {
        _items.RemoveAll(other => Key(other) == Key(item));
        _items.Add(item is Field field ? new Field(field.Name, Lift(field.Value, Depth(field.Name))) : item);
        return this;
    }

    static int Depth(string field) =>
        s_lists.Contains(field) ? 1
        : s_listsOfLists.Contains(field) ? 2
        : 0;

    static Value Lift(Value value, int depth) => depth > 0 && value is ListValue { Items: [var single] } ? Lift(single, depth - 1) : value;

    /// <summary>Adds <c>url { … }</c>, or <c>extra-source "name" { … }</c>.</summary>
    /// <param name="source">Where the archive comes from.</param>
    /// <param name="extra">The file's name, for an extra source.</param>
    public PackageWriter Add(SourceUrl source, string? extra = null)
    {
        List<Item> fields = [Make.Field("src", source.Url)];
        if (source.Subpath is { } subpath)
            fields.Add(Make.Field("subpath", subpath));
        AddStrings("checksum", [.. source.Checksums.Select(checksum => checksum.ToString())]);
        AddStrings("mirrors", source.Mirrors);
        return Add(Make.Section(extra is null ? "url" : "extra-source", extra, fields));

        void AddStrings(string name, ImmutableArray<string> texts)
        {
            if (texts is [var single])
                fields.Add(Make.Field(name, single));
            else if (!texts.IsEmpty)
                fields.Add(Make.Field(name, Make.Strings(texts)));
        }
    }

    /// <summary>The file.</summary>
    /// <param name="path">The path it is meant for.</param>
    public Document ToDocument(string path = "opam") =>
        Document.Create(_items.OrderBy(Rank).ThenBy(item => Rank(item) == Order.Length + 2 ? Key(item) : "", StringComparer.Ordinal), path);

    /// <summary>The file's text, in opam's own layout.</summary>
    public override string ToString() => ToDocument().Print();

    static string Key(Item item) => item is Field field ? field.Name : $"{((Section)item).Kind} {((Section)item).Name}";

    static int Rank(Item item) =>
        item switch
        {
            Field field when Order.IndexOf(field.Name) is >= 0 and var rank => rank,
            Section { Kind: "url" } => Order.Length,
            Section => Order.Length + 1,
            _ => Order.Length + 2,
        };
}
