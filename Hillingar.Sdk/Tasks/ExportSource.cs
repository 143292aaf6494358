using Hillingar.Build.Sources;
using Hillingar.Build.Vendoring;
using Microsoft.Build.Framework;

namespace Hillingar.Sdk.Tasks;

/// <summary>Writes all sources of a lock into one archive, for machines without network.</summary>
public sealed class ExportSource : HillingarTask
{
    /// <summary>The lock.</summary>
    [Required]
    public string LockFile { get; set; } = "";

    /// <summary>The archive to write.</summary>
    [Required]
    public string Archive { get; set; } = "";

    /// <summary>Whether the network may not be used.</summary>
    public bool Offline { get; set; }

    private protected override async Task Run(CancellationToken cancellation)
    {
        using var fetcher = new SourceFetcher(Stores.Sources, this) { Offline = Offline };
        var count = await SourceArchive
            .Export(SourceArchive.SourcesOf(ReadLock(LockFile)), Path.GetFullPath(Archive), Stores.Sources, fetcher, cancellation)
            .ConfigureAwait(false);
        Step($"Exported {count} sources to {Archive}");
    }
}
