using System.IO.Compression;
using System.Xml.Linq;
using NuGet.Versioning;

namespace Hillingar.Solver.NuGet;

/// <summary>A package at a version, and the packages that it needs.</summary>
/// <param name="Id">The package's identity; case does not count.</param>
/// <param name="Version">The version.</param>
/// <param name="Dependencies">What it depends on.</param>
public sealed record FeedPackage(string Id, NuGetVersion Version, IReadOnlyList<KeyValuePair<string, VersionRange>> Dependencies);

/// <summary>A folder feed: <c>*.nupkg</c> files, directly in the folder or below it.</summary>
public static class Feed
{
    /// <summary>Reads the manifests of all packages.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="framework">The group of dependencies that counts where a manifest has groups; null: the one without a framework.</param>
    /// <exception cref="InvalidDataException">A file is no package.</exception>
    public static IEnumerable<FeedPackage> Read(string folder, string? framework = null)
    {
        foreach (var path in Directory.EnumerateFiles(folder, "*.nupkg", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            using var archive = ZipFile.OpenRead(path);
            var entry =
                archive.Entries.FirstOrDefault(entry =>
                    !entry.FullName.Contains('/') && entry.FullName.EndsWith(".nuspec", StringComparison.OrdinalIgnoreCase)
                ) ?? throw new InvalidDataException($"{path} has no manifest.");
            using var stream = entry.Open();
            var metadata = XDocument.Load(stream).Root?.Elements().FirstOrDefault(element => element.Name.LocalName == "metadata");
            string Text(string name) =>
                metadata?.Elements().FirstOrDefault(element => element.Name.LocalName == name)?.Value.Trim()
                ?? throw new InvalidDataException($"The manifest of {path} has no {name}.");
            var listed = metadata?.Elements().FirstOrDefault(element => element.Name.LocalName == "dependencies");
            var chosen =
                listed
                    ?.Elements()
                    .FirstOrDefault(element =>
                        element.Name.LocalName == "group" && (string?)element.Attribute("targetFramework") == framework
                    )
                ?? listed;
            yield return new(
                Text("id"),
                NuGetVersion.Parse(Text("version")),
                [
                    .. from dependency in chosen?.Elements() ?? []
                    where dependency.Name.LocalName == "dependency"
                    select KeyValuePair.Create(
                        (string)dependency.Attribute("id")!,
                        VersionRange.Parse((string?)dependency.Attribute("version") ?? "0")
                    ),
                ]
            );
        }
    }
}
