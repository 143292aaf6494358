using Hillingar.Build.Vendoring;
using Microsoft.Build.Framework;

namespace Hillingar.Sdk.Tasks;

/// <summary>Takes archives into the source store, so that a restore finds them by their checksums: single ones, and those that an export wrote.</summary>
public sealed class ImportSource : HillingarTask
{
    /// <summary>The archives.</summary>
    [Required]
    public ITaskItem[] Archives { get; set; } = [];

    private protected override async Task Run(CancellationToken cancellation)
    {
        foreach (var path in Archives.Select(archive => archive.GetMetadata("FullPath")))
        {
            var imported = await ImportedSource.Take(path, Stores.Sources, cancellation).ConfigureAwait(false);
            Step(imported.Checksum is { } checksum ? $"Imported {path} ({checksum})" : $"Imported {imported.Count} sources from {path}");
        }
    }
}
