using Hillingar.Opam.Language;
using Hillingar.Opam.Syntax;

namespace Hillingar.Opam.Files;

/// <summary>From meanings to the values that opam writes for them (<c>opamFormat.ml</c>).</summary>
public static class Encode
{
    /// <summary>A filter as a value.</summary>
    /// <param name="filter">The filter.</param>
    public static Value ToValue(this Filter filter) => Value(filter, Context.Or);

    /// <summary>A value with a filter in braces; without braces when the filter is <see cref="Filter.True"/>.</summary>
    /// <param name="value">The value.</param>
    /// <param name="filter">The filter.</param>
    public static Value When(this Value value, Filter filter) =>
        filter is Filter.Bool { Value: true } ? value : Make.Option(value, filter.ToValue());

    /// <summary>What stands between the braces of a dependency.</summary>
    /// <param name="condition">The condition; not empty.</param>
    public static Value ToValue(this Formula<FilteredConstraint> condition) => Value(condition, Constraint, inAnd: false);

    /// <summary><c>depends</c>, as a list with an element for each side of a conjunction.</summary>
    /// <param name="formula">The formula.</param>
    public static Value ToValue(this Formula<FilteredPackage> formula) => Make.List(Conjuncts(formula));

    /// <summary><c>depopts</c> and <c>conflicts</c>, as a list with an element for each side of a disjunction.</summary>
    /// <param name="formula">The formula.</param>
    public static Value ToDisjunctionValue(this Formula<FilteredPackage> formula) => Make.List(Disjuncts(formula));

    enum Context
    {
        Or,
        And,
        Tight,
        Relation,
    }

    static Value Value(Filter filter, Context context)
    {
        return filter switch
        {
            Filter.Bool b => new BoolValue(b.Value),
            Filter.Text text => new StringValue(text.Value),
            Filter.Ident ident => new IdentValue(ident.Name),
            Filter.Comparison c => Group(
                context > Context.And,
                new RelationValue(Value(c.Left, Context.Relation), c.Operator, Value(c.Right, Context.Relation))
            ),
            Filter.And and => Group(
                context > Context.And,
                new LogicValue(Value(and.Left, Context.And), LogicalOperator.And, Value(and.Right, Context.And))
            ),
            Filter.Or or => Group(
                context != Context.Or,
                new LogicValue(Value(or.Left, Context.Or), LogicalOperator.Or, Value(or.Right, Context.Or))
            ),
            Filter.Not not => Group(context == Context.Relation, new PrefixValue(PrefixOperator.Not, Value(not.Operand, Context.Tight))),
            Filter.Defined defined => Group(
                context == Context.Relation,
                new PrefixValue(PrefixOperator.Defined, Value(defined.Operand, Context.Tight))
            ),
            _ => throw new InvalidOperationException($"{filter.GetType()} is no filter."),
        };
    }

    static Value Group(bool needed, Value value) => needed ? Make.Group(value) : value;

    static Value Constraint(FilteredConstraint constraint) =>
        constraint switch
        {
            FilteredConstraint.Constraint c => new PrefixRelationValue(c.Operator, c.Version.ToValue()),
            FilteredConstraint.When { Filter: Filter.Bool { Value: true } } => Make.Group(),
            FilteredConstraint.When filter => filter.Filter.ToValue(),
            _ => throw new InvalidOperationException($"{constraint.GetType()} is no constraint."),
        };

    static Value Package(FilteredPackage package) =>
        package.Condition.IsEmpty ? Make.Text(package.Name.Text) : Make.Option(Make.Text(package.Name.Text), package.Condition.ToValue());

    static Value Value<T>(Formula<T> formula, Func<T, Value> atom, bool inAnd) =>
        formula switch
        {
            Formula<T>.Atom a => atom(a.Value),
            Formula<T>.Block block => block.Inner.IsEmpty ? Make.Group() : Make.Group(Value(block.Inner, atom, false)),
            Formula<T>.And and => new LogicValue(Value(and.Left, atom, true), LogicalOperator.And, Value(and.Right, atom, true)),
            Formula<T>.Or or => Group(inAnd, new LogicValue(Value(or.Left, atom, false), LogicalOperator.Or, Value(or.Right, atom, false))),
            _ => throw new InvalidOperationException("An empty formula has no value."),
        };

    static IEnumerable<Value> Conjuncts(Formula<FilteredPackage> formula) =>
        formula switch
        {
            Formula<FilteredPackage>.And and => Conjuncts(and.Left).Concat(Conjuncts(and.Right)),
            { IsEmpty: true } => [],
            _ => [Value(formula, Package, false)],
        };

    static IEnumerable<Value> Disjuncts(Formula<FilteredPackage> formula) =>
        formula switch
        {
            Formula<FilteredPackage>.Or or => Disjuncts(or.Left).Concat(Disjuncts(or.Right)),
            Formula<FilteredPackage>.Block { Inner: Formula<FilteredPackage>.Or or } => Disjuncts(or),
            { IsEmpty: true } => [],
            _ => [Value(formula, Package, false)],
        };
}
