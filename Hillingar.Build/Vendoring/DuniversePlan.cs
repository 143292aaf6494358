using Hillingar.Build.Locks;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;
using Hillingar.Opam.Universe;

namespace Hillingar.Build.Vendoring;

/// <summary>A package that is to be vendored, where its sources come from, and whether the project pins it.</summary>
sealed record VendoredPackage(RepositoryPackage Package, SourceUrl Source, bool IsPinned = false);

/// <summary>A folder of the duniverse.</summary>
/// <param name="Source">Where its contents come from.</param>
/// <param name="Packages">The packages that are taken from it.</param>
/// <param name="IsPartial">Whether another archive of the same source repository is vendored beside it: it is to hold its own packages only.</param>
sealed record DuniverseFolder(LockedSource Source, IReadOnlyList<OpamPackage> Packages, bool IsPartial);

/// <summary>Decides the duniverse's folders: one for each source repository, named after it, as opam-monorepo does (<c>duniverse.ml</c>).</summary>
static class DuniversePlan
{
    /// <summary>The folders for packages that are to be vendored.</summary>
    /// <param name="vendored">The packages.</param>
    /// <param name="rules">Whether packages without source repository are left out, and whether what cannot share a folder gets one each or is an error.</param>
    /// <exception cref="HillingarException">HIL3010: packages of one repository come from different archives. HIL3013: two repositories want one folder.</exception>
    public static IReadOnlyList<DuniverseFolder> Of(IEnumerable<VendoredPackage> vendored, LockRules rules)
    {
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var folders = new List<DuniverseFolder>();
        foreach (
            var (name, group) in vendored
                .Where(item => rules.VendorsAll || item.Package.DevRepo is { Length: > 0 })
                .GroupBy(item => DevRepo.Key(Name(item)))
                .Select(items => (Name: Name(items.First()), Items: items))
                .OrderBy(each => each.Name, StringComparer.Ordinal)
        )
        {
            var archives = rules.SideBySide ? Archives(group) : [OneOf(group)];
            foreach (var archive in archives)
            {
                var folder = FolderOf(name);
                if (!taken.Add(folder))
                {
                    if (!rules.SideBySide)
                        throw new HillingarException(
                            "HIL3013",
                            $"Two source repositories, {name} one of them, would be vendored into duniverse/{folder}, as opam-monorepo names folders. Lock without its rules."
                        );
                    taken.Add(folder = Distinct(name, folder, archives.Count > 1 ? archive[0].Package.Package.Name.Text : null, taken));
                }
                var source = archive[0].Source;
                folders.Add(
                    new(
                        new LockedSource(source.Url, folder, source.Checksums),
                        [.. archive.Select(item => item.Package.Package)],
                        archives.Count > 1
                    )
                );
            }
        }

        return folders;
    }

    static string Name(VendoredPackage item) => item.Package.DevRepo is { Length: > 0 } source ? source : item.Package.Package.Name.Text;

    /// <summary>The folder for a repository: its last name without <c>.git</c>; <c>dune</c> would hide dune's own file of that name.</summary>
    public static string FolderOf(string devRepo)
    {
        var name = devRepo.Split('#')[0].TrimEnd('/').Split('/', ':')[^1].Split('.')[0];
        return name == "dune" ? "dune_" : name;
    }

    // The pinned one where there are several, as opam-monorepo has it.
    static List<VendoredPackage> OneOf(IGrouping<string, VendoredPackage> group)
    {
        if (group.Select(item => item.Source.Url).Distinct().Count() == 1)
            return [.. group];
        var first =
            group.FirstOrDefault(item => item.IsPinned)
            ?? throw new HillingarException(
                "HIL3010",
                $"Packages of {group.Key} come from different archives: {string.Join(", ", group.Select(item => $"{item.Package} ({item.Source.Url})"))}. Constrain them to versions of one release, or lock without opam-monorepo's rules."
            );
        return [first, .. group.Where(item => item != first)];
    }

    // Packages whose sources have an address or a checksum in common share an archive.
    static List<List<VendoredPackage>> Archives(IEnumerable<VendoredPackage> packages)
    {
        var archives = new List<List<VendoredPackage>>();
        foreach (var package in packages)
            if (
                archives.Find(archive =>
                    archive.Exists(other =>
                        other.Source.Url == package.Source.Url || other.Source.Checksums.Intersect(package.Source.Checksums).Any()
                    )
                ) is
                { } shared
            )
                shared.Add(package);
            else
                archives.Add([package]);
        return archives;
    }

    // Two repositories may end in the same name: then the one before it tells them apart. Of one repository's archives, their packages do.
    static string Distinct(string devRepo, string folder, string? package, HashSet<string> taken)
    {
        var parts = devRepo.Split('#')[0].TrimEnd('/').Split('/', ':');
        var longer =
            package is not null ? $"{folder}-{package}"
            : parts.Length > 1 && parts[^2].Length > 0 ? $"{parts[^2]}-{folder}"
            : folder;
        for (var number = 2; taken.Contains(longer); number++)
            longer = $"{folder}-{number}";
        return longer;
    }
}
