using Hillingar.Build.Locks;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;
using Hillingar.Opam.Universe;

namespace Hillingar.Build.Locking;

/// <summary>
/// Changes of a project that may resolve a conflict and that are no change of a wish: another source of the compiler, another compiler on
/// the machine, packages that the host switch provides. Each is tried before it is offered.
/// </summary>
static class Remedies
{
    /// <summary>The most packages that are left to the host switch in one fix.</summary>
    const int MaxProvided = 6;

    static readonly string[] s_compilers = ["ocaml-base-compiler", "ocaml-variants"];

    /// <summary>Offers what may help; nothing is tried before somebody asks for fixes.</summary>
    /// <param name="conflict">The conflict.</param>
    /// <param name="problem">What has no solution.</param>
    public static void Offer(OpamConflict conflict, LockProblem problem)
    {
        // Several changes at once are worth their words only where none is enough.
        var enough = false;
        OpamFix? Enough(OpamFix? fix)
        {
            enough |= fix is not null;
            return fix;
        }

        if (problem.Machine is not null)
        {
            conflict.Offer((needed, stop) => Enough(Locked(With(problem, needed), stop)));
            conflict.Offer((needed, stop) => conflict.IsOfTheMachine ? OtherCompiler(With(problem, needed), stop) : null);
        }

        conflict.Offer(
            (needed, stop) =>
                Enough(
                    Provided(conflict, With(problem, needed), stop) is var (names, _)
                        ? new OpamFix(Described(names, problem), null, null) { Provided = names }
                        : null
                )
        );
        if (problem.Machine is not null)
            conflict.Offer(
                (needed, stop) => enough ? null : LockedWithMore(With(problem, needed), needed is null ? conflict.Offered : [], stop)
            );
    }

    // What is needed as well is there when a change is tried.
    static LockProblem With(LockProblem problem, (Repository Overlay, bool Last)? needed) =>
        needed is not var (overlay, last)
            ? problem
            : problem with
            {
                Repositories = last
                    ? [.. problem.Repositories, new(overlay.Location, overlay)]
                    : [new(overlay.Location, overlay), .. problem.Repositories],
            };

    static OpamFix? Locked(LockProblem problem, CancellationToken cancellation) =>
        LockSolver.Solve(WithoutMachine(problem), cancellation).Lock is { } locked ? Locked(locked, "") : null;

    static OpamFix Locked(LockFile locked, string more) =>
        new($"set HillingarHostSwitch to locked: <HillingarHostSwitch>locked</HillingarHostSwitch>{Builds(locked)}{more}", null, null)
        {
            LocksCompiler = true,
        };

    // Where the machine's compiler is in the way, what it hid may be as well: a port to dune that is missing, or a package that has none.
    static OpamFix? LockedWithMore(LockProblem problem, IReadOnlyList<OfferedRepository> overlays, CancellationToken cancellation)
    {
        if (overlays.Any(overlay => LockSolver.Solve(With(problem, (overlay.Repository, overlay.Last)), cancellation).Lock is not null))
            return null;
        problem = WithoutMachine(problem);
        foreach (var overlay in overlays)
            if (LockSolver.Solve(With(problem, (overlay.Repository, overlay.Last)), cancellation).Lock is { } ported)
                return Locked(ported, $", and add the repository {overlay.Name}{overlay.Text}") with { Besides = overlay.Name };
        return LockSolver.Solve(problem, cancellation).Conflict is { } rest && Provided(rest, problem, cancellation) is var (names, beside)
            ? Locked(beside, $", and {Described(names, problem)}") with
            {
                Provided = names,
            }
            : null;
    }

    static string Builds(LockFile locked) =>
        s_compilers.Select(name => (Name: name, Version: locked.Version(name))).FirstOrDefault(compiler => compiler.Version is not null)
            is { Version: { } version } built
            ? $" (builds {built.Name} {version})"
            : "";

    static LockProblem WithoutMachine(LockProblem problem) =>
        problem with
        {
            Machine = null,
            OCaml = null,
            Compiler = "ocaml-base-compiler",
            Platforms =
            [
                .. problem.Platforms.Select(platform => platform with { Environment = platform.Environment.Without("sys-ocaml-version") }),
            ],
        };

    // The nearest release above the machine's that would do, else the nearest below.
    static OpamFix? OtherCompiler(LockProblem problem, CancellationToken cancellation)
    {
        var versions = problem
            .Repositories.SelectMany(named => named.Repository.Versions(new PackageName("ocaml-base-compiler")))
            .Where(package => !package.AvoidVersion)
            .Select(package => package.Package.Version)
            .Distinct()
            .Order()
            .ToList();
        // First one of each series, then the others.
        var newer = versions.Where(version => version > problem.OCaml).ToList();
        var least = newer
            .GroupBy(Series)
            .Select(series => series.First())
            .Concat(newer)
            .Distinct()
            .Cast<OpamVersion?>()
            .FirstOrDefault(version => Does(version!.Value));
        if (least is { } found)
            return Fix($"install OCaml {Short(found)}{(found != versions[^1] && Does(versions[^1]) ? " or later" : "")}");
        var older = versions.Where(version => version < problem.OCaml).OrderDescending().ToList();
        return
            older
                .GroupBy(Series)
                .Select(series => series.First())
                .Concat(older)
                .Distinct()
                .Take(12)
                .Cast<OpamVersion?>()
                .FirstOrDefault(version => Does(version!.Value))
                is { } most
            ? Fix($"install OCaml {most}")
            : null;

        bool Does(OpamVersion version)
        {
            var machine = new MemoryRepository("this machine");
            foreach (var name in problem.Machine!.Names)
            foreach (var package in problem.Machine.Versions(name))
                machine.Add(name.Text == "ocaml" ? new OpamPackage(name, version) : package.Package, package.Read());
            return LockSolver
                .Solve(
                    problem with
                    {
                        Machine = machine,
                        OCaml = version,
                        Platforms =
                        [
                            .. problem.Platforms.Select(platform =>
                                platform with
                                {
                                    Environment = platform.Environment.With("sys-ocaml-version", version.Text),
                                }
                            ),
                        ],
                    },
                    cancellation
                )
                .Lock
                is not null;
        }

        static OpamFix Fix(string text) => new(text, null, null);
        static string Series(OpamVersion version) => string.Join('.', version.Text.Split('.').Take(2));
        static string Short(OpamVersion version) =>
            version.Text.EndsWith(".0", StringComparison.Ordinal) && version.Text.Count('.') == 2 ? version.Text[..^2] : version.Text;
    }

    // What does not build with dune may be installed beside the build; once it is, something else may be found that does not.
    static (IReadOnlyList<string> Names, LockFile Lock)? Provided(
        OpamConflict conflict,
        LockProblem problem,
        CancellationToken cancellation
    )
    {
        List<string> names = [.. problem.Config.OpamProvided];
        var own = names.Count;
        for (var rest = conflict; names.Count - own < MaxProvided; )
        {
            var more = rest.NotByDune.Except(names).ToList();
            if (more.Count == 0)
                return null;
            names.AddRange(more);
            var outcome = LockSolver.Solve(
                problem with
                {
                    Config = problem.Config with { OpamProvided = [.. names.Order(StringComparer.Ordinal)] },
                },
                cancellation
            );
            if (outcome.Lock is { } locked)
                return (names, locked);
            rest = outcome.Conflict!;
        }

        return null;
    }

    // The names that the project provides already come first; the field is written with all.
    static string Described(IReadOnlyList<string> names, LockProblem problem) =>
        $"let the host switch provide {string.Join(", ", names.Skip(problem.Config.OpamProvided.Count))}: x-opam-monorepo-opam-provided: [{string.Join(" ", names.Select(name => $"\"{name}\""))}] in an opam file of the project";
}
