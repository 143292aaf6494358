using System.Management.Automation;
using Hillingar.Build.Running;
using Hillingar.PowerShell.Hosting;

namespace Hillingar.PowerShell.Commands;

/// <summary>Stops unikernels that were started here.</summary>
[Cmdlet(VerbsLifecycle.Stop, "Unikernel", SupportsShouldProcess = true)]
[OutputType(typeof(RunningUnikernel))]
public sealed class StopUnikernelCommand : UnikernelCmdlet
{
    /// <summary>How many seconds it may take after it was asked to end, before it is killed.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue / 1000)]
    public int Timeout { get; set; } = 10;

    private protected override void Process(UnikernelRuns runs, string name)
    {
        if (ShouldProcess(name, "Stop"))
            WriteObject(Await(cancellation => runs.Stop(name, TimeSpan.FromSeconds(Timeout), cancellation)));
    }
}
