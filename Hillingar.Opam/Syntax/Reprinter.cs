using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using Hillingar.Opam.Language;

namespace Hillingar.Opam.Syntax;

/// <summary>
/// Writes a parsed document again: walks the tree, spells each token from its node, and before each token the blanks and
/// comments that were scanned there. A node that the tree lacks would be missing, not copied.
/// </summary>
sealed class Reprinter(Document document, byte[] source)
{
    readonly ArrayBufferWriter<byte> _output = new(source.Length + 16);
    int _position;

    public byte[] Print()
    {
        foreach (var item in document.Items)
            Print(item);
        Blanks();
        return _output.WrittenSpan.ToArray();
    }

    void Print(Item item)
    {
        switch (item)
        {
            case Field field:
                Token(field.Name);
                Token(":");
                Print(field.Value);
                break;
            case Section section:
                Token(section.Kind);
                if (section.NameValue is { } name)
                    Print(name);
                Token("{");
                foreach (var inner in section.Items)
                    Print(inner);
                Token("}");
                break;
        }
    }

    void Print(Value value)
    {
        switch (value)
        {
            case BoolValue b:
                Token(b.Value ? "true" : "false");
                break;
            case IdentValue ident:
                Token(ident.Name);
                break;
            // A string and a number keep their spelling (escapes, """, leading zeros): it is layout, not meaning.
            case StringValue or IntValue:
                Blanks();
                _output.Write(source.AsSpan(value.Start..value.End));
                _position = value.End;
                break;
            case ListValue list:
                Print("[", list.Items, "]");
                break;
            case GroupValue group:
                Print("(", group.Items, ")");
                break;
            case OptionValue option:
                Print(option.Value);
                Print("{", option.Items, "}");
                break;
            case RelationValue relation:
                Print(relation.Left);
                Relation(relation.Operator);
                Print(relation.Right);
                break;
            case PrefixRelationValue relation:
                Relation(relation.Operator);
                Print(relation.Operand);
                break;
            case LogicValue logic:
                Print(logic.Left);
                Token(logic.Operator.Text());
                Print(logic.Right);
                break;
            case PrefixValue prefix:
                Token(prefix.Operator.Text());
                Print(prefix.Operand);
                break;
            case UpdateValue update:
                Print(update.Variable);
                Token(update.Operator.Text());
                Print(update.Operand);
                break;
        }
    }

    void Print(string open, ImmutableArray<Value> values, string close)
    {
        Token(open);
        foreach (var value in values)
            Print(value);
        Token(close);
    }

    void Relation(RelationalOperator op)
    {
        Blanks();
        Token(op == RelationalOperator.GreaterOrEqual && source[_position] == '~' ? "~" : op.Text());
    }

    void Token(string text)
    {
        Blanks();
        _position += (int)Encoding.UTF8.GetBytes(text, _output);
    }

    void Blanks()
    {
        var end = new Scanner(source, document.Path).SkipBlankFrom(_position);
        _output.Write(source.AsSpan(_position..end));
        _position = end;
    }
}
