using System.Xml;
using System.Xml.Linq;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Requests;

/// <summary>
/// Finds where in a project's file, or in the Directory.Build files that MSBuild imports into it, something stands: MSBuild tells tasks what an
/// item is, not where it was written.
/// </summary>
/// <param name="projectFile">The project's file. What comes from elsewhere is attributed to it without a line.</param>
public sealed class ProjectPlaces(string projectFile)
{
    static readonly string[] s_imported = ["Directory.Build.props", "Directory.Build.targets"];

    readonly Lazy<IReadOnlyList<(string File, XElement Element)>> _elements = new(() => [.. Files(projectFile).SelectMany(Load)]);

    /// <summary>All elements, those of the project's own file first.</summary>
    internal IReadOnlyList<(string File, XElement Element)> Elements => _elements.Value;

    /// <summary>Where an item is included.</summary>
    /// <param name="item">The item's type, such as <c>OpamDependency</c>.</param>
    /// <param name="include">What it includes.</param>
    public Place Of(string item, string include) => AllOf(item, include).FirstOrDefault(new Place(projectFile));

    /// <summary>The places where an item is included.</summary>
    /// <param name="item">The item's type.</param>
    /// <param name="include">What it includes.</param>
    internal IEnumerable<Place> AllOf(string item, string include) =>
        _elements
            .Value.Where(found =>
                Is(found.Element, item)
                && found.Element.Attribute("Include") is { } attribute
                && attribute.Value.Split(';', StringSplitOptions.TrimEntries).Any(part => Plain(part) == Plain(include))
            )
            .Select(At);

    /// <summary>Where a property is set, the last time.</summary>
    /// <param name="property">The property's name.</param>
    public Place OfProperty(string property) =>
        _elements
            .Value.Where(found => Is(found.Element, property))
            .OrderBy(found => found.File == projectFile)
            .Select(At)
            .LastOrDefault(new Place(projectFile));

    /// <summary>The place of an element.</summary>
    internal static Place At((string File, XElement Element) found) =>
        found.Element is IXmlLineInfo info && info.HasLineInfo()
            ? new Place(found.File, info.LineNumber, info.LinePosition)
            : new Place(found.File);

    // To MSBuild, Opamdependency is OpamDependency, and on Unix a\b is a/b.
    static bool Is(XElement element, string name) => element.Name.LocalName.Equals(name, StringComparison.OrdinalIgnoreCase);

    static string Plain(string include) => include.Replace('\\', '/');

    static IEnumerable<string> Files(string projectFile)
    {
        yield return projectFile;
        foreach (var name in s_imported)
            for (
                var folder = Path.GetDirectoryName(Path.GetFullPath(projectFile));
                folder is not null;
                folder = Path.GetDirectoryName(folder)
            )
                if (Path.Combine(folder, name) is var path && File.Exists(path))
                {
                    yield return path;
                    break;
                }
    }

    static IEnumerable<(string, XElement)> Load(string path)
    {
        try
        {
            return [.. XDocument.Load(path, LoadOptions.SetLineInfo).Descendants().Select(element => (path, element))];
        }
        catch (Exception exception) when (exception is IOException or XmlException or UnauthorizedAccessException)
        {
            // MSBuild has read the file, so it was fine a moment ago; a message without a line is better than another error.
            return [];
        }
    }
}
