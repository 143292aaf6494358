using System.Text.RegularExpressions;
using Hillingar.BuildProgram;
using Hillingar.Tests;

namespace Hillingar.PowerShell.Tests;

/// <summary>The module as it is in this tree: its cmdlets by their metadata, its manifest and formats as text, its help pages.</summary>
static partial class Module
{
    /// <summary>The assembly of the cmdlets; nothing of it runs.</summary>
    public static string Assembly { get; } = Path.Combine(AppContext.BaseDirectory, "Hillingar.PowerShell.dll");

    public static IReadOnlyList<CmdletShape> Cmdlets { get; } = CmdletShape.Read(Assembly);

    public static string Folder { get; } = Path.Combine(TestData.Root, "Hillingar.PowerShell", "Module");

    public static string Docs { get; } = Path.Combine(TestData.Root, "docs", "powershell");

    public static string Manifest { get; } = File.ReadAllText(Path.Combine(Folder, "Hillingar.PowerShell.psd1"));

    public static IReadOnlyDictionary<string, HelpPage> Pages { get; } =
        Directory.EnumerateFiles(Docs, "*-*.md").Select(file => HelpPage.Parse(File.ReadAllText(file))).ToDictionary(page => page.Name);

    /// <summary>The strings of a list in the manifest.</summary>
    public static IEnumerable<string> Listed(string key) =>
        Regex.Match(Manifest, $@"\b{key}\s*=\s*@\((?<items>[^)]*)\)") is { Success: true } list ? Text().Matches(list.Groups["items"].Value).Select(match => match.Groups[1].Value)
        : throw new InvalidOperationException($"The manifest has no list {key}.");

    public static string Value(string key) => Regex.Match(Manifest, $@"\b{key}\s*=\s*'(?<text>(''|[^'])*)'") is { Success: true } match ? match.Groups["text"].Value : "";

    [GeneratedRegex("'([^']*)'")]
    private static partial Regex Text();
}
