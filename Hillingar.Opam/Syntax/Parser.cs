using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;

namespace Hillingar.Opam.Syntax;

/// <summary>
/// Builds the tree of a file, by the grammar of <c>opamBaseParser.mly</c>: <c>{…}</c> binds tightest, then the prefixes
/// <c>!</c> and <c>?</c>, then <c>&amp;</c>, then <c>|</c>; relational and update operators stand between atoms only.
/// </summary>
ref struct Parser
{
    readonly byte[] _source;
    Scanner _scan;

    // Values and items of the lists that are open, innermost on top; a closed list takes its share away.
    Value[] _values = new Value[32];
    Item[] _items = new Item[32];
    int _valueCount,
        _itemCount,
        _parsed;

    Parser(byte[] source, string path)
    {
        this._source = source;
        _scan = new Scanner(source, path);
    }

    /// <summary>The items of a file.</summary>
    public static ImmutableArray<Item> ParseFile(byte[] source, string path)
    {
        if (source.Length > Document.MaxBytes)
            throw new HillingarException(
                "HIL1002",
                $"the file has {source.Length} bytes, more than the {Document.MaxBytes} that are read; cut it down",
                new Place(path)
            );
        var parser = new Parser(source, path);
        try
        {
            parser._scan.Next();
            var items = parser.Items(0, section: false);
            parser.CheckVersions(items);
            return items;
        }
        catch (HillingarException) when (parser.NewerFormat() is { } newer)
        {
            throw newer;
        }
        catch (HillingarException exception) when (MergeMarks.Find(Encoding.Latin1.GetString(source)) is var (line, told))
        {
            throw new HillingarException(exception.Diagnostic.Code, $"the file has {told}.", new Place(path, line, 1), exception);
        }
    }

    /// <summary>A single value.</summary>
    public static Value ParseValue(byte[] source, string path)
    {
        var parser = new Parser(source, path);
        parser._scan.Next();
        var value = parser.Value(0, out _);
        if (parser._scan.Token != Token.End)
            throw parser.Expected("the end of the value");
        return value;
    }

    HillingarException Expected(string what) => _scan.Error(_scan.Start, $"expected {what}, but found {_scan.Show()}");

    HillingarException TooDeep() =>
        _scan.Error(_scan.Start, $"more than {Document.MaxDepth} levels of nesting or operators in one value; split it", "HIL1002");

    void Count()
    {
        if (++_parsed > Document.MaxValues)
            throw _scan.Error(_scan.Start, $"more than {Document.MaxValues} values in one file; cut it down", "HIL1002");
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    ImmutableArray<Item> Items(int depth, bool section)
    {
        var first = _itemCount;
        while (_scan.Token == Token.Ident)
            Push(ref _items, ref _itemCount, Item(depth));
        if (_scan.Token != (section ? Token.CloseBrace : Token.End))
            throw Expected(section ? "a field or '}'" : "a field, such as depends: […]");
        return Pop(_items, ref _itemCount, first);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    Item Item(int depth)
    {
        Count();
        var start = _scan.Start;
        var nameEnd = _scan.End;
        _scan.Next();
        if (_scan.Token == Token.Colon)
        {
            var colon = _scan.Start;
            _scan.Next();
            var value = Value(depth, out _);
            return new Field(_source, value)
            {
                Start = start,
                NameEnd = nameEnd,
                Colon = colon,
                End = value.End,
            };
        }
        StringValue? name = null;
        if (_scan.Token == Token.String)
        {
            name = new StringValue(_source) { Start = _scan.Start, End = _scan.End };
            _scan.Next();
        }
        if (_scan.Token != Token.OpenBrace)
            throw Expected(name is null ? "':' after the field's name, or '{' to begin a section" : "'{' to begin the section");
        if (depth >= Document.MaxDepth)
            throw TooDeep();
        var brace = _scan.Start;
        _scan.Next();
        var content = Items(depth + 1, section: true);
        var end = _scan.End;
        _scan.Next();
        return new Section(Text.Intern(_source.AsSpan(start, nameEnd - start)), name, content)
        {
            Start = start,
            Brace = brace,
            End = end,
        };
    }

    // `depth` is how far down we are, `height` how far the value goes down from here: together they are bounded, so that
    // neither this parser nor whoever walks the tree runs out of stack.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    Value Value(int depth, out int height)
    {
        var value = Conjunction(depth, out height);
        while (_scan.Token == Token.Logic)
        {
            var op = _scan.Start;
            _scan.Next();
            var right = Conjunction(depth, out var other);
            Raise(depth, ref height, other);
            value = Logic(value, LogicalOperator.Or, op, right);
        }
        return value;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    Value Conjunction(int depth, out int height)
    {
        var value = Unary(depth, out height);
        while (_scan.Token == Token.Logic && _scan.Operator == (byte)LogicalOperator.And)
        {
            var op = _scan.Start;
            _scan.Next();
            var right = Unary(depth, out var other);
            Raise(depth, ref height, other);
            value = Logic(value, LogicalOperator.And, op, right);
        }
        return value;
    }

    static LogicValue Logic(Value left, LogicalOperator op, int start, Value right) =>
        new(left, op, right)
        {
            Start = left.Start,
            OperatorStart = start,
            End = right.End,
        };

    /// <summary>The height of what holds two parts, of which the other is so high.</summary>
    void Raise(int depth, ref int height, int other)
    {
        height = Math.Max(height, other);
        if (++height + depth > Document.MaxDepth)
            throw TooDeep();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    Value Unary(int depth, out int height)
    {
        if (_scan.Token != Token.Prefix)
            return Options(depth, out height);
        if (depth >= Document.MaxDepth)
            throw TooDeep();
        var start = _scan.Start;
        var op = (PrefixOperator)_scan.Operator;
        _scan.Next();
        var operand = Unary(depth + 1, out height);
        height++;
        return new PrefixValue(op, operand) { Start = start, End = operand.End };
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    Value Options(int depth, out int height)
    {
        var value = Primary(depth, out height);
        while (_scan.Token == Token.OpenBrace)
        {
            var brace = _scan.Start;
            var items = List(depth, Token.CloseBrace, "'}'", out var inner, out var end);
            Raise(depth, ref height, inner);
            value = new OptionValue(value, items)
            {
                Start = value.Start,
                Brace = brace,
                End = end,
            };
        }
        return value;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    Value Primary(int depth, out int height)
    {
        Count();
        var start = _scan.Start;
        switch (_scan.Token)
        {
            case Token.OpenBracket:
                var list = List(depth, Token.CloseBracket, "']'", out height, out var end);
                height++;
                return new ListValue(list) { Start = start, End = end };
            case Token.OpenGroup:
                var group = List(depth, Token.CloseGroup, "')'", out height, out end);
                height++;
                return new GroupValue(group) { Start = start, End = end };
            case Token.Relation:
                height = 1;
                var prefix = (RelationalOperator)_scan.Operator;
                _scan.Next();
                var operand = Atom();
                return new PrefixRelationValue(prefix, operand) { Start = start, End = operand.End };
        }
        height = 0;
        var atom = Atom();
        var op = _scan.Operator;
        var opStart = _scan.Start;
        switch (_scan.Token)
        {
            case Token.Relation:
                height = 1;
                _scan.Next();
                var right = Atom();
                return new RelationValue(atom, (RelationalOperator)op, right)
                {
                    Start = start,
                    OperatorStart = opStart,
                    End = right.End,
                };
            case Token.Update:
                height = 1;
                _scan.Next();
                right = Atom();
                return new UpdateValue(atom, (UpdateOperator)op, right)
                {
                    Start = start,
                    OperatorStart = opStart,
                    End = right.End,
                };
            default:
                return atom;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    Value Atom()
    {
        Value atom = _scan.Token switch
        {
            Token.String => new StringValue(_source) { Start = _scan.Start, End = _scan.End },
            Token.Ident => new IdentValue(_source) { Start = _scan.Start, End = _scan.End },
            Token.Bool => new BoolValue(_scan.Operator != 0) { Start = _scan.Start, End = _scan.End },
            Token.Int => new IntValue(_scan.Number) { Start = _scan.Start, End = _scan.End },
            _ => throw Expected("a value"),
        };
        _scan.Next();
        return atom;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    ImmutableArray<Value> List(int depth, Token close, string closer, out int height, out int end)
    {
        if (depth >= Document.MaxDepth)
            throw TooDeep();
        var opened = _scan.Start;
        height = 0;
        var first = _valueCount;
        _scan.Next();
        while (_scan.Token != close)
        {
            if (_scan.Token is Token.End or Token.CloseBrace or Token.CloseBracket or Token.CloseGroup or Token.Colon)
                throw _scan.Error(
                    _scan.Start,
                    $"expected a value or {closer} (for line {Document.PlaceIn(_source, "", opened).Line}), but found {_scan.Show()}"
                );
            Push(ref _values, ref _valueCount, Value(depth + 1, out var inner));
            height = Math.Max(height, inner);
        }
        end = _scan.End;
        _scan.Next();
        return Pop(_values, ref _valueCount, first);
    }

    static void Push<T>(ref T[] stack, ref int count, T element)
    {
        if (count == stack.Length)
            Array.Resize(ref stack, count * 2);
        stack[count++] = element;
    }

    static ImmutableArray<T> Pop<T>(T[] stack, ref int count, int first)
    {
        if (count == first)
            return [];
        var share = stack.AsSpan(first, count - first).ToArray();
        count = first;
        return ImmutableCollectionsMarshal.AsImmutableArray(share);
    }

    // From 2.1 on, opam-version comes first and once; a later one may only be "2.0" (opamBaseParser.mly).
    readonly void CheckVersions(ImmutableArray<Item> items)
    {
        var modern = false;
        for (var i = 0; i < items.Length; i++)
        {
            if (items[i] is not Field field || !field.Is("opam-version"u8) || field.Value is not StringValue version)
                continue;
            var newer = FormatVersion(version.Text).CompareTo((2, 0)) > 0;
            if (i == 0)
                modern = newer;
            else if (modern)
                throw _scan.Error(field.Start, "opam-version stands here a second time; keep the first");
            else if (newer)
                throw _scan.Error(field.Start, "expected opam-version as the first field of the file; move it up");
        }
    }

    /// <summary>Major and minor of an <c>opam-version</c>; 0.0 when it is none.</summary>
    internal static (int Major, int Minor) FormatVersion(string text)
    {
        var end = 0;
        while (end < text.Length && (char.IsAsciiDigit(text[end]) || text[end] == '.'))
            end++;
        var parts = text[..end].Split('.');
        return int.TryParse(parts[0], out var major)
            ? (major, parts.Length > 1 && int.TryParse(parts[1], out var minor) ? minor : 0)
            : (0, 0);
    }

    /// <summary>A better word on a syntax error when the file says that it is of a format we do not know yet.</summary>
    readonly HillingarException? NewerFormat()
    {
        var head = new Scanner(_source, "");
        try
        {
            head.Next();
            if (head.Token != Token.Ident || !_source.AsSpan(head.Start..head.End).SequenceEqual("opam-version"u8))
                return null;
            head.Next();
            if (head.Token != Token.Colon)
                return null;
            head.Next();
        }
        catch (HillingarException)
        {
            return null;
        }
        if (
            head.Token != Token.String
            || Escape.Decode(_source.AsSpan(head.Start..head.End)) is var version && FormatVersion(version).CompareTo((2, 2)) <= 0
        )
            return null;
        return _scan.Error(
            head.Start,
            $"the file is of opam's format {Encoding.UTF8.GetString(_source.AsSpan(head.Start..head.End))}; formats up to 2.2 are read",
            "HIL1003"
        );
    }
}
