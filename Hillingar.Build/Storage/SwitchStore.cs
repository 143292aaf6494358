using Hillingar.Build.Confinement;
using Hillingar.Build.Files;
using Hillingar.Opam.Disk;
using Hillingar.Opam.Language;

namespace Hillingar.Build.Storage;

/// <summary>
/// The user's store of built host packages, shared by all projects. A package lies under the hash of everything that went into it, and
/// appears whole or not at all.
/// </summary>
/// <param name="root">The store's folder.</param>
sealed class SwitchStore(string root)
{
    static readonly string[] s_kept = ["packages", "switches", "views"];

    /// <summary>The path at which every package sees the prefix, in a sandbox; outside, an empty folder.</summary>
    public string MountPoint { get; } = Path.Combine(root, "prefix");

    /// <summary>Where packages see the folder they are built in, in a sandbox.</summary>
    public string BuildPoint { get; } = Path.Combine(root, "build");

    /// <summary>A package's folder, whether it is there or not.</summary>
    public string PackageFolder(string key) => Path.Combine(root, "packages", key);

    /// <summary>Whether a package is there.</summary>
    public bool Has(string key) => Directory.Exists(PackageFolder(key));

    /// <summary>The files of a package, as they lie below a prefix.</summary>
    public string TreeOf(string key) => Path.Combine(PackageFolder(key), "tree");

    /// <summary>The file of the variables that a package left, whether it is there or not.</summary>
    public string ConfigOf(string key, PackageName package) => Path.Combine(PackageFolder(key), package + ".config");

    /// <summary>Writes down what a finished package, or an assembled switch, hashes to, before it is put to use.</summary>
    public static void Seal(string folder, CancellationToken cancellation) =>
        AtomicFile.WriteText(Path.Combine(folder, SealFile), HashOf(folder, cancellation));

    /// <summary>What is wrong with a package, or a switch, by what was written down when it was finished; null for nothing.</summary>
    public static string? Fault(string folder, CancellationToken cancellation)
    {
        try
        {
            var seal = Path.Combine(folder, SealFile);
            return UnixFile.Of(seal, follow: false) is { IsRegular: false } || !File.Exists(seal)
                    ? "its hash was not written down when it was built"
                : new FileInfo(seal).Length > MaxSeal || File.ReadAllText(seal) != HashOf(folder, cancellation)
                    ? "it is not as it was built"
                : null;
        }
        catch (Exception exception) when (FileFault.Is(exception))
        {
            return $"it cannot be read: {exception.Message}";
        }
    }

    // All but what is used while a switch is assembled and built in.
    static string HashOf(string folder, CancellationToken cancellation) =>
        string.Concat(
            new DirectoryInfo(folder)
                .EnumerateFileSystemInfos()
                .Where(entry => entry.Name is not (SealFile or "whole" or "build"))
                .OrderBy(entry => entry.Name, StringComparer.Ordinal)
                .Select(entry => $"{entry.Name} {NarHash.WithModes(entry.FullName, cancellation)}\n")
        );

    const string SealFile = "hash";

    const int MaxSeal = 1 << 16;

    /// <summary>The packages and switches, each in its folder.</summary>
    public IEnumerable<(StoreEntryKind Kind, string Path)> Sealed() =>
        new[] { (Kind: StoreEntryKind.Package, Name: "packages"), (Kind: StoreEntryKind.Switch, Name: "switches") }
            .Where(kind => Directory.Exists(Path.Combine(root, kind.Name)))
            .SelectMany(
                kind =>
                    Directory
                        .EnumerateDirectories(Path.Combine(root, kind.Name))
                        .Where(folder => Path.GetExtension(folder) != ".tmp")
                        .Order(StringComparer.Ordinal),
                (kind, folder) => (kind.Kind, folder)
            );

    /// <summary>The folder of an assembled switch.</summary>
    public string SwitchFolder(string key) => Path.Combine(root, "switches", key);

    /// <summary>The folder of what findlib is to find of prefixes that hold more.</summary>
    public string Views => Path.Combine(root, "views");

    /// <summary>Where the log of a package's build is kept.</summary>
    public string LogOf(OpamPackage package, string key) => Path.Combine(root, "logs", $"{package}-{key[..12]}.log");

    /// <summary>Waits until nobody else builds a package, or assembles a switch.</summary>
    /// <param name="key">The package's, or the switch's.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <param name="waiting">Is called once where somebody else has the turn for longer than a moment.</param>
    public Task<IDisposable> Turn(string key, CancellationToken cancellation, Action? waiting = null) =>
        FolderLock.Take(LockOf(key), cancellation, waiting);

    string LockOf(string key) => Path.Combine(root, "locks", key + ".lock");

    string Builds => Path.Combine(root, "builds");

    /// <summary>A new folder to build in. Only for whoever has the turn.</summary>
    public string Staging(string key) => Directory.CreateDirectory(Path.Combine(Builds, $"{key}.{Guid.NewGuid():N}")).FullName;

    /// <summary>Is shared by those that build switches, and taken by who prunes.</summary>
    public string UseLock => LockOf("use");

    /// <summary>What can be pruned: built packages and assembled switches, with their sizes and when they were last used.</summary>
    public IEnumerable<(string Path, long Size, DateTime Used)> Entries() =>
        s_kept
            .Select(kind => Path.Combine(root, kind))
            .Where(Directory.Exists)
            .SelectMany(Directory.EnumerateDirectories)
            .Select(folder => (folder, Tree.Size(folder), Directory.GetLastWriteTimeUtc(folder)));

    /// <summary>Notes that a built package or an assembled switch is used.</summary>
    public static void Touch(string folder)
    {
        try
        {
            Directory.SetLastWriteTimeUtc(folder, DateTime.UtcNow);
        }
        catch (Exception exception) when (FileFault.Is(exception))
        {
            // A store that may only be read is not pruned by us either.
            return;
        }
    }

    /// <summary>Removes the folders of builds that were killed.</summary>
    /// <returns>Those that could not be removed, with the reason: they hinder nobody.</returns>
    public IReadOnlyList<string> RemoveLeftovers()
    {
        var stayed = new List<string>();
        foreach (var left in Directory.Exists(Builds) ? Directory.GetDirectories(Builds) : [])
            using (var turn = FolderLock.Try(LockOf(Path.GetFileName(left).Split('.')[0])))
                try
                {
                    if (turn is not null)
                        Tree.Delete(left);
                }
                catch (Exception exception) when (FileFault.Is(exception))
                {
                    stayed.Add($"{left}: {exception.Message}");
                }

        return stayed;
    }
}
