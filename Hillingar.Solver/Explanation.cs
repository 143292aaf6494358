using System.Collections.Immutable;

namespace Hillingar.Solver;

/// <summary>The reason of a conflict: steps that each use one fact, the last of which leaves nothing to select.</summary>
public sealed class Explanation
{
    readonly IUniverse universe;

    internal Explanation(IUniverse universe, ImmutableArray<Step>? derived, Func<ImmutableArray<Step>> otherwise) =>
        (this.universe, Steps, IsDerived) = (universe, derived ?? otherwise(), derived is not null);

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
    IEnumerable<Statement> Users => Statements.Where(statement => statement.Rejection is null && (statement.Subject is null || universe.IsUsers(statement.Subject)))
        .Where(statement => !(statement.Parts is [Requirement needed] && universe.IsUsers(needed.Package)));

    /// <summary>The cause on one line, in the user's own terms.</summary>
    public string Cause
    {
        get
        {
            var missing = Statements.SelectMany(statement => statement.Parts).OfType<Requirement>().FirstOrDefault(part => part.Package.Versions.Count == 0);
            if (missing is not null)
                return $"There is no package {missing.Package}.{Hint(missing.Package)}";
            var users = Users.Select(statement => statement.Object(universe)).Distinct().ToList();
            var named = users.Count switch
            {
                0 => "The request",
                1 => users[0],
                <= 4 => $"{string.Join(", ", users.Take(users.Count - 1))} and {users[^1]}",
                _ => $"{string.Join(", ", users.Take(3))} and {users.Count - 3} more",
            };
            if (Statements.FirstOrDefault(statement => statement.Rejection is not null && statement.Versions.Count == statement.Subject!.Versions.Count) is { } nowhere)
                return users.Contains(nowhere.Subject!.Name) ? $"{nowhere.Subject} {nowhere.Rejection}.{Hint(nowhere.Subject)}"
                    : $"{named} cannot be had: {nowhere.Subject} {nowhere.Rejection}.{Hint(nowhere.Subject)}";
            var over = Contention is { } package && !users.Exists(user => user.Split(' ')[0] == package.Name) ? package : null;
            return users.Count > 1
                ? $"{named} cannot be had together{(over is null ? "" : $": they disagree on {over}")}."
                : $"{named} cannot be had{(over is null ? "" : $": no version of {over} fits")}.";
        }
    }

    /// <summary>The package that the last step is about: of a version that is out, what it needs.</summary>
    Package? Contention => Steps.IsEmpty || !IsDerived ? null : Steps[^1] is { Says: { Parts: [var part] } says } last && says.Subject == last.Package
        ? part switch { Requirement needed => needed.Package, Prohibition other => other.Package, _ => null }
        : Steps[^1].Package;

    string Hint(Package package) => universe.Hint(package) is { } hint ? " " + hint : "";

    /// <summary>The steps in words, a line each.</summary>
    public IEnumerable<string> Lines => Print(Steps, "  ");

    IEnumerable<string> Print(ImmutableArray<Step> steps, string indent)
    {
        var told = new HashSet<string>();
        // The user's own words come first: they are what can be changed.
        foreach (var step in steps.OrderBy(step => step.Says is { Subject: null } ? 0 : 1))
            if (step.Says is { } says)
            {
                if (says.Describe(universe) is var line && told.Add(line))
                    yield return indent + line;
            }
            else
            {
                yield return $"{indent}if {new Statement(step.Package, step.Excluded, [], "").Describe(universe)}is taken:";
                foreach (var line in Print(step.Case, indent + "  "))
                    yield return line;
            }
    }

    /// <summary>The cause and the steps, in at most <see cref="MaxLines"/> lines.</summary>
    public override string ToString()
    {
        var lines = Lines.ToList();
        if (lines.Count > MaxLines - 1)
            lines = [.. lines.Take(MaxLines - 2), $"  … and {lines.Count - MaxLines + 2} more facts"];
        return string.Join('\n', lines.Prepend(Cause));
    }
}
