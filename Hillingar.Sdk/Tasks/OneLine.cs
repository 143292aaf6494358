using System.Text;

namespace Hillingar.Sdk.Tasks;

/// <summary>
/// A message of several lines as one: MSBuild's console logger repeats place and code before each line of a message, so that one fault would look
/// like several errors, to people and to what reads a log.
/// </summary>
static class OneLine
{
    /// <summary>The message on one line: what is indented below a line is its list.</summary>
    public static string Of(string message)
    {
        var lines = message
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line.Trim().Length > 0)
            .Select(line => (Indented: char.IsWhiteSpace(line[0]), Text: Item(line)))
            .ToList();
        var text = new StringBuilder(lines.Count > 0 ? lines[0].Text : "");
        foreach (var (before, line) in lines.Zip(lines.Skip(1)))
            text.Append(
                    before.Indented && line.Indented
                        ? Ends(before.Text)
                            ? " "
                            : "; "
                        : Ends(before.Text)
                            ? " "
                            : ". "
                )
                .Append(line.Text);
        return text.ToString();
    }

    static string Item(string line) => line.Trim() is var text && text.StartsWith("- ", StringComparison.Ordinal) ? text[2..] : text;

    static bool Ends(string text) => text[^1] is '.' or ':' or '?' or '!' or ';' or ',';
}
