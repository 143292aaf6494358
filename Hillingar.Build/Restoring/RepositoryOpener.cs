using Hillingar.Opam;

namespace Hillingar.Build;

/// <summary>Opens the repositories that a project names, and writes their addresses as locks hold them.</summary>
sealed class RepositoryOpener(Stores stores, IReporter reporter, bool offline)
{
    // What opam-monorepo puts in a lock for the project's folder; a lock is committed and moves between machines.
    const string ProjectFolder = "file://$OPAM_MONOREPO_CWD/";

    /// <summary>The repositories of a request, as one; opam's own where none is named.</summary>
    /// <exception cref="HillingarException">HIL1006 to HIL1010: one cannot be had. HIL6016: one needs the network, which may not be used.</exception>
    public async Task<Repository> Open(Request request, CancellationToken cancellation)
    {
        using var http = offline ? new HttpClient(new Refusal()) : null;
        var cache = new RepositoryCache(stores.Root, http, reporter.Report);
        var opened = new List<Repository>();
        foreach (var name in request.Repositories.DefaultIfEmpty(RepositoryCache.Default))
        {
            if (offline && name.StartsWith("git+", StringComparison.Ordinal) && !name.StartsWith("git+file:", StringComparison.Ordinal))
                throw new HillingarException("HIL6016", $"The repository {name} needs the network, which may not be used (HillingarOffline). Name a folder.", new Place(request.ProjectFile));
            opened.Add(await cache.OpenAsync(IsAddress(name) ? name : Path.GetFullPath(Path.Combine(request.Folder, name)), cancellation).ConfigureAwait(false));
        }

        return new OverlayRepository(opened);
    }

    /// <summary>How a lock writes a repository's address.</summary>
    public static string Locked(string repository) =>
        IsAddress(repository) ? repository
        : Path.IsPathRooted(repository) ? new Uri(repository).AbsoluteUri
        : ProjectFolder + repository.Replace('\\', '/');

    /// <summary>An address of a lock, on this machine.</summary>
    public static string Expand(string address, string projectFolder) => address.StartsWith(ProjectFolder, StringComparison.Ordinal)
        ? new Uri(Path.GetFullPath(Path.Combine(projectFolder, address[ProjectFolder.Length..]))).AbsoluteUri
        : address;

    /// <summary>The archive mirrors of a repository, as a lock writes them: those in the project's repositories relative to it.</summary>
    public static IEnumerable<string> Mirrors(Repository repository, Request request) => repository.ArchiveMirrors.Select(mirror =>
        IsAddress(mirror) ? mirror
        : request.Repositories.Any(name => !Path.IsPathRooted(name) && !IsAddress(name) && mirror.StartsWith(Path.GetFullPath(Path.Combine(request.Folder, name)), StringComparison.Ordinal))
            ? Locked(Path.GetRelativePath(request.Folder, mirror))
            : new Uri(mirror).AbsoluteUri);

    static bool IsAddress(string name) => name.Contains("://", StringComparison.Ordinal) || name.StartsWith("git+", StringComparison.Ordinal);

    sealed class Refusal : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new HttpRequestException("the network may not be used (HillingarOffline)");
    }
}
