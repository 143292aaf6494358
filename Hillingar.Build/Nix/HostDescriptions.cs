using Hillingar.Opam;

namespace Hillingar.Build;

/// <summary>Finds the opam files of a lock's host packages in the project's repositories.</summary>
sealed class HostDescriptions(Stores stores, IReporter reporter, bool offline)
{
    /// <summary>A function from a locked package to its description, or null where no repository has it.</summary>
    /// <exception cref="HillingarException">HIL1006 to HIL1010, HIL6016: a repository cannot be had.</exception>
    public async Task<Func<OpamPackage, RepositoryPackage?>> Of(Request request, CancellationToken cancellation)
    {
        var roots = Roots.Of(request);
        var repositories = await new RepositoryOpener(stores, reporter, offline, new SharedWork()).Open(request, SourceConfig.Of(roots), cancellation).ConfigureAwait(false);
        return package => repositories.Select(named => named.Repository.Find(package)).FirstOrDefault(found => found is not null);
    }
}
