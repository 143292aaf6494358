using System.Collections.Immutable;

namespace Hillingar.Solver;

/// <summary>Selects versions of packages.</summary>
public static class Solving
{
    /// <summary>
    /// The first solution in this order: walk what is selected depth first, dependencies in their order (a choice's alternatives are
    /// tried in theirs, prohibitions are not walked); at the first package without a version take the most preferred candidate that
    /// some solution, extending the choices so far, allows. It depends on the universe and <paramref name="wanted"/> alone.
    /// </summary>
    /// <param name="universe">The packages.</param>
    /// <param name="wanted">What the user asks for: requirements, and prohibitions where a package is not asked for but bounded.</param>
    /// <param name="cancellation">Stops the search.</param>
    /// <exception cref="OperationCanceledException">The search was stopped.</exception>
    public static Outcome Solve(this IUniverse universe, ImmutableArray<Dependency> wanted, CancellationToken cancellation = default) =>
        universe.Solve(wanted, null, cancellation);

    /// <inheritdoc cref="Solve(IUniverse, ImmutableArray{Dependency}, CancellationToken)"/>
    /// <param name="universe">The packages.</param>
    /// <param name="wanted">What the user asks for.</param>
    /// <param name="cancellation">Stops the search.</param>
    /// <param name="state">Knows what the search is at, also after it was stopped.</param>
    public static Outcome Solve(
        this IUniverse universe,
        ImmutableArray<Dependency> wanted,
        SearchState? state,
        CancellationToken cancellation
    )
    {
        var search = new Search(universe, wanted, cancellation);
        state?.Search = search;
        return search.Run() is { } selected ? new Solution(selected) : new Conflict(universe, wanted, search);
    }
}
