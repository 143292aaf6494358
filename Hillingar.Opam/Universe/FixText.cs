using System.Security;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;

namespace Hillingar.Opam.Universe;

/// <summary>How a changed wish is written into the file that says it, so that it can be pasted.</summary>
static class FixText
{
    /// <summary>
    /// The item of a project file, or the element of an opam file's <c>depends</c>; null where the file says it in more than one place.
    /// </summary>
    /// <param name="file">The package that says it.</param>
    /// <param name="name">The package that it is about.</param>
    /// <param name="bound">The new bound, as <c>&gt;= 5.6</c> or <c>&gt;= 5.6 &amp; &lt;= 6.0</c>; empty for none.</param>
    public static string? Of(PackageFile file, PackageName name, string bound)
    {
        if (file.Document.Path.EndsWith("dune-project", StringComparison.Ordinal))
            return bound.Length == 0 ? name.Text
                : bound.Split(" & ") is [_, _, ..] parts ? $"({name} (and {string.Join(' ', parts.Select(part => $"({part})"))}))"
                : $"({name} ({bound}))";
        if (!file.Document.Path.EndsWith("opam", StringComparison.Ordinal))
            return $"<OpamDependency Include=\"{name}\"{(bound.Length == 0 ? "" : $" Version=\"{SecurityElement.Escape(bound).Replace("&gt;", ">", StringComparison.Ordinal)}\"")} />";
        if (
            file.Depends.Atoms().Where(atom => atom.Name == name).ToList() is not [var atom]
            || Conjuncts(atom.Condition).Any(part => part.Atoms().Count() > 1)
        )
            return null;
        var kept = Conjuncts(atom.Condition).Where(part => part.Atoms().All(item => item is FilteredConstraint.When)).ToList();
        foreach (
            var (relation, version) in bound
                .Split(" & ", StringSplitOptions.RemoveEmptyEntries)
                .Select(part => part.Split(' ', 2))
                .Select(part => (part[0], part[1]))
        )
            kept.Add(
                new Formula<FilteredConstraint>.Atom(
                    new FilteredConstraint.Constraint(Operators.First(each => each.Text() == relation), new Filter.Text(version))
                )
            );
        return new FilteredPackage(
            name,
            kept.Count == 0 ? Formula<FilteredConstraint>.Empty : kept.Aggregate(Formula<FilteredConstraint>.MakeAnd)
        ).ToString();
    }

    static RelationalOperator[] Operators => Enum.GetValues<RelationalOperator>();

    static IEnumerable<Formula<FilteredConstraint>> Conjuncts(Formula<FilteredConstraint> condition) =>
        condition switch
        {
            { IsEmpty: true } => [],
            Formula<FilteredConstraint>.And and => Conjuncts(and.Left).Concat(Conjuncts(and.Right)),
            Formula<FilteredConstraint>.Block block => Conjuncts(block.Inner),
            _ => [condition],
        };
}
