using Hillingar.Opam.Files;
using Hillingar.Opam.Language;

namespace Hillingar.Opam.Repositories;

/// <summary>
/// Several repositories over each other: the first that has a version of a package gives that version; other versions are seen
/// from the later ones, unless one that <see cref="Repository.Pins"/> has the name.
/// </summary>
/// <param name="repositories">The repositories, the first first.</param>
public sealed class OverlayRepository(params IReadOnlyList<Repository> repositories) : Repository
{
    readonly Dictionary<PackageName, IReadOnlyList<RepositoryPackage>> _versions = [];

    /// <summary>The repositories, the first first.</summary>
    public IReadOnlyList<Repository> Repositories { get; } = repositories;

    /// <inheritdoc/>
    public override string Location => string.Join(", ", Repositories.Select(repository => repository.Location));

    /// <inheritdoc/>
    public override RepositoryFile Info => Repositories is [var first, ..] ? first.Info : RepositoryFile.Empty;

    /// <inheritdoc/>
    public override IReadOnlyList<string> ArchiveMirrors =>
        [.. Repositories.SelectMany(repository => repository.ArchiveMirrors).Distinct()];

    /// <inheritdoc/>
    public override IReadOnlyList<PackageName> Names => field ??= AllNames();

    List<PackageName> AllNames()
    {
        var names = new HashSet<PackageName>();
        foreach (var repository in Repositories)
            names.UnionWith(repository.Names);
        var sorted = names.ToList();
        sorted.Sort((left, right) => string.CompareOrdinal(left.Text, right.Text));
        return sorted;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<RepositoryPackage> Versions(PackageName name)
    {
        lock (_versions)
        {
            if (!_versions.TryGetValue(name, out var known))
                _versions.Add(name, known = FindVersions(name));
            return known;
        }
    }

    List<RepositoryPackage> FindVersions(PackageName name)
    {
        var found = new List<RepositoryPackage>();
        var seen = new HashSet<OpamVersion>();
        foreach (var repository in Repositories)
        {
            var some = repository.Versions(name);
            foreach (var package in some)
                if (seen.Add(package.Package.Version))
                    found.Add(package);
            if (repository.Pins && some.Count > 0)
                break;
        }
        found.Sort((left, right) => NewestFirst(left.Package.Version, right.Package.Version));
        return found;
    }
}
