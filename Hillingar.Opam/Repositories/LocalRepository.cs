using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;

namespace Hillingar.Opam.Repositories;

/// <summary>
/// A project's own packages and its pins: one version of each. Overlaid on others (<see cref="OverlayRepository"/>) it pins
/// their names: no other version of them is seen.
/// </summary>
public sealed class LocalRepository : Repository
{
    readonly SortedDictionary<string, LocalPackage> _packages = new(StringComparer.Ordinal);

    /// <summary>Makes the repository of some packages.</summary>
    /// <param name="files">Their files; each must say, or have been given, its name and version.</param>
    /// <param name="location">What messages call the repository.</param>
    /// <exception cref="HillingarException">A file has no name or version, or two are of one name (HIL1007).</exception>
    public LocalRepository(IEnumerable<PackageFile> files, string location = "local packages")
    {
        Location = location;
        foreach (var file in files)
        {
            if (file is not { Name: { } name, Version: { } version })
                throw new HillingarException(
                    "HIL1007",
                    "a local package needs a name and a version; name the file NAME.opam or add the fields",
                    new Place(file.Document.Path)
                );
            if (!_packages.TryAdd(name.Text, new LocalPackage(this, new(name, version), file)))
                throw new HillingarException(
                    "HIL1007",
                    $"{name} is defined twice, here and in {_packages[name.Text].Read().Document.Path}; keep one",
                    new Place(file.Document.Path)
                );
        }
    }

    /// <inheritdoc/>
    public override string Location { get; }

    /// <inheritdoc/>
    public override bool Pins => true;

    /// <inheritdoc/>
    public override IReadOnlyList<PackageName> Names => [.. _packages.Keys.Select(name => new PackageName(name))];

    /// <inheritdoc/>
    public override IReadOnlyList<RepositoryPackage> Versions(PackageName name) =>
        _packages.TryGetValue(name.Text, out var package) ? [package] : [];

    /// <summary>
    /// Reads a project's file: the name is the file's (<c>NAME.opam</c>), the version that of the field <c>version</c>, or the one given.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="version">The version where the file has none; opam-monorepo takes <c>zdev</c>.</param>
    public static PackageFile Read(string path, OpamVersion? version = null)
    {
        var file = PackageFile.Read(path);
        var stem = Path.GetExtension(path) == ".opam" ? Path.GetFileNameWithoutExtension(path) : null;
        var name = PackageName.IsValid(stem)
            ? new PackageName(stem!)
            : file.Name
                ?? throw new HillingarException(
                    "HIL1007",
                    "a local package needs a name; name the file NAME.opam or add the field",
                    new Place(path)
                );
        return new(file.Document, new(name, file.Version ?? version ?? new("zdev")));
    }

    sealed class LocalPackage(LocalRepository repository, OpamPackage package, PackageFile file) : FilePackage(package)
    {
        public override Repository Repository => repository;

        protected override PackageFile Load() => file;

        public override byte[]? ReadExtra(string name) =>
            FileBeside.Read(Path.GetDirectoryName(Path.GetFullPath(file.Document.Path))!, "files", name);
    }
}
