using Hillingar.Build.Confinement;

namespace Hillingar.Build.Unpacking;

/// <summary>
/// Git repositories that sources bring. Their settings name programs, which git, or an editor or a shell that asks git, runs for whoever looks at the
/// sources: a folder <c>.git</c>, and a folder that is a repository without one.
/// </summary>
static class GitLeftovers
{
    /// <summary>Whether a part of a path is one that git takes for a repository, whatever is in it.</summary>
    public static bool IsRepository(string part) =>
        part.Equals(".git", StringComparison.OrdinalIgnoreCase) || part.Equals("git~1", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a path may be that of the file without which a folder is no repository.</summary>
    public static bool IsHead(string path) =>
        path.EndsWith("HEAD", StringComparison.OrdinalIgnoreCase) && (path.Length == 4 || path[^5] == '/');

    /// <summary>Makes no repository of what is one without a <c>.git</c>: its <c>HEAD</c> goes.</summary>
    /// <param name="sources">The sources.</param>
    /// <param name="head">The path of a file for which <see cref="IsHead"/> holds.</param>
    public static void Break(ConfinedFolder sources, string head)
    {
        // gitrepository-layout(5): the objects are beside it, or where a file says.
        if (sources.Look(head[..^4] + "objects") is not null || sources.Look(head[..^4] + "commondir") is not null)
            sources.Delete(head);
    }

    /// <summary>The same for all below a folder.</summary>
    public static void Break(ConfinedFolder sources, CancellationToken cancellation)
    {
        foreach (var entry in sources.Walk(cancellation: cancellation).Where(entry => IsHead(entry.Path)).ToList())
            Break(sources, entry.Path);
    }
}
