using System.Management.Automation;
using Hillingar.Build.Health;
using Hillingar.PowerShell.Completers;
using Hillingar.PowerShell.Hosting;

namespace Hillingar.PowerShell.Commands;

/// <summary>Looks what is installed, and what each backend and target lacks.</summary>
[Cmdlet(VerbsDiagnostic.Test, "HillingarEnvironment")]
[OutputType(typeof(MachineItem), typeof(bool))]
public sealed class TestHillingarEnvironmentCommand : HillingarCmdlet
{
    /// <summary>The targets that are asked about; all where none is named.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TargetCompleter))]
    public string[] Target { get; set; } = [];

    /// <summary>Whether to give only whether nothing that is required is missing.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() =>
        For(
            null,
            () =>
            {
                var items = Await(cancellation => MachineCheck.Run(Target, cancellation));
                if (Quiet)
                    WriteObject(items.All(item => item.IsPresent || !item.IsRequired));
                else
                    WriteObject(items, enumerateCollection: true);
            }
        );
}
