using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;
using Hillingar.Opam.Syntax;

namespace Hillingar.Opam.Files;

/// <summary>From values to what they mean (<c>opamFormat.ml</c>). Each throws HIL1003, placed, when a value is not of the shape.</summary>
sealed class Decode(Document document)
{
    public HillingarException Error(Value value, string expected) =>
        new("HIL1003", $"expected {expected}, but found {Shown(value)}", document.PlaceOf(value));

    static string Shown(Value value)
    {
        var text = value.ToString();
        var line = text.AsSpan().IndexOf('\n');
        var cut = Math.Min(line < 0 ? text.Length : line, 60);
        return cut < text.Length ? $"{text.AsSpan(0, cut)}…" : text;
    }

    public string String(Value value) => value is StringValue text ? text.Text : throw Error(value, "a string");

    public string Ident(Value value) => value is IdentValue ident ? ident.Name : throw Error(value, "an identifier");

    /// <summary>A list, where opam also takes its single element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ImmutableArray<T> List<T>(Value value, Func<Value, T> element)
    {
        if (value is not ListValue list)
            return [element(value)];
        var result = ImmutableArray.CreateBuilder<T>(list.Items.Length);
        foreach (var item in list.Items)
            result.Add(element(item));
        return result.MoveToImmutable();
    }

    /// <summary>A list of lists, where opam also takes a single inner list, or its single element (<c>list_depth 2</c>).</summary>
    public static ImmutableArray<T> Lists<T>(Value value, Func<Value, T> element) =>
        Depth(value) >= 2 ? List(value, element) : [element(value)];

    static int Depth(Value value) =>
        value switch
        {
            ListValue { Items: [] } => 1,
            ListValue { Items: [var first, ..] } => 1 + Depth(first),
            OptionValue option => Depth(option.Value),
            _ => 0,
        };

    public ImmutableArray<string> Strings(Value value) => List(value, String);

    public (Value First, Value Second) Pair(Value value) =>
        value is ListValue { Items: [var first, var second] } ? (first, second) : throw Error(value, "a list of two");

    public PackageName Name(Value value) =>
        String(value) is var text && PackageName.IsValid(text)
            ? new(text)
            : throw Error(value, "a package's name (letters, digits and - _ +, with at least one letter)");

    public OpamVersion Version(Value value) =>
        String(value).Trim() is var text && OpamVersion.IsValid(text)
            ? new(text)
            : throw Error(value, "a version (letters, digits and - _ + . ~)");

    Filter.Ident Variable(IdentValue ident) =>
        Hillingar.Opam.Language.Filter.Ident.TryParse(ident.Name) ?? throw Error(ident, "a variable");

    /// <summary>The filter in the braces, or of a field; nothing is true.</summary>
    public Filter Filter(ImmutableArray<Value> values, Value whole)
    {
        while (values is [GroupValue group])
            values = group.Items.Length == 1 ? group.Items : throw Error(group, "a single filter");
        return values switch
        {
            [] => Hillingar.Opam.Language.Filter.True,
            [var value] => Filter(value),
            _ => throw Error(whole, "a single filter (join several with '&')"),
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    Filter Filter(Value value) =>
        value switch
        {
            BoolValue b => b.Value ? Hillingar.Opam.Language.Filter.True : new Filter.Bool(false),
            StringValue text => new Filter.Text(text.Text),
            IntValue number => new Filter.Text(number.Value.ToString()),
            IdentValue ident => Variable(ident),
            GroupValue group => Filter(group.Items, group),
            RelationValue relation => new Filter.Comparison(Filter(relation.Left), relation.Operator, Filter(relation.Right)),
            PrefixValue { Operator: PrefixOperator.Not } prefix => new Filter.Not(Filter(prefix.Operand)),
            PrefixValue prefix => new Filter.Defined(Filter(prefix.Operand)),
            LogicValue { Operator: LogicalOperator.And } logic => new Filter.And(Filter(logic.Left), Filter(logic.Right)),
            LogicValue logic => new Filter.Or(Filter(logic.Left), Filter(logic.Right)),
            _ => throw Error(value, "a filter"),
        };

    /// <summary>A value and the filter in its braces.</summary>
    public Filtered<T> Filtered<T>(Value value, Func<Value, T> decode) =>
        value is OptionValue option
            ? new(decode(option.Value), Filter(option.Items, option))
            : new(decode(value), Hillingar.Opam.Language.Filter.True);

    /// <summary><c>depends</c> (a conjunction), or <c>depopts</c> and <c>conflicts</c> (disjunctions).</summary>
    public Formula<FilteredPackage> Packages(Value value, bool disjunction) =>
        value is ListValue list ? Packages(list.Items, disjunction) : Package(value, disjunction);

    Formula<FilteredPackage> Packages(ImmutableArray<Value> values, bool disjunction) =>
        Formula<FilteredPackage>.Join(
            Array.ConvertAll(ImmutableCollectionsMarshal.AsArray(values)!, value => Package(value, disjunction)),
            disjunction
        );

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    Formula<FilteredPackage> Package(Value value, bool disjunction) =>
        value switch
        {
            StringValue => new Formula<FilteredPackage>.Atom(new(Name(value), Formula<FilteredConstraint>.Empty)),
            OptionValue option => new Formula<FilteredPackage>.Atom(new(Name(option.Value), Conditions(option.Items))),
            GroupValue group => new Formula<FilteredPackage>.Block(Packages(group.Items, disjunction)),
            LogicValue { Operator: LogicalOperator.And } logic => new Formula<FilteredPackage>.And(
                Package(logic.Left, disjunction),
                Package(logic.Right, disjunction)
            ),
            LogicValue logic => new Formula<FilteredPackage>.Or(Package(logic.Left, disjunction), Package(logic.Right, disjunction)),
            _ => throw Error(value, "a package, such as \"lwt\" {>= \"5.0\"}"),
        };

    Formula<FilteredConstraint> Conditions(ImmutableArray<Value> values) =>
        Formula<FilteredConstraint>.Join(Array.ConvertAll(ImmutableCollectionsMarshal.AsArray(values)!, Condition), disjunction: false);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    Formula<FilteredConstraint> Condition(Value value) =>
        value switch
        {
            PrefixRelationValue relation => new Formula<FilteredConstraint>.Atom(
                new FilteredConstraint.Constraint(relation.Operator, ConstraintVersion(relation.Operand))
            ),
            LogicValue { Operator: LogicalOperator.And } logic => Formula<FilteredConstraint>.MakeAnd(
                Condition(logic.Left),
                Condition(logic.Right)
            ),
            LogicValue logic => Formula<FilteredConstraint>.MakeOr(Condition(logic.Left), Condition(logic.Right)),
            GroupValue group => new Formula<FilteredConstraint>.Block(Conditions(group.Items)),
            PrefixValue { Operator: PrefixOperator.Not } not => Negate(Condition(not.Operand)),
            _ => new Formula<FilteredConstraint>.Atom(new FilteredConstraint.When(Filter(value))),
        };

    static Formula<FilteredConstraint> Negate(Formula<FilteredConstraint> formula) =>
        formula switch
        {
            Formula<FilteredConstraint>.Atom { Value: FilteredConstraint.Constraint c } => new Formula<FilteredConstraint>.Atom(
                c with
                {
                    Operator = c.Operator.Negate(),
                }
            ),
            Formula<FilteredConstraint>.Atom { Value: FilteredConstraint.When filter } => new Formula<FilteredConstraint>.Atom(
                new FilteredConstraint.When(new Filter.Not(filter.Filter))
            ),
            Formula<FilteredConstraint>.Block block => new Formula<FilteredConstraint>.Block(Negate(block.Inner)),
            Formula<FilteredConstraint>.And and => new Formula<FilteredConstraint>.Or(Negate(and.Left), Negate(and.Right)),
            Formula<FilteredConstraint>.Or or => new Formula<FilteredConstraint>.And(Negate(or.Left), Negate(or.Right)),
            _ => formula,
        };

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    Filter ConstraintVersion(Value value) =>
        value switch
        {
            StringValue text when OpamVersion.IsValid(Interpolation.Expand(text.Text, s_dashes, "-")) => new Filter.Text(text.Text),
            IdentValue ident => Variable(ident),
            _ => throw Error(value, "a version in quotes, or a variable"),
        };

    // A version may hold %{variables}%; whatever they are, the rest must be of a version's letters.
    static readonly OpamEnvironment s_dashes = OpamEnvironment.Empty;

    /// <summary>Commands: lists of arguments, each and all with filters.</summary>
    public ImmutableArray<OpamCommand> Commands(Value value) =>
        Lists(
            value,
            inner =>
            {
                var command = Filtered(
                    inner,
                    arguments =>
                        List(
                            arguments,
                            argument =>
                                Filtered(
                                    argument,
                                    word =>
                                        word switch
                                        {
                                            StringValue text => new Argument(text.Text, false),
                                            IdentValue ident => new Argument(ident.Name, true),
                                            _ => throw Error(word, "a string or a variable"),
                                        }
                                )
                        )
                );
                return new OpamCommand(command.Value, command.Filter);
            }
        );

    /// <summary>Updates of environment variables.</summary>
    public ImmutableArray<VariableUpdate> Updates(Value value) =>
        Lists(
            value,
            inner =>
                (inner is ListValue { Items: [var single] } ? single : inner) switch
                {
                    RelationValue { Operator: RelationalOperator.Equal, Left: IdentValue name } set => new VariableUpdate(
                        name.Name,
                        UpdateOperator.Set,
                        String(set.Right)
                    ),
                    UpdateValue { Variable: IdentValue name } update => new VariableUpdate(
                        name.Name,
                        update.Operator,
                        String(update.Operand)
                    ),
                    _ => throw Error(inner, "an update such as [PATH += \"bin\"]"),
                }
        );

    public Checksum Checksum(Value value) =>
        Hillingar.Opam.Files.Checksum.TryParse(String(value), out var checksum)
            ? checksum
            : throw Error(value, "a checksum, md5=…, sha256=… or sha512=…");

    /// <summary>A file's name, which may not lead out of its folder.</summary>
    public string FileName(Value value) =>
        String(value) is var name && IsInside(name)
            ? name
            : throw Error(value, "the name of a file inside its folder (no leading '/', no '..')");

    public static bool IsInside(string path) =>
        path.Length > 0
        && !path.StartsWith('/')
        && !path.Contains('\0')
        && !path.Contains('\\')
        && !path.Contains(':')
        && !path.Split('/').Contains("..");

    /// <summary>Refuses the name of a file that would lead out of its folder.</summary>
    public static void RequireInside(string name, string place)
    {
        if (!IsInside(name))
            throw new HillingarException(
                "HIL1006",
                $"'{name}' leads out of the package's folder; such a file is not read",
                new Place(place)
            );
    }
}
