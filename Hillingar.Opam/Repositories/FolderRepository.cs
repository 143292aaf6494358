using Hillingar.Opam.Syntax;

namespace Hillingar.Opam;

/// <summary>A repository in a folder: <c>repo</c> and <c>packages/NAME/NAME.VERSION/opam</c>. Files are read when asked for.</summary>
public sealed class FolderRepository : Repository
{
    readonly string packages;
    readonly Dictionary<PackageName, IReadOnlyList<RepositoryPackage>> versions = [];
    IReadOnlyList<PackageName>? names;
    RepositoryFile? info;

    /// <summary>Opens a folder.</summary>
    /// <param name="folder">The folder that holds <c>packages</c>.</param>
    /// <exception cref="HillingarException">It is no repository (HIL1006).</exception>
    public FolderRepository(string folder)
    {
        Location = Path.GetFullPath(folder);
        packages = Path.Combine(Location, "packages");
        if (!Directory.Exists(packages))
            throw new HillingarException("HIL1006", "there is no opam repository here: expected a folder 'packages'", new Place(folder));
    }

    /// <inheritdoc/>
    public override string Location { get; }

    /// <inheritdoc/>
    public override RepositoryFile Info => info ??= File.Exists(Path.Combine(Location, "repo"))
        ? new RepositoryFile(Document.Read(Path.Combine(Location, "repo")))
        : RepositoryFile.Empty;

    /// <inheritdoc/>
    public override IReadOnlyList<PackageName> Names => names ??= FindNames();

    /// <inheritdoc/>
    public override IReadOnlyList<RepositoryPackage> Versions(PackageName name)
    {
        lock (versions)
        {
            if (!versions.TryGetValue(name, out var known))
                versions.Add(name, known = FindVersions(name));
            return known;
        }
    }

    List<PackageName> FindNames()
    {
        var found = new List<PackageName>();
        foreach (var folder in Directory.EnumerateDirectories(packages))
            if (Path.GetFileName(folder) is var name && PackageName.IsValid(name))
                found.Add(new(name));
        found.Sort((left, right) => string.CompareOrdinal(left.Text, right.Text));
        return found;
    }

    List<RepositoryPackage> FindVersions(PackageName name)
    {
        var found = new List<RepositoryPackage>();
        var folder = Path.Combine(packages, name.Text);
        if (!PackageName.IsValid(name.Text) || !Directory.Exists(folder))
            return found;
        foreach (var version in Directory.EnumerateDirectories(folder))
            if (OpamPackage.TryParse(Path.GetFileName(version), out var package) && package.Name == name && File.Exists(Path.Combine(version, "opam")))
                found.Add(new FolderPackage(this, package, version));
        found.Sort((left, right) => NewestFirst(left.Package.Version, right.Package.Version));
        return found;
    }

    sealed class FolderPackage(FolderRepository repository, OpamPackage package, string folder) : FilePackage(package)
    {
        public override Repository Repository => repository;

        protected override PackageFile Load() => PackageFile.Read(Path.Combine(folder, "opam"), Package);

        public override byte[]? ReadExtra(string name)
        {
            if (!Decode.IsInside(name))
                throw new HillingarException("HIL1006", $"'{name}' leads out of the package's folder; such a file is not read", new Place(folder));
            var path = Path.Combine(folder, "files", name);
            return File.Exists(path) ? File.ReadAllBytes(path) : null;
        }
    }
}
