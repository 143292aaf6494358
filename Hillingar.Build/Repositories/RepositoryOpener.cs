using System.Runtime.CompilerServices;
using Hillingar.Build.Reporting;
using Hillingar.Build.Requests;
using Hillingar.Build.Sources;
using Hillingar.Build.Storage;
using Hillingar.Opam.Addresses;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Repositories;

namespace Hillingar.Build.Repositories;

/// <summary>Opens the repositories that a project names, and writes their addresses as locks hold them.</summary>
sealed class RepositoryOpener(Stores stores, IReporter reporter, bool offline, SharedWork shared)
{
    // What opam-monorepo puts in a lock for the project's folder; a lock is committed and moves between machines.
    const string ProjectFolder = "file://$OPAM_MONOREPO_CWD/";

    /// <summary>
    /// The repositories of a request, the first first: what mirage's opam files lay over the others, unless the project names it itself;
    /// what the project names; what the opam files name. opam's own where nobody names one.
    /// </summary>
    /// <exception cref="HillingarException">HIL1006 to HIL1010: one cannot be had. HIL6016: one needs the network, which may not be used.</exception>
    public async Task<IReadOnlyList<NamedRepository>> Open(Request request, SourceConfig config, CancellationToken cancellation)
    {
        var opened = new List<NamedRepository>();
        foreach (var name in Names(request, config))
            try
            {
                opened.Add(await Open(name, request, cancellation).ConfigureAwait(false));
            }
            catch (HillingarException exception)
                when (request.Repositories.Contains(name) && OfTheWhole(exception.Diagnostic, name, request))
            {
                throw new HillingarException(AtItem(exception.Diagnostic, name, request), exception);
            }
        return opened;
    }

    /// <summary>The names of all packages of a request's repositories, for advice: none where one cannot be had, which is no reason to keep back what the advice is on.</summary>
    public async Task<IReadOnlyCollection<string>> Packages(Request request, CancellationToken cancellation)
    {
        try
        {
            var roots = Roots.Of(request);
            ProjectNetwork.Use(request, roots);
            return
            [
                .. (await Open(request, SourceConfig.Of(roots), cancellation).ConfigureAwait(false))
                    .SelectMany(named => named.Repository.Names)
                    .Select(name => name.Text)
                    .Distinct(),
            ];
        }
        catch (HillingarException exception)
        {
            reporter.Detail($"The packages of the project's repositories are not known: {exception.Message}");
            return [];
        }
    }

    // What is wrong with one file of a repository is told at that file.
    static bool OfTheWhole(Diagnostic fault, string name, Request request) =>
        fault.Place is not { Line: > 0 } place
        || IsAddress(name) && place.File == name
        || place.File == Path.GetFullPath(Path.Combine(request.Folder, name)) && !File.Exists(place.File);

    static Diagnostic AtItem(Diagnostic fault, string name, Request request)
    {
        var folder = IsAddress(name) ? null : Path.GetFullPath(Path.Combine(request.Folder, name));
        return fault with
        {
            Message =
                folder is not null && !Directory.Exists(folder) && !File.Exists(folder)
                    ? $"OpamRepository '{name}' names a folder that does not exist: '{folder}'. Correct the path, which is relative to the project."
                    : $"OpamRepository '{Address.WithoutCredentials(name)}': {fault.Message}",
            Place = new ProjectPlaces(request.ProjectFile).Of("OpamRepository", name),
        };
    }

    /// <summary>The repositories to be tried where there is no solution, except those that are used already or cannot be had.</summary>
    public async IAsyncEnumerable<NamedRepository> Overlays(
        Request request,
        SourceConfig config,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        foreach (var name in request.Overlays.Where(name => !Names(request, config).Any(used => AreSame(used, name))))
        {
            NamedRepository? opened = null;
            try
            {
                opened = await Open(name, request, cancellation).ConfigureAwait(false);
            }
            catch (HillingarException exception)
            {
                reporter.Step(
                    $"The repository {Address.WithoutCredentials(name)}, which may have the ports to dune that are missing, could not be reached: what it has is not among the fixes"
                );
                reporter.Detail($"The repository {Address.WithoutCredentials(name)} was not tried: {exception.Message}");
            }
            if (opened is not null)
                yield return opened;
        }
    }

    /// <summary>opam's own repository, where the project names others only and it can be had.</summary>
    public async Task<NamedRepository?> Fallback(Request request, SourceConfig config, CancellationToken cancellation)
    {
        if (offline || !LeavesOutDefault(request, config))
            return null;
        try
        {
            return await Open(RepositoryCache.Default, request, cancellation).ConfigureAwait(false);
        }
        catch (HillingarException exception)
        {
            reporter.Detail($"The repository {RepositoryCache.Default} was not tried: {exception.Message}");
            return null;
        }
    }

    /// <summary>Whether the project names repositories, and opam's own is none of them.</summary>
    public static bool LeavesOutDefault(Request request, SourceConfig config) =>
        !Names(request, config).Any(name => AreSame(name, RepositoryCache.Default));

    /// <summary>The items that add a repository before the others, to be pasted; where the project names none, opam's own has to be named from then on.</summary>
    public static string Items(string address, Request request, SourceConfig config) =>
        request.Repositories.Count > 0 || config.Repositories.Count > 0 ? Item(address) : $"{Item(address)}{Item(RepositoryCache.Default)}";

    /// <summary>The item of a repository.</summary>
    public static string Item(string address) => $"<OpamRepository Include=\"{Written(address)}\" />";

    static IEnumerable<string> Names(Request request, SourceConfig config)
    {
        var named = request
            .Repositories.Concat(config.Repositories.Where(name => !request.Repositories.Any(other => AreSame(other, name))))
            .DefaultIfEmpty(RepositoryCache.Default)
            .ToList();
        return config.Overlays.Where(name => !named.Exists(other => AreSame(other, name))).Concat(named);
    }

    // A git address is written in several ways; and a project may have a copy of a repository, in a folder of its name.
    static bool AreSame(string named, string other)
    {
        var (left, right) = (Plain(named), Plain(other));
        return IsAddress(named) && !named.StartsWith("file:", StringComparison.Ordinal)
            ? left == right
            : left.Split('/', '\\')[^1] == right.Split('/')[^1];

        static string Plain(string address) =>
            GitSource.Split(address).Address.TrimEnd('/') is var plain && plain.EndsWith(".git", StringComparison.Ordinal)
                ? plain[..^4]
                : plain;
    }

    /// <summary>One repository.</summary>
    public async Task<NamedRepository> Open(string name, Request request, CancellationToken cancellation)
    {
        if (
            offline
            && new Source(name, [], [], []).IsGit
            && IsAddress(name)
            && !name.StartsWith("git+file:", StringComparison.Ordinal)
            && !name.StartsWith("file:", StringComparison.Ordinal)
        )
            throw new HillingarException(
                "HIL6016",
                $"The repository {name} needs the network, which may not be used (HillingarOffline). Name a folder.",
                new Place(request.ProjectFile)
            );
        var location =
            name.StartsWith(ProjectFolder, StringComparison.Ordinal) ? Expand(name, request.Folder)
            : IsAddress(name) ? name
            : Path.GetFullPath(Path.Combine(request.Folder, name));
        return new(
            Locked(name),
            await shared
                .Open(
                    location,
                    async () =>
                    {
                        reporter.Detail($"Opening the repository {Address.WithoutCredentials(location)}");
                        if (PackageDefsReader.IsPackageDefs(location))
                            return PackageDefsReader.Read(location);
                        using var refusal = offline ? new Refusal() : null;
                        return await new RepositoryCache(stores.Root, refusal, reporter.Report)
                            .OpenAsync(location, cancellation)
                            .ConfigureAwait(false);
                    }
                )
                .ConfigureAwait(false)
        );
    }

    /// <summary>How a lock writes a repository's address.</summary>
    public static string Locked(string repository) =>
        IsAddress(repository) ? Address.WithoutCredentials(repository)
        : Path.IsPathRooted(repository) ? new Uri(repository).AbsoluteUri
        : ProjectFolder + repository.Replace('\\', '/');

    /// <summary>A lock's address as a project writes it.</summary>
    public static string Written(string address) =>
        address.StartsWith(ProjectFolder, StringComparison.Ordinal) ? address[ProjectFolder.Length..] : address;

    /// <summary>An address of a lock, on this machine.</summary>
    public static string Expand(string address, string projectFolder) =>
        address.StartsWith(ProjectFolder, StringComparison.Ordinal)
            ? new Uri(Path.GetFullPath(Path.Combine(projectFolder, address[ProjectFolder.Length..]))).AbsoluteUri
            : address;

    /// <summary>The archive mirrors of a repository, as a lock writes them: those in the project's repositories relative to it.</summary>
    public static IEnumerable<string> Mirrors(Repository repository, Request request) =>
        repository.ArchiveMirrors.Select(mirror =>
            IsAddress(mirror) ? Address.WithoutCredentials(mirror)
            : request.Repositories.Any(name =>
                !Path.IsPathRooted(name)
                && !IsAddress(name)
                && mirror.StartsWith(Path.GetFullPath(Path.Combine(request.Folder, name)), StringComparison.Ordinal)
            )
                ? Locked(Path.GetRelativePath(request.Folder, mirror))
            : new Uri(mirror).AbsoluteUri
        );

    internal static bool IsAddress(string name) =>
        name.Contains("://", StringComparison.Ordinal) || name.StartsWith("git+", StringComparison.Ordinal);

    sealed class Refusal : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new HttpRequestException("the network may not be used (HillingarOffline)");
    }
}
