using Hillingar.Build.Confinement;
using Hillingar.Build.Files;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;

namespace Hillingar.Build.Storage;

/// <summary>
/// The user's store of source archives, shared by all projects, in the layout of opam's download cache
/// (<c>KIND/first two digits/digits</c>), so that each can read the other's. What is in it is verified whenever it is used.
/// </summary>
public sealed class SourceStore
{
    readonly IReadOnlyList<string> _caches;

    /// <summary>Opens a store; folders are made when the first archive comes.</summary>
    /// <param name="folder">The store's own folder.</param>
    /// <param name="caches">Further folders of the same layout that are only read, such as opam's download cache.</param>
    public SourceStore(string folder, IEnumerable<string>? caches = null)
    {
        Folder = Path.GetFullPath(folder);
        _caches = [Folder, .. caches ?? []];
    }

    /// <summary>The store's own folder.</summary>
    public string Folder { get; }

    /// <summary>Held shared by whoever uses what is in the store, and alone by whoever removes something.</summary>
    internal string UseLock => Path.Combine(Folder, "incoming", "use.lock");

    /// <summary>Where bare git repositories are.</summary>
    internal string GitFolder => Path.Combine(Folder, "git");

    /// <summary>The store below the root of the user's stores, which reads opam's download cache as well.</summary>
    public static SourceStore Below(string root)
    {
        var opamRoot = Environment.GetEnvironmentVariable("OPAMROOT") is { Length: > 0 } named
            ? named
            : Path.Combine(
                Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify),
                ".opam"
            );
        return new SourceStore(Path.Combine(root, "sources"), [Path.Combine(opamRoot, "download-cache")]);
    }

    /// <summary>The file that has all the checksums, or null where there is none yet.</summary>
    /// <exception cref="HillingarException">HIL4003: a cached file is damaged.</exception>
    public string? Find(IReadOnlyCollection<Checksum> checksums)
    {
        if (Locate(checksums) is not { } path)
            return null;
        Verify(path, checksums);
        return path;
    }

    /// <summary>The file that is named after one of the checksums, not verified yet.</summary>
    internal string? Locate(IReadOnlyCollection<Checksum> checksums)
    {
        var path = checksums
            .Strongest()
            .SelectMany(checksum => _caches.Select(cache => Path.Combine(cache, checksum.CachePath)))
            .FirstOrDefault(IsThere);
        if (path is not null && path.StartsWith(Folder, StringComparison.Ordinal))
            Touch(path);
        return path;
    }

    /// <summary>Checks that a file of the store has all the checksums.</summary>
    /// <exception cref="HillingarException">HIL4003: it does not.</exception>
    internal static void Verify(string path, IReadOnlyCollection<Checksum> checksums)
    {
        if (Hashes.FirstMismatch(path, checksums) is { } mismatch)
            throw new HillingarException(
                "HIL4003",
                $"The cached archive '{path}' is damaged: it does not have the checksum {mismatch}. Delete the file and restore again, or import a good copy."
            );
    }

    /// <summary>The archives, each once, and when they were last used.</summary>
    internal IEnumerable<(string Path, long Size, DateTime Used)> Files() =>
        Entries()
            .Where(file => file.LinkTarget is null && Path.GetExtension(file.Name).Length == 0)
            .Select(file =>
                (
                    file.FullName,
                    file.Length,
                    file.LastAccessTimeUtc > file.LastWriteTimeUtc ? file.LastAccessTimeUtc : file.LastWriteTimeUtc
                )
            );

    /// <summary>Every name of an archive, aliases included.</summary>
    internal IEnumerable<string> Named() =>
        Entries().Where(file => Path.GetExtension(file.Name) is not (".tmp" or ".part")).Select(file => file.FullName);

    /// <summary>The checksum that a name of the store stands for, or null where it stands for none.</summary>
    internal static Checksum? ChecksumOf(string path)
    {
        var (digits, folder) = (Path.GetFileName(path), new FileInfo(path).Directory!);
        var kind = Enum.GetValues<ChecksumKind>().First(kind => new Checksum(kind, "").KindText == folder.Parent!.Name);
        return digits.Length > 2 && digits.All(char.IsAsciiHexDigitLower) && digits.StartsWith(folder.Name, StringComparison.Ordinal)
            ? new Checksum(kind, digits)
            : null;
    }

    /// <summary>Names whose archive is gone.</summary>
    internal IEnumerable<string> BrokenAliases() =>
        Entries().Where(file => file.LinkTarget is not null && !IsThere(file.FullName)).Select(file => file.FullName).ToList();

    // To .NET a link to nothing exists.
    static bool IsThere(string path) => File.Exists(path) && (File.ResolveLinkTarget(path, returnFinalTarget: true)?.Exists ?? true);

    IEnumerable<FileInfo> Entries() =>
        Enum.GetValues<ChecksumKind>()
            .Select(kind => new DirectoryInfo(Path.Combine(Folder, new Checksum(kind, "").KindText)))
            .Where(folder => folder.Exists)
            .SelectMany(folder => folder.EnumerateDirectories().SelectMany(inner => inner.EnumerateFiles()));

    // Set by hand, as most systems keep the time of reading only roughly or not at all. A store that may only be read is not pruned by us either.
    static void Touch(string path)
    {
        try
        {
            File.SetLastAccessTimeUtc(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path, DateTime.UtcNow);
        }
        catch (Exception exception) when (FileFault.Is(exception))
        {
            return;
        }
    }

    /// <summary>Takes a copy of an archive into the store, under each of its checksums.</summary>
    /// <param name="path">The archive, which stays where it is.</param>
    /// <returns>Its checksums, strongest first.</returns>
    /// <exception cref="HillingarException">HIL4004: there is no such file. HIL4007: the store cannot be written.</exception>
    public IReadOnlyList<Checksum> Import(string path)
    {
        if (!File.Exists(path))
            throw new HillingarException("HIL4004", $"There is no archive '{path}' to import.");
        var temporary = TemporaryFile();
        try
        {
            File.Copy(path, temporary);
            var checksums = Hashes.OfFile(temporary, Hashes.Kinds);
            Place(temporary, checksums);
            return checksums;
        }
        catch (Exception exception) when (FileFault.Is(exception))
        {
            throw FileFault.Of(exception, Folder);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>A name for a file that is on its way into this store.</summary>
    internal string TemporaryFile() => AtomicFile.Beside(Path.Combine(Folder, "incoming", "source"));

    /// <summary>Moves a file, whose checksums were verified, to its place.</summary>
    internal string Place(string verified, IReadOnlyCollection<Checksum> checksums)
    {
        var ordered = checksums.Strongest().ToList();
        var path = Path.Combine(Folder, ordered[0].CachePath);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Move(verified, path, overwrite: true);
        foreach (var other in ordered.Skip(1))
            Alias(Path.Combine(Folder, other.CachePath), path);
        return path;
    }

    // opam's cache links the weaker checksums to the strongest one too; a copy serves where links are not allowed.
    static void Alias(string alias, string path)
    {
        if (File.Exists(alias))
        {
            if (new FileInfo(alias).LinkTarget is not null)
                return;
            File.Delete(alias);
        }

        var temporary = AtomicFile.Beside(alias);
        try
        {
            File.CreateSymbolicLink(temporary, Path.GetRelativePath(Path.GetDirectoryName(alias)!, path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            File.Copy(path, temporary);
        }

        File.Move(temporary, alias, overwrite: true);
    }
}
