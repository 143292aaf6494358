using System.Collections.Immutable;

namespace Hillingar.Solver;

/// <summary>The reason of a conflict: steps that each use one fact, the last of which leaves nothing to select.</summary>
public sealed class Explanation
{
    readonly IUniverse universe;
    readonly int owners;

    internal Explanation(Conflict conflict, ImmutableArray<Step>? derived, Func<ImmutableArray<Step>> otherwise)
    {
        (universe, Steps, IsDerived) = (conflict.Universe, derived ?? otherwise(), derived is not null);
        owners = conflict.Wanted.Count(wish => wish is Requirement needed && universe.IsUsers(needed.Package));
    }

    /// <summary>The most lines that <see cref="ToString"/> gives.</summary>
    public const int MaxLines = 24;

    /// <summary>The steps; where no derivation was found in reasonable time, the facts alone.</summary>
    public ImmutableArray<Step> Steps { get; }

    /// <summary>The facts: true, and together impossible.</summary>
    public IEnumerable<Statement> Statements => Steps.SelectMany(step => step.Statements);

    /// <summary>Whether the steps are a derivation.</summary>
    public bool IsDerived { get; }

    /// <summary>How hard it is to read.</summary>
    internal int Cost => Steps.Sum(Weigh);

    static int Weigh(Step step) => step.Says is { } says ? 1 + (says.Parts.Length > 1 ? 1 : 0) : 1 + (step.Case.Sum(Weigh) * 2);

    /// <summary>The facts that are the user's own words.</summary>
    IEnumerable<Statement> Users => Statements.Where(statement => statement.Rejection is null && IsUsers(statement))
        .Where(statement => !(statement.Parts is [Requirement needed] && universe.IsUsers(needed.Package)));

    bool IsUsers(Statement statement) => statement.Subject is null || universe.IsUsers(statement.Subject);

    /// <summary>A requirement that there is no way round: it has no alternatives, and the user or every version of a package makes it.</summary>
    (Statement Statement, Requirement Part)? Sole(Func<Requirement, bool> holds)
    {
        foreach (var statement in Statements)
            if (statement.Parts is [Requirement part] && holds(part)
                && (IsUsers(statement) || universe.Candidates(statement.Subject!).All(statement.Versions.Contains)))
                return (statement, part);
        return null;
    }

    /// <summary>What the user asks for, each wish with its owner where there are several.</summary>
    List<string> Wishes => [.. Users.Select(statement => statement.Object(universe) + (statement.Subject is not null && owners > 1 ? $" of {statement.Subject}" : "")).Distinct()];

    /// <summary>The wishes as the subject of a sentence.</summary>
    string Named => Wishes switch
    {
        [] => "The request",
        [var only] => only,
        [.. var most, var last] when most.Count <= 3 => $"{string.Join(", ", most)} and {last}",
        var many => $"{string.Join(", ", many.Take(3))} and {many.Count - 3} more",
    };

    /// <summary>The cause on one line, in the user's own terms.</summary>
    public string Cause
    {
        get
        {
            if (Sole(needed => needed.Package.Versions.Count == 0) is var (asking, missing))
                return IsUsers(asking) ? $"There is no package {missing.Package}.{Hint(missing.Package)}"
                    : $"{Named} cannot be had: {asking.Subject} needs {missing.Package}, and there is no such package.{Hint(missing.Package)}";
            if (Sole(needed => needed.Allowed.IsEmpty && needed.Terms is not null) is var (demanding, beyond) && IsUsers(demanding))
                return $"There is no {beyond.Package} {beyond.Terms}: {(beyond.Package.Versions is [var only] ? $"its only version is {only}" : $"its versions are {beyond.Package.Versions[0]} to {beyond.Package.Versions[^1]}")}.";
            var users = Wishes;
            if (Statements.FirstOrDefault(statement => statement.Rejection is not null && statement.Versions.Count == statement.Subject!.Versions.Count
                && Sole(needed => needed.Package == statement.Subject) is not null) is { } nowhere)
                return users.Contains(nowhere.Subject!.Name) ? $"{nowhere.Subject} {nowhere.Rejection}.{Hint(nowhere.Subject)}"
                    : $"{Named} cannot be had: {nowhere.Subject} {nowhere.Rejection}.{Hint(nowhere.Subject)}";
            var over = Contention is { } package && !users.Exists(user => user.Split(' ')[0] == package.Name.Split(' ')[0]) ? package : null;
            return users.Count > 1
                ? $"{Named} cannot be had together{(over is null ? "" : $": they disagree on {over}")}."
                : $"{Named} cannot be had{(over is null ? "" : $": no version of {over} fits")}.";
        }
    }

    /// <summary>The package that the last step is about: of a version that is out, what it needs.</summary>
    Package? Contention => Steps.IsEmpty || !IsDerived ? null : Steps[^1] is { Says: { Parts: [var part] } says } last && says.Subject == last.Package
        ? part switch { Requirement needed => needed.Package, Prohibition other => other.Package, _ => null }
        : Steps[^1].Package;

    string Hint(Package package) => universe.Hint(package) is { } hint ? " " + hint : "";

    /// <summary>The steps in words, a line each.</summary>
    public IEnumerable<string> Lines => Describe(Steps, "  ");

    IEnumerable<string> Describe(ImmutableArray<Step> steps, string indent)
    {
        var told = new HashSet<string>();
        // The user's own words come first: they are what can be changed.
        foreach (var step in steps.OrderBy(step => step.Says is { Subject: null } ? 0 : 1))
            if (step.Says is { } says)
            {
                // That the user wants what is the user's own goes without saying, unless it is one of several.
                if (owners <= 1 && says is { Subject: null, Parts: [Requirement needed] } && universe.IsUsers(needed.Package))
                    continue;
                if (says.Describe(universe) is var line && told.Add(line))
                    yield return indent + line;
            }
            else
            {
                yield return $"{indent}if {new Statement(step.Package, step.Excluded, [], "").Describe(universe)}is taken:";
                foreach (var line in Describe(step.Case, indent + "  "))
                    yield return line;
            }
    }

    /// <summary>The cause and the steps, in at most so many lines.</summary>
    /// <param name="most">The number of lines.</param>
    public IEnumerable<string> Print(int most)
    {
        var lines = Lines.Prepend(Cause).ToList();
        return lines.Count <= most ? lines : lines.Take(most - 1).Append($"  … and {lines.Count - most + 1} more facts");
    }

    /// <summary>The cause and the steps, in at most <see cref="MaxLines"/> lines.</summary>
    public override string ToString() => string.Join('\n', Print(MaxLines));
}
