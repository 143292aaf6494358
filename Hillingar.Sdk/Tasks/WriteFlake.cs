using Hillingar.Build.Projects;
using Microsoft.Build.Framework;

namespace Hillingar.Sdk.Tasks;

/// <summary>Writes the flake that builds a project with Nix alone.</summary>
public sealed class WriteFlake : ProjectTask
{
    /// <summary>The folder that the flake is written into, relative to the project.</summary>
    [Required]
    public string Folder { get; set; } = "";

    private protected override async Task Run(CancellationToken cancellation)
    {
        var facts = Read();
        var project = facts.Project();
        foreach (
            var file in (
                await new ProjectWork(project, this).WriteFlake(Folder, facts.Targets(project), cancellation).ConfigureAwait(false)
            ).Files
        )
            Step($"Wrote {file}");
    }
}
