using System.Collections.Immutable;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;
using Hillingar.Solver;

namespace Hillingar.Opam.Universe;

/// <summary>
/// Solves over a repository. It keeps what it reads, so that the next solve is faster; it is not for several threads at once.
/// </summary>
/// <param name="repository">The packages.</param>
/// <param name="locals">The project's own packages: they hide those of the same name.</param>
/// <param name="provided">
/// What the machine provides: preferred, candidates even where the repository has no such version, and without dependencies, as
/// they are there already.
/// </param>
public sealed class OpamSolver(Repository repository, Repository? locals = null, Repository? provided = null)
{
    /// <summary>The same with another repository before the others.</summary>
    /// <param name="overlay">The repository.</param>
    public OpamSolver Over(Repository overlay) => new(new OverlayRepository([overlay, repository]), locals, provided);

    /// <summary>The same with another repository after the others.</summary>
    /// <param name="more">The repository.</param>
    public OpamSolver Under(Repository more) => new(new OverlayRepository([repository, more]), locals, provided);

    readonly List<(bool Named, Catalog Catalog)> _catalogs = [];

    /// <summary>
    /// Selects versions for all contexts together. For a single context without rules it is the answer of <c>opam-0install</c>;
    /// with the rules of a monorepo, that of <c>opam-monorepo</c>. For several, the first context's choices come first.
    /// </summary>
    /// <param name="contexts">The contexts, with different names.</param>
    /// <param name="cancel">Stops the search.</param>
    public OpamOutcome Solve(ImmutableArray<SolveContext> contexts, CancellationToken cancel = default) => Solve(contexts, null, cancel);

    /// <inheritdoc cref="Solve(ImmutableArray{SolveContext}, CancellationToken)"/>
    /// <param name="contexts">The contexts, with different names.</param>
    /// <param name="cancel">Stops the search.</param>
    /// <param name="state">Knows what the search is at, also after it was stopped.</param>
    public OpamOutcome Solve(ImmutableArray<SolveContext> contexts, SearchState? state, CancellationToken cancel)
    {
        var (universe, used) = Open(contexts);
        return universe.Solve(universe.Wanted(), state, cancel) switch
        {
            Conflict conflict => new OpamConflict(this, contexts, conflict),
            var outcome => new OpamSolution([
                .. contexts.Select(
                    (context, place) =>
                        new ContextSolution(
                            context,
                            [
                                .. from pair in ((Solution)outcome).Selected
                                let node = (OpamNode)pair.Key
                                where universe.Place(node) == place
                                orderby node.Opam
                                let package = node.Described[pair.Value]
                                select new SelectedPackage(package, used[place].IsLocal(node.Opam), package.Repository == provided),
                            ]
                        )
                ),
            ])
            {
                Unreadable =
                [
                    .. ((Solution)outcome)
                        .Selected.SelectMany(pair => Unreadable((OpamNode)pair.Key, pair.Value))
                        .DistinctBy(item => item.Package),
                ],
            },
        };
    }

    static IEnumerable<UnreadableVersion> Unreadable(OpamNode node, int selected) =>
        node
            .Unreadable.Where(item => item.Key >= selected)
            .Select(item => new UnreadableVersion(node.Described[item.Key].Package, item.Value, item.Key == selected));

    /// <summary>Selects versions for one context.</summary>
    /// <inheritdoc cref="Solve(ImmutableArray{SolveContext}, CancellationToken)"/>
    public OpamOutcome Solve(SolveContext context, CancellationToken cancel = default) => Solve([context], null, cancel);

    internal (OpamUniverse Universe, ImmutableArray<Catalog> Catalogs) Open(ImmutableArray<SolveContext> contexts)
    {
        var used = ImmutableArray.CreateRange(contexts, context => Open(context, contexts.Length > 1));
        return (new(used, contexts), used);
    }

    Catalog Open(SolveContext context, bool named)
    {
        foreach (var (known, catalog) in _catalogs)
            if (known == named && catalog.Serves(context))
                return catalog;
        var opened = new Catalog(context, repository, locals, provided, named);
        _catalogs.Add((named, opened));
        return opened;
    }
}

/// <summary>What came of a solve: an <see cref="OpamSolution"/> or an <see cref="OpamConflict"/>.</summary>
public abstract class OpamOutcome
{
    private protected OpamOutcome() { }
}

/// <summary>A selection for every context.</summary>
/// <param name="contexts">The selections, in the order of the contexts.</param>
public sealed class OpamSolution(ImmutableArray<ContextSolution> contexts) : OpamOutcome
{
    /// <summary>The selections, in the order of the contexts.</summary>
    public ImmutableArray<ContextSolution> Contexts { get; } = contexts;

    /// <summary>The versions of selected packages whose files cannot be read and that would have come before.</summary>
    public ImmutableArray<UnreadableVersion> Unreadable { get; init; } = [];
}

/// <summary>A version whose file cannot be read.</summary>
/// <param name="Package">The package.</param>
/// <param name="Fault">Why.</param>
/// <param name="IsSelected">Whether nothing else was left.</param>
public sealed record UnreadableVersion(OpamPackage Package, Diagnostic Fault, bool IsSelected);

/// <summary>What a context selects.</summary>
/// <param name="Context">The context.</param>
/// <param name="Packages">The packages, in opam's order of names.</param>
public sealed record ContextSolution(SolveContext Context, ImmutableArray<SelectedPackage> Packages);

/// <summary>A package that was selected.</summary>
/// <param name="Package">The package at its version.</param>
/// <param name="IsLocal">Whether it is one of the project's own.</param>
/// <param name="IsProvided">Whether the machine provides it.</param>
public sealed record SelectedPackage(RepositoryPackage Package, bool IsLocal, bool IsProvided);
