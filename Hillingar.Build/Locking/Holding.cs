using Hillingar.Build.Locks;
using Hillingar.Build.Requests;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;
using Hillingar.Opam.Universe;

namespace Hillingar.Build.Locking;

/// <summary>Why a locked package is not at a newer version: which constraint, and whose.</summary>
/// <param name="locked">The lock.</param>
/// <param name="roots">The project's own packages; none where only the lock is known.</param>
/// <param name="repository">Where the packages are.</param>
sealed class Holding(LockFile locked, IReadOnlyList<PackageFile> roots, Repository repository)
{
    readonly OpamEnvironment _environment = SourceConfig.Of(roots).Apply(HostPlatform.Current).With("monorepo", true);

    /// <summary>The packages of which the repository has a later version that this machine can have, and that version.</summary>
    public IEnumerable<(OpamPackage Locked, RepositoryPackage Newest)> Behind =>
        from item in locked.Packages
        let package = item.Package
        where !locked.Provided.Contains(package)
        let newest = repository
            .Versions(package.Name)
            .FirstOrDefault(version => !version.AvoidVersion && version.IsAvailable(HostPlatform.Current))
        where newest is not null && newest.Package.Version > package.Version
        orderby package
        select (package, newest);

    /// <summary>What holds a package, in words; null where nothing does but the lock, which is kept until an update.</summary>
    /// <param name="newest">The version that is not locked.</param>
    public string? Of(RepositoryPackage newest)
    {
        var (name, version) = (newest.Package.Name, newest.Package.Version);
        var holders = roots
            .Select(root =>
                (Who: root.Name!.Value.Text, Package: new OpamPackage(root.Name!.Value, root.Version!.Value), root.Depends, root.Conflicts)
            )
            .Concat(
                locked
                    .Packages.Where(item => item.Package.Name != name)
                    .Select(item => repository.Find(item.Package))
                    .OfType<RepositoryPackage>()
                    .Select(other => (Who: $"{other.Package.Name} {other.Package.Version}", other.Package, other.Depends, other.Conflicts))
            )
            .SelectMany(other =>
                Atoms(other.Depends, other.Package)
                    .Where(atom => atom.Name == name && !atom.Versions.Holds(version))
                    .Select(atom => $"{other.Who} needs {atom}")
                    .Concat(
                        Atoms(other.Conflicts, other.Package)
                            .Where(atom => atom.Holds(newest.Package))
                            .Select(atom => $"{other.Who} conflicts with {atom}")
                    )
            )
            .Concat(Own(newest))
            .Distinct()
            .ToList();
        return holders switch
        {
            [] => null,
            [.. var few] when few.Count <= 3 => string.Join("; ", few),
            _ => $"{string.Join("; ", holders.Take(3))}; and {holders.Count - 3} more",
        };
    }

    IEnumerable<PackageAtom> Atoms(Formula<FilteredPackage> formula, OpamPackage package) =>
        formula.Select(_environment.For(package), DependencyOptions.For(package)).Atoms();

    // What the newer version itself asks of the others that are locked.
    IEnumerable<string> Own(RepositoryPackage newest)
    {
        if (
            locked.Packages.Any(item => item.Vendored && item.Package.Name == newest.Package.Name)
            && !newest.UsesDune
            && !MonorepoRules.IsSafe(newest)
        )
            yield return $"{newest.Package.Name} {newest.Package.Version} does not build with dune";
        foreach (var atom in Atoms(newest.Depends, newest.Package))
            if (locked.Version(atom.Name.Text) is { } version && !atom.Versions.Holds(version))
                yield return $"{newest.Package.Name} {newest.Package.Version} needs {atom}, and {atom.Name} {version} is locked";
        foreach (var atom in Atoms(newest.Conflicts, newest.Package))
            if (locked.Version(atom.Name.Text) is { } version && atom.Versions.Holds(version))
                yield return $"{newest.Package.Name} {newest.Package.Version} conflicts with {atom}, and {version} is locked";
    }
}
