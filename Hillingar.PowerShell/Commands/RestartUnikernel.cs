using System.Management.Automation;
using Hillingar.Build.Running;
using Hillingar.PowerShell.Hosting;

namespace Hillingar.PowerShell.Commands;

/// <summary>Stops unikernels that were started here, and starts them again as they were started.</summary>
[Cmdlet(VerbsLifecycle.Restart, "Unikernel", SupportsShouldProcess = true)]
[OutputType(typeof(RunningUnikernel))]
public sealed class RestartUnikernelCommand : UnikernelCmdlet
{
    /// <summary>How many seconds it may take after it was asked to end, before it is killed.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue / 1000)]
    public int Timeout { get; set; } = 10;

    private protected override void Process(UnikernelRuns runs, string name)
    {
        if (ShouldProcess(name, "Restart"))
            WriteObject(Await(cancellation => runs.Restart(name, TimeSpan.FromSeconds(Timeout), cancellation)));
    }
}
