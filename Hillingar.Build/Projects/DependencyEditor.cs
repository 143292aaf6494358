using System.Text.RegularExpressions;
using Hillingar.Build.Requests;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;

namespace Hillingar.Build.Projects;

/// <summary>Writes a project's OpamDependency items, as <c>dotnet package add</c> and <c>remove</c> write PackageReference. Whatever else the file says stays as it is written.</summary>
public static partial class DependencyEditor
{
    const string Item = "OpamDependency";

    // Two packages of opam never differ in case alone.
    static readonly StringComparer s_names = StringComparer.OrdinalIgnoreCase;

    /// <summary>Asks for a package; one that the project asks for already gets the constraint, where one is given.</summary>
    /// <param name="projectFile">The project's file.</param>
    /// <param name="package">The opam package.</param>
    /// <param name="constraint">An opam constraint or a NuGet range; null where the package may be of any version, or of those that the project allows already.</param>
    /// <exception cref="HillingarException">HIL6013: a name that is none. HIL6010: a constraint that is none. HIL7004: the file cannot be changed so.</exception>
    public static DependencyEdit Add(string projectFile, string package, string? constraint = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(projectFile);
        ArgumentNullException.ThrowIfNull(package);
        constraint = constraint?.Trim() is { Length: > 0 } some ? some : null;
        var places = new ProjectPlaces(projectFile);
        _ = Roots.Depend(new Dependency(package, constraint ?? ""), places);
        var text = ProjectText.Load(projectFile);
        var items = Items(text).ToList();
        switch (items.Where(item => Packages(item).Contains(package, s_names)).ToList())
        {
            case []:
                RefuseImported(places, projectFile, package);
                Insert(
                    text,
                    items,
                    $"<{Item} Include=\"{package}\"{(constraint is null ? "" : $" Version=\"{ProjectText.Escape(Literal(constraint))}\"")} />",
                    package
                );
                text.Save();
                return new DependencyEdit(
                    package,
                    constraint ?? "",
                    DependencyChange.Added,
                    new ProjectPlaces(projectFile).Of(Item, package)
                );
            case [var item]:
                var (version, before) = (Child(text, item), Version(text, item));
                if (constraint is null || constraint == before)
                    return new DependencyEdit(package, before, DependencyChange.None, text.PlaceOf(item));
                if (Packages(item).Count > 1)
                    throw Refused(
                        $"line {item.Line} asks for {string.Join(" and ", Packages(item))} together, so a version would be that of all of them",
                        text.PlaceOf(item)
                    );
                if (version is not null)
                    text.SetContent(version, Literal(constraint));
                else
                    text.SetAttribute(item, "Version", Literal(constraint));
                text.Save();
                return new DependencyEdit(package, constraint, DependencyChange.Changed, text.PlaceOf(item));
            case var several:
                throw Refused(
                    $"lines {string.Join(" and ", several.Select(each => each.Line))} ask for {package}, each under a condition of its own",
                    text.PlaceOf(several[0])
                );
        }
    }

    /// <summary>Asks for a package no longer.</summary>
    /// <param name="projectFile">The project's file.</param>
    /// <param name="package">The opam package.</param>
    /// <exception cref="HillingarException">HIL7014: the project does not ask for it. HIL7004: the file cannot be changed so.</exception>
    public static DependencyEdit Remove(string projectFile, string package)
    {
        ArgumentException.ThrowIfNullOrEmpty(projectFile);
        ArgumentNullException.ThrowIfNull(package);
        var text = ProjectText.Load(projectFile);
        var items = Items(text).Where(item => Packages(item).Contains(package, s_names)).ToList();
        if (items.Count == 0)
        {
            var places = new ProjectPlaces(projectFile);
            RefuseImported(places, projectFile, package);
            var near = Spelling.Nearest(package, Items(text).SelectMany(Packages));
            throw new HillingarException(
                "HIL7014",
                $"The project does not ask for '{package}' by an item {Item}.{(near is null ? " What an opam file or another package asks for is taken out there." : $" Did you mean {near}?")}",
                new Place(projectFile)
            );
        }

        var constraint = Version(text, items[0]);
        foreach (var item in items)
        {
            var others = Packages(item).Where(each => !s_names.Equals(each, package)).ToList();
            if (others.Count > 0)
                text.SetAttribute(item, "Include", string.Join(';', others));
            else if (item.Parent is { Attributes.Count: 0 } group && group.Is("ItemGroup") && IsAlone(text, item, group))
                text.Remove(group);
            else
                text.Remove(item);
        }

        text.Save();
        return new DependencyEdit(package, constraint, DependencyChange.Removed, text.PlaceOf(items[0]));
    }

    static IEnumerable<ProjectElement> Items(ProjectText text) =>
        text.Elements.Where(element =>
            element.Is(Item) && element["Include"] is not null && !element.Around.Any(around => around.Is("Target"))
        );

    static IReadOnlyList<string> Packages(ProjectElement item) =>
        item["Include"]!.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    static ProjectElement? Child(ProjectText text, ProjectElement item) =>
        text.Elements.FirstOrDefault(element => element.Parent == item && element.Is("Version"));

    // As MSBuild reads it.
    static string Version(ProjectText text, ProjectElement item) =>
        Escaped()
            .Replace(
                Child(text, item)?.Content.Trim() ?? item["Version"] ?? "",
                match => ((char)Convert.ToByte(match.Value[1..], 16)).ToString()
            );

    // What MSBuild would expand or split.
    static string Literal(string constraint) => Special().Replace(constraint, match => $"%{(int)match.Value[0]:X2}");

    // Where the items are sorted they stay so; else a new one is the last. It belongs to no condition.
    static void Insert(ProjectText text, IReadOnlyList<ProjectElement> items, string line, string package)
    {
        var free = items
            .Where(item => item["Condition"] is null && item.Around.All(around => around["Condition"] is null && !around.Is("Choose")))
            .ToList();
        var group = free.Where(item => item.Parent == free[^1].Parent).ToList();
        if (group.Count > 0)
        {
            var names = group.Select(item => item["Include"]!).ToList();
            var sorted = group.Count > 1 && names.SequenceEqual(names.Order(s_names));
            if (sorted && group.Find(item => s_names.Compare(item["Include"], package) > 0) is { } next)
                text.InsertBefore(next, line);
            else
                text.InsertAfter(group[^1], line);
            return;
        }

        text.AppendGroup("ItemGroup", [line]);
    }

    static bool IsAlone(ProjectText text, ProjectElement item, ProjectElement group) =>
        string.IsNullOrWhiteSpace(text.Text[group.ContentStart..item.Start])
        && string.IsNullOrWhiteSpace(text.Text[item.End..group.ContentEnd]);

    static void RefuseImported(ProjectPlaces places, string projectFile, string package)
    {
        if (places.AllOf(Item, package).FirstOrDefault(place => place.File != projectFile) is { Line: > 0 } imported)
            throw Refused($"{Path.GetFileName(imported.File)} asks for {package} already, for every project below it", imported);
    }

    static HillingarException Refused(string why, Place place) =>
        new("HIL7004", $"The project's file cannot be changed so: {why}. Make the change by hand.", place);

    [GeneratedRegex("[%$@;]")]
    private static partial Regex Special();

    [GeneratedRegex("%[0-9A-Fa-f]{2}")]
    private static partial Regex Escaped();
}
