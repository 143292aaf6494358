using System.Management.Automation;
using Hillingar.Build;

namespace Hillingar.PowerShell;

/// <summary>Builds projects twice and compares the images.</summary>
[Cmdlet(VerbsDiagnostic.Test, "HillingarReproducible", DefaultParameterSetName = ByPath)]
[OutputType(typeof(Reproduction), typeof(bool))]
public sealed class TestHillingarReproducibleCommand : ProjectCmdlet
{
    /// <summary>The targets; all of the project's where none is named.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TargetCompleter))]
    public string[] Target { get; set; } = [];

    /// <summary>Who builds; the project's own choice where none is named.</summary>
    [Parameter]
    public Backend? Backend { get; set; }

    /// <summary>A folder that keeps both images.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Destination { get; set; }

    /// <summary>Whether to give only whether what runs is the same.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    private protected override void Process(HillingarProject project)
    {
        var told = Backend is { } backend ? project with { Backend = backend } : project;
        foreach (var target in Target.Length > 0 ? Target : project.Targets)
            For(project, () =>
            {
                var (result, errors) = Await(cancellation => new Reproducer(told, this).Check(target, Destination is null ? null : System.IO.Path.Combine(Full(Destination), project.Name), cancellation));
                foreach (var error in errors)
                    WriteError(Errors.Of(error, project));
                if (result is not null)
                    WriteObject(Quiet ? result.IsReproducible : result);
            });
    }
}
