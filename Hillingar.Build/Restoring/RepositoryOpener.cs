using Hillingar.Opam;

namespace Hillingar.Build;

/// <summary>Opens the repositories that a project names.</summary>
static class RepositoryOpener
{
    // What opam-monorepo puts in a lock for the project's folder; a lock is committed and moves between machines.
    const string ProjectFolder = "file://$OPAM_MONOREPO_CWD/";

    /// <summary>The repositories of a request, as one.</summary>
    /// <exception cref="HillingarException">HIL6016: none is named. HIL1006: there is none in a folder.</exception>
    public static Repository Open(Request request)
    {
        if (request.Repositories.Count == 0)
            throw new HillingarException("HIL6016", "The project names no opam repository. Add one: <OpamRepository Include=\"../opam-repository\" />, a folder that holds 'packages'.", new Place(request.ProjectFile));
        return new Overlay([.. request.Repositories.Select(name => new FolderRepository(FolderOf(name, request.Folder)))]);
    }

    /// <summary>How a lock writes a repository's address.</summary>
    public static string Locked(string repository) =>
        Path.IsPathRooted(repository) ? new Uri(repository).AbsoluteUri
        : repository.Contains("://", StringComparison.Ordinal) ? repository
        : ProjectFolder + repository.Replace('\\', '/');

    /// <summary>An address of a lock, on this machine.</summary>
    public static string Expand(string address, string projectFolder) => address.StartsWith(ProjectFolder, StringComparison.Ordinal)
        ? new Uri(Path.GetFullPath(Path.Combine(projectFolder, address[ProjectFolder.Length..]))).AbsoluteUri
        : address;

    /// <summary>The archive mirrors of a repository, as a lock writes them.</summary>
    public static Func<Repository, IEnumerable<string>> Mirrors(Request request) => repository =>
        repository.Info.ArchiveMirrors.Select(mirror => mirror.Contains("://", StringComparison.Ordinal)
            ? mirror
            : Locked(Path.Combine(request.Repositories.FirstOrDefault(name => FolderOf(name, request.Folder) == repository.Location) ?? repository.Location, mirror)));

    static string FolderOf(string repository, string folder) => Path.GetFullPath(
        repository.StartsWith("file://", StringComparison.Ordinal) ? new Uri(repository).LocalPath : Path.Combine(folder, repository));

    sealed class Overlay(IReadOnlyList<Repository> layers) : Repository
    {
        public override string Location => string.Join(", ", layers.Select(layer => layer.Location));

        public override IReadOnlyList<PackageName> Names => [.. layers.SelectMany(layer => layer.Names).Distinct().OrderBy(name => name.Text, StringComparer.Ordinal)];

        public override IReadOnlyList<RepositoryPackage> Versions(PackageName name) =>
            [.. layers.SelectMany(layer => layer.Versions(name)).DistinctBy(package => package.Package.Version).OrderByDescending(package => package.Package.Version)];
    }
}
