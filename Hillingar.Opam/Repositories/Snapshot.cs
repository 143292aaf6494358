using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Syntax;

namespace Hillingar.Opam.Repositories;

/// <summary>A repository as it was at a commit, or as an archive had it: an index that holds the files' texts too.</summary>
sealed class Snapshot : Repository
{
    readonly IndexFile _index;
    readonly string _path;
    readonly Dictionary<PackageName, IReadOnlyList<RepositoryPackage>> _versions = [];
    readonly Dictionary<OpamPackage, IndexEntry> _entries = [];
    RepositoryFile? _info;

    public Snapshot(IndexFile index, string path, string location)
    {
        this._index = index;
        this._path = path;
        Location = location;
    }

    public override string Location { get; }

    public override IReadOnlyList<string> ArchiveMirrors =>
        Location == RepositoryCache.Default && !base.ArchiveMirrors.Contains(RepositoryCache.DefaultArchives)
            ? [.. base.ArchiveMirrors, RepositoryCache.DefaultArchives]
            : base.ArchiveMirrors;

    /// <summary>What the server said to know the content by.</summary>
    public string Tag => _index.Tag;

    public override RepositoryFile Info =>
        _info ??= _index.Info.Length == 0 ? RepositoryFile.Empty : new RepositoryFile(Document.Parse(_index.Info, $"{Location}/repo"));

    public override IReadOnlyList<PackageName> Names => field ??= AllNames();

    PackageName[] AllNames()
    {
        var names = new PackageName[_index.NameCount];
        for (var i = 0; i < names.Length; i++)
            names[i] = new(_index.Name(i));
        return names;
    }

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
        if (_index.Find(name.Text) is not (>= 0 and var number))
            return found;
        foreach (var entry in Guard(() => IndexBuilder.Entries(_index, _index.Block(number), out _)))
        {
            var package = new OpamPackage(name, new(entry.Version));
            _entries[package] = entry;
            found.Add(
                entry.Facts.Length > 0
                    ? new IndexedPackage(package, this, new(_index, entry.Facts), Load, ReadExtra)
                    : new SnapshotPackage(this, package)
            );
        }
        return found;
    }

    PackageFile Load(RepositoryPackage package) =>
        Guard(() =>
            new PackageFile(
                Document.Parse(_index.Text(Entry(package).Text), $"{Location}/packages/{package.Package.Name}/{package}/opam"),
                package.Package
            )
        );

    byte[]? ReadExtra(RepositoryPackage package, string name) =>
        Guard(() =>
        {
            Decode.RequireInside(name, Location);
            foreach (var (other, text) in Entry(package).Extras)
                if (other == name)
                    return _index.Text(text);
            return null;
        });

    IndexEntry Entry(RepositoryPackage package)
    {
        lock (_versions)
            return _entries[package.Package];
    }

    T Guard<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidDataException e)
        {
            File.Delete(_path);
            throw new HillingarException(
                "HIL1008",
                $"the cached copy of {Location} was damaged and has been thrown away; run again to fetch a new one",
                new Place(_path),
                e
            );
        }
    }

    sealed class SnapshotPackage(Snapshot snapshot, OpamPackage package) : FilePackage(package)
    {
        public override Repository Repository => snapshot;

        protected override PackageFile Load() => snapshot.Load(this);

        public override byte[]? ReadExtra(string name) => snapshot.ReadExtra(this, name);
    }
}
