using System.Text;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Files;

/// <summary>What others say, in Markdown of ours (https://spec.commonmark.org with GitHub's tables).</summary>
static class MarkdownText
{
    /// <summary>A text in which nothing is markup: punctuation that Markdown or HTML could read as its own is escaped, and a line stays one.</summary>
    public static string Plain(string value)
    {
        var text = new StringBuilder(value.Length);
        foreach (var c in Printable.Line(value.ReplaceLineEndings(" ")))
            text.Append(c is '\\' or '`' or '*' or '_' or '[' or ']' or '<' or '>' or '|' or '#' or '!' or '&' or '@' ? $"\\{c}" : $"{c}");
        return text.ToString();
    }
}
