using System.Collections.Immutable;

namespace Hillingar.Solver;

/// <summary>
/// One fact of an explanation: each of the versions of the subject asks that one of the parts holds. It is true of the universe, and
/// weaker than what the single versions say, as it merges them.
/// </summary>
/// <param name="Subject">Whose words these are; null for the user's request.</param>
/// <param name="Versions">Which versions of the subject say so.</param>
/// <param name="Parts">
/// Requirements and prohibitions, of which one must hold; none where <paramref name="Rejection"/> says that the versions are no candidates.
/// </param>
/// <param name="Rejection">Why the versions are no candidates.</param>
/// <param name="Class">The conflict class of which both are members, where that is why.</param>
public sealed record Statement(
    Package? Subject,
    VersionSet Versions,
    ImmutableArray<Dependency> Parts,
    string? Rejection = null,
    string? Class = null
)
{
    /// <summary>The statement in words, without a full stop.</summary>
    /// <param name="universe">The universe that it is about.</param>
    public string Describe(IUniverse universe)
    {
        ArgumentNullException.ThrowIfNull(universe);
        if (Rejection is not null)
            return $"{Name(universe, Subject!, Versions, VersionSet.All(Subject!.Versions.Count))} {Rejection}";
        if (Subject is null && Given(universe) is { } given)
            return given;
        var who = Subject is null ? "" : Name(universe, Subject, Versions, Candidates(universe, Subject));
        var parts = Parts.Select(part => Describe(universe, part)).ToList();
        var verbs = parts.Select(part => part.Verb).Distinct().ToList();
        var what = verbs is [var verb]
            ? $"{verb} {string.Join(" or ", parts.Select(part => part.Object))}"
            : string.Join(" or ", parts.Select(part => $"{part.Verb} {part.Object}"));
        var sentence = Subject is not null
            ? $"{who} {what}"
            : what.Replace("needs ", "you ask for ", StringComparison.Ordinal)
                .Replace("conflicts with ", "you exclude ", StringComparison.Ordinal);
        return Class is null ? sentence : $"{sentence} (both are {Class})";
    }

    /// <summary>What the surroundings say by it, where it is not the user's wish.</summary>
    internal string? Given(IUniverse universe) =>
        Parts is [var part] && Rejection is null && Class is null ? universe.Given(Subject, part) : null;

    /// <summary>What is asked for, without the one who asks.</summary>
    internal string Object(IUniverse universe) => string.Join(" or ", Parts.Select(part => Object(universe, part)));

    /// <summary>A user's wish in words: <c>lwt &gt;= 5</c>.</summary>
    internal static string Object(IUniverse universe, Dependency dependency) =>
        dependency is Choice choice
            ? string.Join(
                " or ",
                choice.Alternatives.Select(alternative => string.Join(" and ", alternative.Select(part => Object(universe, part))))
            )
            : (dependency is Prohibition { Bound: false } ? "the conflict with " : "") + Describe(universe, dependency, bare: true).Object;

    static VersionSet Candidates(IUniverse universe, Package package) => VersionSet.Of(universe.Candidates(package).AsEnumerable());

    static string Name(IUniverse universe, Package package, VersionSet versions, VersionSet counting)
    {
        if (!universe.IsUsers(package))
            return Join(package.Name, Ranges.Describe(package, versions, counting));
        // Behind the name the platform may be told; another name than the package's own is what the user knows it by.
        var label = universe.Label(package);
        return package.Name.StartsWith(label, StringComparison.Ordinal) ? package.Name : label;
    }

    static string Join(string name, string? range) => string.IsNullOrEmpty(range) ? name : $"{name} {range}";

    static (string Verb, string Object) Describe(IUniverse universe, Dependency part, bool bare = false)
    {
        // A wish is one, on however many platforms.
        string Join(Package package, string? range) => Statement.Join(bare ? universe.Label(package) : package.Name, range);
        string Range(Package package, VersionSet set) =>
            Ranges.Describe(package, set, Candidates(universe, package)) ?? "(none of its versions)";
        return part switch
        {
            Requirement needed when needed.Package.Versions.Count == 0 && !bare => (
                "needs",
                $"{Join(needed.Package, needed.Terms?.ToString())}, which does not exist"
            ),
            Requirement { Allowed.IsEmpty: true, Package.Versions.Count: > 0 } needed when !bare || needed.Terms is null => (
                "needs",
                $"{Join(needed.Package, needed.Terms?.ToString())} (no such version)"
            ),
            Requirement needed => (
                "needs",
                Join(
                    needed.Package,
                    needed.Terms?.ToString() ?? (needed.Package.Versions.Count == 0 ? "" : Range(needed.Package, needed.Allowed))
                )
            ),
            Prohibition { Bound: true } bound => (
                "needs",
                Join(
                    bound.Package,
                    bound.Terms?.ToString() ?? Range(bound.Package, bound.Forbidden.Complement(bound.Package.Versions.Count))
                )
            ),
            Prohibition other => ("conflicts with", Join(other.Package, other.Terms?.ToString() ?? Range(other.Package, other.Forbidden))),
            _ => throw new InvalidOperationException($"{part.GetType()} is no part of a statement."),
        };
    }
}

/// <summary>A step of a derivation.</summary>
/// <param name="Says">The fact that the step uses; null where it considers a case.</param>
/// <param name="Package">The package that it tells something about.</param>
/// <param name="Excluded">
/// The versions that cannot be selected, as follows from the steps before; the rank after the last stands for leaving the package out.
/// </param>
/// <param name="Case">
/// Where there is no single fact: the steps that lead to a contradiction if one of the excluded versions is selected.
/// </param>
public sealed record Step(Statement? Says, Package? Package, VersionSet Excluded, ImmutableArray<Step> Case)
{
    /// <summary>All statements used, those of cases included.</summary>
    public IEnumerable<Statement> Statements => Says is null ? Case.SelectMany(step => step.Statements) : [Says];
}
