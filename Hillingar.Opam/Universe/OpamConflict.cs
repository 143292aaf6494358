using System.Collections.Immutable;
using Hillingar.Solver;

namespace Hillingar.Opam;

/// <summary>That there is no solution, why, and what would help. The reasons are looked for when they are asked for.</summary>
public sealed class OpamConflict : OpamOutcome
{
    /// <summary>The most fixes that the text names.</summary>
    const int Named = 4;

    /// <summary>The code of the diagnostic.</summary>
    public const string Code = "HIL2001";

    readonly OpamSolver solver;
    readonly ImmutableArray<SolveContext> contexts;
    readonly Dictionary<string, Repository> overlays = [];
    Explanation? explanation;
    ImmutableArray<OpamFix> fixes;
    bool cut;

    internal OpamConflict(OpamSolver solver, ImmutableArray<SolveContext> contexts, Conflict conflict) =>
        (this.solver, this.contexts, Conflict) = (solver, contexts, conflict);

    /// <summary>The solver's conflict: the request in its terms.</summary>
    public Conflict Conflict { get; }

    /// <summary>The reason, step by step.</summary>
    public Explanation Explanation => explanation ??= Conflict.Explain();

    /// <summary>The changes that were tried and lead to a solution, the smallest first.</summary>
    public ImmutableArray<OpamFix> Fixes => fixes.IsDefault ? fixes = [.. Try(default)] : fixes;

    /// <summary>
    /// Looks for the reason and the fixes now, for no longer than a time. What was not found by then is done without: the reason is the facts as
    /// the search found them, and the fixes are those that were tried.
    /// </summary>
    /// <param name="limit">The time.</param>
    /// <param name="cancel">Stops.</param>
    public void Explore(TimeSpan limit, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        stop.CancelAfter(limit);
        var found = ImmutableArray.CreateBuilder<OpamFix>();
        (explanation, cut) = (null, false);
        try
        {
            explanation = Conflict.Explain(stop.Token);
            foreach (var fix in Try(stop.Token))
                found.Add(fix);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            cut = true;
            explanation ??= Conflict.Recite(cancel);
        }
        fixes = found.DrainToImmutable();
    }

    /// <summary>Names a repository that may be added if that helps; it is opened and solved with only then.</summary>
    /// <param name="name">How the fix names it: its location.</param>
    /// <param name="overlay">The repository.</param>
    public OpamConflict Offer(string name, Repository overlay)
    {
        overlays[name] = overlay;
        fixes = default;
        return this;
    }

    /// <summary>The conflict as a message: the cause, and what to do.</summary>
    public Diagnostic Diagnostic => new(Severity.Error, Code, ToString());

    IEnumerable<OpamFix> Try(CancellationToken cancel)
    {
        var wishes = Conflict.Fixes(cancel).ToLookup(fix => fix.Kind == FixKind.LeaveOut, fix => new OpamFix(fix.Description, fix, null));
        foreach (var fix in wishes[false])
            yield return fix;
        foreach (var (name, overlay) in overlays)
            if (solver.Over(overlay).Solve(contexts, cancel) is OpamSolution)
                yield return new($"add the repository {name}", null, name);
        PackageName system = new("ocaml-system"), built = new("ocaml-base-compiler");
        if (contexts.Any(context => context.Roots.Any(root => root.Name == system)) && !contexts.Any(context => context.Roots.Any(root => root.Name == built))
            && solver.Solve([.. contexts.Select(context => context with { Roots = [.. context.Roots.Select(root => root.Name == system ? root with { Name = built } : root)] })], cancel) is OpamSolution other)
            yield return new($"build {other.Contexts[0].Packages.First(selected => selected.Package.Package.Name == built).Package} instead of using the machine's OCaml", null, null);
        // To do without something is the last resort.
        foreach (var fix in wishes[true])
            yield return fix;
    }

    /// <summary>The cause, the steps that lead to it, and fixes: at most <see cref="Explanation.MaxLines"/> lines.</summary>
    public override string ToString()
    {
        var advice = Fixes.IsEmpty ? [] : Fixes.Take(Named).Select(fix => $"  - {fix.Description}").Prepend("Any of these helps, as was tried:").ToList();
        if (cut)
            advice.Add("The time of the solve was over before all was tried: there may be a shorter reason, and further fixes.");
        return string.Join('\n', Explanation.Print(Explanation.MaxLines - advice.Count).Concat(advice));
    }
}

/// <summary>A change that was tried, and with which there is a solution.</summary>
/// <param name="Description">The change in words.</param>
/// <param name="Wish">The change of one of the user's wishes, if it is one.</param>
/// <param name="Overlay">The repository to add, if that is the change.</param>
public sealed record OpamFix(string Description, Fix? Wish, string? Overlay);
