using Hillingar.Build.Requests;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Syntax;

namespace Hillingar.Build.Locks;

/// <summary>Reads the fields of a lock, whose shapes opam knows nothing of, and tells where one is not as it should be.</summary>
sealed class LockReader(Document document, bool foreign = false)
{
    public HillingarException Fault(string what, Value? at = null) =>
        new(
            "HIL3001",
            $"This is no lock that can be restored: {what}. Delete it and restore again to make a new one.",
            at is null ? new Place(document.Path) : document.PlaceOf(at)
        );

    /// <summary>The lock as an opam file.</summary>
    public PackageFile File { get; } = new(document);

    /// <summary>The packages of <c>depends</c>.</summary>
    public IReadOnlyList<LockedPackage> Depends() => [.. File.Depends.Atoms().Select(Package).OfType<LockedPackage>()];

    /// <summary>The project's own packages; null where there is no such field.</summary>
    public IReadOnlyList<LockedRoot>? Roots(string field) =>
        document.Field(field) is null
            ? null
            :
            [
                .. document
                    .Elements(field)
                    .Select(value =>
                        LockedRoot.FromValue(value) ?? throw Fault($"in '{field}' [NAME [DEPENDS] [PINS]] was expected", value)
                    ),
            ];

    /// <summary>What is done to sources before they are built.</summary>
    public IReadOnlyList<Preparation> Preparations(string field) =>
        [
            .. document
                .Elements(field)
                .Select(value => Preparation.FromValue(value) ?? throw Fault($"in '{field}' something else was expected", value)),
        ];

    /// <summary>A package of <c>depends</c>; null where somebody's hand took the version away, which only a lock of others may have suffered.</summary>
    LockedPackage? Package(FilteredPackage depend)
    {
        var atoms = depend.Condition.Atoms().ToList();
        if (
            atoms.OfType<FilteredConstraint.Constraint>().ToList()
                is not [{ Operator: RelationalOperator.Equal, Version: Filter.Text version }]
            || !OpamVersion.IsValid(version.Value)
        )
            return foreign ? null : throw Fault($"'{depend.Name}' is not bound to one version");
        var filters = atoms.OfType<FilteredConstraint.When>().Select(item => item.Filter).ToList();
        return new LockedPackage(
            new OpamPackage(depend.Name, new OpamVersion(version.Value)),
            filters.Exists(filter =>
                filter is Filter.Defined { Operand: Filter.Ident { Name: "vendor" } } or Filter.Ident { Name: "vendor" }
            )
        )
        {
            // Others write what they like beside the version.
            Platforms = foreign
                ? []
                :
                [
                    .. filters
                        .OfType<Filter.Comparison>()
                        .Chunk(2)
                        .Select(pair =>
                            pair
                                is [
                                    { Left: Filter.Ident { Name: "arch" }, Right: Filter.Text arch },
                                    { Left: Filter.Ident { Name: "os" }, Right: Filter.Text os },
                                ]
                                ? $"{arch.Value}-{os.Value}"
                                : throw Fault($"the filter of '{depend.Name}' names no platforms")
                        ),
                ],
        };
    }

    public IReadOnlyList<string> Strings(string field) => [.. document.Elements(field).Select(Text)];

    public IReadOnlyList<OpamPackage> Packages(string field) =>
        [
            .. document
                .Elements(field)
                .Select(item =>
                    OpamPackage.TryParse(Text(item), out var package) ? package : throw Fault($"'{Text(item)}' is no package", item)
                ),
        ];

    public IEnumerable<(string Name, VariableValue Value)> Pairs(string field) =>
        document
            .Elements(field)
            .Select(item =>
                item is ListValue { Items: [var name, var value] } && SourceConfig.VariableOf(value) is { } content
                    ? (Text(name), content)
                    : throw Fault($"in '{field}' a pair was expected", item)
            );

    public IReadOnlyList<LockedSource> Sources(string field) =>
        [
            .. document
                .Elements(field)
                .Select(item =>
                    item switch
                    {
                        ListValue { Items: [var url, var folder, ListValue sums] } => new LockedSource(
                            Text(url),
                            Folder(folder),
                            [.. sums.Items.Select(Sum)]
                        ),
                        ListValue { Items: [var url, var folder, StringValue sum] } => new LockedSource(
                            Text(url),
                            Folder(folder),
                            [Sum(sum)]
                        ),
                        ListValue { Items: [var url, var folder] } => new LockedSource(Text(url), Folder(folder), []),
                        _ => throw Fault($"in '{field}' [URL FOLDER [CHECKSUMS]] was expected", item),
                    }
                ),
        ];

    string Folder(Value value) =>
        Text(value) is var folder && DuniverseEntry.IsName(folder)
            ? folder
            : throw DuniverseEntry.NoFolder(folder, document.PlaceOf(value));

    string Text(Value value) => value is StringValue text ? text.Text : throw Fault("a string was expected", value);

    Checksum Sum(Value value) =>
        Checksum.TryParse(Text(value), out var checksum) ? checksum : throw Fault($"'{Text(value)}' is no checksum", value);
}
