namespace Hillingar.Opam.Language;

/// <summary>Which dependencies count: the variables that <see cref="Dependencies.Select"/> decides.</summary>
public sealed record DependencyOptions : IVariables
{
    /// <summary><c>build</c>.</summary>
    public bool Build { get; init; } = true;

    /// <summary><c>post</c>.</summary>
    public bool Post { get; init; } = true;

    /// <summary><c>with-test</c>.</summary>
    public bool Test { get; init; }

    /// <summary><c>with-doc</c>.</summary>
    public bool Doc { get; init; }

    /// <summary><c>dev</c>.</summary>
    public bool Dev { get; init; }

    /// <summary><c>with-dev-setup</c>.</summary>
    public bool DevSetup { get; init; }

    /// <summary>
    /// What <c>opam-0install</c> takes: build and post dependencies; tests where asked; <c>dev</c> for the version <c>dev</c>.
    /// </summary>
    /// <param name="package">The package whose dependencies they are.</param>
    /// <param name="test">Whether its tests are wanted.</param>
    public static DependencyOptions For(OpamPackage package, bool test = false) =>
        new() { Test = test, Dev = package.Version.CompareTo(new("dev")) == 0 };

    /// <inheritdoc/>
    public VariableValue? Lookup(Variable variable) =>
        variable.Package is not null
            ? null
            : variable.Name switch
            {
                "build" => Build,
                "post" => Post,
                "with-test" => Test,
                "with-doc" => Doc,
                "dev" => Dev,
                "with-dev-setup" => DevSetup,
                _ => null,
            };
}

/// <summary>From what an opam file says to what a solver needs: evaluating filters in dependency formulas (<c>opamFilter.ml</c>).</summary>
public static class Dependencies
{
    /// <summary>
    /// The dependencies (or conflicts) of a package in an environment, exactly as <c>opam-0install</c> filters them: what the
    /// environment says first, then the options; a filter that is still undefined is false.
    /// </summary>
    /// <param name="formula">The formula.</param>
    /// <param name="environment">The environment of the package: <see cref="OpamEnvironment.For"/>.</param>
    /// <param name="options">Which dependencies count.</param>
    public static Formula<PackageAtom> Select(this Formula<FilteredPackage> formula, IVariables environment, DependencyOptions options) =>
        formula.PartialEvaluate(environment).Evaluate(options);

    /// <summary>The formula with the defined variables put in (<c>partial_filter_formula</c>).</summary>
    /// <param name="formula">The formula.</param>
    /// <param name="variables">The variables.</param>
    public static Formula<FilteredPackage> PartialEvaluate(this Formula<FilteredPackage> formula, IVariables variables) =>
        formula.Map(package =>
            Partial<FilteredConstraint, FilteredConstraint>(
                package.Condition,
                item =>
                    item switch
                    {
                        FilteredConstraint.When filter => filter.Filter.PartialEvaluate(variables) switch
                        {
                            Filter.Bool b => new(b.Value, null),
                            var rest => new(null, new Formula<FilteredConstraint>.Atom(new FilteredConstraint.When(rest))),
                        },
                        FilteredConstraint.Constraint constraint => new(
                            null,
                            new Formula<FilteredConstraint>.Atom(
                                new FilteredConstraint.Constraint(
                                    constraint.Operator,
                                    constraint.Version.PartialEvaluate(variables) switch
                                    {
                                        Filter.Bool b => new Filter.Text(b.ToString()),
                                        var rest => rest,
                                    }
                                )
                            )
                        ),
                        _ => throw new InvalidOperationException($"{item.GetType()} is no constraint."),
                    }
            ) switch
            {
                { Truth: false } => Formula<FilteredPackage>.Empty,
                var condition => new Formula<FilteredPackage>.Atom(package with { Condition = condition.Rest }),
            }
        );

    /// <summary>
    /// The formula when the variables are all there is: a filter that is undefined is false, a constraint that is undefined says nothing
    /// (<c>filter_formula</c>).
    /// </summary>
    /// <param name="formula">The formula.</param>
    /// <param name="variables">The variables.</param>
    public static Formula<PackageAtom> Evaluate(this Formula<FilteredPackage> formula, IVariables variables) =>
        formula.Map(package =>
            Partial<FilteredConstraint, VersionConstraint>(
                package.Condition,
                item =>
                    item switch
                    {
                        FilteredConstraint.When filter => new(filter.Filter.Holds(variables), null),
                        FilteredConstraint.Constraint constraint => new(
                            null,
                            constraint.Version.Evaluate(variables)?.ToString() is { } version && OpamVersion.IsValid(version)
                                ? new Formula<VersionConstraint>.Atom(new(constraint.Operator, new(version)))
                                : Formula<VersionConstraint>.Empty
                        ),
                        _ => throw new InvalidOperationException($"{item.GetType()} is no constraint."),
                    }
            ) switch
            {
                { Truth: false } => Formula<PackageAtom>.Empty,
                var condition => new Formula<PackageAtom>.Atom(new(package.Name, condition.Rest)),
            }
        );

    /// <summary>True, false, or a formula.</summary>
    readonly record struct Outcome<T>(bool? Truth, Formula<T>? Formula)
    {
        public Formula<T> Rest => Formula ?? Formula<T>.Empty;
    }

    // opamFormula.ml, partial_eval: parentheses go, and an empty formula is not the same as true.
    static Outcome<TResult> Partial<T, TResult>(Formula<T> formula, Func<T, Outcome<TResult>> atom)
    {
        switch (formula)
        {
            case Formula<T>.Atom a:
                return atom(a.Value);
            case Formula<T>.Block block:
                return Partial(block.Inner, atom);
            case Formula<T>.And and:
                var left = Partial(and.Left, atom);
                var right = Partial(and.Right, atom);
                return left.Truth == false || right.Truth == false ? new(false, null)
                    : left.Truth == true ? right
                    : right.Truth == true ? left
                    : new(null, new Formula<TResult>.And(left.Rest, right.Rest));
            case Formula<T>.Or or:
                left = Partial(or.Left, atom);
                right = Partial(or.Right, atom);
                return left.Truth == true || right.Truth == true ? new(true, null)
                    : left.Truth == false ? right
                    : right.Truth == false ? left
                    : new(null, new Formula<TResult>.Or(left.Rest, right.Rest));
            default:
                return new(null, Formula<TResult>.Empty);
        }
    }
}
