using Hillingar.Build.Processes;

namespace Hillingar.Build.Publishing;

/// <summary>The commit that a project was built from.</summary>
/// <param name="Commit">The commit.</param>
/// <param name="IsModified">Whether tracked files below the project's folder differ from it.</param>
sealed record SourceRevision(string Commit, bool IsModified)
{
    /// <summary>A folder's commit; null where it is not in a git repository, or there is no git.</summary>
    public static async Task<SourceRevision?> Of(string folder, CancellationToken cancellation)
    {
        if (ProcessRunner.Find("git") is not { } git)
            return null;
        var commit = await Ask("rev-parse", "--verify", "HEAD").ConfigureAwait(false);
        // Untracked files are left out: what is published may itself lie in the folder.
        return commit is null
            ? null
            : new(commit.Trim(), await Ask("status", "--porcelain", "--untracked-files=no", "--", ".").ConfigureAwait(false) is not "");

        async Task<string?> Ask(params string[] arguments)
        {
            var result = await ProcessRunner
                .Ask(new Command(git, ["--no-optional-locks", "-c", "core.fsmonitor=false", .. arguments], folder), cancellation)
                .ConfigureAwait(false);
            return result.ExitCode == 0 ? result.Whole : null;
        }
    }
}
