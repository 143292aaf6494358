using System.Globalization;
using System.Text;

namespace Hillingar.Build.Processes;

/// <summary>Takes what a program writes to one stream and keeps its beginning and its end, so that memory does not grow with it.</summary>
/// <param name="keep">How many characters are kept.</param>
/// <param name="most">How many may come at all.</param>
/// <param name="line">Is given each line, cut where it is long; null for nobody.</param>
sealed class ProcessOutput(int keep, long most, Action<string>? line)
{
    const int LongestLine = 16 * 1024;

    // Who listens would have to hear of each "y" of "yes".
    const int MostLines = 1_000_000;

    readonly StringBuilder _head = new();
    readonly StringBuilder _line = new();
    char[]? _tail;
    long _read;
    long _lineLength;
    int _lines;

    /// <summary>How many characters were left out between the beginning and the end.</summary>
    public long Cut => Math.Max(0, _read - _head.Length - (keep - Half));

    /// <summary>What is kept; a line says what is missing.</summary>
    public string Text =>
        Cut == 0
            ? $"{_head}{Tail}"
            : string.Create(CultureInfo.InvariantCulture, $"{_head}\n… {Cut:N0} characters are left out here …\n{Tail}");

    int Half => keep / 2;

    // A ring, whose oldest character is where the next one goes.
    string Tail
    {
        get
        {
            var length = _read - _head.Length;
            if (_tail is null || length <= 0)
                return "";
            var next = (int)(length % _tail.Length);
            return length < _tail.Length ? new string(_tail, 0, next) : string.Concat(_tail.AsSpan(next), _tail.AsSpan(0, next));
        }
    }

    /// <summary>Reads a stream to its end.</summary>
    /// <param name="reader">The stream.</param>
    /// <param name="tooMuch">Is told when more comes than may: once, and nothing is kept of what follows.</param>
    public async Task Read(TextReader reader, Action tooMuch)
    {
        var buffer = new char[16 * 1024];
        while (await reader.ReadAsync(buffer.AsMemory(), CancellationToken.None).ConfigureAwait(false) is > 0 and var count)
        {
            if (_read > most)
                continue;
            Keep(buffer.AsSpan(0, count));
            if (line is not null && _lines <= MostLines)
                Lines(buffer.AsSpan(0, count));
            if (_read > most)
                tooMuch();
        }

        if (_lineLength > 0)
            EndLine();
    }

    void Keep(ReadOnlySpan<char> text)
    {
        var head = Math.Min(text.Length, Half - _head.Length);
        _head.Append(text[..head]);
        _read += head;
        if (head == text.Length)
            return;
        // Most programs say less than the first half.
        _tail ??= new char[keep - Half];
        for (text = text[head..]; text.Length > 0; )
        {
            var at = (int)((_read - _head.Length) % _tail.Length);
            var count = Math.Min(text.Length, _tail.Length - at);
            text[..count].CopyTo(_tail.AsSpan(at));
            _read += count;
            text = text[count..];
        }
    }

    void Lines(ReadOnlySpan<char> text)
    {
        for (var end = text.IndexOf('\n'); end >= 0; text = text[(end + 1)..], end = text.IndexOf('\n'))
        {
            Add(text[..end]);
            EndLine();
        }

        Add(text);
    }

    void Add(ReadOnlySpan<char> text)
    {
        _line.Append(text[..Math.Min(text.Length, LongestLine - _line.Length)]);
        _lineLength += text.Length;
    }

    void EndLine()
    {
        if (_line.Length > 0 && _line[^1] == '\r' && _line.Length == _lineLength)
            _line.Length--;
        if (_lineLength > LongestLine)
            _line.Append(CultureInfo.InvariantCulture, $"… ({_lineLength - LongestLine:N0} more characters in this line)");
        if (++_lines <= MostLines)
            line!(_line.ToString());
        else if (_lines == MostLines + 1)
            line!($"… after {MostLines:N0} lines the rest is left out");
        _line.Clear();
        _lineLength = 0;
    }
}
