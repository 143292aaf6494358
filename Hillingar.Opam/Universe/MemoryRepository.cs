using System.Text;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;
using Hillingar.Opam.Syntax;

namespace Hillingar.Opam.Universe;

/// <summary>A repository of packages that are at hand: a project's own, those that the machine provides, those of a test.</summary>
public sealed class MemoryRepository : Repository
{
    readonly SortedDictionary<PackageName, List<RepositoryPackage>> _packages = new(
        Comparer<PackageName>.Create((left, right) => string.CompareOrdinal(left.Text, right.Text))
    );

    /// <summary>Makes an empty repository.</summary>
    /// <param name="location">What messages call it.</param>
    public MemoryRepository(string location) => Location = location;

    /// <inheritdoc/>
    public override string Location { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<PackageName> Names => [.. _packages.Keys];

    /// <inheritdoc/>
    public override IReadOnlyList<RepositoryPackage> Versions(PackageName name) =>
        _packages.TryGetValue(name, out var versions) ? versions : [];

    /// <summary>Adds a package, in place of one of the same name and version.</summary>
    /// <param name="package">Its name and version.</param>
    /// <param name="file">Its opam file.</param>
    /// <param name="extras">The files that come with it, by their path below <c>files/</c>.</param>
    /// <exception cref="HillingarException">The name of a file leads out of that folder (HIL1006).</exception>
    public MemoryRepository Add(OpamPackage package, PackageFile file, IReadOnlyDictionary<string, byte[]>? extras = null)
    {
        foreach (var name in extras?.Keys ?? [])
            Decode.RequireInside(name, Location);
        if (!_packages.TryGetValue(package.Name, out var versions))
            _packages[package.Name] = versions = [];
        versions.RemoveAll(other => other.Package.Version == package.Version);
        versions.Add(new Entry(this, package, file, extras));
        versions.Sort((left, right) => NewestFirst(left.Package.Version, right.Package.Version));
        return this;
    }

    /// <summary>Adds a package, in place of one of the same name and version.</summary>
    /// <param name="package">Its name and version, <c>lwt.5.7.0</c>.</param>
    /// <param name="text">The text of its opam file.</param>
    /// <exception cref="HillingarException">
    /// The text is not of opam's language (HIL1001, HIL1002), or the package is none (HIL1005).
    /// </exception>
    public MemoryRepository Add(string package, string text) =>
        OpamPackage.Parse(package) is var parsed
            ? Add(parsed, new PackageFile(Document.Parse(Encoding.UTF8.GetBytes(text), $"{Location}/{package}/opam"), parsed))
            : this;

    sealed class Entry(MemoryRepository repository, OpamPackage package, PackageFile file, IReadOnlyDictionary<string, byte[]>? extras)
        : FilePackage(package)
    {
        public override Repository Repository => repository;

        protected override PackageFile Load() => file;

        public override byte[]? ReadExtra(string name)
        {
            Decode.RequireInside(name, repository.Location);
            return extras?.GetValueOrDefault(name);
        }
    }
}
