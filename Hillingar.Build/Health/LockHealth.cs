using Hillingar.Build.Auditing;
using Hillingar.Build.Configuring;
using Hillingar.Build.Graphs;
using Hillingar.Build.Locking;
using Hillingar.Build.Locks;
using Hillingar.Build.Projects;
using Hillingar.Build.Reporting;
using Hillingar.Build.Repositories;
using Hillingar.Build.Requests;
using Hillingar.Build.Storage;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;

namespace Hillingar.Build.Health;

/// <summary>A package of which there is a later version than the locked one.</summary>
/// <param name="Name">The package.</param>
/// <param name="Locked">The locked version.</param>
/// <param name="Allowed">The version that the project would get if it were locked anew; null where that was not asked, or it would not need the package.</param>
/// <param name="Newest">The newest version that this machine can have.</param>
public sealed record OutdatedPackage(string Name, string Locked, string? Allowed, string Newest)
{
    /// <summary>Which constraint of which package keeps it from the newest version; null where only the lock does, which stays until an update.</summary>
    public string? HeldBy { get; init; }
}

/// <summary>What was found of a lock.</summary>
/// <param name="Path">The lock.</param>
/// <param name="IsCurrent">Whether it is what the project asks for; null where no project was asked.</param>
/// <param name="Changes">What the project asks for otherwise: lines that begin with <c>+</c> are asked for now, with <c>-</c> no more.</param>
/// <param name="Findings">The known vulnerabilities; null where it was not audited.</param>
/// <param name="Outdated">The packages with later versions; null where nobody looked.</param>
public sealed record LockHealth(
    string Path,
    bool? IsCurrent,
    IReadOnlyList<string> Changes,
    IReadOnlyList<Finding>? Findings,
    IReadOnlyList<OutdatedPackage>? Outdated
)
{
    /// <summary>Whether it is current and nothing is known against it. Later versions are no fault.</summary>
    public bool IsOk => IsCurrent != false && Findings is not { Count: > 0 };
}

/// <summary>What to look at.</summary>
/// <param name="Audit">Whether to look for known vulnerabilities.</param>
/// <param name="Outdated">Whether to look for later versions.</param>
public sealed record LockHealthOptions(bool Audit, bool Outdated)
{
    /// <summary>Where the advisories are; null for those that the lock pins, else the project's, else OCaml's own.</summary>
    public string? Advisories { get; init; }

    /// <summary>The repositories to look for later versions in; none: the lock's.</summary>
    public IReadOnlyList<string> Repositories { get; init; } = [];

    /// <summary>Whether the network may not be used.</summary>
    public bool Offline { get; init; }
}

/// <summary>Looks after locks.</summary>
/// <param name="stores">The user's stores.</param>
/// <param name="reporter">Is told what is done.</param>
public sealed class LockDoctor(Stores stores, IReporter reporter)
{
    /// <summary>Looks at a lock.</summary>
    /// <param name="path">The lock.</param>
    /// <param name="project">Its project, or null where only the lock counts.</param>
    /// <param name="options">What to look at.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="HillingarException">HIL7003: there is no lock. HIL4050: the advisories cannot be had. Of the 1000s: a repository is at fault.</exception>
    public async Task<LockHealth> Examine(string path, HillingarProject? project, LockHealthOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        var file = LockLocation.Find(path);
        var locked = LockFile.Read(file);
        var offline = options.Offline || project?.Offline == true;
        IReadOnlyList<string> changes = [];
        bool? current = null;
        if (project is not null)
        {
            var roots = Roots.Of(project.Request);
            var lines = Roots.Lines(project.Request, roots);
            var unmet = locked.IsForeign ? ForeignLock.Unmet(locked, roots, project.Request.Tests) : null;
            changes = locked.IsForeign
                ? unmet is null
                    ? []
                    : ["+ " + unmet]
                :
                [
                    .. lines.Except(locked.Request).Select(line => "+ " + line),
                    .. locked.Request.Except(lines).Select(line => "- " + line),
                ];
            current = locked.IsForeign ? unmet is null : lines.SequenceEqual(locked.Request);
        }

        return new LockHealth(
            file,
            current,
            changes,
            options.Audit ? await Findings(locked, project, options.Advisories, offline, cancellation).ConfigureAwait(false) : null,
            options.Outdated ? await Outdated(locked, project, options.Repositories, offline, cancellation).ConfigureAwait(false) : null
        );
    }

    /// <summary>What is known of a lock's packages, less what the project looked at and suppressed.</summary>
    /// <param name="locked">The lock.</param>
    /// <param name="project">Its project, or null.</param>
    /// <param name="source">Where the advisories are; null for those that the lock pins, else the project's, else OCaml's own.</param>
    /// <param name="offline">Whether the network may not be used.</param>
    /// <param name="cancellation">Stops.</param>
    public async Task<IReadOnlyList<Finding>> Findings(
        LockFile locked,
        HillingarProject? project,
        string? source,
        bool offline,
        CancellationToken cancellation
    )
    {
        ArgumentNullException.ThrowIfNull(locked);
        var findings = await new Auditor(stores, reporter, offline)
            .Find(locked, source ?? (locked.Advisories is null ? project?.Audit?.Source : null), cancellation)
            .ConfigureAwait(false);
        return project?.Audit is { } audit ? [.. findings.Where(finding => Audit.IsTold(finding, audit))] : findings;
    }

    async Task<IReadOnlyList<OutdatedPackage>> Outdated(
        LockFile locked,
        HillingarProject? project,
        IReadOnlyList<string> repositories,
        bool offline,
        CancellationToken cancellation
    )
    {
        // As they are now, not as they were when the lock was made.
        var repository = await LockGraph
            .Open(
                locked with
                {
                    Contents = [.. locked.Contents.Select(item => (item.Address.Split('#')[0], ""))],
                },
                repositories,
                stores,
                reporter,
                offline,
                cancellation
            )
            .ConfigureAwait(false);
        LockFile? fresh = null;
        IReadOnlyList<PackageFile> known = project is null ? [] : Roots.Of(project.Request);
        // What config.ml asks for is known where it was configured.
        if (
            project is not null
            && (project.Request.IsConfigured ? new Configurator(project.ConfiguredFolder, reporter).Left(project.Request) : [])
                is { } configured
        )
        {
            IReadOnlyList<PackageFile> roots = known = [.. known, .. configured.Select(target => target.Package(project.Request.Name))];
            fresh = await new Locker(project.Stores, reporter, offline, new SharedWork())
                .Lock(project.Request, roots, [], null, [], null, cancellation)
                .ConfigureAwait(false);
        }

        var holding = new Holding(locked, known, repository);
        return
        [
            .. from behind in holding.Behind
            let name = behind.Locked.Name.Text
            select new OutdatedPackage(name, behind.Locked.Version.Text, fresh?.Version(name)?.Text, behind.Newest.Package.Version.Text)
            {
                HeldBy = holding.Of(behind.Newest),
            },
        ];
    }
}
