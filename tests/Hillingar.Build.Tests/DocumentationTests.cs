using System.Text.RegularExpressions;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

public partial class DocumentationTests
{
    [Fact]
    public void Every_error_code_is_documented_and_every_documented_code_exists()
    {
        var used = Sources("*.cs", "*.targets").Concat(Directory.EnumerateFiles(Path.Combine(TestData.Root, "Hillingar.AzurePipelines", "src"))).SelectMany(file => Codes().Matches(File.ReadAllText(file))).Select(match => match.Groups[1].Value).Distinct().Order();
        var documented = Rows("errors.md").Select(row => row[1]).Where(code => code.StartsWith("HIL", StringComparison.Ordinal)).ToList();
        Assert.Equal(used, documented);
    }

    [Fact]
    public void The_properties_and_items_that_are_documented_are_those_that_the_SDK_reads()
    {
        var targets = string.Join('\n', Directory.EnumerateFiles(Path.Combine(TestData.Root, "Hillingar.Sdk", "Sdk"), "*.targets", SearchOption.AllDirectories).Select(File.ReadAllText));
        var documented = Rows("sdk.md").Select(row => row[1].Trim('`')).ToHashSet();
        foreach (var name in documented.Where(name => name is not ("property" or "item" or "target" or "---")))
            Assert.Matches($@"\b{name}\b", targets);
        foreach (var name in Properties().Matches(targets).Select(match => match.Groups[1].Value).Concat(Items().Matches(targets).Select(match => match.Groups[1].Value)).Distinct())
            Assert.True(documented.Contains(name) || s_ofTheSdk.Contains(name) || File.ReadAllText(Doc("sdk.md")).Contains($"`{name}`", StringComparison.Ordinal), $"{name} is not in docs/sdk.md");
    }

    // What .NET's own SDK defines, and we set.
    static readonly HashSet<string> s_ofTheSdk = ["RunCommand", "RunArguments", "RunWorkingDirectory", "CoreBuildDependsOn", "StartupHookSupport", "FileWrites", "Watch", "NoWarn", "CleanFile", "SuppressDependenciesWhenPacking", "IntermediateAssembly", "PackageReference", "Compile", "EmbeddedResource", "FrameworkReference", "BuiltProjectOutputGroupKeyOutput", "Reference"];

    static string Doc(string name) => Path.Combine(TestData.Root, "docs", name);

    static IEnumerable<string[]> Rows(string doc) =>
        File.ReadLines(Doc(doc)).Where(line => line.StartsWith('|')).Select(line => line.Split('|').Select(cell => cell.Trim()).ToArray());

    static IEnumerable<string> Sources(params IEnumerable<string> patterns) => Directory.EnumerateDirectories(TestData.Root, "Hillingar.*")
        .SelectMany(folder => patterns.SelectMany(pattern => Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories)))
        .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal) && !file.Contains("node_modules", StringComparison.Ordinal));

    [GeneratedRegex("\"(HIL[0-9]{4})\"")]
    private static partial Regex Codes();

    [GeneratedRegex("<([A-Z][A-Za-z]+) Condition=\"'\\$\\(\\1\\)' == ''\"")]
    private static partial Regex Properties();

    [GeneratedRegex("@\\(([A-Z][A-Za-z]+)[)\\-]")]
    private static partial Regex Items();
}
