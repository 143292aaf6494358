using System.Text;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Syntax;

namespace Hillingar.Build.Requests;

/// <summary>The packages that a <c>dune-project</c> describes, as dune would generate their opam files (<c>opam_create.ml</c>), and its pins.</summary>
/// <param name="Packages">The packages; their documents are those of dune's, at the place of the <c>dune-project</c>.</param>
/// <param name="Pins">What it pins.</param>
sealed record DuneProject(IReadOnlyList<PackageFile> Packages, IReadOnlyList<Pin> Pins)
{
    /// <summary>The file's name.</summary>
    public const string FileName = "dune-project";

    static readonly string[] s_relations = ["=", "<>", ">=", "<=", ">", "<"];

    // What a slip of would be left out.
    static readonly string[] s_fields = ["name", "version", "depends", "depopts", "conflicts", "tags", "sites"];

    /// <summary>Whether a package says what it depends on, so that leaving it out would lose something.</summary>
    public bool Depends => Packages.Any(file => !file.Depends.IsEmpty || !file.Conflicts.IsEmpty);

    /// <summary>Reads the <c>dune-project</c> of a folder; null where there is none.</summary>
    /// <param name="read">Reads a file of the folder; null where there is none.</param>
    /// <param name="shown">What messages call the folder.</param>
    /// <exception cref="HillingarException">HIL6029: dune could not read it, or it says what we do not know.</exception>
    public static DuneProject? Read(Func<string, byte[]?> read, string shown)
    {
        if (read(FileName) is not { } bytes)
            return null;
        var place = $"{shown.TrimEnd('/')}/{FileName}";
        var text = DuneText.Parse(bytes, place, "HIL6029", "The packages of this dune-project cannot be read");
        var project = text.Stanzas;
        var language = project.FirstOrDefault(stanza => stanza.Head == "lang")
            is { Items: [_, { Text: "dune" }, { Text: { } version }, ..] }
            ? version
            : "1.0";
        var name = Text(project, "name");
        var release = Text(project, "version");
        return new DuneProject(
            [
                .. project
                    .Where(stanza => stanza.Head == "package")
                    .Select(stanza =>
                        Package(text, stanza, stanza.Value("name") ?? name, stanza.Value("version") ?? release, language, read, place)
                    ),
            ],
            [.. project.Where(stanza => stanza.Head == "pin").SelectMany(stanza => PinsOf(text, stanza))]
        );
    }

    static string? Text(IEnumerable<DuneNode> stanzas, string name) =>
        stanzas.FirstOrDefault(stanza => stanza.Head == name) is { Items: [_, { Text: { } text }] } ? text : null;

    static PackageFile Package(
        DuneText text,
        DuneNode stanza,
        string? name,
        string? version,
        string language,
        Func<string, byte[]?> read,
        string place
    )
    {
        if (name is null || !PackageName.IsValid(name))
            throw text.Fault(stanza.Start, name is null ? "a package has no name" : $"'{name}' is no name that opam takes");
        if (
            stanza.Items.FirstOrDefault(item =>
                item.Head is { } field && !s_fields.Contains(field) && s_fields.Any(known => Spelling.Distance(known, field) <= 2)
            ) is
            { Head: { } slip } wrong
        )
            throw text.Fault(
                wrong.Start,
                $"dune has no field '{slip}'; did you mean '{s_fields.MinBy(known => Spelling.Distance(known, slip))}'"
            );
        var depends = (stanza.Field("depends")?.Items.Skip(1) ?? []).ToList();
        var items = depends.ConvertAll(item => Dependency(text, item));
        // What dune adds of itself.
        if (!depends.Exists(item => (item.Text ?? item.Head) == "dune"))
            items.Insert(0, $"\"dune\" {{>= \"{language}\"}}");
        // A project that depends on nothing says nothing.
        var file = new StringBuilder("opam-version: \"2.0\"\n");
        if (depends.Count > 0)
            file.Append("depends: [").AppendJoin(' ', items).Append("]\n");
        foreach (var field in new[] { "depopts", "conflicts" })
            if (stanza.Field(field) is { } listed)
                file.Append(field).Append(": [").AppendJoin(' ', listed.Items.Skip(1).Select(item => Dependency(text, item))).Append("]\n");
        // It is built by dune, whatever it depends on.
        file.Append("build: [\"dune\" \"build\" \"-p\" name]\n");
        var document = Document.Parse(file.ToString(), place);
        foreach (var template in new[] { $"{name}.opam.template", $"opam/{name}.opam.template" })
            if (read(template) is { } written)
                foreach (
                    var item in StrictCheck
                        .Require(new PackageFile(Document.Parse(written, $"{place[..place.LastIndexOf('/')]}/{template}")))
                        .Document.Items
                )
                    document = document.Set(item);
        return new PackageFile(
            document,
            new OpamPackage(
                new PackageName(name),
                version is not null && OpamVersion.IsValid(version) ? new OpamVersion(version) : Roots.Version
            )
        );
    }

    static string Dependency(DuneText text, DuneNode item)
    {
        var (name, conditions) = item.Text is { } alone ? (alone, []) : (item.Head, item.Items.Skip(1).ToList());
        if (name is null || !PackageName.IsValid(name))
            throw text.Fault(item.Start, $"'{name ?? text.Of(item)}' is no dependency; write NAME, or (NAME (>= VERSION))");
        return conditions switch
        {
            [] => $"\"{name}\"",
            [var only] => $"\"{name}\" {{{Condition(text, only, false)}}}",
            [_, var more, ..] => throw text.Fault(more.Start, $"'{name}' has more than one condition; join them with (and …)"),
        };
    }

    static string Condition(DuneText text, DuneNode node, bool inner)
    {
        switch (node)
        {
            case { Text: { } word } when word.StartsWith(':'):
                return word[1..];
            case { Head: "and" or "or", Items: [var word, _, ..] }:
                var joined = string.Join(
                    word.Text == "and" ? " & " : " | ",
                    node.Items.Skip(1).Select(part => Condition(text, part, true))
                );
                return inner && node.Items.Count > 2 ? $"({joined})" : joined;
            case { Head: "not", Items: [_, var only] }:
                return $"!({Condition(text, only, false)})";
            case { Head: { } relation, Items: [_, { Text: { } version }] } when s_relations.Contains(relation):
                return $"{Relation(relation)} {Operand(text, node, version)}";
            case { Head: { } relation, Items: [_, { Text: { } left }, { Text: { } right }] } when s_relations.Contains(relation):
                return $"{Operand(text, node, left)} {Relation(relation)} {Operand(text, node, right)}";
            default:
                throw text.Fault(node.Start, $"'{text.Of(node)}' is no condition that is known");
        }
    }

    static string Relation(string relation) => relation == "<>" ? "!=" : relation;

    static string Operand(DuneText text, DuneNode node, string word) =>
        word.StartsWith(':') ? word[1..]
        : OpamVersion.IsValid(word) ? $"\"{word}\""
        : throw text.Fault(node.Start, $"'{word}' is no version");

    static IEnumerable<Pin> PinsOf(DuneText text, DuneNode stanza)
    {
        var url = stanza.Value("url") ?? throw text.Fault(stanza.Start, "a pin has no (url …)");
        var packages = stanza.Items.Where(item => item.Head == "package").ToList();
        if (packages.Count == 0)
            throw text.Fault(stanza.Start, "a pin has no (package (name …))");
        foreach (var package in packages)
            yield return OpamPackage.TryParse($"{package.Value("name")}.{package.Value("version") ?? "dev"}", out var pinned)
                ? new Pin(pinned, url)
                : throw text.Fault(package.Start, "the package that is pinned needs a name that opam takes: (package (name …))");
    }
}
