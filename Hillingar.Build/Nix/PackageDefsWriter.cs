using Hillingar.Build.Confinement;
using Hillingar.Build.Files;
using Hillingar.Build.Locking;
using Hillingar.Build.Locks;
using Hillingar.Build.Reporting;
using Hillingar.Build.Requests;
using Hillingar.Build.Storage;
using Hillingar.Build.Switches;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Repositories;

namespace Hillingar.Build.Nix;

/// <summary>Writes a project's lock as opam-nix's <c>package-defs.json</c>.</summary>
public sealed class PackageDefsWriter(Stores stores, IReporter reporter)
{
    /// <summary>Writes the file; an equal one is left alone.</summary>
    /// <param name="request">What the project asks for: its repositories and pins describe the packages.</param>
    /// <param name="locked">The lock.</param>
    /// <param name="path">The file.</param>
    /// <param name="offline">Whether the network may not be used.</param>
    /// <param name="cancellation">Stops.</param>
    /// <returns>Whether it was not there, or was another.</returns>
    /// <exception cref="HillingarException">HIL5081, HIL5092, HIL5093, HIL4024: there can be no such file. HIL1006 to HIL1010, HIL6016: a repository cannot be had.</exception>
    public Task<bool> Write(Request request, LockFile locked, string path, bool offline, CancellationToken cancellation) =>
        FileFault.Guard(
            path,
            async () =>
            {
                var pinned = new LocalRepository(
                    await new Pins(request, stores, reporter, offline)
                        .Read(Roots.Of(request), locked, [], cancellation)
                        .ConfigureAwait(false)
                );
                var described = await new HostDescriptions(stores, reporter, offline)
                    .Of(request, locked, cancellation)
                    .ConfigureAwait(false);
                return AtomicFile.WriteText(
                    path,
                    new PackageDefs(locked, package => pinned.Find(package) ?? described(package)).ToString()
                );
            }
        );
}
