using Hillingar.Build.Locks;
using Hillingar.Build.Machines;
using Hillingar.Build.Reporting;
using Hillingar.Build.Repositories;
using Hillingar.Build.Requests;
using Hillingar.Build.Sources;
using Hillingar.Build.Storage;
using Hillingar.Build.Switches;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;
using Hillingar.Opam.Syntax;
using Hillingar.Opam.Universe;

namespace Hillingar.Build.Locking;

/// <summary>From a request to a lock: opens the repositories, asks the machine for its tools, solves, binds git sources to commits.</summary>
sealed class Locker(Stores stores, IReporter reporter, bool offline, SharedWork shared)
{
    /// <summary>The repository of versions that opam's own dropped.</summary>
    public const string Archive = "git+https://github.com/ocaml/opam-repository-archive.git";

    /// <summary>Versions that come first where there is no older lock.</summary>
    public IReadOnlyList<OpamPackage> Beside { get; init; } = [];

    /// <summary>Solves a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="roots">Its packages.</param>
    /// <param name="lines">What decides it, for the lock.</param>
    /// <param name="older">A lock whose versions and commits are kept where that is possible; null for none.</param>
    /// <param name="update">The packages of which they are not.</param>
    /// <param name="tools">A lock of tools that ran already, whose versions come first; null for none.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="ConflictException">There is no solution.</exception>
    /// <exception cref="HillingarException">Of the 1000s: a repository is at fault. HIL2002: the solve took longer than it may. HIL5002: there is no compiler.</exception>
    public async Task<LockFile> Lock(
        Request request,
        IReadOnlyList<PackageFile> roots,
        IReadOnlyList<string> lines,
        LockFile? older,
        IReadOnlyList<string> update,
        LockFile? tools,
        CancellationToken cancellation
    )
    {
        ProjectNetwork.Use(request, roots);
        var machine = request.HostSwitch == HostSwitchSource.Machine ? await shared.Tools(cancellation).ConfigureAwait(false) : null;
        var opener = new RepositoryOpener(stores, reporter, offline, shared);
        var config = SourceConfig.Of(roots);
        var repositories = await opener.Open(request, config, cancellation).ConfigureAwait(false);
        repositories = await WithArchive(repositories, request, older, opener, cancellation).ConfigureAwait(false);
        var provided = machine is null ? null : Provided(machine, repositories);
        WarnOfDropped(older, repositories, provided, request);
        var platforms = request
            .Platforms.Select(name => Platform.Parse(name, new Place(request.ProjectFile)))
            .DefaultIfEmpty(Platform.Host);
        var problem = new LockProblem
        {
            Folder = request.Folder,
            Name = request.Name,
            Targets = roots,
            Pinned = await new Pins(request, stores, reporter, offline).Read(roots, older, update, cancellation).ConfigureAwait(false),
            Repositories = repositories,
            Config = config,
            Platforms = machine is null
                ? [.. platforms]
                :
                [
                    .. platforms.Select(platform =>
                        platform with
                        {
                            Environment = platform.Environment.With("sys-ocaml-version", machine.OCaml),
                        }
                    ),
                ],
            OCaml = machine is null ? null : new OpamVersion(machine.OCaml),
            Compiler = machine is null ? "ocaml-base-compiler" : "ocaml",
            Machine = provided,
            Preferred =
            [
                .. tools?.Packages.Select(item => item.Package) ?? [],
                .. older?.Packages.Select(item => item.Package).Where(package => !update.Contains(package.Name.Text)) ?? [],
                .. Beside,
                .. Installed(request, config),
            ],
            RequireCrossCompile = request.Targets.Any(MirageTarget.IsCross),
            Timeout = request.SolveTimeout,
            Tests = request.Tests,
            AllowNoChecksum = request.AllowNoChecksum,
        };
        reporter.Step($"Solving the dependencies of {request.Name}{(machine is null ? "" : $" (OCaml {machine.OCaml})")}");
        var outcome = LockSolver.Solve(problem, cancellation);
        var (locked, conflict) = outcome;
        foreach (var warning in outcome.Warnings)
            reporter.Report(warning);
        if (locked is null)
            throw new ConflictException(
                await Explain(conflict!, problem, request, config, opener, cancellation).ConfigureAwait(false),
                PlaceOf(conflict!, request, roots),
                conflict!,
                request
            );
        CheckPlaces(locked, repositories);
        WarnOfLeftOut(locked, problem);
        var bound = await Summed(await Bound(locked, cancellation).ConfigureAwait(false), older, update, cancellation)
            .ConfigureAwait(false);
        return bound with
        {
            NarHashes = await Hashed(bound, older, cancellation).ConfigureAwait(false),
            Request = lines,
            Targets = request.Targets,
            Tools =
            [
                .. locked
                    .Packages.Where(item => item.Package.Name.Text == "dune" && !locked.Provided.Contains(item.Package))
                    .Select(item =>
                        repositories.Select(named => named.Repository.Find(item.Package)?.Url).OfType<SourceUrl>().FirstOrDefault()
                            is { } url
                            ? new LockedSource(url.Url, item.Package.ToString(), url.Checksums)
                            : null
                    )
                    .OfType<LockedSource>(),
            ],
            Mirrors = [.. repositories.SelectMany(named => RepositoryOpener.Mirrors(named.Repository, request)).Distinct()],
        };
    }

    // Where the first of the project's wishes stands that is a part of the reason.
    internal static Place PlaceOf(OpamConflict conflict, Request request, IReadOnlyList<PackageFile> roots)
    {
        var places = new ProjectPlaces(request.ProjectFile);
        foreach (var (owner, package) in conflict.Wishes)
            if (
                request.Dependencies.Any(dependency => dependency.Name == package)
                && (owner == request.Name || owner == request.Name + "-project")
            )
                return places.Of("OpamDependency", package);
            else if (
                roots.FirstOrDefault(root => root.Name?.Text == owner && root.Document.Path != request.ProjectFile)?.Document
                    is { } document
                && document.Elements("depends").SelectMany(Named).FirstOrDefault(text => text.Text == package) is { } value
            )
                return document.PlaceOf(value);
        return new Place(request.ProjectFile);

        // What a value of 'depends' asks for, also as one of several.
        static IEnumerable<StringValue> Named(Value value) =>
            value switch
            {
                StringValue text => [text],
                OptionValue option => Named(option.Value),
                GroupValue group => group.Items.SelectMany(Named),
                LogicValue logic => Named(logic.Left).Concat(Named(logic.Right)),
                _ => [],
            };
    }

    /// <summary>Whether a repository of a request has a version of a package.</summary>
    /// <param name="request">The request.</param>
    /// <param name="roots">Its packages.</param>
    /// <param name="name">The package.</param>
    /// <param name="isOne">Whether a version is one that will do.</param>
    /// <param name="cancellation">Stops.</param>
    public async Task<bool> Knows(
        Request request,
        IReadOnlyList<PackageFile> roots,
        PackageName name,
        Func<OpamVersion, bool> isOne,
        CancellationToken cancellation
    )
    {
        ProjectNetwork.Use(request, roots);
        var repositories = await new RepositoryOpener(stores, reporter, offline, shared)
            .Open(request, SourceConfig.Of(roots), cancellation)
            .ConfigureAwait(false);
        return repositories.Any(named => named.Repository.Versions(name).Any(package => isOne(package.Package.Version)));
    }

    // Versions that a repository dropped are kept where the archive has them: a lock of opam-monorepo is often older than that.
    async Task<IReadOnlyList<NamedRepository>> WithArchive(
        IReadOnlyList<NamedRepository> repositories,
        Request request,
        LockFile? older,
        RepositoryOpener opener,
        CancellationToken cancellation
    )
    {
        var named = request.ArchiveRepository;
        var address = named.Length > 0 ? named : Archive;
        if (
            named.Equals("none", StringComparison.OrdinalIgnoreCase)
            || named.Equals("false", StringComparison.OrdinalIgnoreCase)
            || repositories.Any(each => each.Address == RepositoryOpener.Locked(address))
        )
            return repositories;
        var used = older?.Repositories.Contains(RepositoryOpener.Locked(address)) == true;
        if (named.Length == 0 && !used && !(older is { IsForeign: true } && Dropped(older, repositories, null).Any()))
            return repositories;
        try
        {
            return [.. repositories, await opener.Open(address, request, cancellation).ConfigureAwait(false)];
        }
        catch (HillingarException exception) when (named.Length == 0 && !used)
        {
            reporter.Detail($"The repository {address} was not tried: {exception.Message}");
            return repositories;
        }
    }

    static IEnumerable<OpamPackage> Dropped(LockFile older, IReadOnlyList<NamedRepository> repositories, Repository? provided) =>
        older
            .Packages.Select(item => item.Package)
            .Where(package =>
                !older.RootPackages.Contains(package.Name.Text)
                && package.Version.Text is not ("dev" or "zdev")
                && provided?.Find(package) is null
                && repositories.All(named => named.Repository.Find(package) is null)
            );

    void WarnOfDropped(LockFile? older, IReadOnlyList<NamedRepository> repositories, Repository? provided, Request request)
    {
        if (older is { IsForeign: true })
            foreach (var package in Dropped(older, repositories, provided))
                reporter.Report(
                    new Diagnostic(
                        Severity.Warning,
                        "HIL3007",
                        $"{package} of the lock is in no repository any more, so it changes if it is still needed. ocaml/opam-repository-archive may have it: set HillingarArchiveRepository to {Archive}.",
                        new Place(request.ProjectFile)
                    )
                );
    }

    // A lock that can be built with the opam switch that is named is better than one that cannot. What is vendored has no part in that.
    static IEnumerable<OpamPackage> Installed(Request request, SourceConfig config) =>
        request.OpamSwitch is not { } name
            ? []
            : OpamSwitch
                .Read(name, request.Folder, new Place(request.ProjectFile))
                .Packages.Select(package => package.Package)
                .Where(package =>
                    HostUses.IsTool(package.Name)
                    || HostToolProvider.OnlySays(package.Name)
                    || config.OpamProvided.Contains(package.Name.Text)
                );

    // The compiler and findlib are the machine's. dune is so only where no repository has one: else the solution would be held to an old
    // dune's age. Which one builds is decided when it is known what the sources need.
    internal static MemoryRepository Provided(Toolchain machine, IReadOnlyList<NamedRepository> repositories)
    {
        var provided = new MemoryRepository("this machine");
        Add("ocaml", machine.OCaml);
        Add("ocamlfind", machine.Findlib);
        if (repositories.All(named => named.Repository.Versions(new PackageName("dune")).Count == 0))
            Add("dune", machine.Dune);
        return provided;

        void Add(string name, string? version)
        {
            if (version is not null)
                provided.Add($"{name}.{version}", "opam-version: \"2.0\"\n");
        }
    }

    // An overlay that helps belongs into the first line: it is the shortest way out of "does not build with dune".
    internal static async Task<ConflictText> Explain(
        OpamConflict conflict,
        LockProblem problem,
        Request request,
        SourceConfig config,
        RepositoryOpener opener,
        CancellationToken cancellation
    )
    {
        await foreach (var overlay in opener.Overlays(request, config, cancellation).ConfigureAwait(false))
            conflict.Offer(
                RepositoryOpener.Written(overlay.Address),
                overlay.Repository,
                text: RepositoryOpener.Items(overlay.Address, request, config)
            );
        // Reasons and fixes share the time.
        var start = TimeProvider.System.GetTimestamp();
        conflict.Reasoned(request.SolveTimeout, cancellation);
        if (conflict.LacksPackages && await opener.Fallback(request, config, cancellation).ConfigureAwait(false) is { } own)
            conflict.Offer(own.Address, own.Repository, last: true, text: RepositoryOpener.Item(own.Address));
        Remedies.Offer(conflict, problem with { Timeout = Timeout.InfiniteTimeSpan });
        var left = request.SolveTimeout - TimeProvider.System.GetElapsedTime(start);
        conflict.Explore(
            request.SolveTimeout == Timeout.InfiniteTimeSpan ? request.SolveTimeout
                : left > TimeSpan.Zero ? left
                : TimeSpan.Zero,
            cancellation
        );
        var text = LockSolver.Explain(conflict);
        // What the repositories of a project lack may be in opam's own, whose place they take.
        return
            conflict.LacksBelow
            && !conflict.Fixes.Any(fix => fix is { Overlay: not null, Wish: null })
            && RepositoryOpener.LeavesOutDefault(request, config)
            ? text with
            {
                Advice = text.Advice.Add(
                    $"The project's repositories take the place of opam's own. To have it as well: {RepositoryOpener.Item(RepositoryCache.Default)}"
                ),
            }
            : text;
    }

    // Nix asks what a commit's files hash to before it fetches them. Without the network that may not be known; everybody but Nix can do without.
    async Task<IReadOnlyList<(string Url, string Hash)>> Hashed(LockFile locked, LockFile? older, CancellationToken cancellation)
    {
        var hashes = new List<(string, string)>();
        foreach (
            var url in locked
                .Duniverse.Where(source => new Source(source.Url, source.Checksums, [], []).IsGit)
                .Select(source => source.Url)
                .Distinct()
        )
            if (older?.NarHashes.FirstOrDefault(pair => pair.Url == url) is { Hash: { } known })
                hashes.Add((url, known));
            else
                try
                {
                    hashes.Add((url, await GitSource.NarHashOf(url, stores.Sources, offline, cancellation).ConfigureAwait(false)));
                }
                catch (HillingarException exception) when (offline && exception.Diagnostic.Code == "HIL4021")
                {
                    reporter.Detail($"The lock gets no NAR hash of {url}, which Nix would need: {exception.Message}");
                }
        return hashes;
    }

    // As opam does, a field that is not of its shape is left out of what a repository says, and the build lacks what it asked for: a patch, a source.
    void WarnOfLeftOut(LockFile locked, LockProblem problem)
    {
        foreach (
            var package in locked
                .Packages.Select(item => item.Package)
                .Where(package => problem.Pinned.All(pinned => pinned.Name != package.Name))
        )
        foreach (
            var leftOut in problem
                .Repositories.Select(named => named.Repository.Find(package))
                .OfType<RepositoryPackage>()
                .Take(1)
                .SelectMany(found => found.Read().Check())
        )
            reporter.Report(leftOut);
    }

    // What lies in folders of this machine is for the project's own files to name, and for repositories that lie there too.
    static void CheckPlaces(LockFile locked, IReadOnlyList<NamedRepository> repositories)
    {
        foreach (
            var pin in locked.Pins.Where(pin =>
                new Source(pin.Url, [], [], []).IsGit && GitSource.IsLocal(GitSource.Split(pin.Url).Address)
            )
        )
            if (
                repositories.FirstOrDefault(named => named.Repository.Find(pin.Package)?.Url?.Url == pin.Url) is { } from
                && RepositoryOpener.IsAddress(from.Repository.Location)
                && !GitSource.IsLocal(GitSource.Split(from.Repository.Location).Address)
            )
                throw new HillingarException(
                    "HIL1009",
                    $"{pin.Package} of the repository {from.Address} has its sources in a git repository of this machine, '{pin.Url}', which only the project's own files may name. Do not use the package; or pin it there, in an opam file of the project."
                );
    }

    // What an archive of a branch holds today is what the lock means, tomorrow too: nothing is vendored that cannot be verified.
    async Task<LockFile> Summed(LockFile locked, LockFile? older, IReadOnlyList<string> update, CancellationToken cancellation)
    {
        var sources = new List<LockedSource>();
        using var fetcher = new SourceFetcher(stores.Sources, reporter) { Offline = offline };
        foreach (var source in locked.Duniverse)
        {
            var packages = locked.Pins.Where(pin => pin.Url == source.Url).Select(pin => pin.Package).ToList();
            var known = packages.Exists(package => update.Contains(package.Name.Text))
                ? null
                : older?.Duniverse.FirstOrDefault(other => other.Url == source.Url && !other.Checksums.IsEmpty);
            sources.Add(
                !source.Checksums.IsEmpty || new Source(source.Url, [], [], []).IsGit
                    ? source
                    : source with
                    {
                        Checksums =
                            known?.Checksums
                            ?? [await fetcher.Take(source.Url, string.Join(", ", packages), cancellation).ConfigureAwait(false)],
                    }
            );
        }

        return locked with
        {
            Duniverse = [.. sources],
        };
    }

    // A branch or tag may be another commit tomorrow.
    static async Task<LockFile> Bound(LockFile locked, CancellationToken cancellation)
    {
        var bound = new Dictionary<string, string>();
        foreach (var source in locked.Duniverse)
            bound[source.Url] = new Source(source.Url, source.Checksums, [], []).IsGit
                ? $"git+{GitSource.Split(source.Url).Address}#{await GitSource.Resolve(source.Url, cancellation).ConfigureAwait(false)}"
                : source.Url;
        return locked with
        {
            Duniverse = [.. locked.Duniverse.Select(source => source with { Url = bound[source.Url] })],
            Pins = [.. locked.Pins.Select(pin => pin with { Url = bound[pin.Url] })],
        };
    }
}
