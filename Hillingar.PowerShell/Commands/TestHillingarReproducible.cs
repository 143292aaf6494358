using System.Management.Automation;
using Hillingar.Build.Projects;
using Hillingar.Build.Reproducing;
using Hillingar.PowerShell.Hosting;

namespace Hillingar.PowerShell.Commands;

/// <summary>Builds projects twice and compares the images.</summary>
[Cmdlet(VerbsDiagnostic.Test, "HillingarReproducible", DefaultParameterSetName = ByPath)]
[OutputType(typeof(Reproduction), typeof(bool))]
public sealed class TestHillingarReproducibleCommand : TargetCmdlet
{
    /// <summary>A folder that keeps both images.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Destination { get; set; }

    /// <summary>Whether to give only whether what runs is the same.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    private protected override void Process(HillingarProject project, string target)
    {
        if (project.IsPlanned)
        {
            Ask(project.Name, $"Build twice for {target}", isPlanned: true);
            return;
        }

        var (result, errors) = Await(cancellation =>
            new Reproducer(project, this).Check(
                target,
                Destination is null ? null : System.IO.Path.Combine(Full(Destination), project.Name),
                cancellation
            )
        );
        Give(Quiet ? result?.IsReproducible : result, errors, project);
    }
}
