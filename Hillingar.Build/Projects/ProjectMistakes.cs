using System.Xml.Linq;
using Hillingar.Build.Locks;
using Hillingar.Build.Requests;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;

namespace Hillingar.Build.Projects;

/// <summary>
/// What MSBuild passes over in silence: names that nobody reads, items that a unikernel has no use for, a lock that is no project's. They are
/// warnings: a project may have such things for a reason, and its build is as good as without them.
/// </summary>
/// <param name="projectFile">The project's file.</param>
public sealed class ProjectMistakes(string projectFile)
{
    // What MSBuild itself reads of an item's attributes; all others are metadata.
    static readonly string[] s_attributes =
    [
        "Include",
        "Exclude",
        "Remove",
        "Update",
        "Condition",
        "Label",
        "KeepMetadata",
        "RemoveMetadata",
        "KeepDuplicates",
        "MatchOnMetadata",
        "MatchOnMetadataOptions",
    ];

    static readonly string[] s_names = [.. ProjectVocabulary.Properties, .. ProjectVocabulary.Items.Keys];

    readonly ProjectPlaces _places = new(projectFile);

    /// <summary>All of them, in the order of the file.</summary>
    /// <param name="items">Items of .NET's own that the project has.</param>
    /// <param name="sources">Sources of other languages that lie in its folder.</param>
    /// <param name="lockFile">The project's lock.</param>
    public IReadOnlyList<Diagnostic> Find(IReadOnlyList<ForeignItem> items, IReadOnlyList<string> sources, string lockFile)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(sources);
        return [.. Names(), .. items.Select(Stray).OfType<Diagnostic>(), .. Strays(sources), .. Leftovers(lockFile)];
    }

    IEnumerable<Diagnostic> Names()
    {
        // What the project reads itself is its own.
        var read = string.Join(
            '\n',
            _places
                .Elements.SelectMany(found =>
                    found
                        .Element.Attributes()
                        .Select(attribute => attribute.Value)
                        .Concat(found.Element.Nodes().OfType<XText>().Select(text => text.Value))
                )
                .Where(text => text.Contains('(', StringComparison.Ordinal))
        );
        foreach (var found in _places.Elements)
        {
            var name = found.Element.Name.LocalName;
            if (
                found.Element.Parent is not { } parent
                || parent.Name.LocalName is not ("PropertyGroup" or "ItemGroup" or "ItemDefinitionGroup")
            )
                continue;
            var isItem = parent.Name.LocalName != "PropertyGroup";
            if (IsKnown(name, isItem))
            {
                foreach (var metadata in isItem ? Metadata(found) : [])
                    yield return metadata;
            }
            else if (
                !read.Contains($"$({name}", StringComparison.OrdinalIgnoreCase)
                && !read.Contains($"@({name}", StringComparison.OrdinalIgnoreCase)
                && !read.Contains($"%({name}", StringComparison.OrdinalIgnoreCase)
                && Fault(name, isItem) is { } fault
            )
            {
                yield return Warning("HIL6020", fault, ProjectPlaces.At(found));
            }
        }
    }

    static bool IsKnown(string name, bool isItem) =>
        isItem ? ProjectVocabulary.Items.ContainsKey(name) : ProjectVocabulary.Properties.Contains(name, StringComparer.OrdinalIgnoreCase);

    static string? Fault(string name, bool isItem)
    {
        var kind = isItem ? "item" : "property";
        if (IsKnown(name, !isItem))
            return isItem
                ? $"{name} is a property and not an item, so this says nothing. Write <{name}>…</{name}> in a PropertyGroup."
                : $"{name} is an item and not a property, so this says nothing. Write <{name} Include=\"…\" /> in an ItemGroup.";
        var ours = ProjectVocabulary.Prefixes.Any(prefix =>
            name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) && name.Length > prefix.Length
        );
        // Names of ours are told from one another by more than a slip of the pen; only where the beginning says whose it is, more may be wrong.
        var near =
            Spelling.Nearest(name, isItem ? ProjectVocabulary.Items.Keys : ProjectVocabulary.Properties, ours ? 4 : 2)
            ?? (ours ? Spelling.Nearest(name, s_names, 4) : null);
        return ours || near is not null
            ? $"No {kind} {name} is known to Hillingar.Sdk, and nothing in the project reads it, so it has no effect. {(near is null ? "Look in the SDK's documentation for the name that is meant, or remove it." : $"Did you mean {near}?")}"
            : null;
    }

    static IEnumerable<Diagnostic> Metadata((string File, XElement Element) found)
    {
        var (item, known) = (found.Element.Name.LocalName, ProjectVocabulary.Items[found.Element.Name.LocalName]);
        foreach (
            var name in found
                .Element.Attributes()
                .Select(attribute => attribute.Name.LocalName)
                .Where(name => !s_attributes.Contains(name))
                .Concat(found.Element.Elements().Select(element => element.Name.LocalName))
        )
            if (!known.Contains(name, StringComparer.OrdinalIgnoreCase) && Spelling.Nearest(name, known) is { } near)
                yield return Warning(
                    "HIL6020",
                    $"{item} has no metadata {name}, so it has no effect. Did you mean {near}?",
                    ProjectPlaces.At(found)
                );
    }

    // What every project of a solution gets from a file above it is not this project's to change.
    Diagnostic? Stray(ForeignItem item) =>
        item.IsTool || _places.AllOf(item.Type, item.Include).FirstOrDefault(place => place.File == projectFile) is not { Line: > 0 } place
            ? null
            : Warning(
                "HIL6021",
                item.Type == "PackageReference"
                    ? $"A unikernel has no .NET code, so nothing of the package {item.Include} gets into it. Did you mean an opam package? {(PackageName.IsValid(item.Include) ? $"Write {Item(item.Include, "")}" : "That is an item OpamDependency")}. For a tool of the build, write PrivateAssets=\"all\"."
                    : $"A unikernel has no .NET code, so {item.Type} '{item.Include}' has no effect. Remove it{(item.Type == "Compile" ? ", and write the program in OCaml (.ml)" : "")}.",
                place
            );

    // A folder with a project of its own is that project's.
    IEnumerable<Diagnostic> Strays(IReadOnlyList<string> sources)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(projectFile))!;
        var own = sources
            .Where(file => !Between(Path.GetDirectoryName(file)!, folder).Any(each => Directory.EnumerateFiles(each, "*.*proj").Any()))
            .Order(StringComparer.Ordinal)
            .ToList();
        if (own.Count > 0)
            yield return Warning(
                "HIL6021",
                $"{(own.Count == 1 ? $"{Path.GetFileName(own[0])} is" : $"{own.Count} files such as {Path.GetFileName(own[0])} are")} not compiled: a unikernel is written in OCaml (.ml), and has no .NET code. Move {(own.Count == 1 ? "it" : "them")} into a project of .NET.",
                new Place(own[0])
            );
    }

    static IEnumerable<string> Between(string from, string to)
    {
        for (
            var folder = from;
            folder.Length > to.Length && folder.StartsWith(to, StringComparison.Ordinal);
            folder = Path.GetDirectoryName(folder)!
        )
            yield return folder;
    }

    // Those of opam files, and of other projects, are theirs.
    IEnumerable<Diagnostic> Leftovers(string lockFile)
    {
        var (folder, own) = (Path.GetDirectoryName(Path.GetFullPath(lockFile))!, Path.GetFullPath(lockFile));
        // A project whose name, or whose lock's name, will not do is told so, and gets another lock by another name.
        if (!Directory.Exists(folder) || Directory.Exists(own) || !PackageName.IsValid(Path.GetFileName(own).Split(".opam.locked")[0]))
            yield break;
        foreach (
            var path in Directory.EnumerateFiles(folder, LockLocation.Pattern).Where(path => path != own).Order(StringComparer.Ordinal)
        )
        {
            var (file, stem) = (Path.GetFileName(path), Path.GetFileName(path)[..^".opam.locked".Length]);
            if (
                !File.Exists(Path.Combine(folder, stem + ".opam"))
                && !Directory
                    .EnumerateFiles(folder, "*.*proj")
                    .Any(project =>
                        File.ReadAllText(project).Contains(file, StringComparison.Ordinal)
                        || !IsThis(project)
                            && (ProjectName(project) == stem || File.ReadAllText(project).Contains($">{stem}<", StringComparison.Ordinal))
                    )
                && File.ReadAllText(path).Contains("x-hillingar-version", StringComparison.Ordinal)
            )
                yield return Warning(
                    "HIL6024",
                    $"No project here reads the lock {file}: this one's is {Path.GetFileName(own)}. It may be left over from another name: {(File.Exists(own) ? "delete it" : $"to keep its versions, rename it to {Path.GetFileName(own)}")}.",
                    new Place(path)
                );
        }
    }

    bool IsThis(string project) => Path.GetFullPath(project) == Path.GetFullPath(projectFile);

    // As Sdk.targets makes the unikernel's name of it.
    static string ProjectName(string path) =>
        string.Concat(Path.GetFileNameWithoutExtension(path).Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '+' or '-' ? c : '-'));

    /// <summary>Those references to packages that are opam's packages, as errors: NuGet would look for them in vain, or find another thing of that name.</summary>
    /// <param name="items">Items of .NET's own that the project has.</param>
    /// <param name="names">The packages of the project's repositories.</param>
    internal IEnumerable<Diagnostic> OpamPackages(IEnumerable<ForeignItem> items, IReadOnlyCollection<string> names)
    {
        foreach (var item in items.Where(MayBeOpams))
            if (names.FirstOrDefault(name => name.Equals(item.Include, StringComparison.OrdinalIgnoreCase)) is { } name)
                yield return new Diagnostic(
                    Severity.Error,
                    "HIL6022",
                    $"{item.Include} is a package of opam, and PackageReference asks NuGet for it. Write {Item(name, item.Version)} instead.",
                    _places.Of(item.Type, item.Include)
                );
    }

    internal static bool MayBeOpams(ForeignItem item) =>
        item is { Type: "PackageReference", IsTool: false } && PackageName.IsValid(item.Include);

    static string Item(string name, string version) =>
        $"<OpamDependency Include=\"{name}\"{(version.Length > 0 ? $" Version=\"{version}\"" : "")} />";

    static Diagnostic Warning(string code, string message, Place place) => new(Severity.Warning, code, message, place);
}
