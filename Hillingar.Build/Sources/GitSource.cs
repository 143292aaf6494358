using System.Text.RegularExpressions;

namespace Hillingar.Build;

/// <summary>
/// Sources that are a git repository at a commit. Repositories are kept bare in the user's store, files come out as a tar stream,
/// so no checkout, hook or filter runs. The commit is the checksum: git verifies it.
/// </summary>
public static partial class GitSource
{
    /// <summary>The commit that a reference names now.</summary>
    /// <param name="url">A git address, with or without opam's <c>git+</c> and <c>#reference</c>.</param>
    /// <param name="cancellation">Stops.</param>
    /// <returns>The 40 (or 64) hex digits.</returns>
    /// <exception cref="HillingarException">HIL4020: no such repository or reference.</exception>
    public static async Task<string> Resolve(string url, CancellationToken cancellation)
    {
        var (address, reference) = Split(url);
        if (reference is not null && CommitId().IsMatch(reference))
            return reference.ToLowerInvariant();
        var wanted = reference ?? "HEAD";
        var result = await ProcessRunner.Run(
            Git(null, "ls-remote", "--exit-code", "--", address, wanted, wanted + "^{}"), cancellation).ConfigureAwait(false);
        if (result.ExitCode != 0)
            throw new HillingarException("HIL4020", $"'{wanted}' of the git repository {address} could not be found: {Reason(result)}");
        // The dereferenced line of an annotated tag comes last and names its commit.
        return result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1].Split('\t')[0];
    }

    /// <summary>Unpacks the files of a commit into a folder that does not exist yet.</summary>
    /// <param name="url">A git address whose <c>#reference</c> is a whole commit id.</param>
    /// <param name="folder">The folder to make.</param>
    /// <param name="storeRoot">Where bare repositories are kept.</param>
    /// <param name="offline">Whether the network may not be used.</param>
    /// <param name="cancellation">Stops, leaving nothing.</param>
    /// <exception cref="HillingarException">HIL4020 or HIL4021: the commit could not be had; or what <see cref="Unpacker"/> refuses.</exception>
    public static async Task Unpack(string url, string folder, string storeRoot, bool offline, CancellationToken cancellation)
    {
        var (address, commit) = Split(url);
        if (commit is null || !CommitId().IsMatch(commit))
            throw new HillingarException("HIL4021", $"The git source '{url}' is not pinned to a commit. Lock the project again.");
        var bare = Path.Combine(storeRoot, "git", Hashes.OfText(address)[..32]);
        if (!await Has(bare, commit, cancellation).ConfigureAwait(false))
        {
            if (offline && !IsLocal(address))
                throw new HillingarException("HIL4021", $"The commit {commit} of {address} is not in the store, and the network may not be used (HillingarOffline). Restore once with the network.");
            await Download(address, commit, bare, cancellation).ConfigureAwait(false);
        }

        Unpacker.UnpackStream($"{address}#{commit}", read =>
        {
            var result = ProcessRunner.RunPiped(Git(bare, "archive", "--format=tar", commit), read, cancellation);
            if (result.ExitCode != 0)
                throw new HillingarException("HIL4021", $"git could not read the commit {commit} of {address}: {Reason(result)}");
        }, folder, cancellation);
    }

    /// <summary>The address and the reference of opam's <c>git+https://host/repo.git#reference</c>.</summary>
    public static (string Address, string? Reference) Split(string url)
    {
        var plain = url.StartsWith("git+", StringComparison.Ordinal) ? url[4..] : url;
        return plain.IndexOf('#') is var at and >= 0 ? (plain[..at], plain[(at + 1)..]) : (plain, null);
    }

    static async Task Download(string address, string commit, string bare, CancellationToken cancellation)
    {
        var staging = AtomicFile.Beside(bare);
        try
        {
            await Require(Git(null, "init", "--quiet", "--bare", "--", staging), address, cancellation).ConfigureAwait(false);
            // What .gitattributes leaves out of archives belongs to the sources all the same, as in opam's checkouts.
            Directory.CreateDirectory(Path.Combine(staging, "info"));
            await File.WriteAllTextAsync(Path.Combine(staging, "info", "attributes"), "* -export-ignore -export-subst\n", cancellation).ConfigureAwait(false);
            // A server need not give single commits; then everything it has is fetched.
            var single = await ProcessRunner.Run(Git(staging, "fetch", "--quiet", "--depth=1", "--", address, commit), cancellation).ConfigureAwait(false);
            if (single.ExitCode != 0)
                await Require(Git(staging, "fetch", "--quiet", "--", address, "+refs/*:refs/*"), address, cancellation).ConfigureAwait(false);
            if (!await Has(staging, commit, cancellation).ConfigureAwait(false))
                throw new HillingarException("HIL4020", $"The git repository {address} has no commit {commit}.");
            AtomicFile.ReplaceFolder(staging, bare);
        }
        finally
        {
            Tree.Delete(staging);
        }
    }

    static async Task<bool> Has(string bare, string commit, CancellationToken cancellation) =>
        Directory.Exists(bare)
        && (await ProcessRunner.Run(Git(bare, "cat-file", "-e", commit + "^{commit}"), cancellation).ConfigureAwait(false)).ExitCode == 0;

    static async Task Require(Command command, string address, CancellationToken cancellation)
    {
        var result = await ProcessRunner.Run(command, cancellation).ConfigureAwait(false);
        if (result.ExitCode != 0)
            throw new HillingarException("HIL4020", $"The git repository {address} could not be fetched: {Reason(result)}");
    }

    // protocol.ext would run a program named by the address.
    static Command Git(string? repository, params IEnumerable<string> arguments) =>
        new("git", ["-c", "protocol.ext.allow=never", "-c", "core.hooksPath=/dev/null", .. repository is null ? (string[])[] : ["--git-dir", repository], .. arguments],
            Environment: new Dictionary<string, string?> { ["GIT_TERMINAL_PROMPT"] = "0", ["GIT_DIR"] = null });

    static bool IsLocal(string address) => address.StartsWith("file:", StringComparison.Ordinal) || Path.IsPathRooted(address);

    static string Reason(ProcessResult result) => result.Error.Trim() is { Length: > 0 } error ? error : $"git ended with {result.ExitCode}";

    [GeneratedRegex("^([0-9a-fA-F]{40}|[0-9a-fA-F]{64})$")]
    private static partial Regex CommitId();
}
