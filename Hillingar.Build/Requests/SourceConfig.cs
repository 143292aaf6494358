using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Syntax;

namespace Hillingar.Build.Requests;

/// <summary>
/// What local opam files say about locking, in the fields <c>x-opam-monorepo-*</c> of opam-monorepo (<c>source_opam_config.ml</c>) and
/// <c>x-mirage-*</c> of the mirage tool; merged over all of them.
/// </summary>
public sealed record SourceConfig
{
    /// <summary>The packages that the host switch provides (<c>x-opam-monorepo-opam-provided</c>), by name.</summary>
    public IReadOnlyList<string> OpamProvided { get; init; } = [];

    /// <summary>The repositories to solve over (<c>x-opam-monorepo-opam-repositories</c>), by address.</summary>
    public IReadOnlyList<string> Repositories { get; init; } = [];

    /// <summary>Repositories that come before the others (<c>x-mirage-extra-repo</c>).</summary>
    public IReadOnlyList<string> Overlays { get; init; } = [];

    /// <summary>The variables to solve with (<c>x-opam-monorepo-global-opam-vars</c>), by name.</summary>
    public IReadOnlyList<(string Name, VariableValue Value)> Variables { get; init; } = [];

    /// <summary>Where mirage wants the lock (<c>x-mirage-opam-lock-location</c>), relative to the project; null if the files do not say, or differ.</summary>
    public string? LockLocation { get; init; }

    /// <summary>Reads the fields.</summary>
    /// <exception cref="HillingarException">HIL6018: a field has not its shape, or two files give one variable two values.</exception>
    public static SourceConfig Of(IEnumerable<PackageFile> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        var all = files.ToList();
        var variables = new SortedDictionary<string, VariableValue>(StringComparer.Ordinal);
        foreach (var (file, item) in Items(all, "x-opam-monorepo-global-opam-vars"))
            if (item is not ListValue { Items: [StringValue name, var value] } || VariableOf(value) is not { } content)
                throw Fault(file, item, "x-opam-monorepo-global-opam-vars", "[\"variable\" value]");
            else if (!variables.TryAdd(name.Text, content) && variables[name.Text] != content)
                throw new HillingarException(
                    "HIL6018",
                    $"The variable '{name.Text}' is '{variables[name.Text]}' in one opam file and '{content}' in this one. Give it one value.",
                    file.Document.PlaceOf(item)
                );
        return new SourceConfig
        {
            OpamProvided =
            [
                .. Items(all, "x-opam-monorepo-opam-provided")
                    .Select(pair =>
                        Text(pair.File, pair.Item, "x-opam-monorepo-opam-provided") is var name && PackageName.IsValid(name)
                            ? name
                            : throw Fault(pair.File, pair.Item, "x-opam-monorepo-opam-provided", "a package's name")
                    )
                    .Distinct()
                    .Order(StringComparer.Ordinal),
            ],
            Repositories = Sorted("x-opam-monorepo-opam-repositories"),
            Overlays =
            [
                .. Items(all, "x-mirage-extra-repo")
                    .Select(pair =>
                        pair.Item is ListValue { Items: [StringValue, StringValue url, ..] }
                            ? url.Text
                            : throw Fault(pair.File, pair.Item, "x-mirage-extra-repo", "[\"name\" \"address\"]")
                    )
                    .Distinct(),
            ],
            Variables = [.. variables.Select(pair => (pair.Key, pair.Value))],
            LockLocation = Items(all, "x-mirage-opam-lock-location")
                .Select(pair => Text(pair.File, pair.Item, "x-mirage-opam-lock-location"))
                .Distinct()
                .ToList()
                is [var only]
                ? only
                : null,
        };

        IReadOnlyList<string> Sorted(string field) =>
            [.. Items(all, field).Select(pair => Text(pair.File, pair.Item, field)).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>The lock's path in a project's folder, where the files say one.</summary>
    /// <exception cref="HillingarException">HIL6018: it is outside the folder.</exception>
    public string? LockPath(string folder)
    {
        if (LockLocation is null)
            return null;
        var root = Path.GetFullPath(folder);
        var path = Path.GetFullPath(Path.Combine(root, LockLocation));
        return path.StartsWith(root.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? path
            : throw new HillingarException(
                "HIL6018",
                $"'x-mirage-opam-lock-location' is '{LockLocation}', which is outside the project {root}. Name a file inside."
            );
    }

    /// <summary>An environment with the variables set.</summary>
    public OpamEnvironment Apply(OpamEnvironment environment) =>
        Variables.Aggregate(environment, (all, pair) => all.With(pair.Name, pair.Value));

    /// <summary>A variable's value as opam files write it, or null.</summary>
    internal static VariableValue? VariableOf(Value value) =>
        value switch
        {
            StringValue text => text.Text,
            BoolValue boolean => boolean.Value,
            ListValue list when list.Items.All(item => item is StringValue) => VariableValue.List([
                .. list.Items.Select(item => ((StringValue)item).Text),
            ]),
            _ => null,
        };

    static IEnumerable<(PackageFile File, Value Item)> Items(IEnumerable<PackageFile> files, string field) =>
        files.SelectMany(file => file.Document.Elements(field).Select(item => (file, item)));

    static string Text(PackageFile file, Value item, string field) =>
        item is StringValue text ? text.Text : throw Fault(file, item, field, "a string");

    static HillingarException Fault(PackageFile file, Value item, string field, string expected) =>
        new("HIL6018", $"In '{field}' {expected} was expected. Correct it.", file.Document.PlaceOf(item));
}
