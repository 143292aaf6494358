using System.Collections.Immutable;
using System.Text;
using Hillingar.Opam.Language;

namespace Hillingar.Opam.Syntax;

/// <summary>
/// A value of opam's language. A parsed value knows where it stands in its <see cref="Document"/>;
/// one made by hand has no place (<see cref="Start"/> is -1) and is printed in opam's own layout.
/// </summary>
public abstract class Value
{
    private protected Value() { }

    /// <summary>The offset of its first byte in the document's source, or -1 when it was not parsed.</summary>
    public int Start { get; internal init; } = -1;

    /// <summary>The offset after its last byte.</summary>
    public int End { get; internal init; } = -1;

    /// <summary>The value in opam's own layout.</summary>
    public sealed override string ToString() => Printer.Print(this);

    /// <summary>Whether two values mean the same, wherever they stand and however they are spelled.</summary>
    public static bool Equal(Value left, Value right) =>
        (left, right) switch
        {
            (BoolValue a, BoolValue b) => a.Value == b.Value,
            (IntValue a, IntValue b) => a.Value == b.Value,
            (StringValue a, StringValue b) => a.Text == b.Text,
            (IdentValue a, IdentValue b) => a.Name == b.Name,
            (ListValue a, ListValue b) => Equal(a.Items, b.Items),
            (GroupValue a, GroupValue b) => Equal(a.Items, b.Items),
            (OptionValue a, OptionValue b) => Equal(a.Value, b.Value) && Equal(a.Items, b.Items),
            (RelationValue a, RelationValue b) => a.Operator == b.Operator && Equal(a.Left, b.Left) && Equal(a.Right, b.Right),
            (PrefixRelationValue a, PrefixRelationValue b) => a.Operator == b.Operator && Equal(a.Operand, b.Operand),
            (LogicValue a, LogicValue b) => a.Operator == b.Operator && Equal(a.Left, b.Left) && Equal(a.Right, b.Right),
            (PrefixValue a, PrefixValue b) => a.Operator == b.Operator && Equal(a.Operand, b.Operand),
            (UpdateValue a, UpdateValue b) => a.Operator == b.Operator && Equal(a.Variable, b.Variable) && Equal(a.Operand, b.Operand),
            _ => false,
        };

    internal static bool Equal(ImmutableArray<Value> left, ImmutableArray<Value> right)
    {
        if (left.Length != right.Length)
            return false;
        for (var i = 0; i < left.Length; i++)
            if (!Equal(left[i], right[i]))
                return false;
        return true;
    }
}

/// <summary><c>true</c> or <c>false</c>.</summary>
/// <param name="value">Which.</param>
public sealed class BoolValue(bool value) : Value
{
    /// <summary>Which of the two.</summary>
    public bool Value { get; } = value;
}

/// <summary>A whole number.</summary>
/// <param name="value">The number; OCaml's 63 bits hold it.</param>
public sealed class IntValue(long value) : Value
{
    /// <summary>The number.</summary>
    public long Value { get; } = value;
}

/// <summary>A string, <c>"…"</c> or <c>"""…"""</c>.</summary>
public sealed class StringValue : Value
{
    // The source until somebody asks for the text, then the text: most strings of a repository are never asked for.
    object _content;

    /// <summary>Makes a string.</summary>
    /// <param name="text">What it says, escapes resolved.</param>
    public StringValue(string text) => _content = text;

    internal StringValue(byte[] source) => _content = source;

    /// <summary>What it says, escapes resolved, bytes that are not UTF-8 replaced.</summary>
    public string Text
    {
        get
        {
            if (_content is byte[] source)
                _content = Escape.Decode(source.AsSpan(Start, End - Start));
            return (string)_content;
        }
    }

    /// <summary>Whether it says exactly <paramref name="utf8"/>; cheaper than <see cref="Text"/>.</summary>
    public bool Is(ReadOnlySpan<byte> utf8)
    {
        if (
            _content is byte[] source
            && source.AsSpan(Start, End - Start) is var literal
            && Escape.Plain(literal) is { IsEmpty: false } plain
        )
            return plain.SequenceEqual(utf8);
        return Text == Encoding.UTF8.GetString(utf8);
    }
}

/// <summary>An identifier: <c>build</c>, <c>with-test</c>, <c>_:version</c>, <c>a+b:installed</c>.</summary>
public sealed class IdentValue : Value
{
    object _content;

    /// <summary>Makes an identifier.</summary>
    /// <param name="name">Its name.</param>
    public IdentValue(string name) => _content = name;

    internal IdentValue(byte[] source) => _content = source;

    /// <summary>Its name.</summary>
    public string Name
    {
        get
        {
            if (_content is byte[] source)
                _content = Text.Intern(source.AsSpan(Start, End - Start));
            return (string)_content;
        }
    }
}

/// <summary><c>[ … ]</c>.</summary>
/// <param name="items">What is in it.</param>
public sealed class ListValue(ImmutableArray<Value> items) : Value
{
    /// <summary>What is in it.</summary>
    public ImmutableArray<Value> Items { get; } = items;
}

/// <summary><c>( … )</c>.</summary>
/// <param name="items">What is in it.</param>
public sealed class GroupValue(ImmutableArray<Value> items) : Value
{
    /// <summary>What is in it.</summary>
    public ImmutableArray<Value> Items { get; } = items;
}

/// <summary><c>value { … }</c>.</summary>
/// <param name="value">What the braces qualify.</param>
/// <param name="items">What is in the braces.</param>
public sealed class OptionValue(Value value, ImmutableArray<Value> items) : Value
{
    /// <summary>What the braces qualify.</summary>
    public Value Value { get; } = value;

    /// <summary>What is in the braces.</summary>
    public ImmutableArray<Value> Items { get; } = items;

    internal int Brace { get; init; } = -1;
}

/// <summary><c>left op right</c> with a relational operator.</summary>
/// <param name="left">The left side, an atom.</param>
/// <param name="op">The operator.</param>
/// <param name="right">The right side, an atom.</param>
public sealed class RelationValue(Value left, RelationalOperator op, Value right) : Value
{
    /// <summary>The left side.</summary>
    public Value Left { get; } = left;

    /// <summary>The operator; the old spelling <c>~</c> means <c>&gt;=</c>.</summary>
    public RelationalOperator Operator { get; } = op;

    /// <summary>The right side.</summary>
    public Value Right { get; } = right;

    internal int OperatorStart { get; init; } = -1;
}

/// <summary><c>op operand</c> with a relational operator, as in <c>{&gt;= "1.0"}</c>.</summary>
/// <param name="op">The operator.</param>
/// <param name="operand">What is compared with, an atom.</param>
public sealed class PrefixRelationValue(RelationalOperator op, Value operand) : Value
{
    /// <summary>The operator; the old spelling <c>~</c> means <c>&gt;=</c>.</summary>
    public RelationalOperator Operator { get; } = op;

    /// <summary>What is compared with.</summary>
    public Value Operand { get; } = operand;
}

/// <summary><c>left &amp; right</c> or <c>left | right</c>.</summary>
/// <param name="left">The left side.</param>
/// <param name="op">The operator.</param>
/// <param name="right">The right side.</param>
public sealed class LogicValue(Value left, LogicalOperator op, Value right) : Value
{
    /// <summary>The left side.</summary>
    public Value Left { get; } = left;

    /// <summary>The operator.</summary>
    public LogicalOperator Operator { get; } = op;

    /// <summary>The right side.</summary>
    public Value Right { get; } = right;

    internal int OperatorStart { get; init; } = -1;
}

/// <summary><c>!operand</c> or <c>?operand</c>.</summary>
/// <param name="op">The operator.</param>
/// <param name="operand">What it applies to.</param>
public sealed class PrefixValue(PrefixOperator op, Value operand) : Value
{
    /// <summary>The operator.</summary>
    public PrefixOperator Operator { get; } = op;

    /// <summary>What it applies to.</summary>
    public Value Operand { get; } = operand;
}

/// <summary>An update of an environment variable, <c>PATH += "…"</c>. (<c>VAR = "…"</c> is a <see cref="RelationValue"/>.)</summary>
/// <param name="variable">The variable, an atom.</param>
/// <param name="op">The operator.</param>
/// <param name="operand">The value, an atom.</param>
public sealed class UpdateValue(Value variable, UpdateOperator op, Value operand) : Value
{
    /// <summary>The variable.</summary>
    public Value Variable { get; } = variable;

    /// <summary>The operator.</summary>
    public UpdateOperator Operator { get; } = op;

    /// <summary>The value.</summary>
    public Value Operand { get; } = operand;

    internal int OperatorStart { get; init; } = -1;
}
