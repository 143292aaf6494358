using System.Collections.Immutable;

namespace Hillingar.Solver;

/// <summary>
/// Conflict-driven clause learning over roles with finite domains.
/// <para>
/// A literal says that a role's value is in a set, so one clause with two literals states a dependency on any number of versions,
/// and no clause is needed for «at most one version a package». A clause is made when the version that brings it is selected or
/// tried. Every learned clause follows from the problem; hence a version that is ruled out when its role is decided is truly
/// impossible after the decisions so far, and the solution is the first in the order of the <see cref="Walk"/>, whatever is learned.
/// </para>
/// </summary>
sealed class Search
{
    readonly ChoiceRole _root;
    readonly Branches _branches;
    readonly Walk _walk;
    readonly Trail _trail = new();
    readonly CancellationToken _cancellation;
    int _propagated;

    public Search(IUniverse universe, ImmutableArray<Dependency> wanted, CancellationToken cancellation)
    {
        _cancellation = cancellation;
        _branches = new(universe, cancellation);
        _root = new(new Choice([wanted]));
        _walk = new(_root);
    }

    /// <summary>What the user asks for.</summary>
    public Role Root => _root;

    /// <summary>The facts that together rule out every solution, once <see cref="Run"/> has found none.</summary>
    public IReadOnlyCollection<Fact> Refutation { get; private set; } = [];

    /// <summary>How many packages were looked at.</summary>
    public int Packages => _branches.Packages.Count;

    /// <summary>The packages that the learned clauses speak of most often; where there are none, the last one that was selected.</summary>
    public IReadOnlyList<Package> Contested(int most)
    {
        var contested = _branches.Packages.Where(role => role.Contested > 0).OrderByDescending(role => role.Contested).Take(most).ToList();
        return [.. (contested.Count > 0 ? contested : _walk.Seen.OfType<PackageRole>().TakeLast(1)).Select(role => role.Package)];
    }

    /// <summary>The packages and their versions, or null.</summary>
    public List<KeyValuePair<Package, int>>? Run()
    {
        Begin();
        while (true)
        {
            _cancellation.ThrowIfCancellationRequested();
            if (Propagate() is { } broken)
            {
                if (!Learn(broken))
                    return null;
                _walk.Restart();
            }
            else if (_walk.Next() is { } role)
                Decide(role);
            else
                return [.. _walk.Seen.OfType<PackageRole>().Select(role => KeyValuePair.Create(role.Package, role.Selected))];
        }
    }

    /// <summary>What the user asks for is asked for.</summary>
    void Begin()
    {
        var wanted = new Literal(_root, VersionSet.Of(0));
        _trail.Narrow(wanted, new Lemma([wanted], []));
    }

    /// <summary>Tries the role's most preferred version, unless what it asks for is impossible already.</summary>
    void Decide(Role role)
    {
        var version = role.Preferred;
        if (_branches.Of(role, version).Facts.Find(fact => fact.Target.IsFalse) is { } fact)
            _trail.Narrow(fact.Literals[0], fact, late: _trail.LevelOf(_trail.Falsified(fact.Target)) < _trail.Level);
        else
            _trail.Decide(role, version);
    }

    /// <summary>Draws the conclusions of every step since the last time; gives a clause that is false, if there is one.</summary>
    Clause? Propagate()
    {
        for (; _propagated < _trail.Count; _propagated++)
        {
            _cancellation.ThrowIfCancellationRequested();
            var role = _trail[_propagated].Role;
            if (role.Selected is var version and >= 0)
                foreach (var fact in _branches.Of(role, version).Facts)
                    if (fact.Target.IsFalse)
                        return fact;
                    else
                        _trail.Narrow(fact.Target, fact);
            if (Wake(role) is { } broken)
                return broken;
        }
        return null;
    }

    /// <summary>Looks at the clauses whose watched literal about this role may have become false.</summary>
    Clause? Wake(Role role)
    {
        for (var i = role.Watches.Count - 1; i >= 0; i--)
        {
            if ((i & 0x3ff) == 0x3ff)
                _cancellation.ThrowIfCancellationRequested();
            var clause = role.Watches[i];
            var literals = clause.Literals;
            if (literals[0].Role == role)
                (literals[0], literals[1]) = (literals[1], literals[0]);
            if (!literals[1].IsFalse)
                continue;
            var other = Array.FindIndex(literals, 2, literal => !literal.IsFalse);
            if (other > 0)
            {
                (literals[1], literals[other]) = (literals[other], literals[1]);
                literals[1].Role.Watches.Add(clause);
                role.Watches[i] = role.Watches[^1];
                role.Watches.RemoveAt(role.Watches.Count - 1);
            }
            else if (literals[0].IsFalse)
                return clause;
            else
                _trail.Narrow(literals[0], clause);
        }
        return null;
    }

    /// <summary>
    /// Learns why a clause is false and goes back to where that could have been known; false if there is nothing to go back to.
    /// </summary>
    bool Learn(Clause broken)
    {
        var lemma = new Resolution(_trail, broken, _cancellation);
        while (lemma.Top >= 0 && (_trail.LevelOf(lemma.Top) == _trail.LevelOf(lemma.Second) || _trail[lemma.Top].Late))
            lemma.Resolve();
        if (lemma.Top < 0)
        {
            Refutation = lemma.Facts();
            return false;
        }
        var learned = lemma.Conclude(out var level);
        _trail.Back(level);
        _propagated = _trail.Count;
        foreach (var literal in learned.Literals)
            literal.Role.Contest();
        if (learned.Literals.Length > 1)
            foreach (var literal in learned.Literals.AsSpan(0, 2))
                literal.Role.Watches.Add(learned);
        _trail.Narrow(learned.Literals[0], learned);
        return true;
    }
}
