using Hillingar.Build.Auditing;
using Hillingar.Build.Configuring;
using Hillingar.Build.Confinement;
using Hillingar.Build.Depext;
using Hillingar.Build.Files;
using Hillingar.Build.Locking;
using Hillingar.Build.Locks;
using Hillingar.Build.Machines;
using Hillingar.Build.Realising;
using Hillingar.Build.Reporting;
using Hillingar.Build.Repositories;
using Hillingar.Build.Requests;
using Hillingar.Build.Sandboxes;
using Hillingar.Build.Sources;
using Hillingar.Build.Storage;
using Hillingar.Build.Switches;
using Hillingar.Build.Vendoring;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;

namespace Hillingar.Build.Restoring;

/// <summary>How to restore.</summary>
/// <param name="LockFile">The lock's path.</param>
/// <param name="Workspace">The folder that dune will build in.</param>
/// <param name="LockedMode">Whether a lock that is not current is an error.</param>
/// <param name="ForceEvaluate">Whether to solve again although the lock is current.</param>
/// <param name="Offline">Whether the network may not be used.</param>
public sealed record RestoreOptions(string LockFile, string Workspace, bool LockedMode, bool ForceEvaluate, bool Offline)
{
    /// <summary>Packages to take anew while all others keep their versions where they can.</summary>
    public IReadOnlyList<string> Update { get; init; } = [];

    /// <summary>The one target that is to be built; null for all of the project's. The lock is for all in any case.</summary>
    public string? Target { get; init; }

    /// <summary>How to check the locked versions against security advisories; null for not at all.</summary>
    public AuditOptions? Audit { get; init; }

    /// <summary>Whether mirage and the tools that it needs, where they have to be built, are built in a sandbox.</summary>
    public SandboxMode Sandbox { get; init; }

    /// <summary>How mirage runs.</summary>
    public BuildIsolation Isolation { get; init; } = new();

    /// <summary>What to do about missing system packages before mirage is built.</summary>
    public SystemPackageCheck SystemPackages { get; init; } = SystemPackageCheck.Warn;

    /// <summary>The folder that <c>mirage configure</c> writes into, a folder a target.</summary>
    public string ConfiguredFolder { get; init; } = new Workspace(Workspace).ConfiguredFolder;

    /// <summary>How the switch with mirage in it is built.</summary>
    internal SwitchOptions Switch =>
        new()
        {
            Sandbox = Sandbox,
            Isolation = Isolation,
            Offline = Offline,
        };
}

/// <summary>The restore of a project: a current lock, and a duniverse that holds what it says.</summary>
public sealed class Restorer(Stores stores, IReporter reporter)
{
    /// <summary>What it has in common with the other restores of the same build.</summary>
    public SharedWork Shared { get; init; } = new();

    /// <summary>Solves where the lock is not current, writes the lock, and vendors. A lock that is solved stays, whether or not its sources can be had; what fails before leaves the old one.</summary>
    /// <param name="request">What the project asks for.</param>
    /// <param name="options">How to restore.</param>
    /// <param name="stampFile">A file that is written only when what is to be built changed.</param>
    /// <param name="cancellation">Stops.</param>
    /// <returns>The lock.</returns>
    /// <exception cref="HillingarException">HIL3002: the lock is not current and may not be changed. Of the 1000s to 4000s and 6000s: the request, a repository or a source is at fault.</exception>
    public Task<LockFile> Restore(Request request, RestoreOptions options, string stampFile, CancellationToken cancellation) =>
        FileFault.Guard(options.Workspace, () => Run(request, options, stampFile, cancellation));

    /// <summary>Solves where the lock is not current, and writes it. Nothing is vendored.</summary>
    /// <param name="request">What the project asks for.</param>
    /// <param name="options">How to lock.</param>
    /// <param name="cancellation">Stops, leaving the old lock.</param>
    /// <returns>The lock, and the one before it, if there was one.</returns>
    /// <exception cref="HillingarException">As of <see cref="Restore"/>, but for sources.</exception>
    public Task<(LockFile Lock, LockFile? Before)> Lock(Request request, RestoreOptions options, CancellationToken cancellation) =>
        FileFault.Guard(
            request.Folder,
            async () =>
            {
                var (locked, found) = await Decide(
                        request,
                        Begin(request, options),
                        options,
                        new Auditor(stores, reporter, options.Offline),
                        cancellation
                    )
                    .ConfigureAwait(false);
                Write(locked, found, options.LockFile);
                return (locked, found);
            }
        );

    async Task<LockFile> Run(Request request, RestoreOptions options, string stampFile, CancellationToken cancellation)
    {
        var auditor = new Auditor(stores, reporter, options.Offline);
        // Here, as the network that it sets is that of all that follows.
        var begun = Begin(request, options);
        var (locked, found) = await reporter
            .Timed("versions", () => Decide(request, begun, options, auditor, cancellation))
            .ConfigureAwait(false);
        Write(locked, found, options.LockFile);
        ForeignLock.RequireChecksums(locked, options.LockFile);
        using var fetcher = new SourceFetcher(stores.Sources, reporter)
        {
            Offline = options.Offline,
            Folders = LocalFolder.Sources(request, Roots.Of(request)),
        };
        var duniverse = new Workspace(options.Workspace).DuniverseFolder;
        if (Duniverse.IsCurrent(duniverse, locked.Entries))
            Duniverse.WarnOfWeakChecksums(locked.Entries, reporter);
        else
            await reporter.Timed("sources", () => Vendor(duniverse, locked, fetcher, request, options, cancellation)).ConfigureAwait(false);
        AtomicFile.WriteText(stampFile, Stamp(locked));
        if (options.Audit is not null)
            await reporter
                .Timed("advisories", () => auditor.Check(locked, options.Audit, new Place(options.LockFile), cancellation))
                .ConfigureAwait(false);
        return locked;
    }

    async Task Vendor(
        string duniverse,
        LockFile locked,
        SourceFetcher fetcher,
        Request request,
        RestoreOptions options,
        CancellationToken cancellation
    )
    {
        try
        {
            await Duniverse.Vendor(duniverse, locked.Entries, fetcher, stores.Sources, reporter, cancellation).ConfigureAwait(false);
        }
        catch (HillingarException exception) when (exception.Diagnostic.Code == "HIL4005")
        {
            // Whoever has to get sources from elsewhere wants to know of all that the build will need.
            try
            {
                await Provider(options)
                    .Fetch(locked, request, new Place(options.LockFile), options.Target, cancellation)
                    .ConfigureAwait(false);
            }
            catch (HillingarException other)
            {
                reporter.Report(other.Diagnostic);
            }

            throw;
        }
    }

    HostToolProvider Provider(RestoreOptions options) => new(stores, options.Switch, reporter);

    /// <summary>What a restore of a lock leaves for the build to know it by.</summary>
    internal static string Stamp(LockFile locked) => Hashes.OfText(locked.ToString()) + "\n";

    void Write(LockFile locked, LockFile? found, string path)
    {
        if (!ReferenceEquals(locked, found) && AtomicFile.WriteText(path, locked.ToString()))
            reporter.Step($"Locked {locked.Packages.Count} packages in {Path.GetFileName(path)}");
    }

    static IReadOnlyList<PackageFile> Begin(Request request, RestoreOptions options)
    {
        MirageTarget.Check(request);
        var roots = Roots.Of(request);
        ProjectNetwork.Use(request, roots, options.Audit is { } audit ? [audit.Source] : []);
        return roots;
    }

    // Who evaluates anew wants none of the old lock, and may be doing so because a merge left it in pieces.
    LockFile? Found(Request request, RestoreOptions options)
    {
        if (Directory.Exists(options.LockFile))
            throw ForeignLock.RefusalOfFolder(options.LockFile, request);
        try
        {
            return File.Exists(options.LockFile) ? LockFile.Read(options.LockFile) : null;
        }
        catch (HillingarException exception)
            when (options is { ForceEvaluate: true, LockedMode: false } && exception.Diagnostic.Code != "HIL3006")
        {
            reporter.Report(exception.Diagnostic with { Severity = Severity.Warning });
            return null;
        }
    }

    async Task<(LockFile Lock, LockFile? Found)> Decide(
        Request request,
        IReadOnlyList<PackageFile> roots,
        RestoreOptions options,
        Auditor auditor,
        CancellationToken cancellation
    )
    {
        var lines = Roots.Lines(request, roots);
        var found = Found(request, options);
        if (options.Update.FirstOrDefault(name => found?.Version(name) is null) is { } missing)
            throw new HillingarException(
                "HIL3005",
                $"'{missing}' cannot be updated: {(found is null ? "there is no lock yet" : "the lock has no such package")}. {(Spelling.Nearest(missing, found?.Packages.Select(item => item.Package.Name.Text) ?? []) is { } near ? $"Did you mean {near}?" : "Correct the name.")}",
                new Place(options.LockFile)
            );
        // A lock of opam-monorepo does not say what it was made for; it is taken as it is while it holds all that is asked for.
        var unmet = found is { IsForeign: true } ? ForeignLock.Unmet(found, roots, request.Tests) : null;
        var current = found is not null && (found.IsForeign ? unmet is null : found.Request.SequenceEqual(lines));
        if (options.LockedMode && (!current || options.Update.Count > 0))
            throw Stale(found, lines, unmet, options.LockFile);
        if (current && !found!.Serves(Platform.Host) && (options.LockedMode || request.Platforms.Count > 0))
            throw new HillingarException(
                "HIL3004",
                $"The lock is for {string.Join(", ", found.Platforms)}, and this machine is {Platform.Host.Name}. Add {Platform.Host.Name} to the project's build platforms and restore again.",
                new Place(options.LockFile)
            );

        var keep = current && found!.Serves(Platform.Host) && !options.ForceEvaluate && options.Update.Count == 0;
        var locked = keep ? found! : await Solve(request, roots, lines, found, options, cancellation).ConfigureAwait(false);
        if (options.Audit is { } audit && !options.LockedMode && !locked.IsForeign)
            locked = await auditor
                .Pin(locked, found?.Advisories, options.ForceEvaluate || options.Update.Count > 0, audit, cancellation)
                .ConfigureAwait(false);
        return (locked, found);
    }

    // A changed request changes as little as it can; who wants the newest of everything says so.
    async Task<LockFile> Solve(
        Request request,
        IReadOnlyList<PackageFile> roots,
        IReadOnlyList<string> lines,
        LockFile? found,
        RestoreOptions options,
        CancellationToken cancellation
    )
    {
        var older = options.ForceEvaluate ? null : found;
        var locker = new Locker(stores, reporter, options.Offline, Shared)
        {
            Beside = found is null ? ForeignLock.Beside(request.Folder, options.LockFile, reporter) : [],
        };
        var locked = request.IsConfigured
            ? await Configured(locker, request, roots, lines, older, options, cancellation).ConfigureAwait(false)
            : await locker.Lock(request, roots, lines, older, options.Update, null, cancellation).ConfigureAwait(false);
        foreach (var change in found is null ? [] : locked.Changes(found))
            reporter.Step(change);
        // What mirage says is told by the request's digests; these are the project's own.
        return locked with { Roots = [.. roots.Select(LockedRoot.Of)] };
    }

    // Only mirage knows what config.ml depends on: first a lock of mirage itself, then mirage, and then the lock.
    async Task<LockFile> Configured(
        Locker locker,
        Request request,
        IReadOnlyList<PackageFile> roots,
        IReadOnlyList<string> lines,
        LockFile? older,
        RestoreOptions options,
        CancellationToken cancellation
    )
    {
        var place = new Place(request.ProjectFile);
        // What the machine lacks is told before the user has waited for anything.
        TargetSupport.CheckPrograms(place);
        if (request.HostSwitch == HostSwitchSource.Machine)
            await TargetSupport.CheckCompiler(request, cancellation).ConfigureAwait(false);
        reporter.Step("Locking mirage first, as only mirage can say what config.ml depends on");
        var header = MirageHeader.Read(request.ConfigFile);
        IReadOnlyList<PackageFile> tool = [MirageTool.Root(request, header)];
        // What opam's repository has dropped, its archive has.
        if (
            header is not null
            && request.ArchiveRepository.Length == 0
            && !await locker.Knows(request, tool, s_mirage, header.Holds, cancellation).ConfigureAwait(false)
        )
            request = await Archived(locker, request, tool, header, cancellation).ConfigureAwait(false);
        var tools = await Tools(header, tool).ConfigureAwait(false);
        if (tools.Version("mirage") is { } old && old < new OpamVersion("4"))
            throw MirageHeader.Old(
                $"mirage {old} is what can be had",
                new ProjectPlaces(request.ProjectFile).Of("OpamDependency", "mirage")
            );
        var provider = Provider(options);
        var configured = (
            await new Configurator(options.ConfiguredFolder, reporter).Run(request, tools, Provided, cancellation).ConfigureAwait(false)
        )
            .Select(target => (target.Target, Package: target.Package(request.Name)))
            .ToList();
        var locked = await locker
            .Lock(request, [.. roots, .. configured.Select(target => target.Package)], lines, older, options.Update, tools, cancellation)
            .ConfigureAwait(false);
        if (locked.Version("mirage") != tools.Version("mirage"))
            throw new HillingarException(
                "HIL5072",
                $"config.ml was configured by mirage {tools.Version("mirage")}, and its packages are only to be had with mirage {locked.Version("mirage")}. Say which mirage to take: OpamDependency Include=\"mirage\".",
                place
            );
        return locked with { Configured = [.. configured.Select(target => (target.Target, Roots.Digest(target.Package)))] };

        // The first compile of all may be that of mirage.
        async Task<HostTools> Provided()
        {
            await Depexts
                .Ensure(
                    tools,
                    options.SystemPackages,
                    place,
                    reporter,
                    cancellation,
                    () => provider.WithDepextsOf(tools, request, null, vendored: false, cancellation, HostUse.Configure)
                )
                .ConfigureAwait(false);
            await provider.Fetch(tools, request, place, options.Target, cancellation).ConfigureAwait(false);
            return await provider.Provide(tools, request, place, cancellation, HostUse.Configure).ConfigureAwait(false);
        }

        async Task<LockFile> Tools(MirageHeader? said, IReadOnlyList<PackageFile> root)
        {
            Task<LockFile> Lock(IReadOnlyList<PackageFile> wanted) =>
                locker.Lock(
                    request,
                    wanted,
                    [],
                    older,
                    [.. options.Update.Where(name => older?.Version(name) is not null)],
                    null,
                    cancellation
                );
            try
            {
                return await Lock(root).ConfigureAwait(false);
            }
            catch (ConflictException exception) when (said is { Constraint.Length: > 0 })
            {
                // It is the comment's fault where there is a solution without it.
                await Lock([MirageTool.Root(request)]).ConfigureAwait(false);
                var text = exception.Text with
                {
                    Cause =
                        $"The first line of {request.Config} asks for mirage {said.Constraint}, which the project cannot have: {exception.Text.Cause}",
                };
                throw new ConflictException(text, said.Place, exception.Reason, request);
            }
        }
    }

    static readonly PackageName s_mirage = new("mirage");

    // The request with the archive, if that has what is asked for and can be had.
    async Task<Request> Archived(
        Locker locker,
        Request request,
        IReadOnlyList<PackageFile> tool,
        MirageHeader header,
        CancellationToken cancellation
    )
    {
        var archived = request with { ArchiveRepository = Locker.Archive };
        try
        {
            if (
                await locker
                    .Knows(
                        archived with
                        {
                            Repositories = [.. request.Repositories, Locker.Archive],
                        },
                        tool,
                        s_mirage,
                        header.Holds,
                        cancellation
                    )
                    .ConfigureAwait(false)
            )
                return archived;
        }
        catch (HillingarException exception)
        {
            reporter.Detail($"The repository {Locker.Archive} was not tried: {exception.Message}");
        }

        return request;
    }

    static HillingarException Stale(LockFile? found, IReadOnlyList<string> lines, string? unmet, string path)
    {
        if (found is null)
            return new HillingarException(
                "HIL3002",
                $"There is no lock, and locked mode (RestoreLockedMode) makes none. Restore without it and commit {Path.GetFileName(path)}.",
                new Place(path)
            );
        if (unmet is not null)
            return new HillingarException(
                "HIL3002",
                $"The lock is one of opam-monorepo and does not hold what the project asks for ({unmet}), and locked mode (RestoreLockedMode) does not change it. Restore without locked mode and commit the lock.",
                new Place(path)
            );
        if (found.IsForeign || lines.SequenceEqual(found.Request))
            return new HillingarException(
                "HIL3002",
                "Packages are to be updated, and locked mode (RestoreLockedMode) does not change the lock. Restore without locked mode.",
                new Place(path)
            );
        var changes = lines
            .Except(found.Request)
            .Select(line => $"now '{line}'")
            .Concat(found.Request.Except(lines).Select(line => $"no longer '{line}'"))
            .ToList();
        return new HillingarException(
            "HIL3002",
            $"The lock is not current, and locked mode (RestoreLockedMode) does not change it: {(changes.Count > 0 ? string.Join("; ", changes) : "the order changed")}. Restore without locked mode and commit the lock.",
            new Place(path)
        );
    }
}
