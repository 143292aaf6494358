using System.Collections.Immutable;

namespace Hillingar.Opam.Language;

/// <summary>
/// A condition over variables (<c>opamFilter.ml</c>). A variable may be undefined, and what depends on it is then undefined too,
/// unless the other side decides: <c>false &amp; x</c> is false, <c>true | x</c> is true.
/// </summary>
public abstract record Filter
{
    private Filter() { }

    /// <summary>True: what a filter that is not there says.</summary>
    public static Filter True { get; } = new Bool(true);

    /// <summary><c>true</c> or <c>false</c>.</summary>
    /// <param name="Value">Which.</param>
    public sealed record Bool(bool Value) : Filter;

    /// <summary>A string, in which <c>%{variable}%</c> is replaced.</summary>
    /// <param name="Value">The string, variables not yet replaced.</param>
    public sealed record Text(string Value) : Filter;

    /// <summary>A variable: <c>os</c>, <c>_:version</c>, <c>a+b:installed</c>, <c>lwt:enable</c>.</summary>
    public sealed record Ident : Filter
    {
        Ident(string name, ImmutableArray<string> packages, string variable, (string, string)? words)
        {
            Name = name;
            Packages = packages;
            Variable = variable;
            Words = words;
        }

        /// <summary>As it was written.</summary>
        public string Name { get; }

        /// <summary>
        /// The packages whose variable it is (all must have it true); <c>_</c> is the package itself; none: a global variable.
        /// </summary>
        public ImmutableArray<string> Packages { get; }

        /// <summary>The variable's name.</summary>
        public string Variable { get; }

        /// <summary>The words that stand for true and for not true, in <c>variable?then:else</c>.</summary>
        public (string Then, string Else)? Words { get; }

        /// <summary>Reads <c>variable</c>, <c>package+package:variable</c> and, in <c>%{…}%</c>, <c>variable?then:else</c>.</summary>
        /// <param name="text">The text.</param>
        /// <param name="interpolated">Whether it stands in <c>%{…}%</c>.</param>
        /// <returns>The variable, or null when a package's name is none.</returns>
        public static Ident? TryParse(string text, bool interpolated = false)
        {
            var colon = text.LastIndexOf(':');
            if (colon < 0)
                return new(text, [], text, null);
            var head = text[..colon];
            var last = text[(colon + 1)..];
            var question = head.LastIndexOf('?');
            if (question < 0)
                return Names(head) is { } names ? new(text, names, last, null) : null;
            var then = head[(question + 1)..];
            if (question == 0 && interpolated)
            {
                // %{?package:variable:}%: how opam 2.2 names a variable of a package with a '+' in its name.
                var inner = then.LastIndexOf(':');
                return inner < 0 ? new(text, [], last, null)
                    : PackageName.IsValid(then.AsSpan(0, inner)) ? new(text, [then[..inner]], then[(inner + 1)..], null)
                    : null;
            }
            head = head[..question];
            colon = head.LastIndexOf(':');
            if (colon < 0)
                return new(text, [], head, (then, last));
            return Names(head[..colon]) is { } packages ? new(text, packages, head[(colon + 1)..], (then, last)) : null;
        }

        static ImmutableArray<string>? Names(string text)
        {
            var names = ImmutableArray.CreateBuilder<string>();
            foreach (var name in text.Split('+'))
                if (name == "_" || PackageName.IsValid(name))
                    names.Add(name);
                else if (name.Length > 0)
                    return null;
            return names.ToImmutable();
        }

        internal VariableValue? Resolve(IVariables variables, bool keepUndefined)
        {
            var (variable, words) = (Variable, Words);
            if (variable == "enable" && words is null && !Packages.IsEmpty)
                (variable, words) = ("installed", ("enable", "disable"));
            var value = Packages switch
            {
                [] => variables.Lookup(new(null, variable)),
                [var package] => variables.Lookup(new(package, variable)),
                _ => All(variables, variable),
            };
            return words is not { } choice || (keepUndefined && value?.Truth is null)
                ? value
                : (VariableValue)(value?.Truth == true ? choice.Item1 : choice.Item2);
        }

        VariableValue? All(IVariables variables, string variable)
        {
            bool? all = true;
            foreach (var package in Packages)
            {
                if (all == false)
                    break;
                if (variables.Lookup(new(package, variable)) is not { IsBool: true, Truth: true } value)
                    all = variables.Lookup(new(package, variable))?.Truth;
            }
            return all is { } truth ? truth : null;
        }

        /// <inheritdoc/>
        public bool Equals(Ident? other) => Name == other?.Name;

        /// <inheritdoc/>
        public override int GetHashCode() => Name.GetHashCode();
    }

    /// <summary><c>left op right</c>; both sides are compared as versions.</summary>
    /// <param name="Left">The left side.</param>
    /// <param name="Operator">The operator.</param>
    /// <param name="Right">The right side.</param>
    public sealed record Comparison(Filter Left, RelationalOperator Operator, Filter Right) : Filter;

    /// <summary>Both.</summary>
    /// <param name="Left">The one.</param>
    /// <param name="Right">The other.</param>
    public sealed record And(Filter Left, Filter Right) : Filter;

    /// <summary>Either.</summary>
    /// <param name="Left">The one.</param>
    /// <param name="Right">The other.</param>
    public sealed record Or(Filter Left, Filter Right) : Filter;

    /// <summary>Not.</summary>
    /// <param name="Operand">What must not hold.</param>
    public sealed record Not(Filter Operand) : Filter;

    /// <summary>Whether something is defined; never undefined itself.</summary>
    /// <param name="Operand">What.</param>
    public sealed record Defined(Filter Operand) : Filter;

    /// <summary>What it evaluates to: a bool, a string, or null when it is undefined. Undefined variables in strings are blank.</summary>
    /// <param name="variables">The variables.</param>
    public VariableValue? Evaluate(IVariables variables) =>
        Reduce(variables, partly: false) is { Undefined: null } result ? result.Value : null;

    /// <summary>Whether it holds: it evaluates to true, or to the string <c>"true"</c>.</summary>
    /// <param name="variables">The variables.</param>
    /// <param name="undefined">The answer when it is undefined, or neither true nor false.</param>
    public bool Holds(IVariables variables, bool undefined = false) => Evaluate(variables)?.Truth ?? undefined;

    /// <summary>What is left of it when the defined variables are put in: <see cref="Bool"/> when that decides it.</summary>
    /// <param name="variables">The variables.</param>
    public Filter PartialEvaluate(IVariables variables) =>
        Reduce(variables, partly: true) switch
        {
            { Undefined: { } rest } => rest,
            var result => result.Escaped,
        };

    /// <summary>All variables that it names, also within strings.</summary>
    public IEnumerable<Ident> Idents() =>
        this switch
        {
            Ident ident => [ident],
            Comparison c => c.Left.Idents().Concat(c.Right.Idents()),
            And a => a.Left.Idents().Concat(a.Right.Idents()),
            Or o => o.Left.Idents().Concat(o.Right.Idents()),
            Not n => n.Operand.Idents(),
            Defined d => d.Operand.Idents(),
            _ => [],
        };

    /// <summary>A value, or what is left of a filter that has none.</summary>
    readonly record struct Reduced(VariableValue Value, Filter? Undefined)
    {
        public static implicit operator Reduced(bool value) => new(value, null);

        public static implicit operator Reduced(Filter undefined) => new(false, undefined);

        /// <summary>The filter that reduces to this again.</summary>
        public Filter Escaped =>
            Undefined ?? (Value.IsBool ? new Bool(Value.Truth!.Value) : new Text(Interpolation.Escape(Value.ToString())));

        /// <summary>
        /// The same, but a string that was reached by itself is not escaped: opam does so for the sides of and, or and not.
        /// </summary>
        public Filter Plain => Undefined ?? (Value.IsBool ? new Bool(Value.Truth!.Value) : new Text(Value.ToString()));
    }

    Reduced Reduce(IVariables variables, bool partly)
    {
        switch (this)
        {
            case Bool b:
                return b.Value;
            case Text text:
                return Expanded(text.Value, variables, partly);
            case Ident ident:
                return ident.Resolve(variables, keepUndefined: partly) is not { } value ? (Filter)ident
                    : value.IsBool ? new Reduced(value, null)
                    : Expanded(value.ToString(), variables, partly);
            case Comparison comparison:
                var left = comparison.Left.Reduce(variables, partly);
                var right = comparison.Right.Reduce(variables, partly);
                return left.Undefined is null && right.Undefined is null
                    ? comparison.Operator.Holds(OpamVersion.Compare(left.Value.ToString(), right.Value.ToString()))
                    : new Comparison(left.Escaped, comparison.Operator, right.Escaped);
            case And and:
                left = and.Left.Reduce(variables, partly);
                right = and.Right.Reduce(variables, partly);
                if (IsBool(left, false) || IsBool(right, false))
                    return false;
                return Truth(left) is { } l && Truth(right) is { } r ? l && r : new And(left.Plain, right.Plain);
            case Or or:
                left = or.Left.Reduce(variables, partly);
                right = or.Right.Reduce(variables, partly);
                if (IsBool(left, true) || IsBool(right, true))
                    return true;
                return Truth(left) is { } a && Truth(right) is { } b2 ? a || b2 : new Or(left.Plain, right.Plain);
            case Not not:
                var operand = not.Operand.Reduce(variables, partly);
                return Truth(operand) is { } truth ? !truth : new Not(operand.Plain);
            case Defined defined:
                return defined.Operand.Reduce(variables, partly).Undefined is null;
            default:
                throw new InvalidOperationException($"{GetType()} is no filter.");
        }
    }

    static Reduced Expanded(string text, IVariables variables, bool partly) =>
        Interpolation.Expand(text, variables, partly ? null : "") is { } expanded
            ? new Reduced(expanded, null)
            : (Filter)new Text(Interpolation.ExpandPartly(text, variables));

    static bool IsBool(Reduced reduced, bool value) => reduced.Undefined is null && reduced.Value.IsBool && reduced.Value.Truth == value;

    static bool? Truth(Reduced reduced) => reduced.Undefined is null ? reduced.Value.Truth : null;

    /// <summary>The filter as opam shows it.</summary>
    public sealed override string ToString() => Show(Context.Or);

    enum Context
    {
        Or,
        And,
        Tight,
        Relation,
    }

    string Show(Context context)
    {
        return this switch
        {
            Bool b => b.Value ? "true" : "false",
            Text text => $"\"{Escape.Encode(text.Value, triple: false)}\"",
            Ident ident => ident.Name,
            Comparison c => Paren(
                context > Context.And,
                $"{c.Left.Show(Context.Relation)} {c.Operator.Text()} {c.Right.Show(Context.Relation)}"
            ),
            And and => Paren(context > Context.And, $"{and.Left.Show(Context.And)} & {and.Right.Show(Context.And)}"),
            Or or => Paren(context != Context.Or, $"{or.Left.Show(Context.Or)} | {or.Right.Show(Context.Or)}"),
            Not not => Paren(context == Context.Relation, $"!{not.Operand.Show(Context.Tight)}"),
            Defined defined => Paren(context == Context.Relation, $"?{defined.Operand.Show(Context.Tight)}"),
            _ => "",
        };

        static string Paren(bool needed, string text) => needed ? $"({text})" : text;
    }
}
