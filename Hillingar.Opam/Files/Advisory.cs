using System.Collections.Immutable;
using System.Text;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;
using Hillingar.Opam.Syntax;

namespace Hillingar.Opam.Files;

/// <summary>A security advisory of <c>ocaml/security-advisories</c>: a Markdown file that begins with a block of opam's language.</summary>
public sealed class Advisory
{
    readonly Decode _decode;

    /// <summary>Reads an advisory.</summary>
    /// <param name="markdown">The file's text.</param>
    /// <param name="path">Its path, for messages.</param>
    /// <exception cref="HillingarException">It has no block, or one that is not of opam's language.</exception>
    public Advisory(string markdown, string path = "advisory.md")
    {
        (var block, Text) = Split(markdown, path);
        Document = Document.Parse(block, path);
        _decode = new(Document);
    }

    /// <summary>The block as a tree: everything raw.</summary>
    public Document Document { get; }

    /// <summary>The Markdown after the block.</summary>
    public string Text { get; }

    /// <summary><c>id</c>, such as <c>OSEC-2026-01</c>.</summary>
    public string Id =>
        String("id"u8) ?? throw new HillingarException("HIL1003", "the advisory has no id; add one", new Place(Document.Path));

    /// <summary><c>severity</c>: a CVSS vector.</summary>
    public string? Severity => String("severity"u8);

    /// <summary><c>severity_score</c>: the score of the vector, in words.</summary>
    public string? SeverityScore => String("severity_score"u8);

    /// <summary><c>published</c>, as it was written (ISO 8601).</summary>
    public string? Published => String("published"u8);

    /// <summary><c>modified</c>, as it was written (ISO 8601).</summary>
    public string? Modified => String("modified"u8);

    /// <summary><c>withdrawn</c>, as it was written (ISO 8601), or null for an advisory in force.</summary>
    public string? Withdrawn => String("withdrawn"u8);

    /// <summary><c>aliases</c>: the names others gave it, such as CVE numbers.</summary>
    public ImmutableArray<string> Aliases => Document.Field("aliases"u8) is { } aliases ? Decode.List(aliases.Value, StringOrIdent) : [];

    /// <summary><c>affected</c>: the packages and versions it is about, any of which is affected.</summary>
    public Formula<FilteredPackage> Affected =>
        Document.Field("affected"u8) is { } affected ? _decode.Packages(affected.Value, disjunction: true) : Formula<FilteredPackage>.Empty;

    /// <summary>Whether it is about a package.</summary>
    /// <param name="package">The package.</param>
    public bool Affects(OpamPackage package) => Affected.Evaluate(OpamEnvironment.Empty).Atoms().Any(atom => atom.Holds(package));

    string? String(ReadOnlySpan<byte> name) => Document.Field(name) is { } field ? StringOrIdent(field.Value) : null;

    string StringOrIdent(Value value) => value is IdentValue ident ? ident.Name : _decode.String(value);

    // The block keeps its line numbers: what stands before it is replaced by as many empty lines.
    static (string Block, string Text) Split(string markdown, string path)
    {
        var lines = markdown.Split('\n');
        var start = Array.FindIndex(lines, line => line.StartsWith("```", StringComparison.Ordinal));
        var end = start < 0 ? -1 : Array.FindIndex(lines, start + 1, line => line.StartsWith("```", StringComparison.Ordinal));
        if (end < 0)
            throw new HillingarException(
                "HIL1001",
                "the advisory does not begin with a block of fields between lines of ```; add one",
                new Place(path)
            );
        var block = new StringBuilder().Append('\n', start + 1);
        for (var i = start + 1; i < end; i++)
            block.Append(lines[i]).Append('\n');
        return (block.ToString(), string.Join('\n', lines[(end + 1)..]));
    }
}
