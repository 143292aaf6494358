namespace Hillingar.Build;

/// <summary>Where a project's files come to lie below the workspace's <c>src/</c>.</summary>
public static class ProjectSources
{
    /// <summary>The files by their paths there. Zones lie in <c>zones/</c>, and hide sources of the same path.</summary>
    /// <param name="folder">The project's folder.</param>
    /// <param name="sources">The sources, by full path; as with Content and Compile items, the link says where a file from elsewhere is to be.</param>
    /// <param name="zones">The zone files, by full path.</param>
    public static IReadOnlyList<(string Path, string File)> Of(string folder, IEnumerable<(string File, string Link)> sources, IEnumerable<string> zones)
    {
        var laid = zones.Select(zone => (Path: "zones/" + Path.GetFileName(zone), File: zone)).ToList();
        return
        [
            .. sources.Select(source => (Path: source.Link.Length > 0 ? source.Link : Path.GetRelativePath(folder, source.File), source.File))
                .Where(source => laid.TrueForAll(zone => zone.Path != source.Path)),
            .. laid,
        ];
    }
}
