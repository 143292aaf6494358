using System.Management.Automation;
using Hillingar.Build.Projects;
using Hillingar.PowerShell.Completers;
using Hillingar.PowerShell.Hosting;

namespace Hillingar.PowerShell.Commands;

/// <summary>Vendors the sources of projects.</summary>
[Cmdlet(VerbsData.Restore, "HillingarMonorepo", DefaultParameterSetName = ByPath, SupportsShouldProcess = true)]
[OutputType(typeof(Monorepo))]
public sealed class RestoreHillingarMonorepoCommand : ProjectCmdlet
{
    /// <summary>Whether a lock that is not current is an error, instead of being brought up to date.</summary>
    [Parameter]
    public SwitchParameter LockedMode { get; set; }

    /// <summary>How long a solve may take: seconds, or with a unit; 0 for no limit.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public string? SolveTimeout { get; set; }

    private protected override void Process(HillingarProject project)
    {
        var consent = Ask(project.Workspace, "Vendor the locked sources", project.IsPlanned);
        if (consent == Consent.Plan)
            Plan(project with { IsPlanned = true });
        if (consent == Consent.Yes)
            WriteObject(Await(cancellation => new ProjectWork(project.Within(SolveTimeout), this).Restore(LockedMode, cancellation)));
    }
}
