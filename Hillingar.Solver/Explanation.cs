using System.Collections.Immutable;

namespace Hillingar.Solver;

/// <summary>The reason of a conflict: steps that each use one fact, the last of which leaves nothing to select.</summary>
public sealed class Explanation
{
    readonly IUniverse _universe;
    readonly ImmutableArray<Dependency> _wanted;
    readonly int _owners;

    internal Explanation(Conflict conflict, ImmutableArray<Step>? derived, Func<ImmutableArray<Step>> otherwise)
    {
        (_universe, _wanted, Steps, IsDerived) = (conflict.Universe, conflict.Wanted, derived ?? otherwise(), derived is not null);
        _owners = conflict
            .Wanted.OfType<Requirement>()
            .Where(wish => _universe.IsUsers(wish.Package) && _universe.IsOptional(wish.Package))
            .Select(wish => _universe.Label(wish.Package))
            .Distinct()
            .Count();
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

    /// <summary>The cause on one line, in the user's own terms.</summary>
    public string Cause => field ??= new Cause(_universe, _wanted, Statements, Contention).ToString();

    /// <summary>The package that the last step is about: of a version that is out, what it needs.</summary>
    Package? Contention =>
        Steps.IsEmpty || !IsDerived ? null
        : Steps[^1] is { Says: { Parts: [var part] } says } last && says.Subject == last.Package
            ? part switch
            {
                Requirement needed => needed.Package,
                Prohibition other => other.Package,
                _ => null,
            }
        : Steps[^1].Package;

    /// <summary>
    /// The steps in words, a line each; and what else is missing, though one package that is missing would do for a reason.
    /// </summary>
    public IEnumerable<string> Lines =>
        Describe(Steps, "  ")
            .Concat(
                Solver
                    .Cause.MissingOf(_universe, _wanted)
                    .Where(item =>
                        !Statements.Any(statement =>
                            statement.Subject == item.Owner && statement.Parts is [Requirement needed] && needed.Package == item.Missing
                        )
                    )
                    .Select(item =>
                        "  "
                        + new Statement(
                            item.Owner,
                            VersionSet.All(item.Owner.Versions.Count),
                            [new Requirement(item.Missing, VersionSet.Empty)]
                        ).Describe(_universe)
                    )
            )
            .Distinct();

    IEnumerable<string> Describe(ImmutableArray<Step> steps, string indent)
    {
        var told = new HashSet<string>();
        // The user's own words come first: they are what can be changed.
        foreach (var step in steps.OrderBy(step => step.Says is { Subject: null } ? 0 : 1))
            if (step.Says is { } says)
            {
                // That the user wants what is the user's own goes without saying, unless it is one of several.
                if (_owners <= 1 && says is { Subject: null, Parts: [Requirement needed] } && _universe.IsUsers(needed.Package))
                    continue;
                if (says.Describe(_universe) is var line && told.Add(line))
                    yield return indent + line;
            }
            else
            {
                yield return $"{indent}if {new Statement(step.Package, step.Excluded, [], "").Describe(_universe)}is taken:";
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
