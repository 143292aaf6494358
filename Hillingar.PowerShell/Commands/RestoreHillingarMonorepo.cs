using System.Management.Automation;
using Hillingar.Build;

namespace Hillingar.PowerShell;

/// <summary>Vendors the sources of projects.</summary>
[Cmdlet(VerbsData.Restore, "HillingarMonorepo", DefaultParameterSetName = ByPath, SupportsShouldProcess = true)]
[OutputType(typeof(Monorepo))]
public sealed class RestoreHillingarMonorepoCommand : ProjectCmdlet
{
    /// <summary>Whether a lock that is not current is an error, instead of being brought up to date.</summary>
    [Parameter]
    public SwitchParameter LockedMode { get; set; }

    private protected override void Process(HillingarProject project)
    {
        if (ShouldProcess(project.Workspace, "Vendor the locked sources"))
            WriteObject(Await(cancellation => new ProjectWork(project, this).Restore(LockedMode, cancellation)));
    }
}
