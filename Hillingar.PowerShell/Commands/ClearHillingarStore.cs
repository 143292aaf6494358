using System.Management.Automation;
using Hillingar.Build.Files;
using Hillingar.Build.Health;
using Hillingar.PowerShell.Completers;
using Hillingar.PowerShell.Hosting;

namespace Hillingar.PowerShell.Commands;

/// <summary>Removes sources and built host packages from the store that were not used for long, or do not fit.</summary>
[Cmdlet(
    VerbsCommon.Clear,
    "HillingarStore",
    DefaultParameterSetName = ByAge,
    SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.Medium
)]
[OutputType(typeof(Pruning))]
public sealed class ClearHillingarStoreCommand : HillingarCmdlet
{
    const string ByAge = "Age";
    const string BySize = "Size";

    /// <summary>Sources that were not used for this long go.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByAge)]
    [Parameter(ParameterSetName = BySize)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public string? OlderThan { get; set; }

    /// <summary>The size to come down to; the least recently used sources go.</summary>
    [Parameter(Mandatory = true, ParameterSetName = BySize)]
    [ValidateNotNullOrEmpty]
    public string? MaximumSize { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() =>
        For(
            Opam.Repositories.UserCache.Folder,
            () =>
            {
                var folder = Stores.Sources.Folder;
                var limit = MaximumSize is null ? long.MaxValue : ByteSize.Parse(MaximumSize);
                var since = OlderThan is null ? null : (DateTime?)(DateTime.UtcNow - Duration.Parse(OlderThan));
                var what = string.Join(
                    ", and ",
                    new[]
                    {
                        since is null ? null : $"Remove sources not used for {OlderThan}",
                        limit == long.MaxValue ? null : $"{(since is null ? "C" : "c")}ome down to {ByteSize.Show(limit)}",
                    }.OfType<string>()
                );
                if (ShouldProcess(folder, what))
                    WriteObject(Await(cancellation => StorePruner.Prune(Stores, limit, since, cancellation)));
            }
        );
}
