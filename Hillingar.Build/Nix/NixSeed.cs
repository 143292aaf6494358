using Hillingar.Build.Files;
using Hillingar.Build.Processes;
using Hillingar.Build.Sources;
using Hillingar.Build.Storage;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Nix;

/// <summary>
/// Puts archives and git sources that the user's store has into Nix's store, where its fixed-output derivations then find them: what was
/// vendored need not be downloaded again, and without the network it could not be.
/// </summary>
sealed class NixSeed(SourceStore store, bool offline, NixOptions options)
{
    /// <summary>Puts the sources there that are not there yet.</summary>
    /// <param name="sources">The sources, with what git ones are called and have for a NAR hash.</param>
    /// <param name="scratch">A folder for what is on its way; it is emptied.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="HillingarException">HIL5086: Nix does not take them. HIL4003: an archive of the store is damaged.</exception>
    public async Task Put(
        IEnumerable<(Source Source, string Name, string? NarHash)> sources,
        string scratch,
        CancellationToken cancellation
    )
    {
        Tree.Delete(scratch);
        try
        {
            foreach (
                var group in sources
                    .Where(item => !item.Source.IsGit && item.Source.Checksums.Count > 0)
                    .Select(item =>
                        (Checksum: item.Source.Checksums.Strongest().First(), Name: FlakeSources.StoreName(item.Source), item.Source)
                    )
                    .DistinctBy(item => (item.Checksum, item.Name))
                    .Where(item => !IsThere(NixStorePath.OfFile(item.Name, item.Checksum, options.StoreFolder)))
                    .GroupBy(item => item.Checksum.KindText)
            )
            {
                var files = new List<string>();
                foreach (var (checksum, name, source) in group)
                    if (store.Find(source.Checksums) is { } archive)
                    {
                        var folder = Directory.CreateDirectory(Path.Combine(scratch, checksum.Hex));
                        files.Add(Path.Combine(folder.FullName, name));
                        File.Copy(archive, files[^1], overwrite: true);
                    }
                if (files.Count > 0)
                    await Add(["--add-fixed", group.Key, .. files], cancellation).ConfigureAwait(false);
            }

            foreach (var (source, name, narHash) in sources.Where(item => item is { Source.IsGit: true, NarHash: not null }))
                if (!IsThere(NixStorePath.OfFolder(name, narHash!, options.StoreFolder)))
                {
                    var folder = Path.Combine(scratch, Hashes.OfText(source.Url)[..16], name);
                    Directory.CreateDirectory(Path.GetDirectoryName(folder)!);
                    await GitSource.Unpack(source.Url, folder, store.Folder, offline, cancellation).ConfigureAwait(false);
                    await Add(["--add-fixed", "--recursive", "sha256", folder], cancellation).ConfigureAwait(false);
                }
        }
        finally
        {
            Tree.Delete(scratch);
        }
    }

    // What another store holds, only that store could say; adding again what is there does no harm.
    bool IsThere(string path) => options.Store.Length == 0 && Path.Exists(path);

    async Task Add(IEnumerable<string> arguments, CancellationToken cancellation)
    {
        var result = await ProcessRunner
            .Run(
                options.Command("nix-store", [.. options.Store.Length > 0 ? (string[])["--store", options.Store] : [], .. arguments]),
                cancellation
            )
            .ConfigureAwait(false);
        if (result.ExitCode != 0)
            throw new HillingarException("HIL5086", $"Nix does not take sources into its store: {result.Error.Trim()}");
    }
}
