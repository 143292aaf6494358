using Hillingar.Build;
using Microsoft.Build.Framework;

namespace Hillingar.Sdk;

/// <summary>Takes archives into the source store, so that a restore finds them by their checksums.</summary>
public sealed class ImportSource : HillingarTask
{
    /// <summary>The archives.</summary>
    [Required]
    public ITaskItem[] Archives { get; set; } = [];

    private protected override Task Run(CancellationToken cancellation)
    {
        foreach (var archive in Archives)
            Step($"Imported {archive.ItemSpec} ({Stores.Sources.Import(archive.GetMetadata("FullPath"))[0]})");
        return Task.CompletedTask;
    }
}
