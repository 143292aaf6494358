using Hillingar.Build.Reporting;
using Hillingar.Build.Repositories;
using Hillingar.Build.Requests;
using Hillingar.Build.Storage;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Projects;

/// <summary>Finds the references to packages of NuGet that mean packages of opam.</summary>
/// <param name="stores">The user's stores.</param>
/// <param name="reporter">Is told what cannot be looked up.</param>
/// <param name="shared">What the projects of one build share.</param>
public sealed class StrayPackages(Stores stores, IReporter reporter, SharedWork shared)
{
    /// <summary>The references to NuGet's packages that mean opam's, as errors. The repositories are opened for it where there is any such reference.</summary>
    /// <param name="request">What the project asks for.</param>
    /// <param name="items">Items of .NET's own that the project has.</param>
    /// <param name="offline">Whether the network may not be used.</param>
    /// <param name="cancellation">Stops.</param>
    public async Task<IReadOnlyList<Diagnostic>> Find(
        Request request,
        IReadOnlyList<ForeignItem> items,
        bool offline,
        CancellationToken cancellation
    )
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!items.Any(ProjectMistakes.MayBeOpams))
            return [];
        // The restore itself needs the repositories as well, and tells what is wrong with one; where its lock is current it does not.
        var names = await new RepositoryOpener(stores, reporter, offline, shared).Packages(request, cancellation).ConfigureAwait(false);
        return [.. new ProjectMistakes(request.ProjectFile).OpamPackages(items, names)];
    }
}
