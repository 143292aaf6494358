using Hillingar.Opam;

namespace Hillingar.Build;

/// <summary>A package that is to be vendored, and where its sources come from.</summary>
sealed record VendoredPackage(RepositoryPackage Package, SourceUrl Source);

/// <summary>Decides the duniverse's folders: one for each source repository, named after it, as opam-monorepo does (<c>duniverse.ml</c>).</summary>
static class DuniversePlan
{
    /// <summary>The folders for packages that are to be vendored.</summary>
    /// <exception cref="HillingarException">HIL3010: packages of one repository come from different archives.</exception>
    public static IReadOnlyList<LockedSource> Of(IEnumerable<VendoredPackage> vendored)
    {
        var groups = vendored.GroupBy(item => item.Package.DevRepo ?? item.Package.Package.Name.Text).OrderBy(group => group.Key, StringComparer.Ordinal).ToList();
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var sources = new List<LockedSource>();
        foreach (var group in groups)
        {
            if (group.Select(item => item.Source.Url).Distinct().Count() > 1 && !ShareChecksum(group))
                throw new HillingarException("HIL3010",
                    $"Packages of {group.Key} come from different archives: {string.Join(", ", group.Select(item => $"{item.Package} ({item.Source.Url})"))}. Constrain them to versions of one release.");
            var url = group.First().Source;
            var folder = FolderOf(group.Key);
            // Two repositories may end in the same name; then the one before it tells them apart.
            if (!taken.Add(folder))
                taken.Add(folder = Distinct(group.Key, folder, taken));
            sources.Add(new LockedSource(url.Url, folder, url.Checksums));
        }

        return sources;
    }

    /// <summary>The folder for a repository: its last name without <c>.git</c>; <c>dune</c> would hide dune's own file of that name.</summary>
    public static string FolderOf(string devRepo)
    {
        var name = devRepo.Split('#')[0].TrimEnd('/').Split('/', ':')[^1].Split('.')[0];
        return name == "dune" ? "dune_" : name;
    }

    static string Distinct(string devRepo, string folder, HashSet<string> taken)
    {
        var parts = devRepo.Split('#')[0].TrimEnd('/').Split('/', ':');
        var longer = parts.Length > 1 && parts[^2].Length > 0 ? $"{parts[^2]}-{folder}" : folder;
        for (var number = 2; taken.Contains(longer); number++)
            longer = $"{folder}-{number}";
        return longer;
    }

    static bool ShareChecksum(IEnumerable<VendoredPackage> packages) => packages
        .Select(item => item.Source.Checksums.AsEnumerable()).Aggregate((left, right) => left.Intersect(right)).Any();
}
