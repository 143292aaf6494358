using System.Collections.Immutable;

namespace Hillingar.Solver;

/// <summary>What a <see cref="Fix"/> does with a wish of the user.</summary>
public enum FixKind
{
    /// <summary>Allows more versions.</summary>
    Widen,

    /// <summary>Gives up a bound on a package that is not asked for.</summary>
    Drop,

    /// <summary>Does without the package.</summary>
    LeaveOut,
}

/// <summary>A change of one of the user's wishes that was tried, and with which there is a solution.</summary>
/// <param name="Kind">The change.</param>
/// <param name="Subject">The user's package that says it; null where it is the request itself.</param>
/// <param name="Wish">What is changed.</param>
/// <param name="Description">The change in words.</param>
/// <param name="Solution">What is selected then.</param>
public sealed record Fix(FixKind Kind, Package? Subject, Dependency Wish, string Description, Solution Solution)
{
    /// <summary>The package whose bound changes, or that is done without; null where the wish is about several.</summary>
    public Package? Package { get; init; }

    /// <summary>The bound that takes the place of the old one, as <c>&gt;= 5.6</c>; empty for none, null where the package is done without.</summary>
    public string? Bound { get; init; }
}

/// <summary>Tries the changes of one wish.</summary>
static class Fixing
{
    public static IEnumerable<Fix> Try(IUniverse universe, ImmutableArray<Dependency> wanted, CancellationToken cancel)
    {
        foreach (var (subject, wish) in Wishes(universe, wanted))
        {
            // Without its last package, or the user's last own one, a request asks for nothing.
            bool Owned(Dependency other) => other is Requirement needed && universe.IsUsers(needed.Package);
            var last = subject is null && wanted.Count(Owned(wish) ? Owned : other => other is not Prohibition) == 1;
            Solution? With(params ImmutableArray<Dependency> instead) => new Edited(universe, subject, wish, instead) is var edited
                && edited.Solve(subject is null ? edited.Edit(wanted) : wanted, cancel) is Solution solution ? solution : null;
            var terms = Statement.Object(universe, wish);
            var where = subject is null ? "" : $" in {subject}";
            if (Bounds(wish) is var (package, allowed) && allowed.Count < package.Versions.Count
                && (wish is Requirement ? With(new Requirement(package, VersionSet.All(package.Versions.Count))) : With()) is { } wider)
                yield return wider[package] is not { } version ? new(FixKind.Drop, subject, wish, $"drop {terms}{where}", wider) { Package = package, Bound = "" }
                    : Wider(package, allowed, version) is { } range ? new(FixKind.Widen, subject, wish, $"widen {terms} to {package} {range}{where} ({package} {package.Versions[version]} is selected then)", wider) { Package = package, Bound = range }
                    : new(FixKind.Drop, subject, wish, $"drop the bound of {terms}{where} ({package} {package.Versions[version]} is selected then)", wider) { Package = package, Bound = "" };
            else if (wish is not Prohibition && !last && With() is { } without)
                yield return new(FixKind.LeaveOut, subject, wish, $"leave out {terms}{where}", without) { Package = (wish as Requirement)?.Package };
        }
    }

    static IEnumerable<(Package? Subject, Dependency Wish)> Wishes(IUniverse universe, ImmutableArray<Dependency> wanted)
    {
        foreach (var wish in wanted)
            yield return (null, wish);
        var packages = new List<Package>();
        void Add(IEnumerable<Dependency> wishes) => packages.AddRange(wishes.OfType<Requirement>().Select(wish => wish.Package).Where(package => universe.IsUsers(package) && !packages.Contains(package)));
        Add(wanted);
        for (var i = 0; i < packages.Count; i++)
            foreach (var wish in universe.Candidates(packages[i]).Take(1).SelectMany(version => universe.Dependencies(packages[i], version)))
            {
                Add([wish]);
                yield return (packages[i], wish);
            }
    }

    static (Package Package, VersionSet Allowed)? Bounds(Dependency wish) => wish switch
    {
        Requirement needed => (needed.Package, needed.Allowed),
        Prohibition other => (other.Package, other.Forbidden.Complement(other.Package.Versions.Count)),
        _ => null,
    };

    /// <summary>A range that holds what was allowed and the version, or null where there is no simple one.</summary>
    static string? Wider(Package package, VersionSet allowed, int version)
    {
        if (allowed.IsEmpty)
            return null;
        var (low, high, last) = (allowed.Members.First(), allowed.Members.Last(), package.Versions.Count - 1);
        return version > high ? (low == 0 ? $"<= {package.Versions[version]}" : $">= {package.Versions[low]}")
            : version < low ? (high == last ? $">= {package.Versions[version]}" : $"<= {package.Versions[high]}")
            : null;
    }

    /// <summary>The universe with one wish of the user's packages replaced.</summary>
    sealed class Edited(IUniverse universe, Package? subject, Dependency wish, ImmutableArray<Dependency> instead) : IUniverse
    {
        public ImmutableArray<Dependency> Edit(ImmutableArray<Dependency> wishes) =>
            wishes.IndexOf(wish) is var at and >= 0 ? wishes.RemoveAt(at).InsertRange(at, instead) : wishes;

        public ImmutableArray<int> Candidates(Package package) => universe.Candidates(package);

        public ImmutableArray<Dependency> Dependencies(Package package, int version) =>
            universe.Dependencies(package, version) is var said && package == subject ? Edit(said) : said;

        public ImmutableArray<ConflictClass> Classes(Package package, int version) => universe.Classes(package, version);
    }
}
