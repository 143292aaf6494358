using Hillingar.Build.Requests;
using Microsoft.Build.Framework;

namespace Hillingar.Sdk.Tasks;

/// <summary>Says why a target cannot be built, which MSBuild saw by itself: it is none of the project's, or nothing compiles for it.</summary>
public sealed class RefuseTarget : HillingarTask
{
    /// <summary>The target.</summary>
    [Required]
    public string Target { get; set; } = "";

    /// <summary>The project's targets.</summary>
    [Required]
    public string[] Targets { get; set; } = [];

    private protected override Task Run(CancellationToken cancellation) =>
        Task.FromException(
            Targets.Contains(Target) ? MirageTarget.NoContext(Target, ProjectFile) : MirageTarget.NotOf(Target, Targets, ProjectFile)
        );
}
