namespace Hillingar.Solver;

/// <summary>What came of a solve: a <see cref="Solution"/> or a <see cref="Conflict"/>.</summary>
public abstract class Outcome
{
    private protected Outcome() { }
}

/// <summary>A version for every package that is needed, and no others.</summary>
public sealed class Solution : Outcome
{
    readonly Dictionary<Package, int> _ranks;

    internal Solution(IReadOnlyList<KeyValuePair<Package, int>> selected)
    {
        Selected = selected;
        _ranks = new(selected);
    }

    /// <summary>The packages and the ranks of their versions, in the depth-first order of the dependencies.</summary>
    public IReadOnlyList<KeyValuePair<Package, int>> Selected { get; }

    /// <summary>The rank of the package's version, or null where the package is not needed.</summary>
    public int? this[Package package] => _ranks.TryGetValue(package, out var rank) ? rank : null;
}
