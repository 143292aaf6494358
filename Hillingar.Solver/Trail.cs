namespace Hillingar.Solver;

/// <summary>How a role's domain shrank.</summary>
/// <param name="Role">The role.</param>
/// <param name="Before">Its domain before.</param>
/// <param name="Previous">The place of the role's previous step, or -1.</param>
/// <param name="Reason">The clause that forced it; null for a decision.</param>
/// <param name="Level">The number of decisions so far, this one included.</param>
readonly record struct Entry(Role Role, VersionSet Before, int Previous, Clause? Reason, int Level)
{
    /// <summary>Whether an earlier level forced it already, as the clause came late.</summary>
    public bool Late { get; init; }
}

/// <summary>All steps since the start, so that they can be undone.</summary>
sealed class Trail
{
    readonly List<Entry> _steps = [];

    /// <summary>The number of decisions.</summary>
    public int Level { get; private set; }

    public int Count => _steps.Count;

    public Entry this[int at] => _steps[at];

    /// <summary>The level of a place; -1 stands for the beginning.</summary>
    public int LevelOf(int at) => at < 0 ? 0 : _steps[at].Level;

    /// <summary>Tries a version.</summary>
    public void Decide(Role role, int version)
    {
        Level++;
        Push(role, VersionSet.Of(version), null, false);
    }

    /// <summary>Takes away the values of a role that a clause, whose other literals are false, does not allow.</summary>
    public void Narrow(Literal literal, Clause reason, bool late = false)
    {
        if (!literal.Role.Domain.IsSubsetOf(literal.Set))
            Push(literal.Role, literal.Role.Domain & literal.Set, reason, late);
    }

    void Push(Role role, VersionSet after, Clause? reason, bool late)
    {
        _steps.Add(new(role, role.Domain, role.Last, reason, Level) { Late = late });
        role.Domain = after;
        role.Last = _steps.Count - 1;
    }

    /// <summary>The place of the step that made a false literal false, or -1 where it never could be true.</summary>
    public int Falsified(Literal literal) => Falsified(literal, literal.Role.Last);

    /// <summary>
    /// The same of a literal that was false already at a place, which is one of its role: the steps after it need not be looked at.
    /// </summary>
    public int Falsified(Literal literal, int at)
    {
        while (at >= 0 && !_steps[at].Before.Overlaps(literal.Set))
            at = _steps[at].Previous;
        return at;
    }

    /// <summary>Undoes every decision beyond <paramref name="level"/>, and what followed from it.</summary>
    public void Back(int level)
    {
        while (_steps.Count > 0 && _steps[^1] is var step && step.Level > level)
        {
            step.Role.Domain = step.Before;
            step.Role.Last = step.Previous;
            _steps.RemoveAt(_steps.Count - 1);
        }
        Level = level;
    }
}
