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
        public int Blanks, Offset, Length;
        public int Size;
        public Box Box;
    }

    const int Margin = 78, MaxIndent = Margin - 10, Infinity = 1_000_000_000;

    readonly StringBuilder output = new();
    readonly Queue<Element> queue = new();
    readonly Stack<(int Left, Element Element)> scan = new();
    readonly Stack<(Box Box, int Width)> boxes = new();
    int left = 1, right = 1, room = Margin;

    /// <summary>A layout whose first line begins, and whose others are indented, at a column.</summary>
    public Layout(int column = 0)
    {
        room -= Math.Min(column, MaxIndent);
        Open(Box.Packed);
    }

    public override string ToString()
    {
        right = Infinity;
        Advance();
        return output.ToString();
    }

    public Layout Text(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        Enqueue(new Element { Kind = Kind.Text, Text = text, Size = length, Length = length });
        Advance();
        return this;
    }

    /// <summary>A break: so many blanks, or a new line indented by so much.</summary>
    public Layout Break(int blanks = 1, int offset = 0)
    {
        Scan(new Element { Kind = Kind.Break, Blanks = blanks, Offset = offset, Size = -right, Length = blanks }, afterBreak: true);
        return this;
    }

    public Layout Open(Box box, int indent = 0)
    {
        Scan(new Element { Kind = Kind.Open, Box = box, Offset = indent, Size = -right }, afterBreak: false);
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
        right += element.Length;
        queue.Enqueue(element);
    }

    void Scan(Element element, bool afterBreak)
    {
        Enqueue(element);
        if (afterBreak)
            SetSize(Kind.Break);
        scan.Push((right, element));
    }

    // The innermost break or box is complete: its size is what came since.
    void SetSize(Kind kind)
    {
        if (!scan.TryPeek(out var top))
            return;
        if (top.Left < left)
            scan.Clear();
        else if (top.Element.Kind == kind)
        {
            top.Element.Size += right;
            scan.Pop();
        }
    }

    void Advance()
    {
        while (queue.TryPeek(out var element) && (element.Size >= 0 || right - left >= room))
        {
            queue.Dequeue();
            Print(element, element.Size < 0 ? Infinity : element.Size);
            left += element.Length;
        }
    }

    void Print(Element element, int size)
    {
        switch (element.Kind)
        {
            case Kind.Text:
                room -= size;
                output.Append(element.Text);
                break;
            case Kind.Open:
                if (Margin - room > MaxIndent)
                    BreakEnclosing();
                boxes.Push((element.Box == Box.Vertical || size > room ? element.Box : Box.Fits, room - element.Offset));
                break;
            case Kind.Close:
                boxes.Pop();
                break;
            case Kind.Break:
                var (box, width) = boxes.Peek();
                if (box is Box.Vertical or Box.HorizontalOrVertical || (box == Box.Packed && size > room))
                    Line(element.Offset, width);
                else
                {
                    room -= element.Blanks;
                    output.Append(' ', element.Blanks);
                }
                break;
        }
    }

    // A box that would begin too far to the right begins on a new line instead.
    void BreakEnclosing()
    {
        if (boxes.TryPeek(out var top) && top.Width > room && top.Box is not (Box.Fits or Box.Horizontal))
            Line(0, top.Width);
    }

    void Line(int offset, int width)
    {
        var indent = Math.Min(MaxIndent, Margin - width + offset);
        room = Margin - indent;
        output.Append('\n').Append(' ', indent);
    }
}
