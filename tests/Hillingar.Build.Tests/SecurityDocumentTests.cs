using System.Text.RegularExpressions;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>What docs/security.md claims is tested where it says.</summary>
public partial class SecurityDocumentTests
{
    [Fact]
    public void Each_test_that_it_names_is_there()
    {
        var sources = Directory.EnumerateFiles(Path.Combine(TestData.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)).ToLookup(file => Path.GetFileNameWithoutExtension(file), File.ReadAllText);
        var named = Names().Matches(File.ReadAllText(Path.Combine(TestData.Root, "docs", "security.md"))).ToList();
        Assert.NotEmpty(named);
        Assert.All(named, match => Assert.True(sources[match.Groups[1].Value].Any(text => text.Contains($" {match.Groups[2].Value}(", StringComparison.Ordinal)), $"{match.Value} is no test"));
    }

    [Fact]
    public void Each_claim_names_a_test()
    {
        var rows = File.ReadLines(Path.Combine(TestData.Root, "docs", "security.md")).Where(line => line.StartsWith("| ", StringComparison.Ordinal) && line is not "| claim | test |" && !line.StartsWith("| ---", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.Matches(Names(), row.Split('|')[^2]));
    }

    [GeneratedRegex("`([A-Za-z]+Tests)\\.([A-Za-z0-9_]+)`")]
    private static partial Regex Names();
}
