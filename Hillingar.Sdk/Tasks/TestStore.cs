using Hillingar.Build.Health;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Sdk.Tasks;

/// <summary>Compares what lies in the stores with what it is known by.</summary>
public sealed class TestStore : HillingarTask
{
    /// <summary>Whether to remove what is wrong, so that it is fetched or built again.</summary>
    public bool Repair { get; set; }

    private protected override async Task Run(CancellationToken cancellation)
    {
        var check = new StoreCheck(Stores, this);
        var health = await check.Examine(cancellation).ConfigureAwait(false);
        var removed = Repair ? await check.Repair(health.Faults, cancellation).ConfigureAwait(false) : [];
        foreach (var fault in health.Faults)
            Report(
                removed.Contains(fault)
                    ? new Diagnostic(
                        Severity.Warning,
                        "HIL4071",
                        $"{fault.Path} was removed from the store: {fault.Problem}. It is fetched, or built, again when it is needed."
                    )
                    : new Diagnostic(
                        Severity.Error,
                        "HIL4071",
                        $"{fault.Path} in the store is not as it was put there: {fault.Problem}. Remove it with -p:HillingarRepairStore=true; it is fetched, or built, again when it is needed."
                    )
            );
        Step(
            $"Checked {health.Checked} sources, built host packages and switches of {health.Root}: {(health.Faults.Count == 0 ? "all are as they were put there" : $"{health.Faults.Count} are not, {removed.Count} of them removed")}"
        );
    }
}
