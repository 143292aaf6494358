using System.Text.Json;
using System.Text.RegularExpressions;

namespace Hillingar.Tests;

/// <summary>
/// What a flake takes of nixpkgs is what tests/Nixpkgs/attributes.tsv lists, with the place in NixOS/nixpkgs where each is defined: the
/// stand-in cannot have something for our flakes alone. All Nix that we write names what it takes as <c>lib.…</c> or <c>pkgs.…</c>.
/// </summary>
public sealed partial class AttributeTests(SharedNix shared)
{
    static readonly string s_static = Path.Combine(TestData.Root, "Hillingar.Build", "Nix");

    static readonly List<(string Attribute, string Path, string Commit)> s_listed =
        [.. File.ReadAllLines(Path.Combine(TestData.Root, "tests", "Nixpkgs", "attributes.tsv")).Skip(1).Select(line => line.Split('\t')).Select(fields => (fields[0], fields[1], fields[2]))];

    [Fact]
    public async Task What_a_generated_flake_takes_of_nixpkgs_is_listed()
    {
        var sample = await shared.Sample("modern");
        var folder = await sample.Flake("flake-attributes");
        var plan = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "hillingar.json"), TestContext.Current.CancellationToken)).RootElement;
        var used = NixFiles(folder).Concat(NixFiles(s_static)).SelectMany(Uses).Concat(Named(plan)).ToHashSet();
        // The compiler's package set at least.
        Assert.Contains(used, use => use.StartsWith("pkgs.ocaml-ng.ocamlPackages_", StringComparison.Ordinal));
        Assert.Empty(used.Where(use => !s_listed.Exists(item => Matches(item.Attribute, use))).Order());
    }

    [Fact]
    public void What_system_packages_are_called_in_nixpkgs_is_listed()
    {
        var names = Value().Matches(File.ReadAllText(Path.Combine(s_static, "NixpkgsNames.cs"))).Select(match => $"pkgs.{match.Groups[1].Value}").ToList();
        Assert.NotEmpty(names);
        Assert.Empty(names.Except(s_listed.Select(item => item.Attribute)));
    }

    [Fact]
    public void Nothing_is_listed_that_is_not_taken()
    {
        var used = NixFiles(s_static).SelectMany(Uses).ToHashSet();
        var sources = string.Concat(new[] { "NixpkgsNames.cs", "FlakeSwitch.cs" }.Select(file => File.ReadAllText(Path.Combine(s_static, file))));
        Assert.Empty(s_listed.Where(item => !used.Contains(item.Attribute) && !sources.Contains($"\"{item.Attribute.Split('.')[^1]}\"", StringComparison.Ordinal)).Select(item => item.Attribute));
        Assert.Equal(s_listed.Select(item => item.Attribute).Distinct().Order(StringComparer.Ordinal), s_listed.Select(item => item.Attribute));
        Assert.All(s_listed, item =>
        {
            Assert.Matches("^[0-9a-f]{40}$", item.Commit);
            Assert.Matches("^(lib|pkgs)/[A-Za-z0-9/._-]+\\.nix$", item.Path);
        });
    }

    [Fact]
    public void All_names_are_in_sight()
    {
        Assert.NotEmpty(NixFiles(s_static));
        foreach (var file in NixFiles(s_static))
            Assert.DoesNotMatch(@"\bwith\s+(lib|pkgs|nixpkgs|builtins)\b|\binherit\s*\(\s*(lib|pkgs|nixpkgs)\b", Code(file));
    }

    [Fact]
    public async Task The_stand_in_and_nixpkgs_have_the_listed_functions()
    {
        var functions = s_listed.Select(item => item.Attribute).Where(attribute => attribute.StartsWith("lib.", StringComparison.Ordinal)).Select(attribute => attribute.Split('.')[1..]).ToList();
        using var folder = new TestFolder();
        var list = folder.Write("list.json", JsonSerializer.Serialize(functions));
        var missing = await shared.Store("modern").Json(null, "eval", "--impure", "--json", "--expr",
            $"let lib = {NixpkgsStandIn.Lib}; in builtins.filter (path: !(lib.hasAttrByPath path lib)) (builtins.fromJSON (builtins.readFile {list}))");
        Assert.Equal("[]", missing.GetRawText());
    }

    static IEnumerable<string> NixFiles(string folder) => Directory.EnumerateFiles(folder, "*.nix", SearchOption.AllDirectories);

    // Without comments.
    static string Code(string file) => string.Join('\n', File.ReadAllLines(file).Where(line => !line.TrimStart().StartsWith('#')));

    static IEnumerable<string> Uses(string file) => Use().Matches(Code(file)).Select(match => match.Groups[1].Value);

    // The attributes that the plan names for evaluation to look for: lists of names, and packages as opam's depexts name them.
    static IEnumerable<string> Named(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member => (member.Name, member.Value.ValueKind) switch
        {
            ("nixpkgs", JsonValueKind.Array) => member.Value.GetArrayLength() == 0 ? [] : [$"pkgs.{string.Join('.', member.Value.EnumerateArray().Select(name => name.GetString()))}"],
            ("system", JsonValueKind.Array) => member.Value.EnumerateArray().Select(name => $"pkgs.{name.GetString()}"),
            _ => Named(member.Value),
        }),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Named),
        _ => [],
    };

    // A star is any one name's rest.
    static bool Matches(string pattern, string name) => Regex.IsMatch(name, $"^{Regex.Escape(pattern).Replace("\\*", "[^.]*", StringComparison.Ordinal)}$");

    [GeneratedRegex(@"(?<![\w.'-])(?:nixpkgs\.)?((?:lib|pkgs)(?:\.[A-Za-z_][\w'-]*)+)")]
    private static partial Regex Use();

    [GeneratedRegex("\\] = \"([^\"]+)\"")]
    private static partial Regex Value();
}
