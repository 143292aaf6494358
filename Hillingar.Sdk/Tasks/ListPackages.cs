using Microsoft.Build.Framework;

namespace Hillingar.Sdk.Tasks;

/// <summary>Lists what a lock selects, as <c>opam monorepo list</c> does.</summary>
public sealed class ListPackages : HillingarTask
{
    /// <summary>The lock.</summary>
    [Required]
    public string LockFile { get; set; } = "";

    private protected override Task Run(CancellationToken cancellation)
    {
        foreach (var line in ReadLock(LockFile).List())
            Step(line);
        return Task.CompletedTask;
    }
}
