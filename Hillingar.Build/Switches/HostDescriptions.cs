using Hillingar.Build.Graphs;
using Hillingar.Build.Locks;
using Hillingar.Build.Reporting;
using Hillingar.Build.Repositories;
using Hillingar.Build.Requests;
using Hillingar.Build.Storage;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;

namespace Hillingar.Build.Switches;

/// <summary>Finds the opam files of a lock's host packages in the project's repositories.</summary>
sealed class HostDescriptions(Stores stores, IReporter reporter, bool offline)
{
    /// <summary>A function from a locked package to its description, or null where no repository has it.</summary>
    /// <param name="request">The project.</param>
    /// <param name="locked">Its lock, which says what the repositories were: those of the project, and those that mirage laid over them.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="HillingarException">HIL1006 to HIL1010, HIL6016: a repository cannot be had.</exception>
    public async Task<Func<OpamPackage, RepositoryPackage?>> Of(Request request, LockFile locked, CancellationToken cancellation)
    {
        if (locked.Contents.Count > 0)
            return (
                await LockGraph
                    .Open(locked with { Folder = request.Folder }, [], stores, reporter, offline, cancellation)
                    .ConfigureAwait(false)
            ).Find;
        var roots = Roots.Of(request);
        var repositories = await new RepositoryOpener(stores, reporter, offline, new SharedWork())
            .Open(request, SourceConfig.Of(roots), cancellation)
            .ConfigureAwait(false);
        return package => repositories.Select(named => named.Repository.Find(package)).FirstOrDefault(found => found is not null);
    }
}
