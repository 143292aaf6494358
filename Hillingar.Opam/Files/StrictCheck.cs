using System.Collections.Immutable;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;
using Hillingar.Opam.Syntax;

namespace Hillingar.Opam.Files;

/// <summary>
/// What opam would leave out of a file, misread or refuse. Of a published package that is its author's to mend; of a project's own
/// file it is what the user wrote and would not get.
/// </summary>
public static class StrictCheck
{
    // opamFile.ml, OPAMSyntax: what is written, and what once was.
    static readonly string[] s_fields = [.. PackageWriter.Order, "env", "build-test", "build-doc"];

    static readonly string[] s_sections = ["url", "extra-source"];

    // opamFile.ml, URLSyntax: those of opam 1 as well.
    static readonly string[] s_sources =
    [
        "src",
        "archive",
        "http",
        "git",
        "darcs",
        "hg",
        "local",
        "checksum",
        "mirrors",
        "subpath",
        "swhid",
    ];

    // What is read of fields that are the file's own business to opam.
    static readonly string[] s_extensions =
    [
        "x-opam-monorepo-opam-provided",
        "x-opam-monorepo-opam-repositories",
        "x-opam-monorepo-global-opam-vars",
        "x-opam-monorepo-cli-args",
        "x-mirage-extra-repo",
        "x-mirage-opam-lock-location",
        "x-mirage-configure",
        "x-mirage-pre-build",
    ];

    // Those that are long enough for a slip to be told from another word.
    static readonly string[] s_variables =
    [
        "with-test",
        "with-doc",
        "with-dev-setup",
        "with-tools",
        "build",
        "version",
        "os-distribution",
        "os-family",
        "os-version",
        "opam-version",
        "sys-ocaml-version",
        "monorepo",
        "vendor",
    ];

    /// <summary>Everything that is not taken as it was meant, as errors, in the order of the file.</summary>
    /// <param name="file">The file.</param>
    public static ImmutableArray<Diagnostic> Of(PackageFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (Format(file) is { } refused)
            return [refused];
        // The file's own name and version count, whatever it is read as.
        var found = new PackageFile(file.Document).Check().Select(problem => problem with { Severity = Severity.Error }).ToList();
        var document = file.Document;
        var seen = new HashSet<string>();
        foreach (var item in document.Items)
        {
            var name = item switch
            {
                Field field => field.Name,
                Section { Name: { } label } section => $"{section.Kind} \"{label}\"",
                Section section => section.Kind,
                _ => "",
            };
            if (!seen.Add(name))
                found.Add(Error(document, item, $"'{name}' is there twice, and one would be left out. Make one of the two."));
            else if (item is Field && !name.StartsWith("x-", StringComparison.Ordinal) && !s_fields.Contains(name))
                found.Add(Error(document, item, $"opam has no field '{name}', so it would be left out. {Near(name, s_fields)}"));
            else if (item is Section { Kind: var kind } && !kind.StartsWith("x-", StringComparison.Ordinal) && !s_sections.Contains(kind))
                found.Add(Error(document, item, $"opam has no section '{kind}', so it would be left out. {Near(kind, s_sections)}"));
        }

        if (
            file.Document.Field("name") is { } called
            && file.Name is { } expected
            && new PackageFile(file.Document).Name is { } own
            && own != expected
        )
            found.Add(
                Error(document, called, $"The file is that of '{expected}' and says that its name is '{own}'. Correct or remove the field.")
            );
        found.AddRange(
            document
                .Items.OfType<Section>()
                .Where(section => s_sections.Contains(section.Kind))
                .SelectMany(section => Source(document, section))
        );
        foreach (var field in file.Extensions.Where(field => !s_extensions.Contains(field.Name)))
            if (Nearest(field.Name, s_extensions) is { } meant)
                found.Add(Error(document, field, $"Nothing reads the field '{field.Name}'. Did you mean '{meant}'?"));
        foreach (var field in new[] { "depends", "conflicts" })
            if (document.Field(field) is { } formula)
                found.AddRange(Unknown(field == "depends" ? file.Depends : file.Conflicts).Select(slip => Error(document, formula, slip)));
        return [.. found.OrderBy(problem => problem.Place?.Line).ThenBy(problem => problem.Place?.Column)];
    }

    /// <summary>Refuses a file of which something would be left out.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="HillingarException">HIL1003: something would be. HIL1013: its format is not known.</exception>
    public static PackageFile Require(PackageFile file) =>
        Of(file) switch
        {
            [] => file,
            [var only] => throw new HillingarException(only),
            [var first, .. var more] => throw new HillingarException(
                first with
                {
                    Message =
                        $"{first.Message} The same file has {more.Length} more: {string.Join("; ", more.Take(4).Select(other => $"line {other.Place?.Line}, {other.Message}"))}",
                }
            ),
        };

    /// <summary>What is wrong with a file's format, or null where it is known.</summary>
    internal static Diagnostic? Format(PackageFile file) =>
        file.OpamVersion is { } format && IsUnknown(format)
            ? new(
                Severity.Error,
                "HIL1013",
                $"The file is of opam's format {format}, and formats up to 2.2 are known. Update Hillingar, or write opam-version: \"2.0\".",
                file.Document.PlaceOf(file.Document.Field("opam-version")!)
            )
            : null;

    static bool IsUnknown(string format) =>
        !OpamVersion.IsValid(format)
        || new OpamVersion(format).CompareTo(new("2.2")) > 0
        || new OpamVersion(format).CompareTo(new("1")) < 0;

    static IEnumerable<Diagnostic> Source(Document document, Section section)
    {
        if (section is { Kind: "extra-source", Name: null })
            yield return Error(
                document,
                section,
                "The section 'extra-source' has no name, so it would be left out. Name the file: extra-source \"FILE\" {…}."
            );
        foreach (var item in section.Items)
            if (item is Field field && !s_sources.Contains(field.Name) && !field.Name.StartsWith("x-", StringComparison.Ordinal))
                yield return Error(
                    document,
                    field,
                    $"opam has no field '{field.Name}' in '{section.Kind}', so it would be left out. {Near(field.Name, s_sources)}"
                );
    }

    // A variable that is not set makes its dependency go away; one that reads like another is a slip.
    static IEnumerable<string> Unknown(Formula<FilteredPackage> formula) =>
        from atom in formula.Atoms()
        from filter in atom.Condition.Atoms().OfType<FilteredConstraint.When>()
        from variable in filter.Filter.Idents()
        where variable.Packages.IsEmpty && !s_variables.Contains(variable.Name) && Nearest(variable.Name, s_variables) is not null
        select $"Nothing sets the variable '{variable.Name}' of '{atom.Name}', so that would be left out. Did you mean '{Nearest(variable.Name, s_variables)}'?";

    static string? Nearest(string name, IEnumerable<string> known) =>
        known.Select(other => (Name: other, Distance: Spelling.Distance(name, other))).MinBy(other => other.Distance)
            is { Distance: <= 2 } near
            ? near.Name
            : null;

    static string Near(string name, IEnumerable<string> known) =>
        Nearest(name, known) is { } near ? $"Did you mean '{near}'?" : "Remove it, or begin its name with 'x-' if it is your own.";

    static Diagnostic Error(Document document, Item item, string message) =>
        new(Severity.Error, "HIL1003", message, document.PlaceOf(item));
}
