using System.Management.Automation;
using Hillingar.Build.Running;
using Hillingar.PowerShell.Hosting;

namespace Hillingar.PowerShell.Commands;

/// <summary>Waits until unikernels have ended that were started here.</summary>
[Cmdlet(VerbsLifecycle.Wait, "Unikernel")]
[OutputType(typeof(RunningUnikernel))]
public sealed class WaitUnikernelCommand : UnikernelCmdlet
{
    /// <summary>How many seconds to wait for each at the most; for ever where nothing is given.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue / 1000)]
    public int? Timeout { get; set; }

    private protected override void Process(UnikernelRuns runs, string name) =>
        WriteObject(
            Await(cancellation =>
                runs.Wait(
                    name,
                    Timeout is { } seconds ? TimeSpan.FromSeconds(seconds) : System.Threading.Timeout.InfiniteTimeSpan,
                    cancellation
                )
            )
        );
}
