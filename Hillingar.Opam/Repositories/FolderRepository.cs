using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Disk;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Syntax;

namespace Hillingar.Opam.Repositories;

/// <summary>
/// A repository in a folder: <c>repo</c> and <c>packages/NAME/NAME.VERSION/opam</c>. Files are read when asked for. With an index
/// they are not even then, as long as their time of change and size are what the index knows; the first that is not has the
/// index brought up to date.
/// </summary>
public sealed class FolderRepository : Repository
{
    readonly string _packages;
    readonly string? _indexPath;
    readonly CancellationToken _cancel;
    readonly Dictionary<PackageName, IReadOnlyList<RepositoryPackage>> _versions = [];
    IReadOnlyList<PackageName>? _names;
    RepositoryFile? _info;
    IndexFile? _index;
    bool _verified;

    /// <summary>Opens a folder.</summary>
    /// <param name="folder">The folder that holds <c>packages</c>.</param>
    /// <param name="indexPath">Where its index is or is to be; null: without.</param>
    /// <param name="cancel">Stops the opening, and whatever reads all of it later.</param>
    /// <exception cref="HillingarException">It is no repository (HIL1006), or its packages are not in it (HIL1011).</exception>
    public FolderRepository(string folder, string? indexPath = null, CancellationToken cancel = default)
    {
        this._cancel = cancel;
        Location = Path.GetFullPath(folder);
        _packages = Path.Combine(Location, "packages");
        if (!Directory.Exists(_packages))
            throw new HillingarException("HIL1006", "there is no opam repository here: expected a folder 'packages'", new Place(folder));
        if (
            !UnixFile
                .Real(_packages)
                .StartsWith(
                    UnixFile.Real(Location).TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar,
                    StringComparison.Ordinal
                )
        )
            throw new HillingarException(
                "HIL1011",
                "the folder 'packages' is a link that leads out of the repository; name the repository that it leads to",
                new Place(_packages)
            );
        this._indexPath = indexPath;
        if (indexPath is null)
            return;
        _index = IndexFile.TryOpen(indexPath);
        if (_index is null || _index.Key != Location || _index.Stamp != Stamp(_packages))
            Refresh();
    }

    /// <inheritdoc/>
    public override string Location { get; }

    /// <inheritdoc/>
    public override RepositoryFile Info => _info ??= ReadFile("repo") is { } file ? new RepositoryFile(file) : RepositoryFile.Empty;

    Document? ReadFile(string path)
    {
        var place = Path.Combine(Location, path);
        try
        {
            return Content.ReadInside(Location, path, out _) is { } content ? Document.Parse(content, place) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HillingarException("HIL1004", $"cannot read the file: {e.Message}", new Place(place), e);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<PackageName> Names => _names ??= FindNames();

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

    List<PackageName> FindNames()
    {
        var found = new List<PackageName>();
        if (_index is null)
        {
            foreach (var name in NameFolders())
                found.Add(new(name));
            found.Sort((left, right) => string.CompareOrdinal(left.Text, right.Text));
        }
        else
            for (var i = 0; i < _index.NameCount; i++)
                found.Add(new(_index.Name(i)));
        return found;
    }

    IEnumerable<string> NameFolders()
    {
        foreach (var folder in Directory.EnumerateDirectories(_packages).TakeWhile(_ => !Stopped()))
            if (Path.GetFileName(folder) is var name && PackageName.IsValid(name))
                yield return name;
    }

    // An enumeration goes on until it is stopped, which is by an exception.
    bool Stopped()
    {
        _cancel.ThrowIfCancellationRequested();
        return false;
    }

    List<RepositoryPackage> FindVersions(PackageName name)
    {
        var found = new List<RepositoryPackage>();
        if (!PackageName.IsValid(name.Text))
            return found;
        if (_index is null)
        {
            foreach (var (package, file) in Files(name.Text))
                if (file.Exists)
                    found.Add(new FolderPackage(this, package));
            return found;
        }
        if (Indexed(name) is { } entries)
        {
            foreach (var entry in entries)
                if (entry.Facts.Length > 0)
                    found.Add(new IndexedPackage(new(name, new(entry.Version)), this, new(_index, entry.Facts), Load, ReadExtra));
                else if (entry.Size >= 0)
                    found.Add(new FolderPackage(this, new(name, new(entry.Version))));
        }
        return found;
    }

    /// <summary>A name's versions by the index, brought up to date if need be; null for an unknown name.</summary>
    IndexEntry[]? Indexed(PackageName name)
    {
        for (var attempt = 0; ; attempt++)
        {
            var number = _index!.Find(name.Text);
            if (number < 0)
                return null;
            try
            {
                var entries = IndexBuilder.Entries(_index, _index.Block(number), out var stamp);
                if (_verified || IsFresh(name.Text, stamp, entries))
                    return entries;
            }
            catch (InvalidDataException) when (attempt == 0)
            {
                _index = null;
            }
            Refresh();
        }
    }

    bool IsFresh(string name, long stamp, IndexEntry[] entries)
    {
        if (stamp == 0 || Stamp(Path.Combine(_packages, name)) != stamp)
            return false;
        foreach (var entry in entries)
            if (!IsFresh(entry, new FileInfo(FilePath(name, entry.Version))))
                return false;
        return true;
    }

    static bool IsFresh(in IndexEntry entry, FileInfo file) =>
        file.Exists ? entry.Stamp != 0 && file.LastWriteTimeUtc.Ticks == entry.Stamp && file.Length == entry.Size : entry.Size < 0;

    string FilePath(string name, string version) =>
        $"{_packages}{Path.DirectorySeparatorChar}{name}{Path.DirectorySeparatorChar}{name}.{version}{Path.DirectorySeparatorChar}opam";

    sealed record VersionFile(OpamPackage Package, FileInfo File);

    static long Stamp(string folder) => Directory.GetLastWriteTimeUtc(folder).Ticks;

    /// <summary>The versions that have a folder, newest first, and the files that should be in them.</summary>
    List<VersionFile> Files(string name)
    {
        var found = new List<VersionFile>();
        var folder = Path.Combine(_packages, name);
        if (Directory.Exists(folder))
            foreach (var version in Directory.EnumerateDirectories(folder).TakeWhile(_ => !Stopped()))
                if (OpamPackage.TryParse(Path.GetFileName(version), out var package) && package.Name.Text == name)
                    found.Add(new(package, new FileInfo($"{version}{Path.DirectorySeparatorChar}opam")));
        found.Sort((left, right) => NewestFirst(left.Package.Version, right.Package.Version));
        return found;
    }

    /// <summary>Brings the index up to date: reads what changed, copies the rest.</summary>
    void Refresh()
    {
        // What changed this very moment may change again unseen: it gets no stamp, and so is read again next time.
        var now = DateTime.UtcNow;
        var older = _index is { } known && known.Key == Location ? known : null;
        var builder = new IndexBuilder(Location, stamp: Settled(Stamp(_packages)), older: older);
        foreach (var name in NameFolders())
            Refresh(builder, older, name, Settled);
        _index = builder.Write(_indexPath!);
        _verified = true;
        _names = null;

        long Settled(long stamp) => Math.Abs(now.Ticks - stamp) < 2 * TimeSpan.TicksPerSecond ? 0 : stamp;
    }

    void Refresh(IndexBuilder builder, IndexFile? older, string name, Func<long, long> settled)
    {
        IndexEntry[] known = [];
        if (older is not null && older.Find(name) is >= 0 and var number)
        {
            try
            {
                var block = older.Block(number);
                known = IndexBuilder.Entries(older, block, out var stamp);
                if (IsFresh(name, stamp, known))
                {
                    builder.Copy(name, block);
                    return;
                }
            }
            catch (InvalidDataException)
            {
                known = [];
            }
        }
        var folderStamp = settled(Stamp(Path.Combine(_packages, name)));
        var files = Files(name);
        builder.Begin(folderStamp, files.Count);
        var places = new Dictionary<string, int>(known.Length);
        for (var i = 0; i < known.Length; i++)
            places.TryAdd(known[i].Version, i);
        foreach (var (package, file) in files)
        {
            _cancel.ThrowIfCancellationRequested();
            if (places.TryGetValue(package.Version.Text, out var place) && known[place] is var entry && IsFresh(entry, file))
                builder.Version(entry, older!.At(entry.Facts.Offset, entry.Facts.Length));
            else
                Read(builder, package, file, settled);
        }
        builder.End(name);
    }

    void Read(IndexBuilder builder, OpamPackage package, FileInfo file, Func<long, long> settled)
    {
        try
        {
            if (Content.ReadInside(Location, PathOf(package), out var stamp) is { } content)
                builder.Version(package, content, file.FullName, settled(stamp));
            else
                builder.Missing(package.Version.Text);
        }
        catch (Exception e) when (e is HillingarException or IOException or UnauthorizedAccessException)
        {
            // What has no length, such as a link to nothing, is not known again, and read the next time.
            builder.Unreadable(package.Version.Text, file.Exists ? settled(file.LastWriteTimeUtc.Ticks) : 0, file.Exists ? file.Length : 0);
        }
    }

    static string PathOf(OpamPackage package) => $"packages/{package.Name.Text}/{package}/opam";

    PackageFile Load(RepositoryPackage package) =>
        ReadFile(PathOf(package.Package)) is { } document
            ? new PackageFile(document, package.Package)
            : throw new HillingarException(
                "HIL1004",
                "cannot read the file: it is not there any more",
                new Place(FilePath(package.Package.Name.Text, package.Package.Version.Text))
            );

    byte[]? ReadExtra(RepositoryPackage package, string name) =>
        FileBeside.Read(Location, $"packages/{package.Package.Name.Text}/{package}/files", name);

    sealed class FolderPackage(FolderRepository repository, OpamPackage package) : FilePackage(package)
    {
        public override Repository Repository => repository;

        protected override PackageFile Load() => repository.Load(this);

        public override byte[]? ReadExtra(string name) => repository.ReadExtra(this, name);
    }
}
