using Hillingar.Build.Requests;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;

namespace Hillingar.Build.Projects;

/// <summary>Where a project's files come to lie below the workspace's <c>src/</c>.</summary>
public static class ProjectSources
{
    /// <summary>The files that a project names and that are not there, as errors at the items.</summary>
    /// <param name="projectFile">The project's file.</param>
    /// <param name="items">The items: type, what they include, full path.</param>
    public static IReadOnlyList<Diagnostic> Missing(string projectFile, IEnumerable<(string Type, string Include, string Path)> items) =>
        [
            .. from item in items
            where !File.Exists(item.Path)
            select new Diagnostic(
                Severity.Error,
                "HIL6023",
                $"{item.Type} '{item.Include}' names {(Directory.Exists(item.Path) ? "a folder, not a file. Name the files in it, such as" : "a file that does not exist.")} {Advice(item.Include, item.Path)}",
                new ProjectPlaces(projectFile).Of(item.Type, item.Include)
            ),
        ];

    static string Advice(string include, string path)
    {
        if (Directory.Exists(path))
            return $"{include.TrimEnd('/')}/**.";
        var folder = Path.GetDirectoryName(path)!;
        return
            Directory.Exists(folder)
            && Spelling.Nearest(Path.GetFileName(path), Directory.EnumerateFiles(folder).Select(file => Path.GetFileName(file)!))
                is { } near
            ? $"Did you mean {near}?"
            : "Make it, or correct the path, which is relative to the project.";
    }

    /// <summary>The files by their paths there. Zones lie in <c>zones/</c>, and hide sources of the same path. A file that two items name is there once.</summary>
    /// <param name="folder">The project's folder.</param>
    /// <param name="sources">The sources, by full path; as with Content and Compile items, the link says where a file from elsewhere is to be.</param>
    /// <param name="zones">The zone files, by full path.</param>
    public static IReadOnlyList<(string Path, string File)> Of(
        string folder,
        IEnumerable<(string File, string Link)> sources,
        IEnumerable<string> zones
    )
    {
        var laid = zones.Distinct().Select(zone => (Path: "zones/" + Path.GetFileName(zone), File: zone)).ToList();
        return
        [
            .. sources
                .Select(source => (Path: source.Link.Length > 0 ? source.Link : Path.GetRelativePath(folder, source.File), source.File))
                .Distinct()
                .Where(source => laid.TrueForAll(zone => zone.Path != source.Path)),
            .. laid,
        ];
    }
}
