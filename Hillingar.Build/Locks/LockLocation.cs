using Hillingar.Build.Processes;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Syntax;

namespace Hillingar.Build.Locks;

/// <summary>Finds locks: by path, beside a project, or as they were at a git revision.</summary>
public static class LockLocation
{
    /// <summary>What lock files are called.</summary>
    public const string Pattern = "*.opam.locked";

    /// <summary>The lock's file: the path itself, or the one lock in a folder.</summary>
    /// <exception cref="HillingarException">HIL7003: there is none, or more than one.</exception>
    public static string Find(string path)
    {
        var full = Path.GetFullPath(path);
        if (File.Exists(full))
            return full;
        var found = Directory.Exists(full) ? Directory.GetFiles(full, Pattern) : [];
        return found switch
        {
            [var only] => only,
            [] => throw new HillingarException(
                "HIL7003",
                $"There is no lock '{path}'. Name a lock, or a folder that holds one; {Advice.Say("'dotnet restore' makes", "Update-HillingarLock makes")} one."
            ),
            _ => throw new HillingarException(
                "HIL7003",
                $"'{path}' holds several locks: {string.Join(", ", found.Select(Path.GetFileName))}. Name one of them."
            ),
        };
    }

    /// <summary>Reads a lock from a file, from a folder that holds one, or as a lock was at a git revision.</summary>
    /// <param name="what">The path, or the revision.</param>
    /// <param name="lockFile">The lock whose revision is meant: a path, or a folder that holds one.</param>
    /// <param name="folder">The folder that relative paths are relative to.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="HillingarException">HIL7003: there is no such file, and no such revision of the lock. Of the 3000s: it is no lock.</exception>
    public static async Task<LockFile> Read(string what, string lockFile, string folder, CancellationToken cancellation)
    {
        var path = Path.GetFullPath(what, folder);
        if (File.Exists(path) || Directory.Exists(path))
            return LockFile.Read(Find(path));
        var target = Path.GetFullPath(lockFile, folder);
        // The working folder may have no lock any more, and still there was one: then it is to be named.
        var of = File.Exists(target) || !Directory.Exists(target) ? target : Find(target);
        // A text that git would take for an option is no revision.
        var result = what.StartsWith('-')
            ? null
            : await ProcessRunner
                .Ask(new Command("git", ["show", $"{what}:./{Path.GetFileName(of)}"], Path.GetDirectoryName(of)), cancellation)
                .ConfigureAwait(false);
        return result is { ExitCode: 0 }
            ? LockFile.Parse(Document.Parse(result.Whole, of))
            : throw new HillingarException(
                "HIL7003",
                $"'{what}' is neither a lock nor a git revision that has {Path.GetFileName(of)}{(result is null ? "" : $" ({result.Error.Trim()})")}. Name a file, a folder with one lock, or a revision such as HEAD~1."
            );
    }
}
