using System.Management.Automation;
using Hillingar.Build.Running;
using Hillingar.PowerShell.Hosting;

namespace Hillingar.PowerShell.Commands;

/// <summary>Forgets unikernels that have ended, and what they wrote.</summary>
[Cmdlet(VerbsCommon.Remove, "Unikernel", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class RemoveUnikernelCommand : UnikernelCmdlet
{
    // As long as Stop-Unikernel gives one.
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>Whether one that runs is stopped first.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override void Process(UnikernelRuns runs, string name)
    {
        if (!ShouldProcess(name, Force ? "Stop and remove" : "Remove"))
            return;
        if (Force)
            Await(cancellation => runs.Stop(name, s_patience, cancellation));
        Await(cancellation => runs.Remove(name, cancellation));
    }
}
