using System.Xml.Linq;
using Hillingar.Tests;

namespace Hillingar.Sdk.Tests.Walk;

/// <summary>The pages that a newcomer reads do what they say, in a folder outside the repository; each of their code blocks is run, compared, or says why not.</summary>
public sealed class WalkTests(Sdk sdk)
{
    // Those are walked by tests of their own.
    static readonly string[] s_elsewhere = ["docs/guides/from-opam-monorepo.md", "docs/guides/from-opam.md", "docs/guides/from-dune-pkg.md"];

    // The commands of these are those with which docs/getting-started.md begins, as a test says: they are run once.
    static readonly string[] s_same = ["README.md", "Hillingar.Sdk/README.md", "Hillingar.Templates/README.md"];

    /// <summary>The pages, relative to the repository's root.</summary>
    static IEnumerable<string> Read =>
    [
        "README.md", "docs/getting-started.md", "docs/project-files.md", "Hillingar.Sdk/README.md", "Hillingar.Templates/README.md",
        .. Directory.EnumerateDirectories(Path.Combine(TestData.Root, "samples")).Select(folder => $"samples/{Path.GetFileName(folder)}/README.md").Where(page => File.Exists(Path.Combine(TestData.Root, page))),
        .. Directory.EnumerateFiles(Path.Combine(TestData.Root, "docs", "guides"), "*.md").Select(file => $"docs/guides/{Path.GetFileName(file)}").Except(s_elsewhere).Order(),
    ];

    public static TheoryData<string> Pages => [.. Read];

    /// <summary>Those that have something to run.</summary>
    public static TheoryData<string> Walks => [.. Read.Except(s_same).Where(page => PageBlock.Of(page).Any(block => block.Mark is not (BlockMark.None or BlockMark.NotRun)))];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_code_block_says_whether_it_is_run(string page) =>
        Assert.All(PageBlock.Of(page), block => Assert.True(block.Mark != BlockMark.None, $"{block} has no comment before it that says what is to be done with it"));

    [Theory]
    [MemberData(nameof(Walks))]
    public async Task What_a_page_says_comes_true(string page) => await PageWalk.Do(sdk, page, Given(page));

    [Fact]
    public void What_those_pages_show_besides_is_part_of_the_files_that_they_name()
    {
        var shown = s_same.SelectMany(PageBlock.Of).Where(block => block.Mark == BlockMark.PartOf).ToList();
        Assert.NotEmpty(shown);
        Assert.All(shown, block => Assert.True(block.Shows(File.ReadAllText(Path.Combine(TestData.Root, block.Argument)), anywhere: true), $"{block} is no part of {block.Argument}"));
    }

    [Fact]
    public void The_way_to_the_first_unikernel_is_the_same_on_every_page_and_has_five_commands()
    {
        string[] pages = ["docs/getting-started.md", .. s_same];
        var ways = pages.Select(page => PageBlock.Of(page).SkipWhile(block => !block.Text.Contains("./build.sh pack", StringComparison.Ordinal)).Take(5).Select(block => (block.Mark, block.Text)).ToList()).ToList();
        Assert.All(ways, way => Assert.Equal(ways[0], way));
        Assert.Equal(5, ways[0].Where(block => block.Mark != BlockMark.Output).Sum(block => block.Text.Split('\n').Length - 1));
    }

    [Fact]
    public void The_picture_of_the_first_minute_shows_the_commands_and_the_answer_of_the_page()
    {
        var drawn = XDocument.Load(Path.Combine(TestData.Root, "assets", "first-minute.svg")).Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value.Replace('\u00a0', ' ')).ToList();
        var said = PageBlock.Of("README.md").Where(block => block.Mark is BlockMark.Run or BlockMark.RunUntil or BlockMark.Output).SelectMany(block => block.Text.TrimEnd('\n').Split('\n')).ToList();
        Assert.InRange(said.Count, 5, 20);
        Assert.All(said, line => Assert.Contains(drawn, text => text.Contains(line, StringComparison.Ordinal)));
    }

    [Fact]
    public void The_blocks_that_are_run_and_those_that_are_not_are_counted()
    {
        var blocks = Read.SelectMany(PageBlock.Of).ToList();
        var not = blocks.Where(block => block.Mark == BlockMark.NotRun).ToList();
        Console.WriteLine($"Documentation: {blocks.Count - not.Count} code blocks are run or compared, {not.Count} are not{(not.Count == 0 ? "" : ":")}");
        foreach (var block in not)
            Console.WriteLine($"  {block}: {block.Argument}");
        Assert.All(not, block => Assert.NotEmpty(block.Argument));
        Assert.True(not.Count < blocks.Count / 2);
    }

    // What a guide about a project takes for granted: one; and what it tells of.
    static string Given(string page)
    {
        const string sample = """
            cp -r samples/dns dns && cp -r samples/opam-repository samples/NuGet.config .
            sed -i s,../artifacts,artifacts, NuGet.config
            """;
        return Path.GetFileName(page) switch
        {
            "offline.md" => sample,
            "reproducibility.md" => $"""
                {sample}
                dotnet restore dns
                git init -q && git config user.name me && git config user.email me@example.org
                git add . && git commit -qm one && git commit -qm two --allow-empty
                cd dns
                """,
            "private-packages.md" => $"""
                {sample}
                cd dns && mkdir mylib-1.2 && echo 'opam-version: "2.0"' >mylib-1.2/mylib.opam && tar -czf mylib-1.2.tar.gz mylib-1.2
                """,
            _ => "",
        };
    }
}
