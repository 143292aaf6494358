using System.Text.RegularExpressions;

namespace Hillingar.BuildProgram;

/// <summary>An example of a help page: a title, what one types, and what there is to say of it.</summary>
sealed record HelpExample(string Title, string Code, string Remarks);

/// <summary>
/// A cmdlet's help, from its markdown page: <c># NAME</c>, a synopsis, a description; <c>## Parameters</c> with a <c>### -NAME</c> each;
/// <c>## Examples</c> with a title each and a block of code. What attributes say (types, positions, pipeline) is not repeated there.
/// </summary>
sealed partial record HelpPage(
    string Name,
    string Synopsis,
    IReadOnlyList<string> Description,
    IReadOnlyDictionary<string, string> Parameters,
    IReadOnlyList<HelpExample> Examples
)
{
    public static HelpPage Parse(string markdown)
    {
        var sections = Sections(markdown.ReplaceLineEndings("\n"), "## ");
        var (head, intro) = (sections[0].Title, Paragraphs(sections[0].Text));
        var parameters = Of(sections, "Parameters")
            .ToDictionary(
                section => section.Title.TrimStart('-'),
                section => string.Join("\n\n", Paragraphs(section.Text)),
                StringComparer.OrdinalIgnoreCase
            );
        var examples = Of(sections, "Examples")
            .Select(section =>
                Code().Match(section.Text) is { Success: true } code
                    ? new HelpExample(
                        section.Title,
                        code.Groups["code"].Value.TrimEnd(),
                        string.Join("\n\n", Paragraphs(section.Text[(code.Index + code.Length)..]))
                    )
                    : throw new FormatException($"{head}: the example '{section.Title}' has no block of PowerShell.")
            );
        return new HelpPage(
            head,
            intro.FirstOrDefault() ?? throw new FormatException($"{head} has no synopsis."),
            [.. intro.Skip(1)],
            parameters,
            [.. examples]
        );
    }

    /// <summary>A page without markdown's marks, its lines filled, for an about topic.</summary>
    public static string Plain(string markdown)
    {
        var inCode = false;
        var lines = new List<string>();
        foreach (var line in markdown.ReplaceLineEndings("\n").Split('\n'))
            if (line.StartsWith("```", StringComparison.Ordinal))
                inCode = !inCode;
            else if (inCode)
                lines.Add("        " + line);
            else if (line.StartsWith('#'))
                lines.Add(line.TrimStart('#', ' ').ToUpperInvariant());
            else
                lines.Add(line.Length == 0 ? "" : "    " + Unmarked(line));
        return string.Join('\n', lines).TrimEnd() + "\n";
    }

    static IEnumerable<(string Title, string Text)> Of(List<(string Title, string Text)> sections, string title) =>
        sections.Where(section => section.Title == title).SelectMany(section => Sections(section.Text, "### ").Skip(1));

    // What stands before the first heading of the level is a section of its own; the page's title is that one's.
    static List<(string Title, string Text)> Sections(string text, string mark)
    {
        var found = new List<(string Title, List<string> Lines)> { ("", []) };
        var inCode = false;
        foreach (var line in text.Split('\n'))
        {
            inCode ^= line.StartsWith("```", StringComparison.Ordinal);
            if (!inCode && line.StartsWith(mark, StringComparison.Ordinal))
                found.Add((line[mark.Length..].Trim(), []));
            else if (!inCode && line.StartsWith("# ", StringComparison.Ordinal))
                found[0] = (line[2..].Trim(), []);
            else
                found[^1].Lines.Add(line);
        }

        return found.ConvertAll(section => (section.Title, string.Join('\n', section.Lines)));
    }

    static List<string> Paragraphs(string text) =>
        [
            .. text.Split("\n\n")
                .Select(paragraph => Unmarked(string.Join(' ', paragraph.Split('\n').Select(line => line.Trim()))).Trim())
                .Where(paragraph => paragraph.Length > 0),
        ];

    static string Unmarked(string text) => Link().Replace(text, "$1").Replace("`", "").Replace("**", "");

    [GeneratedRegex("^```powershell\n(?<code>.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Code();

    [GeneratedRegex(@"\[([^\]]+)\]\([^)]+\)")]
    private static partial Regex Link();
}
