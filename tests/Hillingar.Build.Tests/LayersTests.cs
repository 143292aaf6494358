using System.Text.RegularExpressions;
using ArchUnitNET.Loader;
using Hillingar.Build.Storage;
using Hillingar.Opam.Language;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>The layers that <c>docs/architecture.md</c> draws are those of the compiled code.</summary>
public sealed partial class LayersTests
{
    public static TheoryData<string> Drawn => [.. Drawings().Keys];

    [Fact]
    public void Each_library_of_several_folders_is_drawn() => Assert.Equal(["Hillingar.Build", "Hillingar.Opam"], Drawings().Keys.Order());

    [Theory]
    [MemberData(nameof(Drawn))]
    public void Folders_use_only_what_is_drawn_below_them(string library)
    {
        var rows = Drawings()[library];
        var used = Arrows(library);
        var level = rows.Reverse().SelectMany((row, index) => row.Select(folder => (folder, index))).ToDictionary(pair => pair.folder, pair => pair.index);
        Assert.Equal(Folders(library), level.Keys.Order(StringComparer.Ordinal));
        Assert.Empty(used.Where(arrow => level[arrow.From] <= level[arrow.To]).Select(arrow => $"{arrow.From} uses {arrow.To}: {arrow.By}"));
        // A drawing of which half would do promises less than it shows.
        Assert.All(level.Where(pair => pair.Value > 0), pair => Assert.Contains(used, arrow => arrow.From == pair.Key && level[arrow.To] == pair.Value - 1));
    }

    static string[] Folders(string library) =>
        [.. Directory.EnumerateFiles(Path.Combine(TestData.Root, library), "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Path.Combine(TestData.Root, library), Path.GetDirectoryName(file)!).Replace('\\', '/'))
            .Where(folder => folder.Split('/')[0] is not ("bin" or "obj")).Distinct().Order(StringComparer.Ordinal)];

    static List<(string From, string To, string By)> Arrows(string library)
    {
        var assembly = new[] { typeof(Stores).Assembly, typeof(OpamVersion).Assembly }.Single(item => item.GetName().Name == library);
        var start = library + ".";
        string Folder(string? name) => name is not null && name.StartsWith(start, StringComparison.Ordinal) ? name[start.Length..].Replace('.', '/') : "";
        return
        [
            .. from type in new ArchLoader().LoadAssemblies(assembly).Build().Types
               from dependency in type.Dependencies
               let arrow = (From: Folder(type.Namespace?.FullName), To: Folder(dependency.Target.Namespace?.FullName), By: $"{type.Name} → {dependency.Target.Name}")
               where arrow.From.Length > 0 && arrow.To.Length > 0 && arrow.From != arrow.To
               select arrow,
        ];
    }

    // Top row first, as a fenced block of the kind "layers LIBRARY".
    static Dictionary<string, string[][]> Drawings() =>
        Block().Matches(File.ReadAllText(Path.Combine(TestData.Root, "docs", "architecture.md"))).ToDictionary(
            match => match.Groups[1].Value,
            match => match.Groups[2].Value.Trim().Split('\n').Select(line => line.Split((char[])[' ', '·'], StringSplitOptions.RemoveEmptyEntries)).ToArray());

    [GeneratedRegex(@"^```layers (\S+)\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
