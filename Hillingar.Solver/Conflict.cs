using System.Collections.Immutable;

namespace Hillingar.Solver;

/// <summary>Why there is no solution.</summary>
public sealed class Conflict : Outcome
{
    internal Conflict(IUniverse universe, ImmutableArray<Dependency> wanted, List<Clause> refutation)
    {
    }
}
