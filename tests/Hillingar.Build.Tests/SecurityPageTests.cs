using System.Text.RegularExpressions;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>What <c>docs/security.md</c> promises stands beside tests that are there, and no test of a stranger's input is without its promise.</summary>
public sealed partial class SecurityPageTests
{
    static readonly string s_page = File.ReadAllText(Path.Combine(TestData.Root, "docs", "security.md"));

    static readonly Lazy<IReadOnlyList<string>> s_sources = new(() => [.. Directory.EnumerateFiles(Path.Combine(TestData.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories)
        .Where(path => !path.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin")).Select(File.ReadAllText)]);

    static readonly IReadOnlyList<(string Promise, string Tests)> s_rows = [.. s_page.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| ---", StringComparison.Ordinal))
        .Select(line => line.Trim('|', ' ').Split(" | ")).Select(cells => (cells[0], cells[^1])).Where(row => row.Item1 is not ("promise" or "claim"))];

    // A name without a class is of the class before it.
    static IEnumerable<(string Class, string? Method)> Named()
    {
        var last = "";
        foreach (var (_, tests) in s_rows)
            foreach (Match match in Test().Matches(tests))
            {
                last = match.Groups["class"].Success ? match.Groups["class"].Value : last;
                yield return (last, match.Groups["method"].Success ? match.Groups["method"].Value : null);
            }
    }

    static bool IsThere(string name, string? method) => s_sources.Value.Any(text => Regex.IsMatch(text, $@"\bclass {name}\b") && (method is null
        || Regex.IsMatch(text, $@"\[(Fact|Theory)[^\]]*\](\s*\[[^\n]*\]|\s*//[^\n]*|\s*#[^\n]*)*\s*public (static )?(async )?\w+ {method}\(")));

    [Fact]
    public void Each_test_that_the_page_names_is_there() =>
        Assert.Equal([], Named().Where(test => !IsThere(test.Class, test.Method)).Select(test => $"{test.Class}.{test.Method}"));

    [Fact]
    public void Each_promise_has_a_test()
    {
        Assert.True(s_rows.Count > 80, $"{s_rows.Count} rows");
        // A row may stand on the test of the row above it.
        Assert.Equal([], s_rows.Where(row => row.Tests != "the same" && !Test().IsMatch(row.Tests)).Select(row => row.Promise));
    }

    [Fact]
    public void Each_class_of_tests_of_what_strangers_bring_is_named()
    {
        var named = Named().Select(test => test.Class).ToHashSet();
        var hostile = s_sources.Value.Select(text => Class().Match(text).Groups["name"].Value).Where(name => name.StartsWith("Hostile", StringComparison.Ordinal) || name.StartsWith("Strange", StringComparison.Ordinal)).ToList();
        Assert.True(hostile.Count > 6, string.Join(", ", hostile));
        Assert.Equal([], hostile.Where(name => !named.Contains(name)));
    }

    [Fact]
    public void Each_part_says_what_is_not_promised()
    {
        // What is the user's own, or is said in another part, has nothing to add.
        string[] whole = ["Who is trusted with what", "Text in logs", "Downloads", "What is published", "The next run"];
        Assert.Equal([], s_page.Split("\n## ").Skip(1).Where(part => !part.Contains("Not promised", StringComparison.Ordinal)).Select(part => part.Split('\n')[0]).Except(whole));
    }

    [GeneratedRegex(@"`((?<class>[A-Z]\w*Tests)(\.(?<method>\w+))?|(?<method>[A-Z]\w*_\w+))`")]
    private static partial Regex Test();

    [GeneratedRegex(@"\bclass (?<name>\w+)")]
    private static partial Regex Class();
}
