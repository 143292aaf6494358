using System.Collections.Immutable;
using Hillingar.Opam.Syntax;

namespace Hillingar.Opam;

/// <summary>
/// What opam would leave out of a file, misread or refuse. Of a published package that is its author's to mend; of a project's own
/// file it is what the user wrote and would not get.
/// </summary>
public static class StrictCheck
{
    // opamFile.ml, OPAMSyntax: what is read, and what once was.
    static readonly string[] s_fields =
    [
        "opam-version", "name", "version", "synopsis", "description", "maintainer", "authors", "author", "license", "tags", "homepage", "doc",
        "bug-reports", "depends", "depopts", "conflicts", "conflict-class", "available", "flags", "env", "setenv", "build", "run-test", "build-test",
        "build-doc", "install", "remove", "substs", "patches", "build-env", "features", "messages", "post-messages", "depexts", "libraries", "syntax",
        "dev-repo", "pin-depends", "extra-files",
    ];

    static readonly string[] s_sections = ["url", "extra-source"];

    /// <summary>Everything that is not taken as it was meant, as errors, in the order of the file.</summary>
    /// <param name="file">The file.</param>
    public static ImmutableArray<Diagnostic> Of(PackageFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (Format(file) is { } refused)
            return [refused];
        var found = file.Check().Select(problem => problem with { Severity = Severity.Error }).ToList();
        var document = file.Document;
        var seen = new HashSet<string>();
        foreach (var item in document.Items)
        {
            var name = item switch { Field field => field.Name, Section { Name: { } label } section => $"{section.Kind} \"{label}\"", Section section => section.Kind, _ => "" };
            if (!seen.Add(name))
                found.Add(Error(document, item, $"'{name}' is there twice, and one would be left out. Make one of the two."));
            else if (item is Field && !name.StartsWith("x-", StringComparison.Ordinal) && !s_fields.Contains(name))
                found.Add(Error(document, item, $"opam has no field '{name}', so it would be left out. {Near(name, s_fields)}"));
            else if (item is Section { Kind: var kind } && !kind.StartsWith("x-", StringComparison.Ordinal) && !s_sections.Contains(kind))
                found.Add(Error(document, item, $"opam has no section '{kind}', so it would be left out. {Near(kind, s_sections)}"));
        }

        return [.. found.OrderBy(problem => problem.Place?.Line).ThenBy(problem => problem.Place?.Column)];
    }

    /// <summary>Refuses a file of which something would be left out.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="HillingarException">HIL1003: something would be. HIL1013: its format is not known.</exception>
    public static PackageFile Require(PackageFile file) => Of(file) switch
    {
        [] => file,
        [var only] => throw new HillingarException(only),
        [var first, .. var more] => throw new HillingarException(first with
        {
            Message = $"{first.Message} The same file has {more.Length} more: {string.Join("; ", more.Take(4).Select(other => $"line {other.Place?.Line}, {other.Message}"))}",
        }),
    };

    /// <summary>What is wrong with a file's format, or null where it is known.</summary>
    internal static Diagnostic? Format(PackageFile file) => file.OpamVersion is { } format && IsUnknown(format)
        ? new(Severity.Error, "HIL1013", $"The file is of opam's format {format}, and formats up to 2.2 are known. Update Hillingar, or write opam-version: \"2.0\".", file.Document.PlaceOf(file.Document.Field("opam-version")!))
        : null;

    static bool IsUnknown(string format) => !OpamVersion.IsValid(format) || new OpamVersion(format).CompareTo(new("2.2")) > 0 || new OpamVersion(format).CompareTo(new("1")) < 0;

    static string Near(string name, IEnumerable<string> known) =>
        known.Select(other => (Name: other, Distance: Spelling.Distance(name, other))).MinBy(other => other.Distance) is { Distance: <= 2 } near
            ? $"Did you mean '{near.Name}'?" : "Remove it, or begin its name with 'x-' if it is your own.";

    static Diagnostic Error(Document document, Item item, string message) => new(Severity.Error, "HIL1003", message, document.PlaceOf(item));
}
