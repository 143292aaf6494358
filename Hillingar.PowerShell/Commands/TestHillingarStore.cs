using System.Management.Automation;
using Hillingar.Build.Health;
using Hillingar.PowerShell.Hosting;

namespace Hillingar.PowerShell.Commands;

/// <summary>Compares what lies in the store with what it is known by, and removes what is not as it was put there.</summary>
[Cmdlet(VerbsDiagnostic.Test, "HillingarStore", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(StoreHealth), typeof(bool))]
public sealed class TestHillingarStoreCommand : HillingarCmdlet
{
    /// <summary>Whether to remove what is wrong, so that it is fetched or built again.</summary>
    [Parameter]
    public SwitchParameter Repair { get; set; }

    /// <summary>Whether to give only whether all is well.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() =>
        For(
            Opam.Repositories.UserCache.Folder,
            () =>
            {
                var check = new StoreCheck(Stores, this);
                var health = Await(check.Examine);
                IReadOnlyList<StoreFault> agreed = Repair
                    ? [.. health.Faults.Where(fault => ShouldProcess(fault.Path, $"Remove, as {fault.Problem}"))]
                    : [];
                if (agreed.Count > 0)
                    health = health with { Removed = Await(cancellation => check.Repair(agreed, cancellation)).Count };
                WriteObject(Quiet ? health.IsOk : health);
            }
        );
}
