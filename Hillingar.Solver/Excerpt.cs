using System.Collections.Immutable;

namespace Hillingar.Solver;

/// <summary>A universe of which only some topics are known. Where it is not known why versions are no candidates, they are.</summary>
sealed class Excerpt(IUniverse universe, Func<Topic, bool> includes) : IUniverse
{
    public ImmutableArray<int> Candidates(Package package)
    {
        var candidates = universe.Candidates(package);
        return candidates.Length == package.Versions.Count || includes(Topic.OfRejections(package))
            ? candidates
            : [.. candidates, .. Enumerable.Range(0, package.Versions.Count).Except(candidates)];
    }

    public ImmutableArray<Dependency> Dependencies(Package package, int version) =>
        !universe.Candidates(package).Contains(version)
            ? []
            : universe.Dependencies(package, version).RemoveAll(dependency => !includes(Topic.Of(package, dependency)));

    public ImmutableArray<ConflictClass> Classes(Package package, int version) =>
        !universe.Candidates(package).Contains(version)
            ? []
            : universe.Classes(package, version).RemoveAll(membership => !includes(Topic.OfClass(package, membership.Name)));

    public string Rejection(Package package, int version) => universe.Rejection(package, version);

    public string? Hint(Package package) => universe.Hint(package);

    public bool IsUsers(Package package) => universe.IsUsers(package);

    public string? Given(Package? subject, Dependency wish) => universe.Given(subject, wish);

    public string Label(Package package) => universe.Label(package);
}
