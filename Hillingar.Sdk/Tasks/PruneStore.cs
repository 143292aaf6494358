using Hillingar.Build.Files;
using Hillingar.Build.Health;
using Microsoft.Build.Framework;

namespace Hillingar.Sdk.Tasks;

/// <summary>Brings the stores of sources and of built host packages down to a size.</summary>
public sealed class PruneStore : HillingarTask
{
    /// <summary>The size: a number of bytes, or with <c>KB</c>, <c>MB</c> or <c>GB</c> (powers of 1024).</summary>
    [Required]
    public string Limit { get; set; } = "";

    private protected override async Task Run(CancellationToken cancellation)
    {
        var pruning = await StorePruner.Prune(Stores, ByteSize.Parse(Limit), null, cancellation).ConfigureAwait(false);
        Step(
            $"Removed {pruning.Removed} sources and built host packages, {ByteSize.Show(pruning.Freed)}; {ByteSize.Show(pruning.Kept)} stay"
        );
    }
}
