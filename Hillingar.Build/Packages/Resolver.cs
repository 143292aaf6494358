using Hillingar.Build.Locking;
using Hillingar.Build.Locks;
using Hillingar.Build.Machines;
using Hillingar.Build.Reporting;
using Hillingar.Build.Repositories;
using Hillingar.Build.Requests;
using Hillingar.Build.Storage;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;

namespace Hillingar.Build.Packages;

/// <summary>What is asked of a <see cref="Resolver"/>.</summary>
/// <param name="Packages">The packages.</param>
/// <param name="Repositories">The repositories, by full path or address; none: opam's own.</param>
public sealed record ResolveRequest(IReadOnlyList<Dependency> Packages, IReadOnlyList<string> Repositories)
{
    /// <summary>Mirage targets.</summary>
    public IReadOnlyList<string> Targets { get; init; } = ["unix"];

    /// <summary>The version of OCaml, from the repositories; null for the machine's, or for any where it has none.</summary>
    public string? OCaml { get; init; }

    /// <summary>Whether the network may not be used.</summary>
    public bool Offline { get; init; }

    /// <summary>How long the solve may take, and once more the reasons where there is no solution.</summary>
    public TimeSpan SolveTimeout { get; init; } = Build.Requests.SolveTimeout.Default;
}

/// <summary>A package that was resolved.</summary>
/// <param name="Name">The package.</param>
/// <param name="Version">Its version.</param>
/// <param name="Vendored">Whether its sources would be in the duniverse.</param>
/// <param name="Requested">Whether it was asked for.</param>
/// <param name="Source">Where its sources come from, or null.</param>
public sealed record ResolvedPackage(string Name, string Version, bool Vendored, bool Requested, string? Source)
{
    /// <summary><c>name.version</c>.</summary>
    public override string ToString() => $"{Name}.{Version}";
}

/// <summary>What came of a resolution: a lock that no project has.</summary>
/// <param name="Lock">The lock.</param>
/// <param name="Repository">The repositories that it was solved over.</param>
/// <param name="Packages">The packages, by name.</param>
public sealed record Resolved(LockFile Lock, Repository Repository, IReadOnlyList<ResolvedPackage> Packages);

/// <summary>Solves for packages without a project: as a project with these dependencies would be locked.</summary>
/// <param name="stores">Where indexes are kept.</param>
/// <param name="reporter">Is told what is done.</param>
public sealed class Resolver(Stores stores, IReporter reporter)
{
    const string Root = "request";

    /// <summary>Solves.</summary>
    /// <exception cref="ConflictException">There is no solution.</exception>
    /// <exception cref="HillingarException">HIL2002: the solve took longer than it may. HIL6011: no such target. Of the 1000s: a repository is at fault.</exception>
    public async Task<Resolved> Resolve(ResolveRequest asked, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(asked);
        if (asked.Targets.FirstOrDefault(target => !MirageTarget.Known.Contains(target)) is { } unknown)
            throw MirageTarget.Unknown(unknown);
        var folder = Environment.CurrentDirectory;
        var request = new Request(Root, Path.Combine(folder, Root), asked.Targets, asked.Repositories, asked.Packages, [])
        {
            SolveTimeout = asked.SolveTimeout,
        };
        var roots = Roots.Of(request);
        var opener = new RepositoryOpener(stores, reporter, asked.Offline, new SharedWork());
        var repositories = await opener.Open(request, new SourceConfig(), cancellation).ConfigureAwait(false);
        var repository = new OverlayRepository([.. repositories.Select(named => named.Repository)]);
        // As in a project: the compiler is the machine's, unless another one is asked for.
        var machine = asked.OCaml is null ? await Toolchain.TryProbe(cancellation).ConfigureAwait(false) : null;
        var compiler = asked.OCaml ?? machine?.OCaml;
        reporter.Step($"Solving {string.Join(", ", asked.Packages.Select(package => package.Name))} over {repository.Location}");
        var problem = new LockProblem
        {
            Folder = folder,
            Name = "the request",
            Targets = roots,
            Repositories = repositories,
            Platforms =
            [
                machine is null
                    ? Platform.Host
                    : Platform.Host with
                    {
                        Environment = Platform.Host.Environment.With("sys-ocaml-version", machine.OCaml),
                    },
            ],
            OCaml = compiler is null ? null : OpamVersion.Parse(compiler),
            Compiler = machine is null ? "ocaml-base-compiler" : "ocaml",
            Machine = machine is null ? null : Locker.Provided(machine, repositories),
            RequireCrossCompile = asked.Targets.Any(MirageTarget.IsCross),
            Timeout = asked.SolveTimeout,
        };
        var (locked, conflict) = LockSolver.Solve(problem, cancellation);
        if (locked is null)
            throw new ConflictException(
                await Locker.Explain(conflict!, problem, request, new SourceConfig(), opener, cancellation).ConfigureAwait(false),
                null,
                conflict!,
                request
            );
        var urls = locked.Pins.ToDictionary(pin => pin.Package, pin => pin.Url);
        var wanted = asked.Packages.Select(package => package.Name).ToHashSet();
        return new Resolved(
            locked with
            {
                Request = Roots.Lines(request, roots),
                Roots = [.. roots.Select(LockedRoot.Of)],
                Targets = asked.Targets,
            },
            repository,
            [
                .. locked.Packages.Select(item => new ResolvedPackage(
                    item.Package.Name.Text,
                    item.Package.Version.Text,
                    item.Vendored,
                    wanted.Contains(item.Package.Name.Text),
                    urls.GetValueOrDefault(item.Package)
                )),
            ]
        );
    }
}
