using System.Xml;
using System.Xml.Linq;

namespace Hillingar.Build;

/// <summary>Finds where in a project's file an item stands: MSBuild tells tasks what an item is, not where it was written.</summary>
/// <param name="projectFile">The project's file. Items that come from elsewhere are attributed to it without a line.</param>
public sealed class ProjectPlaces(string projectFile)
{
    readonly Lazy<IReadOnlyList<XElement>> _elements = new(() => Load(projectFile));

    /// <summary>Where an item is included.</summary>
    /// <param name="item">The item's type, such as <c>OpamDependency</c>.</param>
    /// <param name="include">What it includes.</param>
    public Place Of(string item, string include) => At(_elements.Value.FirstOrDefault(element =>
        element.Name.LocalName == item && element.Attribute("Include") is { } attribute
        && attribute.Value.Split(';', StringSplitOptions.TrimEntries).Contains(include)));

    /// <summary>Where a property is set, the last time.</summary>
    /// <param name="property">The property's name.</param>
    public Place OfProperty(string property) => At(_elements.Value.LastOrDefault(element => element.Name.LocalName == property));

    Place At(XElement? element) => element is IXmlLineInfo info && info.HasLineInfo()
        ? new Place(projectFile, info.LineNumber, info.LinePosition)
        : new Place(projectFile);

    static List<XElement> Load(string path)
    {
        try
        {
            return [.. XDocument.Load(path, LoadOptions.SetLineInfo).Descendants()];
        }
        catch (Exception exception) when (exception is IOException or XmlException or UnauthorizedAccessException)
        {
            // MSBuild has read the file, so it was fine a moment ago; a message without a line is better than another error.
            return [];
        }
    }
}
