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
    readonly IUniverse universe;
    readonly Role root;
    readonly Walk walk;
    readonly Trail trail = new();
    readonly Dictionary<Package, Role> roles = [];
    readonly Dictionary<string, Dictionary<Role, List<(int Version, ConflictClass Class)>>> classes = [];
    int propagated;
    CancellationToken cancel;

    public Search(IUniverse universe, ImmutableArray<Dependency> wanted)
    {
        this.universe = universe;
        root = new(new Choice([wanted]));
        walk = new(root);
    }

    /// <summary>The facts that together rule out every solution, once <see cref="Run"/> has found none.</summary>
    public List<Fact> Refutation { get; } = [];

    /// <summary>The packages that were looked at, with the least number of steps from the root to each.</summary>
    public Dictionary<Package, int> Distances()
    {
        var distances = new Dictionary<Package, int>();
        var seen = new HashSet<Role> { root };
        for (var (front, distance) = (new List<Role> { root }, 0); front.Count > 0; distance++)
        {
            // A choice is no step of its own.
            for (var i = 0; i < front.Count; i++)
                if (front[i].Subject is Choice)
                    front.AddRange(front[i].Targets.Where(seen.Add));
            foreach (var role in front)
                if (role.Subject is Package package)
                    distances.Add(package, distance);
            front = [.. front.Where(role => role.Subject is Package).SelectMany(role => role.Targets).Where(seen.Add)];
        }
        return distances;
    }

    /// <summary>How many packages were looked at.</summary>
    public int Packages => roles.Count;

    /// <summary>The packages that the learned clauses speak of most often; where there are none, the last one that was selected.</summary>
    public IReadOnlyList<Package> Contested(int most)
    {
        var contested = roles.Values.Where(role => role.Contested > 0).OrderByDescending(role => role.Contested).Take(most).Select(role => (Package)role.Subject).ToList();
        return contested.Count > 0 ? contested : [.. walk.Seen.Select(role => role.Subject).OfType<Package>().TakeLast(1)];
    }

    /// <summary>The packages and their versions, or null.</summary>
    public List<KeyValuePair<Package, int>>? Run(CancellationToken stop)
    {
        cancel = stop;
        trail.Narrow(new(root, VersionSet.Of(0)), new Lemma([new(root, VersionSet.Of(0))], []));
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            if (Propagate() is { } broken)
            {
                if (!Learn(broken))
                    return null;
                walk.Restart();
            }
            else if (walk.Next() is not { } role)
                return [.. from seen in walk.Seen where seen.Subject is Package select KeyValuePair.Create((Package)seen.Subject, seen.Selected)];
            else
                Decide(role);
        }
    }

    /// <summary>Tries the role's most preferred version, unless what it asks for is impossible already.</summary>
    void Decide(Role role)
    {
        var version = role.Preferred;
        if (Branch(role, version).Facts.Find(fact => fact.Target.IsFalse) is { } fact)
            trail.Narrow(fact.Literals[0], fact, late: trail.LevelOf(trail.Falsified(fact.Target)) < trail.Level);
        else
            trail.Decide(role, version);
    }

    /// <summary>Draws the conclusions of every step since the last time; gives a clause that is false, if there is one.</summary>
    Clause? Propagate()
    {
        for (; propagated < trail.Count; propagated++)
        {
            cancel.ThrowIfCancellationRequested();
            var role = trail[propagated].Role;
            if (role.Selected is var version and >= 0)
                foreach (var fact in Branch(role, version).Facts)
                    if (fact.Target.IsFalse)
                        return fact;
                    else
                        trail.Narrow(fact.Target, fact);
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
                cancel.ThrowIfCancellationRequested();
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
                trail.Narrow(literals[0], clause);
        }
        return null;
    }

    /// <summary>Learns why a clause is false and goes back to where that could have been known; false if there is nothing to go back to.</summary>
    bool Learn(Clause broken)
    {
        var lemma = new Resolution(trail, broken, cancel);
        while (lemma.Top >= 0 && (trail.LevelOf(lemma.Top) == trail.LevelOf(lemma.Second) || trail[lemma.Top].Late))
            lemma.Resolve();
        if (lemma.Top < 0)
        {
            Refutation.AddRange(Facts(lemma.Premises));
            return false;
        }
        var learned = lemma.Conclude(out var level);
        trail.Back(level);
        propagated = trail.Count;
        foreach (var literal in learned.Literals)
            literal.Role.Contest();
        if (learned.Literals.Length > 1)
            foreach (var literal in learned.Literals.AsSpan(0, 2))
                literal.Role.Watches.Add(learned);
        trail.Narrow(learned.Literals[0], learned);
        return true;
    }

    /// <summary>The facts from which clauses were learned.</summary>
    HashSet<Fact> Facts(List<Clause> premises)
    {
        var facts = new HashSet<Fact>();
        var seen = new HashSet<Clause>();
        var rest = new Stack<Clause>(premises);
        while (rest.TryPop(out var clause))
            if (clause is Fact fact)
                facts.Add(fact);
            else if (seen.Add(clause))
            {
                cancel.ThrowIfCancellationRequested();
                foreach (var premise in ((Lemma)clause).Premises)
                    rest.Push(premise);
            }

        return facts;
    }

    /// <summary>What a version asks for; its clauses are made the first time.</summary>
    Branch Branch(Role role, int version)
    {
        if (role[version] is { } known)
            return known;
        var children = ImmutableArray.CreateBuilder<Role>();
        var facts = new List<Fact>();
        var without = role.Without(version);
        void State(Role target, VersionSet set, object cause)
        {
            // What a version says of its own package is true, or rules it out.
            if (target == role && set.Contains(version))
                return;
            var fact = new Fact(version, without, new(target, target == role ? default : set), cause);
            facts.Add(fact);
            if (target != role)
                target.Watches.Add(fact);
        }

        var package = role.Subject as Package;
        cancel.ThrowIfCancellationRequested();
        foreach (var dependency in package is null ? ((Choice)role.Subject).Alternatives[version] : universe.Dependencies(package, version))
            switch (dependency)
            {
                case Requirement requirement:
                    var needed = Of(requirement.Package);
                    children.Add(needed);
                    State(needed, requirement.Allowed, dependency);
                    break;
                case Prohibition prohibition:
                    var other = Of(prohibition.Package);
                    State(other, prohibition.Forbidden.Complement(other.Size), dependency);
                    break;
                case Choice choice:
                    var chosen = new Role(choice, role, version);
                    children.Add(chosen);
                    State(chosen, VersionSet.All(choice.Alternatives.Length), dependency);
                    break;
            }
        foreach (var membership in package is null ? [] : universe.Classes(package, version))
        {
            if (!classes.TryGetValue(membership.Name, out var members))
                classes[membership.Name] = members = [];
            foreach (var (member, versions) in members)
            {
                cancel.ThrowIfCancellationRequested();
                if (member != role && VersionSet.Of(versions.Where(other => membership.Excludes(other.Class)).Select(other => other.Version)) is { IsEmpty: false } excluded)
                    State(member, excluded.Complement(member.Size), membership.Name);
            }

            if (!members.TryGetValue(role, out var own))
                members[role] = own = [];
            own.Add((version, membership));
        }
        return role[version] = new(children.DrainToImmutable(), facts);
    }

    Role Of(Package package)
    {
        if (!roles.TryGetValue(package, out var role))
            roles[package] = role = new(package, universe.Candidates(package));
        return role;
    }
}
