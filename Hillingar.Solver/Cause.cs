using System.Collections.Immutable;

namespace Hillingar.Solver;

/// <summary>
/// The cause of a conflict on one line, in the user's own terms: of all that an explanation states, what is to be changed.
/// </summary>
sealed class Cause
{
    readonly IUniverse _universe;
    readonly ImmutableArray<Statement> _statements;
    readonly ImmutableArray<Dependency> _wanted;
    readonly Package? _contention;
    readonly int _owners;

    public Cause(IUniverse universe, ImmutableArray<Dependency> wanted, IEnumerable<Statement> statements, Package? contention)
    {
        (_universe, _wanted, _contention) = (universe, wanted, contention);
        _statements = [.. statements];
        _owners = wanted
            .OfType<Requirement>()
            .Select(needed => needed.Package)
            .Where(package => universe.IsUsers(package) && universe.IsOptional(package))
            .Select(universe.Label)
            .Distinct()
            .Count();
    }

    /// <summary>The sentence: the first of these that holds, from the plainest mistake to the most tangled.</summary>
    public override string ToString() =>
        Absent() ?? AbsentBelow() ?? Beyond() ?? Contradiction() ?? Rejected() ?? Alternatives() ?? Surroundings() ?? Together();

    /// <summary>The packages that the user asks for and that do not exist, in any version.</summary>
    public static IReadOnlyList<(Package Owner, Package Missing)> MissingOf(IUniverse universe, ImmutableArray<Dependency> wanted)
    {
        var missing = new List<(Package, Package)>();
        foreach (var (subject, wish) in Fixing.Wishes(universe, wanted))
            if (subject is not null && Absentees(wish) is { } absent)
                missing.AddRange(
                    absent
                        .Where(package => !missing.Exists(other => universe.Label(other.Item2) == universe.Label(package)))
                        .Select(package => (subject, package))
                );
        return missing;
    }

    // A choice lacks something only where each of its alternatives does.
    static IReadOnlyList<Package>? Absentees(Dependency wish) =>
        wish switch
        {
            Requirement { Package: { Versions.Count: 0 } package } => [package],
            Choice choice
                when choice
                    .Alternatives.Select(alternative => alternative.Select(Absentees).FirstOrDefault(absent => absent is not null))
                    .ToList()
                    is var all
                    && !all.Contains(null) => [.. all.SelectMany(absent => absent!)],
            _ => null,
        };

    string? Absent()
    {
        var missing = MissingOf(_universe, _wanted).Select(item => item.Missing).ToList();
        if (missing.Count == 0 && Sole(needed => needed.Package.Versions.Count == 0) is var (asking, absent) && IsUsers(asking))
            missing.Add(absent.Package);
        return missing switch
        {
            [] => null,
            [var only] => $"There is no package {_universe.Label(only)}.{Hint(only)}",
            [var first, .. var more] =>
                $"There is no package {_universe.Label(first)}{string.Concat(more.SkipLast(1).Select(other => $", none {_universe.Label(other)}"))} and none {_universe.Label(more[^1])}."
                    + string.Concat(
                        missing
                            .Where(package => _universe.Hint(package) is not null)
                            .Select(package => $" {_universe.Label(package)}:{Hint(package)}")
                    ),
        };
    }

    string? AbsentBelow() =>
        Sole(needed => needed.Package.Versions.Count == 0) is var (asking, missing)
            ? $"{Named} cannot be had: {asking.Subject} needs {_universe.Label(missing.Package)}, and there is no such package.{Hint(missing.Package)}"
            : null;

    string? Beyond() =>
        Sole(needed => needed.Allowed.IsEmpty && needed.Terms is not null) is var (demanding, beyond)
            ? (IsUsers(demanding) ? "There is no" : $"{Named} cannot be had: {demanding.Subject} needs")
                + $" {_universe.Label(beyond.Package)} {beyond.Terms}{(IsUsers(demanding) ? "" : ", and there is none")}: "
                + (
                    beyond.Package.Versions is [var only]
                        ? $"its only version is {only}."
                        : $"its versions are {beyond.Package.Versions[0]} to {beyond.Package.Versions[^1]}."
                )
            : null;

    /// <summary>The user asks for what the user excludes.</summary>
    string? Contradiction()
    {
        foreach (var excludes in _statements)
            if (IsUsers(excludes) && excludes is { Rejection: null, Class: null, Parts: [Prohibition { Bound: false } other] })
                foreach (var asks in _statements.OrderBy(asks => IsUsers(asks) ? 0 : 1))
                    if (
                        asks is { Rejection: null, Parts: [Requirement needed] }
                        && needed.Package == other.Package
                        && needed.Allowed.IsSubsetOf(other.Forbidden)
                    )
                    {
                        if (asks.Given(_universe) is { } given)
                            return $"{char.ToUpperInvariant(given[0])}{given[1..]}, and {Who(excludes)} conflicts with {excludes.Object(_universe)["the conflict with ".Length..]}.";
                        var (what, without) = (asks.Object(_universe), excludes.Object(_universe)["the conflict with ".Length..]);
                        return asks.Subject is null && _universe.IsUsers(needed.Package)
                                ? $"{what} is a package of the project, and {Who(excludes)} conflicts with it."
                            : !IsUsers(asks) ? $"{Who(excludes)} conflicts with {without}, and {asks.Describe(_universe)}."
                            : $"{Who(asks)} needs {what} and {(asks.Subject == excludes.Subject ? "" : $"{Who(excludes)} ")}conflicts with {(what == without ? "it" : without)}.";
                    }
        return null;
    }

    string Who(Statement statement) => statement.Subject is { } subject ? _universe.Label(subject) : "the request";

    /// <summary>What is asked for exists, and none of it is a candidate.</summary>
    string? Rejected()
    {
        if (Sole(needed => needed is { Allowed.IsEmpty: false } && IsRejected(needed)) is not var (asking, needed))
            return null;
        var what = Unfit(needed);
        return IsUsers(asking) ? $"{what}.{HintOf(needed)}" : $"{Named} cannot be had: {what}.{HintOf(needed)}";
    }

    bool IsRejected(Requirement needed) => !_universe.Candidates(needed.Package).Any(needed.Allowed.Contains);

    string HintOf(Requirement needed) => _universe.Candidates(needed.Package).IsEmpty ? Hint(needed.Package) : "";

    /// <summary>Why none of the versions is a candidate: <c>zarith 1.13 does not build with dune; 1.14+dune does</c>.</summary>
    string Unfit(Requirement needed)
    {
        var (package, allowed) = (needed.Package, needed.Allowed);
        var reason = allowed.Members.GroupBy(version => _universe.Rejection(package, version)).MaxBy(group => group.Count())!.Key;
        var which = allowed.Only is >= 0 and var only
            ? package.Versions.Count == 1
                ? ""
                : $" {package.Versions[only]}"
            : allowed.Count == package.Versions.Count
                ? ""
                : (needed.Terms?.ToString() ?? Ranges.Describe(package, allowed, VersionSet.All(package.Versions.Count)))
                    is { Length: > 0 } range
                    ? " " + range
                    : "";
        var does = _universe.Candidates(package).IsEmpty
            ? ""
            : reason.Split(' ') switch
            {
                ["does", ..] => $"; {Version(_universe.Candidates(package)[0])} does",
                ["is", ..] => $"; {Version(_universe.Candidates(package)[0])} is",
                _ => "",
            };
        return $"{_universe.Label(package)}{which} {reason}{does}";

        // A version that is a word alone reads as a sentence's own.
        string Version(int version) =>
            package.Versions[version] is var text && text.Any(char.IsAsciiDigit) ? text : $"{_universe.Label(package)} {text}";
    }

    /// <summary>A choice of which each alternative has a cause of its own.</summary>
    string? Alternatives()
    {
        foreach (var statement in _statements)
            if (
                statement is { Parts.Length: > 1, Class: null }
                && statement.Parts.All(part => part is Requirement)
                && IsMade(statement)
                && statement.Parts.Cast<Requirement>().Select(Alone).ToList() is var causes
                && !causes.Contains(null)
            )
            {
                var hints = string.Concat(
                    statement
                        .Parts.Cast<Requirement>()
                        .Select(part => _universe.Candidates(part.Package).IsEmpty ? _universe.Hint(part.Package) : null)
                        .OfType<string>()
                        .Distinct()
                        .Take(1)
                        .Select(hint => " " + hint)
                );
                var both = string.Join(" and ", causes.Distinct());
                return IsUsers(statement)
                    ? $"{(both.StartsWith("there ", StringComparison.Ordinal) ? "T" + both[1..] : both)}.{hints}"
                    : $"{Named} cannot be had{(Wishes.Count > 1 ? " together" : "")}: {statement.Subject} needs {statement.Object(_universe)}, but {both}.{hints}";
            }
        return null;
    }

    string? Alone(Requirement needed) =>
        needed.Package.Versions.Count == 0 ? $"there is no package {_universe.Label(needed.Package)}"
        : needed.Allowed.IsEmpty ? $"there is no {_universe.Label(needed.Package)} {needed.Terms}".TrimEnd()
        : IsRejected(needed) ? Unfit(needed)
        // What only some versions need further on is not told in a line.
        : _statements.FirstOrDefault(other =>
            other.Subject == needed.Package
            && other.Rejection is null
            && (needed.Allowed & VersionSet.Of(_universe.Candidates(needed.Package).AsEnumerable())).IsSubsetOf(other.Versions)
        )
            is { } why
            ? why.Describe(_universe)
        : null;

    /// <summary>What the machine or the build brings stands against what is asked for.</summary>
    string? Surroundings()
    {
        foreach (var given in _statements)
            if (
                given.Subject is null
                && given.Given(_universe) is { } sentence
                && given.Parts is [var part]
                && Topic.PackagesOf(part).FirstOrDefault() is { } package
            )
            {
                // Of those who have a say about it, the one nearest to the user is what the user can change.
                var against = _statements
                    .Where(other =>
                        other.Subject is not null
                        && other.Rejection is null
                        && other.Given(_universe) is null
                        && other.Parts.SelectMany(Topic.PackagesOf).Contains(package)
                    )
                    .OrderBy(other =>
                        IsUsers(other) ? 0
                        : IsWished(other.Subject!) ? 1
                        : 2
                    )
                    .FirstOrDefault();
                if (against is null && Wishes.Count == 0)
                    continue;
                var begin = $"{char.ToUpperInvariant(sentence[0])}{sentence[1..]}, and ";
                return against is null ? $"{begin}{Named} cannot be had with it."
                    // What only some versions need, or one of several things, is for the lines below.
                    : against.Parts.Length > 1
                    && IsUsers(against)
                    && against.Subject is not null
                    && against.Parts.All(other => other is Requirement)
                        ? $"{begin}{against.Describe(_universe)}."
                    : against.Parts.Length > 1 || against.Object(_universe).Contains(" or ", StringComparison.Ordinal)
                        ? $"{begin}{Named} cannot be had with it."
                    : IsUsers(against) || IsWished(against.Subject!) ? $"{begin}{against.Describe(_universe)}."
                    : $"{begin}{Named} cannot be had with it: {against.Describe(_universe)}.";
            }
        return null;
    }

    bool IsWished(Package package) => Users.Any(statement => statement.Parts is [Requirement needed] && needed.Package == package);

    string Together()
    {
        var users = Wishes;
        var over = _contention is { } package && !users.Exists(user => user.Split(' ')[0] == _universe.Label(package)) ? package : null;
        return users.Count > 1
            ? $"{Named} cannot be had together{(over is null ? "" : $": they disagree on {_universe.Label(over)}")}."
            : $"{Named} cannot be had{(over is null ? "" : $": no version of {_universe.Label(over)} fits")}.";
    }

    bool IsUsers(Statement statement) => statement.Subject is null || _universe.IsUsers(statement.Subject);

    bool IsMade(Statement statement) => IsUsers(statement) || _universe.Candidates(statement.Subject!).All(statement.Versions.Contains);

    /// <summary>The facts that are the user's own words.</summary>
    IEnumerable<Statement> Users =>
        _statements
            .Where(statement => statement.Rejection is null && IsUsers(statement) && statement.Given(_universe) is null)
            .Where(statement => !(statement.Parts is [Requirement needed] && _universe.IsUsers(needed.Package)));

    /// <summary>What the user asks for, each wish with its owner where there are several.</summary>
    List<string> Wishes => [.. Users.Select(Wish).Distinct()];

    string Wish(Statement statement) =>
        statement.Object(_universe) + (statement.Subject is { } subject && _owners > 1 ? $" of {_universe.Label(subject)}" : "");

    /// <summary>The wishes as the subject of a sentence.</summary>
    string Named =>
        Wishes switch
        {
            [] => "What the project asks for",
            [var only] => only,
            [.. var most, var last] when most.Count <= 3 => $"{string.Join(", ", most)} and {last}",
            var many => $"{string.Join(", ", many.Take(3))} and {many.Count - 3} more",
        };

    /// <summary>
    /// A requirement that there is no way round: it has no alternatives, and the user or every version of a package makes it.
    /// </summary>
    (Statement Statement, Requirement Part)? Sole(Func<Requirement, bool> holds)
    {
        foreach (var statement in _statements)
            if (statement.Parts is [Requirement part] && holds(part) && IsMade(statement))
                return (statement, part);
        return null;
    }

    string Hint(Package package) => _universe.Hint(package) is { } hint ? " " + hint : "";
}
