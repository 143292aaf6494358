using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Hillingar.Build.Locks;
using Hillingar.Build.Requests;
using Hillingar.Build.Sources;
using Hillingar.Build.Vendoring;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;
using Hillingar.Opam.Universe;
using Hillingar.Solver;

namespace Hillingar.Build.Locking;

/// <summary>What came of a lock problem: a lock, or the conflict.</summary>
/// <param name="Lock">The lock, its git sources not yet bound to commits; null when there is a conflict.</param>
/// <param name="Conflict">Why there is none.</param>
public sealed record LockOutcome(LockFile? Lock, OpamConflict? Conflict)
{
    /// <summary>What did not go as wished, yet left a lock.</summary>
    public IReadOnlyList<Diagnostic> Warnings { get; init; } = [];
}

/// <summary>
/// From a lock problem to a lock, as <c>opam monorepo lock</c> does it (<c>opam_solve.ml</c>, <c>duniverse.ml</c>, <c>lockfile.ml</c>), with its
/// rules or with ours: monorepo and host switch of all platforms solved together, so that they cannot disagree; two archives of one
/// source repository side by side; packages without a source repository vendored too; every package's conflicts in force.
/// </summary>
public static class LockSolver
{
    /// <summary>Solves.</summary>
    /// <exception cref="HillingarException">HIL2002: it took longer than it may. HIL3010, HIL3013: opam-monorepo's duniverse cannot hold what was selected. Of the 1000s: a repository is at fault.</exception>
    public static LockOutcome Solve(LockProblem problem, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        var rules = problem.Rules;
        if (!rules.Jointly && problem.Platforms.Count != 1)
            throw new ArgumentException("Several platforms can only be solved jointly.", nameof(problem));
        var locals = new LocalRepository([.. problem.Targets, .. problem.Others, .. problem.Pinned], problem.Name);
        var repositories =
            rules == LockRules.OpamMonorepo
                ? problem.Repositories.OrderBy(item => item.Address, StringComparer.Ordinal)
                : problem.Repositories.AsEnumerable();
        var solver = new OpamSolver(new OverlayRepository([.. repositories.Select(item => item.Repository)]), locals, problem.Machine);
        var contexts = problem.Platforms.Select(platform => Contexts(problem, locals, platform)).ToList();
        var outcome = SolveTimeout.Within(
            problem.Timeout,
            problem.Name,
            (state, stop) =>
                Together(oneArchive: true, state, stop) is var first && first is OpamConflict && rules.SideBySide
                    ? Together(oneArchive: false, state, stop)
                    : first,
            cancellation
        );
        ImmutableArray<ContextSolution> solved;
        IReadOnlyList<Diagnostic> warnings = [];
        switch (outcome)
        {
            case OpamConflict conflict:
                return new(null, conflict);
            case OpamSolution solution:
                // Others' files are not the user's to mend, as long as something else will do.
                if (solution.Unreadable.FirstOrDefault(version => version.IsSelected) is { } needed)
                    throw new HillingarException(
                        needed.Fault with
                        {
                            Message = $"{needed.Package} cannot be read, and no other version will do: {needed.Fault.Message}",
                        }
                    );
                solved = solution.Contexts;
                warnings =
                [
                    .. solution.Unreadable.Select(version => new Diagnostic(
                        Severity.Warning,
                        "HIL1012",
                        $"{version.Package} cannot be read and is passed over: {version.Fault.Message}",
                        version.Fault.Place
                    )),
                ];
                break;
            case var other:
                throw new InvalidOperationException($"{other.GetType()} is no outcome.");
        }

        // Each platform has its monorepo and, where something is provided, its switch.
        var chosen = contexts
            .Select((both, place) => solved.AsSpan(contexts.Take(place).Sum(before => before.Length), both.Length).ToArray())
            .ToList();
        return new(Write(problem, chosen), null) { Warnings = warnings };

        OpamOutcome Together(bool oneArchive, SearchState state, CancellationToken stop)
        {
            var all = contexts
                .SelectMany(both => both)
                .Select(context => context with { Monorepo = context.Monorepo is { } own ? own with { OneArchive = oneArchive } : null })
                .ToImmutableArray();
            return rules.Jointly ? solver.Solve(all, state, stop) : InTurn(solver, all, state, stop);
        }
    }

    /// <summary>A conflict in words; where a repository that was offered solves it, the cause says so.</summary>
    public static ConflictText Explain(OpamConflict conflict)
    {
        ArgumentNullException.ThrowIfNull(conflict);
        var text = conflict.Tell();
        return conflict.Fixes.FirstOrDefault(fix => fix is { Overlay: not null, Wish: null }) is { Overlay: var overlay }
            ? text with
            {
                Cause = $"{text.Cause.TrimEnd('.', ':')}; with the repository {overlay} there is a solution",
            }
            : text;
    }

    static ImmutableArray<SolveContext> Contexts(LockProblem problem, LocalRepository locals, Platform platform)
    {
        var environment = problem.Config.Apply(platform.Environment);
        if (problem.Rules.PlainSwitch && !environment.Variables.ContainsKey("monorepo"))
            environment = environment.With("monorepo", true);
        var rules = new MonorepoRules
        {
            AllowJbuilder = problem.AllowJbuilder,
            RequireCrossCompile = problem.RequireCrossCompile,
            OpamProvided = [.. problem.Config.OpamProvided.Select(name => new PackageName(name))],
            KeepConflicts = problem.Rules.KeepsConflicts,
        };
        var preferred = problem
            .Preferred.GroupBy(package => package.Name)
            .ToImmutableDictionary(group => group.Key, group => group.First().Version);
        return
        [
            .. MonorepoRequest
                .Create(
                    environment,
                    locals,
                    problem.Targets.Select(target => target.Name!.Value),
                    rules,
                    problem.OCaml,
                    problem.Tests,
                    problem.Compiler,
                    problem.Platforms.Count > 1 ? platform.Name : null
                )
                .Select(context =>
                    context with
                    {
                        Preferred = preferred,
                        Given = Given(problem),
                        AvoidWhatStandsForAvoided = problem.Rules != LockRules.OpamMonorepo,
                        // The switch is plain opam's: what only a monorepo asks for is not in it.
                        Environment = context.Monorepo is null && problem.Rules.PlainSwitch ? environment.Without("monorepo") : environment,
                        Monorepo =
                            context.Monorepo is null && !problem.Rules.PlainSwitch
                                ? rules with
                                {
                                    OpamProvided = [],
                                    RequireDune = false,
                                    RequireCrossCompile = false,
                                }
                                : context.Monorepo,
                    }
                ),
        ];
    }

    // Nobody wrote that a compiler is needed, nor which one the machine has; who names a version of it, did.
    static ImmutableDictionary<PackageName, string> Given(LockProblem problem)
    {
        var given = ImmutableDictionary<PackageName, string>.Empty.SetItem(new(problem.Compiler), $"every build needs {problem.Compiler}");
        return problem is { Machine: not null, OCaml: { } version } ? given.SetItem(new("ocaml"), $"this machine has OCaml {version}")
            : problem.OCaml is not null ? given.Remove(new("ocaml"))
            : given;
    }

    /// <summary>The monorepo, then the switch with the monorepo's versions.</summary>
    static OpamOutcome InTurn(OpamSolver solver, ImmutableArray<SolveContext> contexts, SearchState state, CancellationToken cancellation)
    {
        var first = solver.Solve([contexts[0]], state, cancellation);
        if (first is not OpamSolution { Contexts: [var monorepo] } || contexts.Length == 1)
            return first;
        var second = solver.Solve(
            [
                contexts[1] with
                {
                    Constraints =
                    [
                        .. monorepo.Packages.Select(item => new PackageAtom(
                            item.Package.Package.Name,
                            new Formula<VersionConstraint>.Atom(new(RelationalOperator.Equal, item.Package.Package.Version))
                        )),
                    ],
                },
            ],
            state,
            cancellation
        );
        return second is OpamSolution { Contexts: [var provided] } ? new OpamSolution([monorepo, provided]) : second;
    }

    static LockFile Write(LockProblem problem, IReadOnlyList<ContextSolution[]> chosen)
    {
        var provided = problem.Config.OpamProvided.ToHashSet(StringComparer.Ordinal);
        var own = problem.Targets.Concat(problem.Others).Select(file => file.Name!.Value).ToHashSet();
        // What opam-monorepo's switch does not repeat of its monorepo, it does not lock.
        var all = (problem.Rules.PlainSwitch ? chosen.SelectMany(both => both) : chosen.Select(both => both[^1]))
            .SelectMany(context => context.Packages)
            .Where(item => !own.Contains(item.Package.Package.Name))
            .DistinctBy(item => item.Package.Package.Name)
            .OrderBy(item => item.Package.Package.Name)
            .ToList();
        var monorepo = chosen.SelectMany(both => both[0].Packages).Select(item => item.Package.Package.Name).ToHashSet();
        if (
            problem.Rules != LockRules.OpamMonorepo
            && !problem.AllowNoChecksum
            && all.FirstOrDefault(item => HasNoChecksum(item, provided)) is { } doubtful
        )
            throw new HillingarException(
                "HIL3014",
                $"{doubtful.Package} comes from {doubtful.Package.Url!.Url}, an archive without a checksum, such as that of a branch: what it holds may change, and nobody would see. Ask for another version, or set HillingarAllowNoChecksum to true.",
                Asked(problem, doubtful.Package.Package.Name)
            );
        var vendored = all.Where(item =>
                monorepo.Contains(item.Package.Package.Name)
                && !provided.Contains(item.Package.Package.Name.Text)
                // What is pinned has sources, whether it says how to build them or not.
                && !item.IsProvided
                && (
                    !MonorepoRules.IsSafe(item.Package)
                    || problem.Rules != LockRules.OpamMonorepo && item is { IsLocal: true, Package.HasUrl: true }
                )
            )
            .ToList();
        var names = vendored.Select(item => item.Package.Package.Name).ToHashSet();
        var folders = DuniversePlan.Of(
            vendored.Select(item => new VendoredPackage(item.Package, item.Package.Url!, item.IsLocal)),
            problem.Rules
        );
        var ours = problem.Rules == LockRules.OpamMonorepo ? null : problem;
        return new LockFile
        {
            Folder = problem.Folder,
            Packages =
            [
                .. all.Select(item => new LockedPackage(item.Package.Package, names.Contains(item.Package.Package.Name))
                {
                    Platforms = [.. Platforms(problem, chosen, item.Package.Package.Name)],
                }),
            ],
            Duniverse = [.. folders.Select(folder => folder.Source)],
            Partial = [.. folders.Where(folder => folder.IsPartial).Select(folder => folder.Source.Folder)],
            Preparations = ours is null
                ? []
                :
                [
                    .. folders
                        .SelectMany(folder =>
                            vendored
                                .Where(item => folder.Packages.Contains(item.Package.Package))
                                .Select(item => Preparation.Of(item.Package, folder.Source.Folder))
                        )
                        .OfType<Preparation>(),
                ],
            Pins = [.. folders.SelectMany(folder => folder.Packages.Select(package => new Pin(package, folder.Source.Url)))],
            Depexts =
            [
                .. problem
                    .Targets.SelectMany(target => target.Depexts)
                    .Concat(all.Where(item => !item.IsProvided).SelectMany(item => item.Package.Read().Depexts))
                    .Select(depext => depext with { Value = [.. depext.Value.Distinct().Order(StringComparer.Ordinal)] })
                    .Order(DepextOrder.Instance)
                    .DistinctBy(depext => LockFile.Depext(depext).ToString()),
            ],
            RootPackages = [.. problem.Targets.Select(target => target.Name!.Value.Text)],
            OpamProvided = problem.Config.OpamProvided,
            Repositories = ours is null ? problem.Config.Repositories : [.. problem.Repositories.Select(item => item.Address)],
            Variables = ours is null ? problem.Config.Variables : Variables(problem),
            Arguments = problem.Arguments,
            Contents = ours is null ? [] : [.. problem.Repositories.Select(item => (item.Address, Content(item.Repository, all)))],
            Platforms = ours is null ? [] : [.. problem.Platforms.Select(platform => platform.Name)],
            HostSwitch = ours is null ? [] : [.. chosen.SelectMany(both => HostSwitch(both, provided)).Distinct().Order()],
            Provided = ours is null ? [] : [.. all.Where(item => item.IsProvided).Select(item => item.Package.Package)],
        };
    }

    // Where the project asks for a package itself; else the project file is what there is to be changed.
    static Place? Asked(LockProblem problem, PackageName name) =>
        problem.Targets.FirstOrDefault(target => target.Depends.Atoms().Any(atom => atom.Name == name)) is { } asks
        && !ProjectFields.IsProject(asks)
        && asks.Document.Field("depends") is { } depends
            ? asks.Document.PlaceOf(depends)
        : problem.Targets.FirstOrDefault(ProjectFields.IsProject) is { } project ? new Place(project.Document.Path)
        : null;

    static bool HasNoChecksum(SelectedPackage item, HashSet<string> provided) =>
        !item.IsProvided
        && !provided.Contains(item.Package.Package.Name.Text)
        && item.Package.Url is { Checksums.IsEmpty: true } url
        && !new Source(url.Url, [], [], []).IsGit;

    // The platform's, and what the opam files set.
    static IReadOnlyList<(string, VariableValue)> Variables(LockProblem problem)
    {
        var variables = problem.Config.Apply(problem.Platforms[0].Environment).Variables;
        return
        [
            .. HostPlatform
                .Variables.Union(problem.Config.Variables.Select(pair => pair.Name))
                .Where(variables.ContainsKey)
                .Select(name => (name, variables[name])),
        ];
    }

    // Empty for all: so it is for most packages, and always on one platform.
    static IEnumerable<string> Platforms(LockProblem problem, IReadOnlyList<ContextSolution[]> chosen, PackageName name)
    {
        var having = problem
            .Platforms.Where((_, place) => chosen[place].Any(context => context.Packages.Any(item => item.Package.Package.Name == name)))
            .ToList();
        return having.Count == problem.Platforms.Count ? [] : having.Select(platform => platform.Name);
    }

    /// <summary>What the provided packages need, and they themselves: what is to be installed into a switch before the build.</summary>
    static IEnumerable<OpamPackage> HostSwitch(ContextSolution[] both, HashSet<string> provided)
    {
        if (both is not [_, var host])
            return [];
        var selected = host.Packages.Where(item => !item.IsLocal).ToDictionary(item => item.Package.Package.Name);
        var reached = new HashSet<PackageName>();
        var rest = new Stack<PackageName>(selected.Keys.Where(name => provided.Contains(name.Text)));
        while (rest.TryPop(out var name))
            if (selected.TryGetValue(name, out var item) && reached.Add(name))
                foreach (
                    var next in item.IsProvided
                        ? []
                        : item
                            .Package.Depends.Select(
                                host.Context.Environment.For(item.Package.Package),
                                DependencyOptions.For(item.Package.Package)
                            )
                            .Atoms()
                )
                    rest.Push(next.Name);
        return reached.Select(name => selected[name].Package.Package);
    }

    // What a repository at a commit holds, the commit says; else it is told by what the lock took from it.
    static string Content(Repository repository, IEnumerable<SelectedPackage> selected)
    {
        if (repository.Location.Split('#') is [var address, var commit] && address.StartsWith("git+", StringComparison.Ordinal))
            return commit;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var item in selected.Where(item => item.Package.Repository == repository).OrderBy(item => item.Package.Package))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{item.Package} "));
            hash.AppendData(SHA256.HashData(item.Package.Read().Document.Reprint()));
        }
        return $"sha256={Convert.ToHexStringLower(hash.GetHashAndReset())}";
    }
}
