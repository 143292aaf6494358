using Hillingar.Build.Processes;
using Hillingar.Build.Unpacking;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Sources;

/// <summary>A git repository inside another: where it lies, and its address with the commit, as <c>https://host/repo.git#commit</c>.</summary>
sealed record GitSubmodule(string Path, string Url);

/// <summary>The submodules of a commit, as <c>git submodule update --init</c> takes them, which is what opam runs (<c>opamGit.ml</c>).</summary>
static class GitSubmodules
{
    /// <summary>The submodules of a commit; none where it has no <c>.gitmodules</c>, whatever its tree says: so it is for opam.</summary>
    /// <param name="bare">The repository that has the commit.</param>
    /// <param name="address">Where it came from: addresses may be relative to it.</param>
    /// <param name="commit">The commit.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="HillingarException">HIL4020: a submodule has no address, or one that must not be read.</exception>
    public static async Task<IReadOnlyList<GitSubmodule>> Of(string bare, string address, string commit, CancellationToken cancellation)
    {
        var settings = await ProcessRunner
            .Ask(
                GitSource.Git(
                    bare,
                    "config",
                    "-z",
                    "--blob",
                    commit + ":.gitmodules",
                    "--get-regexp",
                    @"^submodule\..*\.(path|url|update)$"
                ),
                cancellation
            )
            .ConfigureAwait(false);
        if (settings.ExitCode != 0)
            return [];
        var modules = settings
            .Whole.Split('\0')
            .Select(setting => setting.Split('\n', 2))
            .Where(pair => pair is [{ Length: > 0 }, _])
            .GroupBy(pair => pair[0][..pair[0].LastIndexOf('.')])
            .Select(module =>
                module
                    .DistinctBy(pair => pair[0])
                    .ToDictionary(pair => pair[0][(pair[0].LastIndexOf('.') + 1)..], pair => pair[1].TrimEnd('\n'))
            )
            .Where(module => module.ContainsKey("path"))
            .DistinctBy(module => module["path"])
            .ToDictionary(module => module["path"]);
        var tree = await ProcessRunner
            .Ask(GitSource.Git(bare, "ls-tree", "-r", "-z", "--full-tree", commit), cancellation)
            .ConfigureAwait(false);
        if (tree.ExitCode != 0)
            throw new HillingarException("HIL4021", $"git could not read the commit {commit} of {address}: {tree.Error.Trim()}");
        var found = new List<GitSubmodule>();
        foreach (
            var (entry, path) in tree
                .Whole.Split('\0')
                .Select(line => line.Split('\t', 2))
                .Where(parts => parts.Length == 2)
                .Select(parts => (parts[0].Split(' '), parts[1]))
        )
            if (entry is ["160000", _, var inner] && modules.GetValueOrDefault(path)?.GetValueOrDefault("update") != "none")
                found.Add(
                    new GitSubmodule(path, $"{Resolve(address, modules.GetValueOrDefault(path)?.GetValueOrDefault("url"), path)}#{inner}")
                );
        return found;
    }

    // https://git-scm.com/docs/git-submodule: an address that begins with ./ or ../ is relative to the repository's own.
    static string Resolve(string address, string? url, string path)
    {
        if (url is null)
            throw Refused("has no address in .gitmodules");
        if (url.Split('/') is [("." or ".."), ..] parts)
        {
            var above = address.TrimEnd('/');
            foreach (var _ in parts.TakeWhile(part => part is "." or "..").Where(part => part == ".."))
                above = above.LastIndexOf('/') is > 0 and var slash
                    ? above[..slash]
                    : throw Refused($"has the address '{Unpacker.Printable(url)}', which leads nowhere");
            return Checked($"{above}/{string.Join('/', parts.SkipWhile(part => part is "." or ".."))}");
        }

        // host:path is ssh's, as git has it.
        return Checked(
            !url.Contains("://", StringComparison.Ordinal)
            && !url.Contains("::", StringComparison.Ordinal)
            && !Path.IsPathRooted(url)
            && url.IndexOf(':') is > 0 and var colon
                ? $"ssh://{url[..colon]}/{url[(colon + 1)..].TrimStart('/')}"
                : url
        );

        string Checked(string full)
        {
            // A repository of the network must not bring in what lies on this machine, nor an address that names a program.
            if (full.Contains('#') || (GitSource.IsLocal(full) && !GitSource.IsLocal(address)))
                throw Refused($"has the address '{Unpacker.Printable(full)}', which must not be read");
            try
            {
                Opam.Repositories.Git.Parse(full);
            }
            catch (HillingarException exception)
            {
                throw Refused($"cannot be had: {exception.Message}");
            }

            return full;
        }

        HillingarException Refused(string why) =>
            new(
                "HIL4020",
                $"The submodule '{Unpacker.Printable(path)}' of the git repository {address} {why}. Ask its maintainers to correct .gitmodules."
            );
    }
}
