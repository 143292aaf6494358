using System.IO.Enumeration;
using Hillingar.Build.Confinement;
using Hillingar.Build.Files;
using Hillingar.Build.Locks;
using Hillingar.Build.Requests;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Vendoring;

/// <summary>What was cut out of sources.</summary>
/// <param name="Removed">Files that are gone.</param>
/// <param name="Written">Files with other contents than before.</param>
public sealed record SourceCut(IReadOnlyList<string> Removed, IReadOnlyList<AddedFile> Written);

/// <summary>
/// Cuts unpacked sources down to some of their packages, so that another archive of the same repository can lie beside them. What goes is
/// what dune leaves out with <c>--only-packages</c> (<c>stanzas.ml</c>, <c>dune_file.ml</c>), which it never does in vendored folders.
/// </summary>
/// <param name="folder">The sources.</param>
/// <param name="shown">The folder as messages show it.</param>
/// <param name="packages">The packages that stay.</param>
sealed class PackageCut(ConfinedFolder folder, string shown, IReadOnlyCollection<string> packages)
{
    // The fields of all stanzas that name libraries. https://dune.readthedocs.io/en/stable/reference/dune/library.html
    static readonly HashSet<string> s_libraryFields =
    [
        "libraries",
        "pps",
        "staged_pps",
        "ppx_runtime_libraries",
        "implements",
        "default_implementation",
        "backend",
        "extends",
        "runner_libraries",
        "virtual_deps",
        "plugins",
    ];

    readonly List<(Project Project, DuneText File, DuneNode Stanza)> _stanzas = [];
    readonly Dictionary<string, DuneText> _files = [];

    // What dune calls a scope: the folders below a dune-project. Names of private libraries hold in it only, so those of two archives never meet.
    sealed record Project(IReadOnlyList<string> Packages, IReadOnlySet<string> Kept);

    /// <summary>Cuts.</summary>
    /// <returns>What was done, by path in the folder.</returns>
    /// <exception cref="HillingarException">HIL4032: a dune file cannot be read; nothing was changed then.</exception>
    public SourceCut Cut()
    {
        var opamFiles = new List<string>();
        Walk("", new Project([], packages.ToHashSet()), opamFiles);
        foreach (var scope in _stanzas.GroupBy(item => item.Project, ReferenceEqualityComparer.Instance))
            Cut([.. scope]);
        var written = _files
            .Where(pair => pair.Value.Changed is not null)
            .Select(pair => new AddedFile(pair.Key, [.. pair.Value.Changed!]))
            .OrderBy(file => file.Name, StringComparer.Ordinal)
            .ToList();
        foreach (var file in written)
            folder.Write(file.Name, file.Content.AsSpan());
        foreach (var file in opamFiles)
            folder.Delete(file);
        return new SourceCut([.. opamFiles.Distinct().Order(StringComparer.Ordinal)], written);
    }

    /// <summary>The packages that the opam files at the top of sources describe.</summary>
    public static IEnumerable<string> Described(ConfinedFolder folder) =>
        OpamFiles(folder, "").Select(path => Path.GetFileNameWithoutExtension(path));

    // (opam_file_location inside_opam_directory) puts them into opam/.
    static IEnumerable<string> OpamFiles(ConfinedFolder folder, string root) =>
        new[] { root, Below(root, "opam") }
            .Where(folder.HasFolder)
            .SelectMany(place => folder.Walk(place, enter: _ => false))
            .Where(entry => entry.Kind is EntryKind.File or EntryKind.Link && entry.Path.EndsWith(".opam", StringComparison.Ordinal))
            .Select(entry => entry.Path);

    static string Below(string folder, string name) => folder.Length == 0 ? name : $"{folder}/{name}";

    void Walk(string current, Project project, List<string> opamFiles)
    {
        var dataOnly = new Dictionary<string, List<string>>();
        var projects = new Dictionary<string, Project>();
        Enter(current);
        foreach (var _ in folder.Walk(current, enter: Enters)) { }

        // A folder's own files say which of those in it are looked into.
        bool Enters(Entry entry)
        {
            var above = entry.Path.LastIndexOf('/') is var slash and >= 0 ? entry.Path[..slash] : "";
            if (dataOnly[above].Exists(pattern => FileSystemName.MatchesSimpleExpression(pattern, entry.Name, ignoreCase: false)))
                return false;
            Enter(entry.Path);
            return true;
        }

        void Enter(string place)
        {
            var above = place.Length == 0 ? project : projects[place.LastIndexOf('/') is var slash and >= 0 ? place[..slash] : ""];
            projects[place] = Load(Below(place, "dune-project")) is { } file ? ReadProject(file, place, opamFiles) : above;
            var data = dataOnly[place] = [];
            foreach (var name in new[] { "dune", "dune-file" })
                Collect(Below(place, name), projects[place], place, data);
        }
    }

    DuneText? Load(string path)
    {
        if (_files.TryGetValue(path, out var known))
            return known;
        if (DuneText.Read(folder, path, $"{shown}/{path}") is { } read)
            return _files[path] = read;
        return null;
    }

    Project ReadProject(DuneText file, string root, List<string> opamFiles)
    {
        var declared = file.Stanzas.Where(stanza => stanza is { Head: "package" } && stanza.Value("name") is not null).ToList();
        foreach (var package in declared.Where(package => !packages.Contains(package.Value("name")!)))
            file.Remove(package);
        // A project of one declared package must have that package's name.
        if (
            declared.Where(package => packages.Contains(package.Value("name")!)).ToList() is [var only]
            && file.Stanzas.FirstOrDefault(stanza => stanza.Head == "name") is { Items: [_, { Text: not null } name] }
        )
            file.Replace(name, only.Value("name")!);
        var described = OpamFiles(folder, root).ToList();
        opamFiles.AddRange(described.Where(path => !packages.Contains(Path.GetFileNameWithoutExtension(path))));
        return new Project(
            [
                .. declared
                    .Select(package => package.Value("name")!)
                    .Union(described.Select(path => Path.GetFileNameWithoutExtension(path)))
                    .Order(StringComparer.Ordinal),
            ],
            declared
                .Where(package => packages.Contains(package.Value("name")!))
                .SelectMany(package => package.Field("deprecated_package_names")?.Atoms ?? [])
                .Select(atom => atom.Text!)
                .Concat(packages)
                .ToHashSet()
        );
    }

    // Several folders may include one file, and one that is to be included need not be there: then dune says so.
    void Collect(string path, Project project, string place, List<string> dataOnly)
    {
        if (!_files.ContainsKey(path) && Load(path) is { } file)
            Collect(file, file.Stanzas, project, place, dataOnly);
    }

    void Collect(DuneText file, IEnumerable<DuneNode> stanzas, Project project, string place, List<string> dataOnly)
    {
        foreach (var stanza in stanzas)
            if (stanza is { Head: "subdir", Items: [_, { Text: { } inner }, ..] })
                Collect(file, stanza.Items.Skip(2), project, PathBelow.Inside(place, inner) ?? place, []);
            else if (stanza is { Head: "include", Items: [_, { Text: { } included }] })
            {
                if (PathBelow.Inside(place, included) is { } path)
                    Collect(path, project, place, dataOnly);
            }
            else if (stanza.Head == "data_only_dirs")
                dataOnly.AddRange(stanza.Atoms.Select(atom => atom.Text!));
            else
                _stanzas.Add((project, file, stanza));
    }

    static void Cut(IReadOnlyList<(Project Project, DuneText File, DuneNode Stanza)> scope)
    {
        var project = scope[0].Project;
        var others = scope.Where(item => Package(item.Stanza, project) is { } package && !project.Kept.Contains(package)).ToList();
        var kept = scope.Except(others).ToList();
        // A private library of another package, which a kept one is made of, is copied: nobody can reach that of the other archive.
        var inner = others.Where(item => item.Stanza is { Head: "library" } && item.Stanza.Field("public_name") is null).ToList();
        while (
            kept.SelectMany(item => Libraries(item.Stanza)).Select(atom => atom.Text!).ToHashSet() is var used
            && inner.FindAll(item => used.Contains(item.Stanza.Value("name") ?? "")) is { Count: > 0 } needed
        )
        {
            foreach (var item in needed)
            {
                if (project.Packages.FirstOrDefault(project.Kept.Contains) is { } package)
                    item.File.Replace(item.Stanza.Field("package")!.Items[1], package);
                else
                    item.File.Remove(item.Stanza.Field("package")!);
                inner.Remove(item);
                others.Remove(item);
                kept.Add(item);
            }
        }

        // Its own name holds inside its project only; the other archive's library answers to the public one.
        var names = others
            .Select(item => item.Stanza)
            .Where(stanza => stanza.Head == "library" && stanza.Value("public_name") is not null)
            .Select(stanza =>
                (
                    Public: stanza.Value("public_name")!,
                    Name: stanza.Value("name") ?? stanza.Value("public_name")!.Replace('-', '_').Replace('.', '_')
                )
            )
            .Where(pair => pair.Name != pair.Public)
            .DistinctBy(pair => pair.Name)
            .ToDictionary(pair => pair.Name, pair => pair.Public);
        foreach (var item in others)
            item.File.Remove(item.Stanza);
        foreach (var item in kept)
        foreach (var atom in Libraries(item.Stanza).Where(atom => names.ContainsKey(atom.Text!)))
            item.File.Replace(atom, names[atom.Text!]);
    }

    /// <summary>The package that a stanza belongs to, or null.</summary>
    static string? Package(DuneNode stanza, Project project) =>
        stanza.Head switch
        {
            "library" or "library_parameter" or "coq.theory" or "rocq.theory" when stanza.Value("public_name") is { } name => name.Split(
                '.'
            )[0],
            "deprecated_library_name" => stanza.Value("old_public_name")?.Split('.')[0],
            _ when stanza.Value("package") is { } named => named,
            "install" or "documentation" or "plugin" => Only(project),
            "executable"
            or "executables"
                when (stanza.Field("public_name") ?? stanza.Field("public_names"))?.Atoms.Any(atom => atom.Text != "-") == true => Only(
                project
            ),
            _ => null,
        };

    // Where a project has one package, whatever is installed is that package's.
    static string? Only(Project project) => project.Packages is [var only] ? only : null;

    static IEnumerable<DuneNode> Libraries(DuneNode node) =>
        node.Head is { } head && s_libraryFields.Contains(head) ? node.Atoms : node.Items.SelectMany(Libraries);
}
