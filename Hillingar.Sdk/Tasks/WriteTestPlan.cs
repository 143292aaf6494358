using Hillingar.Build.Projects;
using Microsoft.Build.Framework;

namespace Hillingar.Sdk.Tasks;

/// <summary>Writes what the test host has to know of a project: <c>dotnet test</c> in its Microsoft.Testing.Platform mode.</summary>
public sealed class WriteTestPlan : HillingarTask
{
    /// <summary>Where to write it.</summary>
    [Required]
    public string PlanFile { get; set; } = "";

    private protected override Task Run(CancellationToken cancellation)
    {
        // MSBuild's own are its way of telling its processes where things are.
        new TestPlan(
            ProjectFile,
            (BuildEngine as IBuildEngine6)
                ?.GetGlobalProperties()
                .Where(pair => !pair.Key.StartsWith("MSBuild", StringComparison.OrdinalIgnoreCase))
                .ToDictionary(pair => pair.Key, pair => pair.Value)
                ?? []
        ).Write(PlanFile);
        return Task.CompletedTask;
    }
}
