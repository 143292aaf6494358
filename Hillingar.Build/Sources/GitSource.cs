using Hillingar.Build.Confinement;
using Hillingar.Build.Files;
using Hillingar.Build.Processes;
using Hillingar.Build.Storage;
using Hillingar.Build.Unpacking;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Sources;

/// <summary>
/// Sources that are a git repository at a commit. Repositories are kept bare in the user's store, files come out as a tar stream,
/// so no checkout, hook or filter runs. The commit is the checksum: git verifies it.
/// </summary>
public static class GitSource
{
    /// <summary>The commit that a reference names now.</summary>
    /// <param name="url">A git address, with or without opam's <c>git+</c> and <c>#reference</c>.</param>
    /// <param name="cancellation">Stops.</param>
    /// <returns>The 40 (or 64) hex digits.</returns>
    /// <exception cref="HillingarException">HIL1009: no such repository or reference.</exception>
    public static async Task<string> Resolve(string url, CancellationToken cancellation)
    {
        var (address, reference) = Opam.Repositories.Git.Parse(url);
        return Opam.Repositories.Git.IsCommit(reference)
            ? reference
            : await Opam.Repositories.Git.ResolveAsync(address, reference, cancellation).ConfigureAwait(false);
    }

    // Who nests deeper means no good.
    const int MaxNesting = 8;

    /// <summary>Unpacks the files of a commit, and those of its submodules, into a folder that does not exist yet.</summary>
    /// <param name="url">A git address whose <c>#reference</c> is a whole commit id.</param>
    /// <param name="folder">The folder to make.</param>
    /// <param name="storeRoot">Where bare repositories are kept.</param>
    /// <param name="offline">Whether the network may not be used.</param>
    /// <param name="cancellation">Stops, leaving nothing.</param>
    /// <exception cref="HillingarException">HIL4020 or HIL4021: the commit could not be had; or what <see cref="Unpacker"/> refuses.</exception>
    public static async Task Unpack(string url, string folder, string storeRoot, bool offline, CancellationToken cancellation)
    {
        try
        {
            await Walk(
                    url,
                    storeRoot,
                    offline,
                    (path, address, commit, bare) =>
                    {
                        // Beside the folder: what is in it already is a stranger's.
                        var place = path.Length == 0 ? folder : AtomicFile.Beside(folder);
                        try
                        {
                            Unpacker.UnpackStream(
                                $"{address}#{commit}",
                                read =>
                                {
                                    var result = ProcessRunner.RunPiped(Git(bare, "archive", "--format=tar", commit), read, cancellation);
                                    if (result.ExitCode != 0)
                                        throw new HillingarException(
                                            "HIL4021",
                                            $"git could not read the commit {commit} of {address}: {Reason(result)}"
                                        );
                                },
                                place,
                                cancellation
                            );
                            if (path.Length > 0)
                                PutSubmodule(folder, path, address, place);
                        }
                        finally
                        {
                            if (path.Length > 0)
                                Tree.Delete(place);
                        }
                    },
                    cancellation
                )
                .ConfigureAwait(false);
            // What was nothing when a link was made may be a link of a submodule now.
            using var all = ConfinedFolder.Open(
                folder,
                (path, why) =>
                    new HillingarException(
                        "HIL4013",
                        $"The git repository {url} is refused because of '{Unpacker.Printable(path)}': {Unpacker.Printable(why)}."
                    )
            );
            all.CheckLinks(cancellation);
        }
        catch
        {
            Tree.Delete(folder);
            throw;
        }
    }

    /// <summary>The hash of a commit's files, those of its submodules among them, as Nix computes it.</summary>
    /// <exception cref="HillingarException">As of <see cref="Unpack(string, string, string, bool, CancellationToken)"/>.</exception>
    internal static async Task<string> NarHashOf(string url, SourceStore store, bool offline, CancellationToken cancellation)
    {
        var folder = AtomicFile.Beside(Path.Combine(store.Folder, "incoming", "nar"));
        try
        {
            await Unpack(url, folder, store.Folder, offline, cancellation).ConfigureAwait(false);
            return NarHash.Of(folder);
        }
        finally
        {
            Tree.Delete(folder);
        }
    }

    /// <summary>A commit and all its submodules, as addresses with their commits.</summary>
    internal static async Task<IReadOnlyList<string>> WithSubmodules(
        string url,
        string storeRoot,
        bool offline,
        CancellationToken cancellation
    )
    {
        var all = new List<string>();
        await Walk(url, storeRoot, offline, (_, address, commit, _) => all.Add($"{address}#{commit}"), cancellation).ConfigureAwait(false);
        return all;
    }

    // Outer repositories before inner ones.
    static async Task Walk(
        string url,
        string storeRoot,
        bool offline,
        Action<string, string, string, string> visit,
        CancellationToken cancellation
    )
    {
        var rest = new Queue<(string Url, string Path, int Depth)>([(url, "", 0)]);
        while (rest.TryDequeue(out var next))
        {
            var (address, commit, bare) = await Have(next.Url, storeRoot, offline, cancellation).ConfigureAwait(false);
            if (next.Depth > MaxNesting)
                throw new HillingarException(
                    "HIL4020",
                    $"The git repository {address} is a submodule of submodules more than {MaxNesting} deep. Do not use the source: it is hostile or broken."
                );
            visit(next.Path, address, commit, bare);
            foreach (var inner in await GitSubmodules.Of(bare, address, commit, cancellation).ConfigureAwait(false))
                rest.Enqueue((inner.Url, next.Path.Length == 0 ? inner.Path : $"{next.Path}/{inner.Path}", next.Depth + 1));
        }
    }

    // git leaves an empty folder where a submodule goes.
    static void PutSubmodule(string folder, string path, string address, string from)
    {
        using var all = ConfinedFolder.Open(
            folder,
            (_, why) =>
                new HillingarException(
                    "HIL4020",
                    $"The submodule '{Unpacker.Printable(path)}' ({address}) cannot lie there: {Unpacker.Printable(why)}. Do not use the source: it is hostile or broken."
                )
        );
        if (!PortableName.IsInside(path, OperatingSystem.IsWindows()))
            throw all.Refuse(path, "its path is no name of a folder");
        if (!all.HasFolder(path) || all.Walk(path).Any())
            throw all.Refuse(path, "there is no empty folder for it");
        all.Delete(path);
        using var outside = ConfinedFolder.Open(Path.GetDirectoryName(from)!, all.Refuse);
        outside.Move(Path.GetFileName(from), all, path);
    }

    /// <summary>The address, without a password, and the reference of opam's <c>git+https://host/repo.git#reference</c>.</summary>
    public static (string Address, string? Reference) Split(string url)
    {
        var (address, reference) = Opam.Addresses.Address.Split(url);
        return (Opam.Addresses.Address.WithoutCredentials(address), reference);
    }

    /// <summary>The name of a commit's pack in an archive of sources.</summary>
    internal static string PackName(string url) => Split(url) is var (address, commit) ? $"git/{Folder(address)}/{commit}.pack" : "";

    /// <summary>Packs a commit and its files, without its history.</summary>
    /// <returns>The pack's path, below the scratch folder.</returns>
    internal static async Task<string> Pack(string url, string scratch, SourceStore store, bool offline, CancellationToken cancellation)
    {
        var (address, commit, bare) = await Have(url, store.Folder, offline, cancellation).ConfigureAwait(false);
        await Require(Git(null, "init", "--quiet", "--bare", "--", scratch), address, cancellation).ConfigureAwait(false);
        await Require(
                Git(
                    scratch,
                    ["-c", "fetch.unpackLimit=1", "fetch", "--quiet", "--depth=1", "--", "file://" + bare, commit],
                    "file://" + bare
                ),
                address,
                cancellation
            )
            .ConfigureAwait(false);
        return Directory.GetFiles(Path.Combine(scratch, "objects", "pack"), "*.pack").Single();
    }

    /// <summary>Takes a pack that <see cref="Pack"/> made into a bare repository.</summary>
    /// <returns>Whether the pack is whole and holds the commit; where not, the repository is as it was.</returns>
    internal static async Task<bool> Unpack(string pack, string bare, string commit, CancellationToken cancellation)
    {
        using var turn = await Make(bare, cancellation).ConfigureAwait(false);
        if (await Has(bare, commit, cancellation).ConfigureAwait(false))
            return true;
        var staging = AtomicFile.Beside(bare);
        try
        {
            await Require(Git(null, "init", "--quiet", "--bare", "--", staging), pack, cancellation).ConfigureAwait(false);
            var place = Path.Combine(staging, "objects", "pack", $"pack-{commit}.pack");
            File.Copy(pack, place);
            await File.WriteAllTextAsync(Path.Combine(staging, "shallow"), commit + "\n", cancellation).ConfigureAwait(false);
            // git computes each object's name from its bytes, then walks from the commit: nothing can be missing or other than named.
            foreach (
                var check in new[]
                {
                    Git(staging, "index-pack", place),
                    Git(staging, "cat-file", "-e", commit + "^{commit}"),
                    Git(staging, "rev-list", "--quiet", "--objects", commit),
                }
            )
                if ((await ProcessRunner.Run(check, cancellation).ConfigureAwait(false)).ExitCode != 0)
                    return false;
            await Require(
                    Git(bare, ["fetch", "--quiet", "--depth=1", "--", "file://" + staging, commit], "file://" + staging),
                    pack,
                    cancellation
                )
                .ConfigureAwait(false);
            return true;
        }
        finally
        {
            Tree.Delete(staging);
        }
    }

    static string Folder(string address) => Hashes.OfText(address)[..32];

    static async Task<(string Address, string Commit, string Bare)> Have(
        string url,
        string storeRoot,
        bool offline,
        CancellationToken cancellation
    )
    {
        var (address, commit) = Opam.Repositories.Git.Parse(url);
        if (!Opam.Repositories.Git.IsCommit(commit))
            throw new HillingarException("HIL4021", $"The git source '{url}' is not pinned to a commit. Lock the project again.");
        var bare = Path.Combine(storeRoot, "git", Folder(address));
        if (await Has(bare, commit, cancellation).ConfigureAwait(false))
            Directory.SetLastWriteTimeUtc(bare, DateTime.UtcNow);
        else if (offline && !IsLocal(address))
            throw new HillingarException(
                "HIL4021",
                $"The commit {commit} of {address} is not in the store, and the network may not be used (HillingarOffline). Restore once with the network."
            );
        else
            await Download(address, commit, bare, cancellation).ConfigureAwait(false);
        return (address, commit, bare);
    }

    // Into the repository that is there: another restore may be reading another commit of it.
    static async Task Download(string address, string commit, string bare, CancellationToken cancellation)
    {
        using var turn = await Make(bare, cancellation).ConfigureAwait(false);
        if (await Has(bare, commit, cancellation).ConfigureAwait(false))
            return;
        try
        {
            await Opam
                .Repositories.Git.RemoteAsync(
                    address,
                    async remote =>
                    {
                        // A server need not give single commits; then everything it has is fetched.
                        var single = await Fetch(remote, "--depth=1", "--", remote, commit).ConfigureAwait(false);
                        if (single.ExitCode != 0)
                            Require(await Fetch(remote, "--", remote, "+refs/*:refs/*").ConfigureAwait(false), address);
                        return 0;
                    },
                    cancellation
                )
                .ConfigureAwait(false);
        }
        catch (HillingarException exception) when (exception.Diagnostic.Code == "HIL1009")
        {
            throw new HillingarException(
                "HIL4020",
                $"The git repository {address} could not be fetched: {exception.Message}",
                null,
                exception
            );
        }

        if (!await Has(bare, commit, cancellation).ConfigureAwait(false))
            throw new HillingarException("HIL4020", $"The git repository {address} has no commit {commit}.");

        Task<ProcessResult> Fetch(string remote, params string[] arguments) =>
            Opam.Repositories.Git.BoundedAsync(
                bare,
                stop => ProcessRunner.Run(Git(bare, ["fetch", "--quiet", "--no-recurse-submodules", .. arguments], remote), stop),
                cancellation
            );
    }

    // The bare repository, empty where there was none, and the turn to change it.
    static async Task<IDisposable> Make(string bare, CancellationToken cancellation)
    {
        var turn = await FolderLock.Take(bare + ".lock", cancellation).ConfigureAwait(false);
        var staging = AtomicFile.Beside(bare);
        try
        {
            if (Directory.Exists(bare))
            {
                // A killed git leaves its own locks, and the turn is ours.
                foreach (var stale in Directory.EnumerateFiles(bare, "*.lock"))
                    File.Delete(stale);
                return turn;
            }

            await Require(Git(null, "init", "--quiet", "--bare", "--", staging), bare, cancellation).ConfigureAwait(false);
            // What .gitattributes leaves out of archives belongs to the sources all the same, as in opam's checkouts.
            Directory.CreateDirectory(Path.Combine(staging, "info"));
            await File.WriteAllTextAsync(Path.Combine(staging, "info", "attributes"), "* -export-ignore -export-subst\n", cancellation)
                .ConfigureAwait(false);
            AtomicFile.ReplaceFolder(staging, bare);
            return turn;
        }
        catch
        {
            turn.Dispose();
            throw;
        }
        finally
        {
            Tree.Delete(staging);
        }
    }

    static async Task<bool> Has(string bare, string commit, CancellationToken cancellation) =>
        Directory.Exists(bare)
        && (await ProcessRunner.Run(Git(bare, "cat-file", "-e", commit + "^{commit}"), cancellation).ConfigureAwait(false)).ExitCode == 0;

    static async Task Require(Command command, string address, CancellationToken cancellation) =>
        Require(await ProcessRunner.Run(command, cancellation).ConfigureAwait(false), address);

    static void Require(ProcessResult result, string address)
    {
        if (result.ExitCode != 0)
            throw new HillingarException("HIL4020", $"The git repository {address} could not be fetched: {Reason(result)}");
    }

    /// <summary>git, which reads a bare repository and nothing else.</summary>
    internal static Command Git(string? repository, params IEnumerable<string> arguments) => Git(repository, arguments, remote: null);

    static Command Git(string? repository, IEnumerable<string> arguments, string? remote) =>
        new(
            "git",
            [.. repository is null ? (string[])[] : ["--git-dir", repository], .. arguments],
            Environment: Opam.Repositories.Git.Settings(remote)
        );

    /// <summary>Whether an address needs no network.</summary>
    internal static bool IsLocal(string address) => Opam.Addresses.Address.TryParse(address, out var parsed, out _) && parsed.IsLocal;

    static string Reason(ProcessResult result) =>
        result.Error.Trim() is { Length: > 0 } error ? error : $"git ended with {result.ExitCode}";
}
