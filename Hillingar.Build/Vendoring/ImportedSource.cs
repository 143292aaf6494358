using Hillingar.Build.Storage;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Vendoring;

/// <summary>What came of an import into the source store.</summary>
/// <param name="Path">The archive.</param>
/// <param name="Count">How many sources it brought.</param>
/// <param name="Checksum">What it is, where it is a source itself; null where it holds several.</param>
public sealed record ImportedSource(string Path, int Count, string? Checksum)
{
    /// <summary>Takes an archive into a store: one that an export wrote, or a source itself.</summary>
    /// <exception cref="HillingarException">HIL4004: there is no such file. HIL4008: it is damaged, or holds what is no source. HIL4007: the store cannot be written.</exception>
    public static async Task<ImportedSource> Take(string path, SourceStore store, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(store);
        return SourceArchive.IsOne(path)
            ? new(path, await SourceArchive.Import(path, store, cancellation).ConfigureAwait(false), null)
            : new(path, 1, store.Import(path)[0].ToString());
    }
}
