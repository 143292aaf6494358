using System.Collections.Immutable;
using Hillingar.Opam.Language;
using static Hillingar.Opam.Syntax.Layout;

namespace Hillingar.Opam.Syntax;

/// <summary>
/// Prints trees in opam's own layout, byte for byte what <c>OpamPrinter</c> prints; lines after the first begin at a column.
/// </summary>
static class Printer
{
    public static string Print(Value value, int column = 0)
    {
        var layout = new Layout(column);
        Print(layout, value);
        return layout.ToString();
    }

    public static string Print(Item item, int column = 0) => PrintItems([item], column);

    public static string Print(ImmutableArray<Item> items) => PrintItems(items) + "\n";

    static string PrintItems(ImmutableArray<Item> items, int column = 0)
    {
        var layout = new Layout(column);
        Print(layout, items);
        return layout.ToString();
    }

    static void Print(Layout to, ImmutableArray<Item> items)
    {
        to.Open(Box.Vertical);
        var first = true;
        foreach (var item in items)
        {
            if (!first)
                to.Break(0);
            first = false;
            Print(to, item);
        }
        to.Close();
    }

    static void Print(Layout to, Item item)
    {
        switch (item)
        {
            // opam prints nothing for an empty list.
            case Field { Value: ListValue { Items: [] or [ListValue { Items: [] }] } }:
                break;
            case Field { Value: ListValue list } field:
                var box = list.Items.Any(value => value is ListValue or OptionValue { Items.IsEmpty: false })
                    ? Box.Vertical
                    : Box.HorizontalOrVertical;
                to.Open(box).Text(field.Name).Text(": [").Break(0, 2).Open(box);
                Print(to, list.Items);
                to.Close().Break(0).Text("]").Close();
                break;
            case Field { Value: StringValue text } field when text.Text.Contains('\n', StringComparison.Ordinal):
                to.Open(Box.Packed).Text(field.Name).Text(": ");
                Print(to, text);
                to.Close();
                break;
            case Field field:
                to.Open(Box.Packed, 2).Text(field.Name).Text(":").Break();
                Print(to, field.Value);
                to.Close();
                break;
            case Section section:
                to.Open(Box.Vertical).Text(section.Kind).Text(" ");
                if (section.Name is { } name)
                    to.Text($"\"{Escape.Encode(name, triple: false)}\" ");
                to.Text("{").Break(0, 2).Open(Box.Vertical);
                Print(to, section.Items);
                to.Close().Break(0).Text("}").Close();
                break;
        }
    }

    static void Print(Layout to, ImmutableArray<Value> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (i > 0)
                to.Break();
            Print(to, values[i]);
        }
    }

    static void Print(Layout to, Value value)
    {
        switch (value)
        {
            case BoolValue b:
                to.Text(b.Value ? "true" : "false");
                break;
            case IntValue number:
                to.Text(number.Value.ToString());
                break;
            case IdentValue ident:
                to.Text(ident.Name);
                break;
            case StringValue { Text: var text } when text.Contains('\n', StringComparison.Ordinal):
                to.Text("\"\"\"").Text(text[0] == '\n' ? "" : "\\\n").Text(Escape.Encode(text, triple: true)).Text("\"\"\"");
                break;
            case StringValue { Text: var text }:
                to.Text("\"").Text(Escape.Encode(text, triple: false)).Text("\"");
                break;
            case ListValue list:
                to.Open(Box.HorizontalOrVertical).Text("[").Break(0, 2).Open(Box.HorizontalOrVertical);
                Print(to, list.Items);
                to.Close().Break(0).Text("]").Close();
                break;
            case GroupValue group:
                to.Open(Box.HorizontalOrVertical).Text("(");
                Print(to, group.Items);
                to.Text(")").Close();
                break;
            case OptionValue option:
                to.Open(Box.Packed, 2);
                Print(to, option.Value);
                to.Break().Text("{").Open(Box.HorizontalOrVertical);
                Print(to, option.Items);
                to.Close().Text("}").Close();
                break;
            case RelationValue relation:
                Infix(to, Box.Horizontal, relation.Left, relation.Operator.Text(), relation.Right);
                break;
            case LogicValue logic:
                Infix(to, Box.HorizontalOrVertical, logic.Left, logic.Operator.Text(), logic.Right);
                break;
            case UpdateValue update:
                Infix(to, Box.Horizontal, update.Variable, update.Operator.Text(), update.Operand);
                break;
            case PrefixRelationValue relation:
                to.Open(Box.Horizontal).Text(relation.Operator.Text()).Break();
                Print(to, relation.Operand);
                to.Close();
                break;
            case PrefixValue prefix:
                to.Open(Box.Horizontal).Text(prefix.Operator.Text());
                Print(to, prefix.Operand);
                to.Close();
                break;
        }
    }

    static void Infix(Layout to, Box box, Value left, string op, Value right)
    {
        to.Open(box);
        Print(to, left);
        to.Text(" ").Text(op).Break();
        Print(to, right);
        to.Close();
    }
}
