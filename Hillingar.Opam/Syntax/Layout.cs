using System.Text;

namespace Hillingar.Opam.Syntax;

/// <summary>
/// The box layout of OCaml's <c>Format</c> (after Oppen, "Prettyprinting", 1980), with its margin of 78 columns and its
/// habit to break a box as soon as what is known of it reaches the margin. Widths are bytes, as OCaml counts.
/// </summary>
sealed class Layout
{
    public enum Box : byte
    {
        Horizontal,
        Vertical,

        /// <summary>On one line, or a line for each.</summary>
        HorizontalOrVertical,

        /// <summary>As many on a line as fit.</summary>
        Packed,

        Fits,
    }

    enum Kind : byte
    {
        Text,
        Break,
        Open,
        Close,
    }

    sealed class Element
    {
        public Kind Kind;
        public string Text = "";
        public int Blanks,
            Offset,
            Length;
        public int Size;
        public Box Box;
    }

    const int Margin = 78,
        MaxIndent = Margin - 10,
        Infinity = 1_000_000_000;

    readonly StringBuilder _output = new();
    readonly Queue<Element> _queue = new();
    readonly Stack<(int Left, Element Element)> _scan = new();
    readonly Stack<(Box Box, int Width)> _boxes = new();
    int _left = 1,
        _right = 1,
        _room = Margin;

    /// <summary>A layout whose first line begins, and whose others are indented, at a column.</summary>
    public Layout(int column = 0)
    {
        _room -= Math.Min(column, MaxIndent);
        Open(Box.Packed);
    }

    public override string ToString()
    {
        _right = Infinity;
        Advance();
        return _output.ToString();
    }

    public Layout Text(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        Enqueue(
            new Element
            {
                Kind = Kind.Text,
                Text = text,
                Size = length,
                Length = length,
            }
        );
        Advance();
        return this;
    }

    /// <summary>A break: so many blanks, or a new line indented by so much.</summary>
    public Layout Break(int blanks = 1, int offset = 0)
    {
        Scan(
            new Element
            {
                Kind = Kind.Break,
                Blanks = blanks,
                Offset = offset,
                Size = -_right,
                Length = blanks,
            },
            afterBreak: true
        );
        return this;
    }

    public Layout Open(Box box, int indent = 0)
    {
        Scan(
            new Element
            {
                Kind = Kind.Open,
                Box = box,
                Offset = indent,
                Size = -_right,
            },
            afterBreak: false
        );
        return this;
    }

    public Layout Close()
    {
        Enqueue(new Element { Kind = Kind.Close });
        SetSize(Kind.Break);
        SetSize(Kind.Open);
        return this;
    }

    void Enqueue(Element element)
    {
        _right += element.Length;
        _queue.Enqueue(element);
    }

    void Scan(Element element, bool afterBreak)
    {
        Enqueue(element);
        if (afterBreak)
            SetSize(Kind.Break);
        _scan.Push((_right, element));
    }

    // The innermost break or box is complete: its size is what came since.
    void SetSize(Kind kind)
    {
        if (!_scan.TryPeek(out var top))
            return;
        if (top.Left < _left)
            _scan.Clear();
        else if (top.Element.Kind == kind)
        {
            top.Element.Size += _right;
            _scan.Pop();
        }
    }

    void Advance()
    {
        while (_queue.TryPeek(out var element) && (element.Size >= 0 || _right - _left >= _room))
        {
            _queue.Dequeue();
            Print(element, element.Size < 0 ? Infinity : element.Size);
            _left += element.Length;
        }
    }

    void Print(Element element, int size)
    {
        switch (element.Kind)
        {
            case Kind.Text:
                _room -= size;
                _output.Append(element.Text);
                break;
            case Kind.Open:
                if (Margin - _room > MaxIndent)
                    BreakEnclosing();
                _boxes.Push((element.Box == Box.Vertical || size > _room ? element.Box : Box.Fits, _room - element.Offset));
                break;
            case Kind.Close:
                _boxes.Pop();
                break;
            case Kind.Break:
                var (box, width) = _boxes.Peek();
                if (box is Box.Vertical or Box.HorizontalOrVertical || (box == Box.Packed && size > _room))
                    Line(element.Offset, width);
                else
                {
                    _room -= element.Blanks;
                    _output.Append(' ', element.Blanks);
                }
                break;
        }
    }

    // A box that would begin too far to the right begins on a new line instead.
    void BreakEnclosing()
    {
        if (_boxes.TryPeek(out var top) && top.Width > _room && top.Box is not (Box.Fits or Box.Horizontal))
            Line(0, top.Width);
    }

    void Line(int offset, int width)
    {
        var indent = Math.Min(MaxIndent, Margin - width + offset);
        _room = Margin - indent;
        _output.Append('\n').Append(' ', indent);
    }
}
