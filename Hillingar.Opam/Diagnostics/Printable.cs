using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Hillingar.Opam.Diagnostics;

/// <summary>
/// The one place through which what packages, compilers, repositories and servers say gets into messages, logs, Markdown and terminals.
/// Nothing of it moves a cursor, turns text around, begins a line that is none, commands a build agent, or holds a password; all else stays
/// as it is.
/// </summary>
public static partial class Printable
{
    /// <summary>
    /// Text of several lines: line feeds and tabs stay, colours go, and what else would not be seen is shown as <c>\u001b</c>.
    /// </summary>
    public static string Text(string text) => Of(text, lines: true);

    /// <summary>What must be one line, such as a file's name: line feeds and tabs are shown too.</summary>
    public static string Line(string text) => Of(text, lines: false);

    static string Of(string text, bool lines)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!IsPlain(text, lines))
            text = Visible(Colour().Replace(lines ? text.Replace("\r\n", "\n", StringComparison.Ordinal) : text, ""), lines);
        // Whoever finds nothing of these leaves nearly every text alone.
        if (text.Contains("##", StringComparison.Ordinal))
            text = Anywhere().Replace(text, "# ");
        if (text.Contains("::", StringComparison.Ordinal))
            text = Command().Replace(text, ": ");
        return Secrets.Hide(text);
    }

    static bool IsPlain(string text, bool lines)
    {
        foreach (var c in text)
            if (c is < ' ' or > '~' && !(lines && c is '\n' or '\t'))
                return false;
        return true;
    }

    static string Visible(string text, bool lines)
    {
        var visible = new StringBuilder(text.Length);
        var before = 0;
        for (var at = 0; at < text.Length; )
        {
            if (Rune.DecodeFromUtf16(text.AsSpan(at), out var rune, out var length) != System.Buffers.OperationStatus.Done)
                visible.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[at]:x4}");
            else if ((lines && rune.Value is '\n' or '\t') || !IsHidden(rune, before))
                visible.Append(text.AsSpan(at, length));
            else
                visible.Append(
                    CultureInfo.InvariantCulture,
                    $"{(rune.IsBmp ? "\\u" : "\\U")}{(rune.IsBmp ? $"{rune.Value:x4}" : $"{rune.Value:x8}")}"
                );
            before = rune.Value;
            at += length;
        }

        return visible.ToString();
    }

    // Controls, what turns text around or joins it, other ends of lines; and what draws nothing, by which a word is another to a reader
    // than to a program that compares as people do (a build agent does). A variation selector belongs to the emoji before it.
    static bool IsHidden(Rune rune, int before) =>
        Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
        || (
            rune.Value is >= 0xFE00 and <= 0xFE0F
                ? before < 0x80
                : rune.Value
                    is 0x034F
                        or 0x115F
                        or 0x1160
                        or 0x17B4
                        or 0x17B5
                        or 0x2065
                        or (>= 0x180B and <= 0x180F)
                        or 0x3164
                        or 0xFFA0
                        or (>= 0xFFF0 and <= 0xFFF8)
                        or (>= 0xE0000 and <= 0xE0FFF)
        );

    [GeneratedRegex(@"\u001b\[[0-9;:]*m")]
    private static partial Regex Colour();

    // Azure's agent finds ##vso[ anywhere in a line, GitHub's runner ##[ too.
    [GeneratedRegex(@"#(?=#(vso)?\[)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Anywhere();

    // GitHub's runner takes ::name PROPERTIES::TEXT at the start of a line, for these names (Runner.Worker/ActionCommandManager.cs); and whoever shows a
    // long line, as PowerShell does, begins another one anywhere in it. Any other :: is text.
    [GeneratedRegex(
        @":(?=:(?:add-mask|add-matcher|add-path|debug|echo|endgroup|error|group|internal-set-repo-path|notice|remove-matcher|save-state|set-env|set-output|stop-commands|warning)(?: [^\n]*?)?::)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    )]
    private static partial Regex Command();
}
