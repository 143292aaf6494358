using System.Collections.Immutable;

namespace Hillingar.Solver;

/// <summary>Why there is no solution.</summary>
public sealed class Conflict : Outcome
{
    readonly Search _search;

    internal Conflict(IUniverse universe, ImmutableArray<Dependency> wanted, Search search) =>
        (Universe, Wanted, _search) = (universe, wanted, search);

    /// <summary>The packages that the user asks for, in the request and in packages of the user's own.</summary>
    public IEnumerable<Package> Wishes =>
        Fixing.Wishes(Universe, Wanted).Select(wish => wish.Said).OfType<Requirement>().Select(needed => needed.Package).Distinct();

    /// <summary>What the user's own packages ask for and nobody has, in any version; a reason needs no more than one of these.</summary>
    public IReadOnlyList<(Package Owner, Package Missing)> Missing => Cause.MissingOf(Universe, Wanted);

    /// <summary>The universe that has no solution.</summary>
    public IUniverse Universe { get; }

    /// <summary>What was asked of it.</summary>
    public ImmutableArray<Dependency> Wanted { get; }

    /// <summary>
    /// Looks for the shortest reason: only packages that are near what the user asked for have a say, as few as will do; of
    /// what they say nothing can be left out.
    /// </summary>
    /// <param name="cancellation">Stops the search.</param>
    public Explanation Explain(CancellationToken cancellation = default)
    {
        var distances = Distances.From(_search.Root);
        var core =
            Least(
                distances.Values.DefaultIfEmpty().Max(),
                reach =>
                    Refute(
                        topic =>
                            topic.Subject is not { } subject
                            || topic.IsRejection
                            || distances.TryGetValue(subject, out var distance) && distance < reach,
                        cancellation
                    )
            ) ?? Topics(_search.Refutation);
        int Distance(Topic topic) => topic.Subject is { } subject ? distances.GetValueOrDefault(subject, int.MaxValue - 1) : -1;
        // No one reads so many facts, and to choose among them takes long.
        if (core.Count > Explanation.MaxLines * 20)
            return Explain(core, cancellation);
        Explanation? best = null;
        foreach (
            var order in (IEnumerable<Topic>[])
                [
                    core.OrderByDescending(Distance),
                    core.OrderBy(Distance),
                    core.OrderByDescending(topic => topic.Subject?.Versions.Count ?? 0),
                ]
        )
            if (
                Explain(Reduce(core, order, cancellation), cancellation) is var explanation
                && (best is null || explanation.Cost < best.Cost)
            )
                best = explanation;
        return best!;
    }

    /// <summary>
    /// The reason as the search found it: the facts that it used, neither the fewest nor in the order of a proof. It takes no search.
    /// </summary>
    /// <param name="cancellation">Stops it.</param>
    public Explanation Recite(CancellationToken cancellation = default)
    {
        var core = Topics(_search.Refutation);
        var excerpt = new Excerpt(Universe, core.Contains);
        return new(
            this,
            null,
            () => Derivation.Recite(excerpt, Wanted.RemoveAll(dependency => !core.Contains(Topic.Of(null, dependency))), cancellation)
        );
    }

    /// <summary>
    /// The changes of one wish that lead to a solution: every bound of the user is tried without its bound, and everything asked
    /// for is left out once. Each that is given was solved.
    /// </summary>
    /// <param name="cancellation">Stops the search.</param>
    public IEnumerable<Fix> Fixes(CancellationToken cancellation = default) =>
        Fixing.Try(Universe, Wanted, cancellation).OrderBy(fix => fix.Kind);

    /// <summary>
    /// What the least number below <paramref name="limit"/> gives that gives anything, or null. With a number, all greater ones give something:
    /// the more packages have a say, the surer is the contradiction.
    /// </summary>
    static T? Least<T>(int limit, Func<int, T?> give)
        where T : class
    {
        T? least = null;
        var (low, high) = (0, 1);
        while (low < limit && (least = give(Math.Min(high, limit) - 1)) is null)
            (low, high) = (high, high * 2);
        for (high = Math.Min(high, limit) - 1; low < high; )
            if (give((low + high) / 2) is { } less)
                (least, high) = (less, (low + high) / 2);
            else
                low = (low + high) / 2 + 1;
        return least;
    }

    /// <summary>The topics that lead to a contradiction if only those included are known, or null where they do not.</summary>
    HashSet<Topic>? Refute(Func<Topic, bool> includes, CancellationToken cancellation)
    {
        var again = new Search(
            new Excerpt(Universe, includes),
            Wanted.RemoveAll(dependency => !includes(Topic.Of(null, dependency))),
            cancellation
        );
        return again.Run() is null ? Topics(again.Refutation) : null;
    }

    HashSet<Topic> Topics(IEnumerable<Fact> facts)
    {
        var topics = new HashSet<Topic>();
        foreach (var fact in facts)
        {
            topics.Add(Topic.Of(fact));
            foreach (
                var package in ((IEnumerable<Role>)[fact.Subject, fact.Target.Role]).OfType<PackageRole>().Select(role => role.Package)
            )
            {
                // The classes of both sides make the fact.
                if (fact is ClassFact membership)
                    topics.Add(Topic.OfClass(package, membership.Name));
                if (Universe.Candidates(package).Length < package.Versions.Count)
                    topics.Add(Topic.OfRejections(package));
            }
        }
        return topics;
    }

    /// <summary>Leaves out one topic after the other, as long as what is left is a contradiction.</summary>
    HashSet<Topic> Reduce(HashSet<Topic> core, IEnumerable<Topic> order, CancellationToken cancellation)
    {
        foreach (var topic in order.ToList())
            if (core.Contains(topic) && Refute(other => other != topic && core.Contains(other), cancellation) is { } less)
                core = [.. less.Where(other => other != topic && core.Contains(other))];
        return core;
    }

    Explanation Explain(HashSet<Topic> core, CancellationToken cancellation)
    {
        var excerpt = new Excerpt(Universe, core.Contains);
        var wanted = Wanted.RemoveAll(dependency => !core.Contains(Topic.Of(null, dependency)));
        var derived = core.Count > Explanation.MaxLines * 20 ? null : Derivation.Find(excerpt, wanted, cancellation);
        return new(this, derived, () => Derivation.Recite(excerpt, wanted, cancellation));
    }
}
