using System.Collections.Immutable;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;
using Hillingar.Solver;

namespace Hillingar.Opam.Universe;

/// <summary>That there is no solution, why, and what would help. The reasons are looked for when they are asked for.</summary>
public sealed class OpamConflict : OpamOutcome
{
    /// <summary>The most fixes that the text names.</summary>
    const int Named = 4;

    /// <summary>The code of the diagnostic.</summary>
    public const string Code = "HIL2001";

    readonly OpamSolver _solver;
    readonly ImmutableArray<SolveContext> _contexts;
    readonly List<OfferedRepository> _overlays = [];
    readonly List<Func<(Repository Overlay, bool Last)?, CancellationToken, OpamFix?>> _remedies = [];
    Reason? _reason;
    ImmutableArray<OpamFix> _fixes;
    bool _cut;

    internal OpamConflict(OpamSolver solver, ImmutableArray<SolveContext> contexts, Conflict conflict) =>
        (this._solver, this._contexts, Conflict) = (solver, contexts, conflict);

    /// <summary>
    /// Why there is no solution: of the contexts together, or of one that has none alone; with what was offered, where that is needed as
    /// well.
    /// </summary>
    sealed record Reason(Conflict Conflict, Explanation Explanation, string Where, OfferedRepository? Needed);

    /// <summary>The solver's conflict: the request in its terms.</summary>
    public Conflict Conflict { get; }

    /// <summary>The reason, step by step.</summary>
    public Explanation Explanation => Because.Explanation;

    /// <summary>The cause on one line, in the user's own terms.</summary>
    public string Cause => Because.Where + Explanation.Cause;

    Reason Because => _reason ??= Find(default);

    /// <summary>The changes that were tried and lead to a solution, the smallest first.</summary>
    public ImmutableArray<OpamFix> Fixes => _fixes.IsDefault ? _fixes = [.. Try(default)] : _fixes;

    /// <summary>
    /// Looks for the reason now, for no longer than a time; what was not found by then is done without: the reason is the facts as the
    /// search found them.
    /// </summary>
    /// <param name="limit">The time.</param>
    /// <param name="cancel">Stops.</param>
    public void Reasoned(TimeSpan limit, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        stop.CancelAfter(limit);
        _cut = false;
        try
        {
            _reason = Find(stop.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            _cut = true;
            _reason = new(Conflict, Conflict.Recite(cancel), "", null);
        }
    }

    /// <summary>
    /// Looks for the reason and the fixes now, for no longer than a time; of what was not found by then, only what was tried is told.
    /// </summary>
    /// <param name="limit">The time.</param>
    /// <param name="cancel">Stops.</param>
    public void Explore(TimeSpan limit, CancellationToken cancel)
    {
        var start = TimeProvider.System.GetTimestamp();
        if (_reason is null || _cut)
            Reasoned(limit, cancel);
        var found = ImmutableArray.CreateBuilder<OpamFix>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        if (limit != Timeout.InfiniteTimeSpan)
            stop.CancelAfter(TimeSpan.FromTicks(Math.Max(0, (limit - TimeProvider.System.GetElapsedTime(start)).Ticks)));
        try
        {
            foreach (var fix in Try(stop.Token))
                found.Add(fix);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            _cut = true;
        }

        _fixes = found.DrainToImmutable();
    }

    /// <summary>The repositories that may be added.</summary>
    public IReadOnlyList<OfferedRepository> Offered => _overlays;

    /// <summary>The packages that the reason is about and that have versions which do not build with dune.</summary>
    public IReadOnlyList<string> NotByDune =>
        [
            .. Explanation
                .Statements.Where(statement => statement.Rejection == Catalog.NoDune)
                .Select(statement => ((OpamNode)statement.Subject!).Opam.Text)
                .Distinct(),
        ];

    /// <summary>What the project itself asks for and is a part of the reason: the package of the project's that says so, and the one that it needs. What does not exist comes first, as in the first line; then the reason's order.</summary>
    public IReadOnlyList<(string Owner, string Package)> Wishes =>
        [
            .. Because.Conflict.Missing.Select(item => (Label(item.Owner)!, Label(item.Missing)!)),
            .. from statement in Explanation.Statements
            where statement.Subject is not null && Because.Conflict.Universe.IsUsers(statement.Subject)
            from needed in statement.Parts.OfType<Requirement>()
            where Label(statement.Subject) is not null && Label(needed.Package) is not null
            select (Label(statement.Subject)!, Label(needed.Package)!),
        ];

    /// <summary>Whether a package that does not exist is a part of the reason.</summary>
    public bool LacksPackages =>
        Explanation
            .Statements.SelectMany(statement => statement.Parts)
            .OfType<Requirement>()
            .Any(needed => needed.Package.Versions.Count == 0);

    /// <summary>Whether it is a package of a repository that needs what does not exist, rather than the project itself.</summary>
    public bool LacksBelow =>
        LacksPackages
        && !Explanation.Statements.Any(statement =>
            (statement.Subject is null || Because.Conflict.Universe.IsUsers(statement.Subject))
            && statement.Parts.OfType<Requirement>().Any(needed => needed.Package.Versions.Count == 0)
        );

    /// <summary>Whether the cause has to do with what nobody asked for: the machine's compiler.</summary>
    public bool IsOfTheMachine =>
        Explanation.Statements.Any(statement =>
            statement is { Subject: null, Parts: [Prohibition { Bound: true, Package: OpamNode node }] }
                && _contexts.Any(context => context.Given.ContainsKey(node.Opam))
            || statement is { Rejection: not null, Subject: OpamNode { Opam.Text: "ocaml-system" } }
        );

    /// <summary>Names a repository that may be added if that helps; it is opened and solved with only then.</summary>
    /// <param name="name">How the fix names it: its location.</param>
    /// <param name="overlay">The repository.</param>
    /// <param name="last">Whether it would come after the others rather than before.</param>
    /// <param name="text">What is to be written, to be pasted; null for nothing.</param>
    public OpamConflict Offer(string name, Repository overlay, bool last = false, string? text = null)
    {
        _overlays.RemoveAll(other => other.Name == name);
        _overlays.Add(new(name, overlay, last, text is null ? "" : ": " + text));
        (_fixes, _reason) = (default, null);
        return this;
    }

    /// <summary>Names a change that may help; it is tried only when fixes are asked for.</summary>
    /// <param name="remedy">
    /// Tries it, with the repository that is needed as well, and whether that comes last: the fix, or null where it does not help.
    /// </param>
    public OpamConflict Offer(Func<(Repository Overlay, bool Last)?, CancellationToken, OpamFix?> remedy)
    {
        _remedies.Add(remedy);
        _fixes = default;
        return this;
    }

    /// <summary>The conflict as a message: the cause, and what to do.</summary>
    public Diagnostic Diagnostic => new(Severity.Error, Code, ToString());

    /// <summary>
    /// The conflict in words: the cause, the steps that lead to it, and fixes, in at most <see cref="Explanation.MaxLines"/> lines.
    /// </summary>
    public ConflictText Tell()
    {
        var advice = Fixes.IsEmpty
            ? []
            : Fixes.Take(Named).Select(fix => $"  - {fix.Description}").Prepend("Any of these helps, as was tried:").ToList();
        if (_cut)
            advice.Add("The time of the solve was over before all was tried: there may be a shorter reason, and further fixes.");
        if (Fixes.IsEmpty && Because.Conflict.Missing.Count > 0)
            advice.Add(
                "No single change leads to a solution. Correct the name of what does not exist, pin it (pin-depends), or add the repository that has it, and lock again: what else is in the way is told then."
            );
        if (Because.Needed is { } needed)
            advice.Insert(0, $"The repository {needed.Name} is needed as well, which has ports to dune{needed.Text}");
        return new(Cause, [.. Explanation.Print(Explanation.MaxLines - advice.Count).Skip(1)], [.. advice]);
    }

    OpamSolver With(OfferedRepository offered) => offered.Last ? _solver.Under(offered.Repository) : _solver.Over(offered.Repository);

    // What an overlay has a port of is no reason, if something else stays in the way.
    Reason Find(CancellationToken cancellation)
    {
        var own = Alone(_solver, Conflict, cancellation);
        // What the user asks for itself counts as well: the reason names one of several that have no solution.
        var lacking = own
            .Explanation.Statements.Where(statement => statement.Rejection == Catalog.NoDune)
            .Select(statement => (OpamNode)statement.Subject!)
            .Concat(
                _overlays.Count == 0
                    ? []
                    : own
                        .Conflict.Wishes.OfType<OpamNode>()
                        .Where(node =>
                            node.Versions.Count > 0
                            && own.Conflict.Universe.Candidates(node).IsEmpty
                            && node.Rejections.ContainsValue(Catalog.NoDune)
                        )
            )
            .Select(node => node.Opam)
            .Distinct()
            .ToList();
        if (lacking.Count > 0)
            foreach (var offered in _overlays)
                if (
                    lacking.Any(name => offered.Repository.Versions(name).Any(version => version.UsesDune))
                    && With(offered) is var wider
                    && wider.Solve(_contexts, cancellation) is OpamConflict rest
                )
                    return Alone(wider, rest.Conflict, cancellation) with { Needed = offered };
        return own;
    }

    // Of several contexts one may have no solution of its own: then the others are no part of the reason.
    Reason Alone(OpamSolver with, Conflict all, CancellationToken cancellation)
    {
        if (_contexts.Length > 1)
            foreach (var context in _contexts)
                if (with.Solve(context, cancellation) is OpamConflict { Conflict: var conflict })
                    return new(conflict, conflict.Explain(cancellation), Where(with, context, cancellation), null);
        return new(all, all.Explain(cancellation), "", null);
    }

    string Where(OpamSolver with, SolveContext context, CancellationToken cancellation)
    {
        var kind = context.Monorepo is null ? "the host switch" : "";
        var alike = _contexts.Where(other => other.Monorepo is null == context.Monorepo is null).ToList();
        var platform =
            alike.Count > 1 && alike.Exists(other => other != context && with.Solve(other, cancellation) is OpamSolution)
                ? context.Platform
                : null;
        return (kind, platform) switch
        {
            ("", null) => "",
            ("", _) => $"On {platform}: ",
            (_, null) => $"In {kind}: ",
            _ => $"In {kind} on {platform}: ",
        };
    }

    IEnumerable<OpamFix> Try(CancellationToken cancellation)
    {
        var needed = Because.Needed;
        var (at, rest) = (needed is { } offered ? With(offered) : _solver, needed is null ? Conflict : Because.Conflict);
        if (needed is not null && _contexts.Length > 1 && at.Solve(_contexts, cancellation) is OpamConflict { Conflict: var whole })
            rest = whole;
        var wishes = rest.Fixes(cancellation)
            .Select(fix => new OpamFix(fix.Description, fix, needed?.Name) { Package = Label(fix.Package), Owner = Label(fix.Subject) })
            .ToLookup(fix => fix.Wish!.Kind == FixKind.LeaveOut);
        foreach (var fix in wishes[false])
            yield return fix;
        foreach (var remedy in _remedies)
            if (remedy(needed is { } also ? (also.Repository, also.Last) : null, cancellation) is { } fix)
                yield return fix with
                {
                    Besides = fix.Besides ?? needed?.Name,
                };
        foreach (var overlay in _overlays)
            if (needed is null && With(overlay).Solve(_contexts, cancellation) is OpamSolution)
                yield return new($"add the repository {overlay.Name}{overlay.Text}", null, overlay.Name);
        PackageName system = new("ocaml-system"),
            built = new("ocaml-base-compiler");
        if (
            _contexts.Any(context => context.Roots.Any(root => root.Name == system))
            && !_contexts.Any(context => context.Roots.Any(root => root.Name == built))
            && at.Solve(
                [
                    .. _contexts.Select(context =>
                        context with
                        {
                            Roots = [.. context.Roots.Select(root => root.Name == system ? root with { Name = built } : root)],
                        }
                    ),
                ],
                cancellation
            )
                is OpamSolution other
        )
            yield return new(
                $"build {other.Contexts[0].Packages.First(selected => selected.Package.Package.Name == built).Package} instead of using the machine's OCaml",
                null,
                null
            );
        // To do without something is the last resort.
        foreach (var fix in wishes[true])
            yield return fix;
    }

    internal static string? Label(Package? package) => (package as OpamNode)?.Opam.Text;

    /// <inheritdoc cref="Tell"/>
    public override string ToString() => Tell().Message;
}

/// <summary>A repository that may be added to those of a project.</summary>
/// <param name="Name">How a fix names it.</param>
/// <param name="Repository">The repository.</param>
/// <param name="Last">Whether it would come after the others rather than before.</param>
/// <param name="Text">What is to be written, after a colon; empty for nothing.</param>
public sealed record OfferedRepository(string Name, Repository Repository, bool Last, string Text);

/// <summary>A change that was tried, and with which there is a solution.</summary>
/// <param name="Description">The change in words, with what is to be written.</param>
/// <param name="Wish">The change of one of the user's wishes, if it is one.</param>
/// <param name="Overlay">The repository to add, if that is the change, or is needed as well.</param>
public sealed record OpamFix(string Description, Fix? Wish, string? Overlay)
{
    /// <summary>The package that it is about.</summary>
    public string? Package { get; init; }

    /// <summary>The package of the project's that says the wish.</summary>
    public string? Owner { get; init; }

    /// <summary>Whether the compiler is to come from the lock rather than from the machine.</summary>
    public bool LocksCompiler { get; init; }

    /// <summary>The packages that the host switch is to provide, those that it does already among them; none where that does not change.</summary>
    public IReadOnlyList<string> Provided { get; init; } = [];

    /// <summary>A repository that has to be added with the change.</summary>
    public string? Besides { get; init; }
}
