using System.Management.Automation;
using Hillingar.Build.Running;
using Hillingar.PowerShell.Hosting;

namespace Hillingar.PowerShell.Commands;

/// <summary>Gives what unikernels wrote that were started here.</summary>
[Cmdlet(VerbsCommon.Get, "UnikernelLog")]
[OutputType(typeof(string))]
public sealed class GetUnikernelLogCommand : UnikernelCmdlet
{
    /// <summary>Only so many of the last lines.</summary>
    [Parameter]
    [Alias("Last")]
    [ValidateRange(0, int.MaxValue)]
    public int? Tail { get; set; }

    /// <summary>Whether to go on with what it writes until it has ended.</summary>
    [Parameter]
    [Alias("Follow")]
    public SwitchParameter Wait { get; set; }

    private protected override void Process(UnikernelRuns runs, string name) =>
        Await(async cancellation =>
        {
            await foreach (var line in runs.Log(name, Tail, Wait, cancellation).ConfigureAwait(false))
                Give(line);
        });
}
