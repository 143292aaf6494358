using System.Text.RegularExpressions;
using Hillingar.Tests;
using Markdig;
using Markdig.Syntax;

namespace Hillingar.Sdk.Tests.Walk;

/// <summary>What the comment before a code block says is to be done with it.</summary>
public enum BlockMark
{
    /// <summary>No comment, or one that says nothing of this.</summary>
    None,

    /// <summary><c>run</c>: its commands are run, and each has to succeed.</summary>
    Run,

    /// <summary><c>run until TEXT</c>: as run; the last command stays, and says TEXT once it is ready.</summary>
    RunUntil,

    /// <summary><c>fails with HIL####</c>: its commands are run; the last fails with the code.</summary>
    Fails,

    /// <summary><c>output</c>: what the block before it writes, at its end; … stands for what differs from run to run.</summary>
    Output,

    /// <summary><c>write PATH</c>: the file's text: it is written.</summary>
    Write,

    /// <summary><c>part of PATH</c>: lines that stand in that file of the repository, or of the walk; … stands for what is left out.</summary>
    PartOf,

    /// <summary><c>into PATH</c>: an item group or a property group, which is put into that project.</summary>
    Into,

    /// <summary><c>not run: WHY</c>.</summary>
    NotRun,
}

/// <summary>A code block of a page.</summary>
/// <param name="Page">The page, relative to the repository's root.</param>
/// <param name="Line">The line on which it begins.</param>
/// <param name="Language">The language that it names, or empty.</param>
/// <param name="Text">What it says, with a line end.</param>
/// <param name="Mark">What is to be done with it.</param>
/// <param name="Argument">The text, code, path or reason that the mark names.</param>
public sealed partial record PageBlock(string Page, int Line, string Language, string Text, BlockMark Mark, string Argument)
{
    static readonly Dictionary<string, BlockMark> s_marks = new()
    {
        ["run"] = BlockMark.Run, ["run until"] = BlockMark.RunUntil, ["fails with"] = BlockMark.Fails, ["output"] = BlockMark.Output,
        ["write"] = BlockMark.Write, ["part of"] = BlockMark.PartOf, ["into"] = BlockMark.Into, ["not run:"] = BlockMark.NotRun,
    };

    /// <summary>All code blocks of a page of the repository, in their order.</summary>
    public static IReadOnlyList<PageBlock> Of(string page)
    {
        var document = Markdown.Parse(File.ReadAllText(Path.Combine(TestData.Root, page)));
        var blocks = document.Descendants().OfType<Block>().ToList();
        return
        [
            .. blocks.Select((block, index) => (Block: block as FencedCodeBlock, Before: index > 0 ? blocks[index - 1] as HtmlBlock : null)).Where(pair => pair.Block is not null).Select(pair =>
            {
                var match = Comment().Match(pair.Before?.Lines.ToString() ?? "");
                var mark = match.Success ? s_marks[match.Groups["mark"].Value] : BlockMark.None;
                return new PageBlock(page, pair.Block!.Line + 1, pair.Block.Info ?? "", pair.Block.Lines.ToString().TrimEnd('\n') + "\n", mark, match.Groups["argument"].Value.Trim());
            }),
        ];
    }

    /// <summary>Whether a text is what the block shows: every line, in this order, … standing for any text, and a line of … for any lines.</summary>
    /// <param name="text">The text.</param>
    /// <param name="anywhere">Whether the lines may be indented otherwise, and have others before and after them.</param>
    public bool Shows(string text, bool anywhere)
    {
        var lines = Text.TrimEnd('\n').Split('\n').Select(line => anywhere ? line.Trim() : line.TrimEnd());
        var pattern = string.Concat(lines.Select(line => line == "…" ? @"(?:[^\n]*\n)*?" : (anywhere ? "[ \t]*" : "") + Regex.Escape(line).Replace("…", "[^\n]*", StringComparison.Ordinal) + "[ \t]*\n"));
        return Regex.IsMatch(text.ReplaceLineEndings("\n").TrimEnd('\n') + "\n", anywhere ? $@"(?:\A|\n){pattern}" : $@"(?:\A|\n){pattern}\z", RegexOptions.None, TimeSpan.FromMinutes(1));
    }

    /// <summary>Where it is, for messages.</summary>
    public override string ToString() => $"{Page}:{Line}";

    [GeneratedRegex(@"\A<!--\s*(?<mark>run until|run|fails with|output|write|part of|into|not run:)(?<argument>.*?)-->\s*\z", RegexOptions.Singleline)]
    private static partial Regex Comment();
}
