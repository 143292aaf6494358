using Hillingar.Build.Projects;
using Microsoft.Build.Framework;

namespace Hillingar.Sdk.Tasks;

/// <summary>What the tasks share that need to know what a project asks for.</summary>
public abstract class ProjectTask : HillingarTask
{
    /// <summary>What the target <c>HillingarGetFacts</c> tells of the project.</summary>
    [Required]
    public ITaskItem[] Facts { get; set; } = [];

    /// <summary>The facts.</summary>
    /// <exception cref="Opam.Diagnostics.HillingarException">HIL7001: they are of no project.</exception>
    private protected ProjectFacts Read() => new(Facts.Select(item => new ProjectFact(item.ItemSpec, item.GetMetadata)));
}
