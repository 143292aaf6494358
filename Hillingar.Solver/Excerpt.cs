using System.Collections.Immutable;

namespace Hillingar.Solver;

/// <summary>
/// What all versions of a package, or the user where the subject is null, say about one thing: the unit in which an explanation
/// takes facts in or leaves them out.
/// </summary>
/// <param name="Subject">The package.</param>
/// <param name="About">The dependency where the user speaks; a package's own requirements and prohibitions by target, its choices by all their targets, a class by its name; null for why versions are no candidates.</param>
/// <param name="Kind">The type of the dependency.</param>
readonly record struct Topic(Package? Subject, object? About, Type? Kind)
{
    public static Topic Of(Package? subject, object cause) => subject is null ? new(null, cause, null) : new(subject, cause switch
    {
        Requirement requirement => requirement.Package,
        Prohibition prohibition => prohibition.Package,
        Choice choice => string.Join(' ', Targets(choice)),
        _ => cause,
    }, cause.GetType());

    /// <summary>That some versions of a package are no candidates.</summary>
    public static Topic Rejection(Package subject) => new(subject, null, null);

    /// <summary>What a fact of a search belongs to.</summary>
    public static Topic Of(Fact fact)
    {
        var (role, cause) = (fact.Subject, fact.Cause);
        for (; role.Owner is { } owner; role = owner)
            cause = role.Subject;
        return Of(role.Subject as Package, cause);
    }

    public static IEnumerable<Package> Targets(Dependency dependency) => dependency switch
    {
        Requirement requirement => [requirement.Package],
        Prohibition prohibition => [prohibition.Package],
        Choice choice => choice.Alternatives.SelectMany(alternative => alternative.SelectMany(Targets)),
        _ => [],
    };
}

/// <summary>A universe of which only some topics are known. Where it is not known why versions are no candidates, they are.</summary>
sealed class Excerpt(IUniverse universe, Func<Topic, bool> includes) : IUniverse
{
    public ImmutableArray<int> Candidates(Package package)
    {
        var candidates = universe.Candidates(package);
        return candidates.Length == package.Versions.Count || includes(Topic.Rejection(package)) ? candidates
            : [.. candidates, .. Enumerable.Range(0, package.Versions.Count).Except(candidates)];
    }

    public ImmutableArray<Dependency> Dependencies(Package package, int version) => !universe.Candidates(package).Contains(version) ? []
        : universe.Dependencies(package, version).RemoveAll(dependency => !includes(Topic.Of(package, dependency)));

    public ImmutableArray<ConflictClass> Classes(Package package, int version) => !universe.Candidates(package).Contains(version) ? []
        : universe.Classes(package, version).RemoveAll(membership => !includes(Topic.Of(package, membership.Name)));

    public string Rejection(Package package, int version) => universe.Rejection(package, version);

    public string? Hint(Package package) => universe.Hint(package);

    public bool IsUsers(Package package) => universe.IsUsers(package);

    public string? Given(Package? subject, Dependency wish) => universe.Given(subject, wish);

    public string Label(Package package) => universe.Label(package);
}
