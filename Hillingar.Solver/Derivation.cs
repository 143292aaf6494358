using System.Collections.Immutable;

namespace Hillingar.Solver;

/// <summary>
/// Finds a contradiction in a small universe by merging what versions have in common, as a reader would: if whatever version of a
/// package is left asks for something, that is asked for; a version whose wishes cannot be met is out. Only where that does
/// not lead to the end are cases told apart.
/// </summary>
sealed class Derivation
{
    static readonly Package s_user = new("you", [""]);

    /// <summary>What some versions of a package say, each as alternatives that are conjunctions.</summary>
    sealed record Topical(Package Subject, Dictionary<int, Dependency> Said, string? Class);

    /// <summary>One part of a clause: the package has one of these values.</summary>
    readonly record struct Term(Package Package, VersionSet Set, Dependency Part);

    /// <summary>The shrinking domains; the value after the last version is «left out».</summary>
    sealed class State
    {
        public Dictionary<Package, VersionSet> Domains { get; init; } = [];

        public List<Move> Moves { get; init; } = [];

        public State Fork() => new() { Domains = new(Domains) };
    }

    /// <summary>
    /// A step before it is known whether it is needed: the target cannot have the removed values because the others have none of theirs.
    /// </summary>
    sealed record Move(
        Statement? Says,
        Package Target,
        VersionSet Removed,
        ImmutableArray<(Package Package, VersionSet Set)> Others,
        ImmutableArray<Step> Case
    )
    {
        /// <summary>The same for fewer versions of the subject.</summary>
        public Func<VersionSet, Move>? Narrow { get; init; }
    }

    readonly IUniverse _universe;
    readonly CancellationToken _cancellation;
    readonly List<Package> _scope = [s_user];
    readonly HashSet<Package> _known = [s_user];
    readonly List<Topical> _topics = [];
    readonly List<Statement> _rejections = [];
    int _effort;

    const int MostClauses = 1000;

    Derivation(IUniverse universe, ImmutableArray<Dependency> wanted, CancellationToken cancellation)
    {
        (_universe, _cancellation) = (universe, cancellation);
        foreach (var dependency in wanted)
            Hear(s_user, new() { [0] = dependency });
        for (var i = 1; i < _scope.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var package = _scope[i];
            var candidates = universe.Candidates(package);
            foreach (
                var topic in candidates
                    .SelectMany(version =>
                        Said(package, version)
                            .GroupBy(dependency => Topic.Of(package, dependency))
                            .SelectMany(group => group.Select((dependency, at) => (Key: (group.Key, at), version, dependency)))
                    )
                    .GroupBy(said => said.Key)
            )
                Hear(package, topic.ToDictionary(said => said.version, said => said.dependency));
            foreach (
                var reason in Enumerable
                    .Range(0, package.Versions.Count)
                    .Except(candidates)
                    .GroupBy(version => universe.Rejection(package, version))
            )
                _rejections.Add(new(package, VersionSet.Of(reason), [], reason.Key));
        }
        // Only members of one class exclude each other: others need not be compared.
        var members = _scope
            .Skip(1)
            .Select(package => (Package: package, Memberships: Memberships(package).ToList()))
            .Where(member => member.Memberships.Count > 0)
            .ToList();
        var classes = members
            .SelectMany(
                member => member.Memberships.Select(membership => membership.Class.Name).Distinct(),
                (member, name) => (Name: name, Member: member)
            )
            .ToLookup(pair => pair.Name, pair => pair.Member);
        foreach (var (package, own) in members)
        foreach (var membership in own.GroupBy(member => member.Class, member => member.Version))
        foreach (var (other, others) in classes[membership.Key.Name])
        {
            cancellation.ThrowIfCancellationRequested();
            if (
                other != package
                && VersionSet.Of(others.Where(member => membership.Key.Excludes(member.Class)).Select(member => member.Version))
                    is { IsEmpty: false } excluded
            )
                _topics.Add(
                    new(
                        package,
                        membership.ToDictionary(version => version, _ => (Dependency)new Prohibition(other, excluded)),
                        membership.Key.Name
                    )
                );
        }
    }

    ImmutableArray<Dependency> Said(Package package, int version)
    {
        _cancellation.ThrowIfCancellationRequested();
        return _universe.Dependencies(package, version);
    }

    /// <summary>The steps to a contradiction, or null where none was found with a reasonable effort.</summary>
    public static ImmutableArray<Step>? Find(IUniverse universe, ImmutableArray<Dependency> wanted, CancellationToken cancellation)
    {
        var derivation = new Derivation(universe, wanted, cancellation);
        for (var depth = 0; depth < 4 && derivation._effort < 20_000; depth++)
        {
            var state = new State();
            foreach (var package in derivation._scope)
                state.Domains[package] = VersionSet.All(package.Versions.Count + (package == s_user ? 0 : 1));
            foreach (var rejection in derivation._rejections)
                Apply(state, new(rejection, rejection.Subject!, rejection.Versions, [], []));
            if (derivation.Refute(state, depth) is { } broken)
                return Slice(state, broken, out _);
        }
        return null;
    }

    /// <summary>All that is said, where no derivation was found.</summary>
    public static ImmutableArray<Step> Recite(IUniverse universe, ImmutableArray<Dependency> wanted, CancellationToken cancellation)
    {
        var derivation = new Derivation(universe, wanted, cancellation);
        var statements = derivation
            ._topics.TakeWhile(_ => !Stop(cancellation))
            .SelectMany(topic =>
                topic
                    .Said.SelectMany(said => Clauses(said.Value).Select(terms => (Version: said.Key, Terms: terms)))
                    .GroupBy(said => string.Join(' ', said.Terms.Select(term => $"{Shape([term])}{term.Set}")))
                    .Select(group => Merge(topic, VersionSet.Of(group.Select(said => said.Version)), group.ToList(), -1).Says!)
            );
        return [.. derivation._rejections.Concat(statements).Select(statement => new Step(statement, null, default, []))];
    }

    // An enumeration that goes on until it is stopped, which is by an exception.
    static bool Stop(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return false;
    }

    /// <summary>
    /// The dependency as a conjunction of disjunctions: of some choices there would be more than any memory holds, and no one reads so
    /// many.
    /// </summary>
    static IEnumerable<Term[]> Clauses(Dependency dependency) =>
        dependency is not Choice choice
            ?
            [
                [Single(dependency)],
            ]
            : choice.Alternatives.Aggregate(
                (IEnumerable<Term[]>)
                    [
                        [],
                    ],
                (clauses, alternative) =>
                    [
                        .. clauses
                            .SelectMany(_ => alternative.SelectMany(Clauses), (left, right) => (Term[])[.. left, .. right])
                            .Take(MostClauses),
                    ]
            );

    IEnumerable<(int Version, ConflictClass Class)> Memberships(Package package) =>
        _universe
            .Candidates(package)
            .TakeWhile(_ => !Stop(_cancellation))
            .SelectMany(version => _universe.Classes(package, version).Distinct(), (version, membership) => (version, membership));

    void Hear(Package subject, Dictionary<int, Dependency> said)
    {
        _topics.Add(new(subject, said, null));
        foreach (var target in said.Values.SelectMany(Topic.PackagesOf))
            if (_known.Add(target))
                _scope.Add(target);
    }

    /// <summary>Draws conclusions until a package has no value left, and gives that package.</summary>
    Package? Refute(State state, int depth)
    {
        while (true)
        {
            _cancellation.ThrowIfCancellationRequested();
            if (Propagate(state) is { } broken)
                return broken;
            if (depth == 0 || _effort > 20_000 || !Divide(state, depth))
                return null;
        }
    }

    Package? Propagate(State state)
    {
        for (var changed = true; changed; )
        {
            changed = false;
            _effort++;
            foreach (var topic in _topics)
            foreach (var move in Moves(state, topic).TakeWhile(_ => !Stop(_cancellation)).ToList())
            {
                // An earlier move of the list may have done the work of this one.
                if (!state.Domains[move.Target].Overlaps(move.Removed))
                    continue;
                changed = true;
                if (Apply(state, move))
                    return move.Target;
            }
        }
        return null;
    }

    /// <summary>Removes values; true when none is left.</summary>
    static bool Apply(State state, Move move)
    {
        var before = state.Domains[move.Target];
        state.Moves.Add(move with { Removed = before & move.Removed });
        return (state.Domains[move.Target] = before - move.Removed).IsEmpty;
    }

    /// <summary>Finds a range of versions of a package that leads to a contradiction, and removes it.</summary>
    bool Divide(State state, int depth)
    {
        // Packages that are needed come first, then those with the fewest versions.
        foreach (
            var package in _scope
                .Where(package => state.Domains[package].Only < 0)
                .OrderBy(package => state.Domains[package].Contains(package.Versions.Count))
                .ThenBy(package => state.Domains[package].Count)
        )
        {
            var versions = state.Domains[package].Members.Where(version => version < package.Versions.Count).ToList();
            (VersionSet Range, State State, Package Broken)? found = null;
            for (int low = 1, high = versions.Count; low <= high; )
            {
                // The longest range from the oldest version: if a range is refuted, so are those within it.
                var length = found is null ? low : (low + high + 1) / 2;
                var range = VersionSet.Of(versions.Take(length));
                var fork = state.Fork();
                fork.Domains[package] = range;
                if (Refute(fork, depth - 1) is { } broken)
                    (found, low) = ((range, fork, broken), length + 1);
                else if (found is null)
                    break;
                else
                    high = length - 1;
            }
            if (found is var (refuted, branch, end))
            {
                var steps = Slice(branch, end, out var demands);
                // That the package is in the range is the case's assumption, not something to be shown.
                demands.Remove(package, out var own);
                var others = demands.Select(demand => (demand.Key, demand.Value)).ToImmutableArray();
                Apply(
                    state,
                    new(
                        null,
                        package,
                        refuted,
                        own.IsEmpty ? others : [.. others, (package, own - (state.Domains[package] | refuted))],
                        steps
                    )
                );
                return true;
            }
        }
        return false;
    }

    /// <summary>The moves that one topic allows.</summary>
    IEnumerable<Move> Moves(State state, Topical topic)
    {
        _cancellation.ThrowIfCancellationRequested();
        var domain = state.Domains[topic.Subject];
        // Versions that cannot be: no part of what they say can hold.
        foreach (
            var group in topic
                .Said.TakeWhile(_ => !Stop(_cancellation))
                .Select(said => (Version: said.Key, Terms: Falsehoods(state, said.Value)))
                .Where(said => said.Terms is not null)
                .Select(said => (said.Version, Terms: said.Terms!))
                .GroupBy(said => Shape(said.Terms))
        )
            if (VersionSet.Of(group.Select(said => said.Version)) is var versions && domain.Overlaps(versions))
                yield return Merge(topic, versions & domain, group.ToList(), -1);

        // What all versions that are left say together.
        if (!domain.IsSubsetOf(VersionSet.Of(topic.Said.Keys)))
            yield break;
        foreach (
            var group in topic
                .Said.TakeWhile(_ => !Stop(_cancellation))
                .SelectMany(said => Chances(state, said.Value).Select(terms => (Version: said.Key, Terms: terms)))
                .GroupBy(said => Shape(said.Terms))
        )
        {
            var left = group.Where(said => domain.Contains(said.Version)).ToList();
            var target = group.First().Terms[^1].Package;
            var union = left.Aggregate(VersionSet.Empty, (set, said) => set | said.Terms[^1].Set);
            if (!domain.IsSubsetOf(VersionSet.Of(left.Select(said => said.Version))) || state.Domains[target].IsSubsetOf(union))
                continue;
            // Versions that are out already but say no less make the statement's premises fewer; but those that the user ruled out need no
            // word.
            var users = state
                .Moves.Where(move => move.Target == topic.Subject && move.Says is { Subject: null, Rejection: null })
                .Aggregate(VersionSet.Empty, (set, move) => set | move.Removed);
            var all = group.Where(said => said.Terms[^1].Set.IsSubsetOf(union) && !users.Contains(said.Version)).ToList();
            yield return Merge(topic, VersionSet.Of(all.Select(said => said.Version)), all, group.First().Terms.Length - 1);
        }
    }

    /// <summary>The move that the merged clause makes: of its terms only <paramref name="live"/> can hold, or none.</summary>
    static Move Merge(Topical topic, VersionSet versions, List<(int Version, Term[] Terms)> clauses, int live)
    {
        var stated = clauses.FindAll(said => versions.Contains(said.Version));
        var merged = stated[0].Terms.ToArray();
        foreach (var (_, terms) in stated.Skip(1))
            for (var i = 0; i < merged.Length; i++)
                merged[i] = new(merged[i].Package, merged[i].Set | terms[i].Set, Merge(merged[i].Part, terms[i].Part));
        var subject = topic.Subject;
        var says = new Statement(subject == s_user ? null : subject, versions, [.. merged.Select(term => term.Part)], Class: topic.Class);
        var others = merged.Where((_, at) => at != live).Select(term => (term.Package, term.Set));
        return live < 0
            ? new(says, subject, versions, [.. others], []) { Narrow = fewer => Merge(topic, versions & Hull(fewer), clauses, live) }
            : new(
                says,
                merged[live].Package,
                merged[live].Set.Complement(merged[live].Package.Versions.Count + 1),
                [.. others, (subject, versions.Complement(subject.Versions.Count + (subject == s_user ? 0 : 1)))],
                []
            );
    }

    static VersionSet Hull(VersionSet set) => VersionSet.All(set.Members.Last() + 1) - VersionSet.All(set.Members.First());

    static Dependency Merge(Dependency left, Dependency right) =>
        (left, right) switch
        {
            (Requirement l, Requirement r) => l.Allowed == r.Allowed && Equals(l.Terms?.ToString(), r.Terms?.ToString())
                ? l
                : new Requirement(l.Package, l.Allowed | r.Allowed),
            (Prohibition l, Prohibition r) => l.Forbidden == r.Forbidden && Equals(l.Terms?.ToString(), r.Terms?.ToString())
                ? l
                : new Prohibition(l.Package, l.Forbidden & r.Forbidden),
            _ => throw new InvalidOperationException("Only parts of one kind are merged."),
        };

    static string Shape(IEnumerable<Term> terms) =>
        string.Join(
            ' ',
            terms.Select(term =>
                $"{System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(term.Package)}{(term.Part is Requirement ? "+" : "-")}"
            )
        );

    static Term Single(Dependency dependency) =>
        dependency switch
        {
            Requirement needed => new(needed.Package, needed.Allowed, needed),
            Prohibition other => new(other.Package, other.Forbidden.Complement(other.Package.Versions.Count + 1), other),
            _ => throw new InvalidOperationException("A choice is no single term."),
        };

    /// <summary>The terms whose falsehood makes the dependency impossible, or null where it is possible.</summary>
    static Term[]? Falsehoods(State state, Dependency dependency)
    {
        if (dependency is not Choice choice)
        {
            var term = Single(dependency);
            return state.Domains[term.Package].Overlaps(term.Set) ? null : [term];
        }

        var all = choice
            .Alternatives.Select(alternative =>
                alternative.Select(part => Falsehoods(state, part)).FirstOrDefault(terms => terms is not null)
            )
            .ToList();
        return all.Contains(null) ? null : [.. all.SelectMany(terms => terms!)];
    }

    /// <summary>The ways to see the dependency as one term that must hold, which comes last, because others cannot.</summary>
    static IEnumerable<Term[]> Chances(State state, Dependency dependency)
    {
        if (dependency is not Choice choice)
            return
            [
                [Single(dependency)],
            ];
        var all = choice
            .Alternatives.Select(alternative =>
                (alternative, Terms: alternative.Select(part => Falsehoods(state, part)).FirstOrDefault(terms => terms is not null))
            )
            .ToList();
        if (all.Count(each => each.Terms is null) != 1)
            return [];
        var dead = all.Where(each => each.Terms is not null).SelectMany(each => each.Terms!).ToArray();
        return all.Find(each => each.Terms is null)
            .alternative.SelectMany(part => Chances(state, part))
            .Select(terms => (Term[])[.. dead, .. terms]);
    }

    /// <summary>The moves that the contradiction needs, and what it needs of the state at the start.</summary>
    static ImmutableArray<Step> Slice(State state, Package broken, out Dictionary<Package, VersionSet> demands)
    {
        demands = new() { [broken] = VersionSet.All(broken.Versions.Count + 1) };
        var steps = new Stack<Step>();
        foreach (var made in Enumerable.Reverse(state.Moves))
        {
            var hit = demands.GetValueOrDefault(made.Target) & made.Removed;
            if (hit.IsEmpty)
                continue;
            var move = made.Narrow?.Invoke(hit) ?? made;
            demands[move.Target] -= hit;
            steps.Push(new(move.Says, move.Target == s_user ? null : move.Target, hit, move.Case));
            foreach (var (package, set) in move.Others)
                demands[package] = demands.GetValueOrDefault(package) | set;
        }
        return [.. steps];
    }
}
