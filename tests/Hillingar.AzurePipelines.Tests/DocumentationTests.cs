using System.Text.RegularExpressions;
using Hillingar.Tests;
using Markdig;
using Markdig.Extensions.AutoIdentifiers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Hillingar.AzurePipelines.Tests;

/// <summary>What the pages say is there: links and their anchors, codes, cmdlets, properties.</summary>
public sealed partial class DocumentationTests
{
    static readonly MarkdownPipeline s_markdown = new MarkdownPipelineBuilder().UsePipeTables().UseAutoIdentifiers(AutoIdentifierOptions.GitHub).Build();

    static readonly string[] s_notOurs = ["bin", "obj", "artifacts", "node_modules", "shared", ".git"];

    /// <summary>Every page of the repository, relative to its root.</summary>
    public static TheoryData<string> Pages => [.. Below(TestData.Root).Order()];

    static IEnumerable<string> Below(string folder) => Directory.EnumerateFiles(folder, "*.md").Select(file => Path.GetRelativePath(TestData.Root, file).Replace('\\', '/'))
        .Concat(Directory.EnumerateDirectories(folder).Where(inner => !s_notOurs.Contains(Path.GetFileName(inner))).SelectMany(Below));

    static string Text(string page) => File.ReadAllText(Path.Combine(TestData.Root, page));

    static MarkdownDocument Read(string page) => Markdown.Parse(Text(page), s_markdown);

    static HashSet<string> Anchors(string page) => [.. Read(page).Descendants<HeadingBlock>().Select(heading => heading.GetAttributes().Id).OfType<string>()];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_link_leads_to_a_file_and_a_heading_that_are_there(string page)
    {
        foreach (var url in Read(page).Descendants<LinkInline>().Select(link => link.Url ?? "").Where(url => !url.Contains("://", StringComparison.Ordinal) && !url.StartsWith("mailto:", StringComparison.Ordinal)))
        {
            var (path, anchor) = (url.Split('#')[0], url.Contains('#', StringComparison.Ordinal) ? url.Split('#')[1] : null);
            var target = path.Length == 0 ? page : Path.GetRelativePath(TestData.Root, Path.Combine(TestData.Root, Path.GetDirectoryName(page)!, path)).Replace('\\', '/');
            Assert.False(target.StartsWith("..", StringComparison.Ordinal), $"{url} leads out of the repository");
            Assert.True(File.Exists(Path.Combine(TestData.Root, target)) || Directory.Exists(Path.Combine(TestData.Root, target)), url);
            if (anchor is not null)
                Assert.Contains(anchor, Anchors(target).AsEnumerable());
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_code_that_is_named_is_documented(string page)
    {
        var codes = Codes().Matches(Text("docs/errors.md")).Select(match => match.Value).ToHashSet();
        Assert.All(Codes().Matches(Text(page)).Select(match => match.Value), code => Assert.True(codes.Contains(code), code));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_cmdlet_that_is_named_exists(string page) =>
        Assert.All(Cmdlets().Matches(Text(page)).Select(match => match.Value), cmdlet => Assert.True(File.Exists(Path.Combine(TestData.Root, "docs", "powershell", cmdlet + ".md")), cmdlet));

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_property_item_and_target_that_is_named_is_in_the_reference(string page)
    {
        var reference = Names().Matches(Text("docs/sdk.md")).Select(match => match.Groups[1].Value).ToHashSet();
        var named = Names().Matches(Text(page)).Select(match => match.Groups[1].Value)
            .Concat(Read(page).Descendants<FencedCodeBlock>().Where(block => block.Info == "xml").SelectMany(block => Elements().Matches(block.Lines.ToString())).Select(match => match.Groups[1].Value));
        Assert.All(named.Where(name => !s_others.Contains(name)), name => Assert.True(reference.Contains(name), $"{name} is not in docs/sdk.md"));
        foreach (Match given in Given().Matches(Text(page)))
            Assert.Matches(given.Groups["target"].Success ? $"<Target Name=\"{given.Groups["target"].Value}\"" : $@"\$\({given.Groups["property"].Value}\)", s_sdk);
    }

    static readonly string s_sdk = string.Join('\n', Directory.EnumerateFiles(Path.Combine(TestData.Root, "Hillingar.Sdk", "Sdk"), "*", SearchOption.AllDirectories).Select(File.ReadAllText));

    // MSBuild's and NuGet's own, and what begins like ours and is a project or a tool.
    static readonly HashSet<string> s_others = ["Project", "ProjectReference", "PackageReference", "PropertyGroup", "ItemGroup", "DefaultItemExcludes", "RestoreLockedMode", "PublishDir", "Configuration", "MSBuildIsRestoring", "HillingarBuild", "HillingarException"];

    [Fact]
    public void The_reference_of_the_task_lists_its_inputs_and_outputs()
    {
        using var task = System.Text.Json.JsonDocument.Parse(Text("Hillingar.AzurePipelines/HillingarBuild/task.json"));
        var page = Text("docs/pipelines.md");
        Assert.Equal(task.RootElement.GetProperty("inputs").EnumerateArray().Select(input => input.GetProperty("name").GetString()).Order(),
            InputRows().Matches(page[..page.IndexOf("| output variable", StringComparison.Ordinal)]).Select(match => match.Groups[1].Value).Order());
        Assert.All(task.RootElement.GetProperty("outputVariables").EnumerateArray(), variable => Assert.Contains($"`{variable.GetProperty("name").GetString()}`", page, StringComparison.Ordinal));
        Assert.All(OptionRows().Matches(Text("samples/update-bot/update-bot.sh")), option => Assert.Contains(option.Value.Trim().Split(' ')[0], Text("samples/update-bot/update-bot.sh").Split("END")[^1], StringComparison.Ordinal));
    }

    [GeneratedRegex(@"\bHIL[0-9]{4}\b")]
    private static partial Regex Codes();

    [GeneratedRegex(@"\b(?:Clear|Compare|Find|Get|Import|Install|Invoke|Publish|Resolve|Restore|Save|Show|Test|Update|Build|New|Set|Add|Remove)-(?:Hillingar|Opam|Unikernel|Mirage)[A-Za-z]*\b")]
    private static partial Regex Cmdlets();

    [GeneratedRegex(@"`((?:Hillingar|Opam|Unikernel|Mirage|Dune|Dns)[A-Z][A-Za-z]+)`")]
    private static partial Regex Names();

    [GeneratedRegex(@"-t:(?<target>Hillingar\w+)|-p:(?<property>(?:Hillingar|Mirage|Dune|Unikernel)\w+)=")]
    private static partial Regex Given();

    [GeneratedRegex(@"<([A-Z][A-Za-z]+)")]
    private static partial Regex Elements();

    [GeneratedRegex(@"^\| `(\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex InputRows();

    [GeneratedRegex(@"^  --[a-z-]+", RegexOptions.Multiline)]
    private static partial Regex OptionRows();
}
