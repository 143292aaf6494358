using System.Management.Automation;
using Hillingar.Build.Running;
using Hillingar.PowerShell.Completers;
using Hillingar.PowerShell.Hosting;

namespace Hillingar.PowerShell.Commands;

/// <summary>Lists the unikernels that were started here.</summary>
[Cmdlet(VerbsCommon.Get, "Unikernel")]
[OutputType(typeof(RunningUnikernel))]
public sealed class GetUnikernelCommand : UnikernelCmdlet
{
    /// <inheritdoc/>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(UnikernelCompleter))]
    public override string[] Name { get; set; } = ["*"];

    private protected override void Process(UnikernelRuns runs, string name) => WriteObject(runs.Get(name));
}
