using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Hillingar.Tests;

namespace Hillingar.AzurePipelines.Tests;

/// <summary>What is in the packed extension.</summary>
public sealed partial class ExtensionTests(Extension extension)
{
    static readonly XNamespace s_vsix = "http://schemas.microsoft.com/developer/vsx-schema/2011";

    JsonElement Json(string path) => JsonDocument.Parse(File.ReadAllText(extension[path])).RootElement;

    static string Version => XDocument.Load(Path.Combine(TestData.Root, "Directory.Build.props")).Descendants("VersionPrefix").Single().Value;

    [Fact]
    public void The_manifest_names_this_version_and_files_that_are_there()
    {
        var manifest = XDocument.Load(extension["extension.vsixmanifest"]).Root!;
        var identity = manifest.Descendants(s_vsix + "Identity").Single();
        Assert.Equal(("hillingar", Version, "hillingar"), ((string?)identity.Attribute("Id"), (string?)identity.Attribute("Version"), (string?)identity.Attribute("Publisher")));
        Assert.Equal("Microsoft.VisualStudio.Services", (string?)manifest.Descendants(s_vsix + "InstallationTarget").Single().Attribute("Id"));
        var assets = manifest.Descendants(s_vsix + "Asset").ToList();
        Assert.All(assets, asset => Assert.True(File.Exists(extension[(string)asset.Attribute("Path")!]) || Directory.Exists(extension[(string)asset.Attribute("Path")!]), asset.ToString()));
        Assert.All(["Microsoft.VisualStudio.Services.Manifest", "Microsoft.VisualStudio.Services.Icons.Default", "Microsoft.VisualStudio.Services.Content.Details", "Microsoft.VisualStudio.Services.Content.License"],
            type => Assert.Contains(assets, asset => (string?)asset.Attribute("Type") == type));
        var contribution = Assert.Single(Json("extension.vsomanifest").GetProperty("contributions").EnumerateArray());
        Assert.Equal("ms.vss-distributed-task.task", contribution.GetProperty("type").GetString());
        Assert.True(File.Exists(extension[Path.Combine(contribution.GetProperty("properties").GetProperty("name").GetString()!, "task.json")]));
    }

    [Fact]
    public void The_task_runs_on_both_handlers_and_its_entry_point_and_icon_are_there()
    {
        var task = Json("HillingarBuild/task.json");
        Assert.Matches("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", task.GetProperty("id").GetString());
        Assert.Equal("HillingarBuild", task.GetProperty("name").GetString());
        Assert.InRange(task.GetProperty("friendlyName").GetString()!.Length, 5, 40);
        var version = task.GetProperty("version");
        Assert.Equal(Version, $"{version.GetProperty("Major")}.{version.GetProperty("Minor")}.{version.GetProperty("Patch")}");
        Assert.Equal(["Node24", "Node20_1"], task.GetProperty("execution").EnumerateObject().Select(handler => handler.Name));
        Assert.All(task.GetProperty("execution").EnumerateObject(), handler => Assert.True(File.Exists(extension["HillingarBuild/" + handler.Value.GetProperty("target").GetString()])));
        Assert.True(File.Exists(extension["HillingarBuild/icon.png"]));
    }

    [Fact]
    public void Every_input_has_its_help_and_is_read_with_the_values_that_it_offers()
    {
        var task = Json("HillingarBuild/task.json");
        var code = File.ReadAllText(Path.Combine(TestData.Root, "Hillingar.AzurePipelines", "src", "inputs.ts"));
        var groups = task.GetProperty("groups").EnumerateArray().Select(group => group.GetProperty("name").GetString()).ToList();
        var inputs = task.GetProperty("inputs").EnumerateArray().ToList();
        foreach (var input in inputs)
        {
            var name = input.GetProperty("name").GetString()!;
            Assert.True(input.GetProperty("helpMarkDown").GetString()!.Length > 30 && input.GetProperty("helpMarkDown").GetString()!.EndsWith('.'), name);
            Assert.True(input.GetProperty("label").GetString()!.Length > 0, name);
            Assert.True(!input.TryGetProperty("groupName", out var group) || groups.Contains(group.GetString()), name);
            if (!input.TryGetProperty("options", out var options))
                continue;
            Assert.Equal("pickList", input.GetProperty("type").GetString());
            var list = Regex.Match(code, $"{name}: oneOf\\(\"{name}\", (\\w+)\\)").Groups[1].Value;
            Assert.Contains($"export const {list} = [{string.Join(", ", options.EnumerateObject().Select(option => $"\"{option.Name}\""))}];", code, StringComparison.Ordinal);
            Assert.Equal(options.EnumerateObject().First().Name, input.GetProperty("defaultValue").GetString());
        }

        Assert.Equal(Reads().Matches(code).Select(match => match.Groups[1].Value).Order(), inputs.Select(input => input.GetProperty("name").GetString()!).Order());
    }

    [Fact]
    public void The_variables_that_it_sets_are_those_that_it_declares_and_may_set()
    {
        var task = Json("HillingarBuild/task.json");
        var declared = task.GetProperty("outputVariables").EnumerateArray().Select(variable => variable.GetProperty("name").GetString()!).Order().ToList();
        Assert.Equal(declared, task.GetProperty("restrictions").GetProperty("settableVariables").GetProperty("allowed").EnumerateArray().Select(name => name.GetString()!).Order());
        Assert.Equal(declared, Sets().Matches(File.ReadAllText(Path.Combine(TestData.Root, "Hillingar.AzurePipelines", "src", "build.ts"))).Select(match => match.Groups[1].Value).Order());
    }

    [Fact]
    public void What_it_loads_is_pinned_by_checksums_and_by_no_registry()
    {
        var packages = JsonDocument.Parse(File.ReadAllText(Path.Combine(TestData.Root, "Hillingar.AzurePipelines", "package-lock.json"))).RootElement.GetProperty("packages").EnumerateObject().Where(package => package.Name.Length > 0).ToList();
        Assert.NotEmpty(packages);
        Assert.All(packages, package => Assert.True(package.Value.TryGetProperty("integrity", out _) && !package.Value.TryGetProperty("resolved", out _), package.Name));
        foreach (var package in packages.Where(package => !package.Value.TryGetProperty("dev", out _)))
            Assert.Equal(package.Value.GetProperty("version").GetString(), Json($"HillingarBuild/{package.Name}/package.json").GetProperty("version").GetString());
        Assert.All(packages.Where(package => package.Value.TryGetProperty("dev", out _)), package => Assert.False(Directory.Exists(extension[$"HillingarBuild/{package.Name}"]), package.Name));
    }

    [GeneratedRegex("(?:text|flag|oneOf|required)\\(\"(\\w+)\"")]
    private static partial Regex Reads();

    [GeneratedRegex("set\\(\"(\\w+)\"")]
    private static partial Regex Sets();
}
