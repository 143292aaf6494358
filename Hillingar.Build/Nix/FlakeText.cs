using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Hillingar.Build.Unpacking;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Nix;

/// <summary>
/// Texts of a flake's plan that hold places which only Nix knows: a package's output folder. While steps are evaluated, a mark stands for
/// such a place; in the plan the text is then a list of its pieces.
/// </summary>
static partial class FlakeText
{
    // Unicode's noncharacters, which are for use inside a program and mean nothing in any text.
    const char Begin = '\uFDD0',
        End = '\uFDD1';

    const string CoresMark = "*";

    /// <summary>What stands for the output of a package.</summary>
    public static string Mark(string package) => $"{Begin}{package}{End}";

    /// <summary>What stands for the number of processes that a build may run at once.</summary>
    public static string Cores { get; } = Mark(CoresMark);

    /// <summary>A text as the plan holds it: itself, or its pieces.</summary>
    public static JsonNode Pieces(string text)
    {
        if (!text.Contains(Begin, StringComparison.Ordinal))
            return Checked(text);
        var pieces = new JsonArray();
        var at = 0;
        foreach (Match mark in Marked().Matches(text))
        {
            if (mark.Index > at)
                pieces.Add((JsonNode)Checked(text[at..mark.Index]));
            pieces.Add(
                (JsonNode)(
                    mark.Groups[1].Value == CoresMark
                        ? new JsonObject { ["cores"] = true }
                        : new JsonObject { ["package"] = mark.Groups[1].Value }
                )
            );
            at = mark.Index + mark.Length;
        }
        if (at < text.Length)
            pieces.Add((JsonNode)Checked(text[at..]));
        return pieces;
    }

    /// <summary>A text as the plan holds it.</summary>
    /// <exception cref="HillingarException">HIL5080: Nix cannot hold it.</exception>
    public static JsonValue Checked(string text) =>
        text.AsSpan().IndexOfAny('\0', Begin, End) < 0
            ? JsonValue.Create(text)!
            : throw new HillingarException(
                "HIL5080",
                $"'{Unpacker.Printable(text)}' cannot be written into a flake: it holds a character that Nix's strings, or ours, cannot. Do not use the package that brought it."
            );

    /// <summary>A name that a store path may have, made of another.</summary>
    public static string StoreName(string text)
    {
        var name = NotInNames().Replace(text, "-").TrimStart('.', '-');
        return name.Length == 0 ? "source"
            : name.Length > 120 ? name[^120..].TrimStart('.', '-')
            : name;
    }

    [GeneratedRegex("\uFDD0([^\uFDD0\uFDD1]*)\uFDD1")]
    private static partial Regex Marked();

    [GeneratedRegex("[^A-Za-z0-9+._-]+")]
    private static partial Regex NotInNames();
}
