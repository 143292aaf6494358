using System.Text;

namespace Hillingar.Opam.Language;

/// <summary>A condition on a version, such as <c>&gt;= 1.0</c>.</summary>
/// <param name="Operator">How the version is compared.</param>
/// <param name="Version">With what.</param>
public readonly record struct VersionConstraint(RelationalOperator Operator, OpamVersion Version)
{
    /// <summary>Whether a version satisfies it.</summary>
    /// <param name="version">The version.</param>
    public bool Holds(OpamVersion version) => Operator.Holds(version, Version);

    /// <summary>The constraint as opam shows it.</summary>
    public override string ToString() => $"{Operator.Text()} {Version}";
}

/// <summary>A package and the versions of it that will do.</summary>
/// <param name="Name">The package.</param>
/// <param name="Versions">Which versions; empty: any.</param>
public sealed record PackageAtom(PackageName Name, Formula<VersionConstraint> Versions)
{
    /// <summary>Whether a package is one that it means.</summary>
    /// <param name="package">The package.</param>
    public bool Holds(OpamPackage package) => package.Name == Name && Versions.Holds(package.Version);

    /// <summary>The atom as opam shows it.</summary>
    public override string ToString() =>
        Versions switch
        {
            { IsEmpty: true } => Name.Text,
            Formula<VersionConstraint>.Atom => $"{Name} {Versions}",
            _ => $"{Name} ({Versions})",
        };
}

/// <summary>A package as an opam file names it: with constraints and filters that are still to be evaluated.</summary>
/// <param name="Name">The package.</param>
/// <param name="Condition">What the braces say; empty: nothing.</param>
public sealed record FilteredPackage(PackageName Name, Formula<FilteredConstraint> Condition) : IShown
{
    /// <summary>The atom as opam writes it.</summary>
    public override string ToString() => IShown.Text(this);

    void IShown.Show(StringBuilder text)
    {
        text.Append('"').Append(Name.Text).Append('"');
        if (Condition.IsEmpty)
            return;
        text.Append(" {");
        ((IShown)Condition).Show(text);
        text.Append('}');
    }
}

/// <summary>What stands between the braces of a dependency: a <see cref="Constraint"/> on the version, or a <see cref="When"/>.</summary>
public abstract record FilteredConstraint
{
    private FilteredConstraint() { }

    /// <summary>A constraint on the version.</summary>
    /// <param name="Operator">How the version is compared.</param>
    /// <param name="Version">With what: a string, or a variable such as <c>version</c>.</param>
    public sealed record Constraint(RelationalOperator Operator, Filter Version) : FilteredConstraint, IShown
    {
        /// <summary>The constraint as opam writes it.</summary>
        public override string ToString() => IShown.Text(this);

        void IShown.Show(StringBuilder text) => text.Append(Operator.Text()).Append(' ').Append(Version);
    }

    /// <summary>A condition for the dependency to count at all.</summary>
    /// <param name="Filter">The condition.</param>
    public sealed record When(Filter Filter) : FilteredConstraint
    {
        /// <summary>The filter as opam writes it.</summary>
        public override string ToString() => Filter.ToString();
    }
}

/// <summary>Formulas over versions.</summary>
public static class VersionFormulas
{
    /// <summary>Whether a version satisfies a formula.</summary>
    /// <param name="formula">The formula; empty: any version does.</param>
    /// <param name="version">The version.</param>
    public static bool Holds(this Formula<VersionConstraint> formula, OpamVersion version) =>
        formula switch
        {
            Formula<VersionConstraint>.Atom atom => atom.Value.Holds(version),
            Formula<VersionConstraint>.Block block => block.Inner.Holds(version),
            Formula<VersionConstraint>.And and => and.Left.Holds(version) && and.Right.Holds(version),
            Formula<VersionConstraint>.Or or => or.Left.Holds(version) || or.Right.Holds(version),
            _ => true,
        };
}
