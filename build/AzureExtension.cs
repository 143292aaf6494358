using System.Xml.Linq;

namespace Hillingar.BuildProgram;

/// <summary>The extension for Azure DevOps: compiled by TypeScript, packed by tfx-cli. Both are pinned by the package lock, as is all that the task loads.</summary>
static class AzureExtension
{
    const string Name = "Hillingar.AzurePipelines";
    const string Task = "HillingarBuild";

    /// <summary>The tests that run what is packed.</summary>
    public const string TestProject = $"{Name}.Tests";

    static readonly string s_source = Path.Combine(Tool.Root, Name);

    /// <summary>The packed extension.</summary>
    public static string Package { get; } = Path.Combine(Tool.Artifacts, "azure-pipelines", $"{Name}.vsix");

    /// <summary>Packs it.</summary>
    public static async Task<string> Pack()
    {
        await Needs.InstallNode();
        Tool.Say($"Packing {Name}");
        await Install(s_source);
        var stage = Path.Combine(Tool.Artifacts, "azure-pipelines", "stage");
        if (Directory.Exists(stage))
            Directory.Delete(stage, recursive: true);
        var task = Directory.CreateDirectory(Path.Combine(stage, Task)).FullName;
        Copy([$"{Name}/vss-extension.json", $"{Name}/overview.md", "LICENSE", "assets/icon.png"], stage);
        Copy(
            [$"{Name}/{Task}/task.json", $"{Name}/{Task}/icon.png", $"{Name}/package.json", $"{Name}/package-lock.json", $"{Name}/.npmrc"],
            task
        );
        await Node("typescript/bin/tsc", "--project", s_source, "--outDir", task);
        await Tool.Quietly("npm", ["ci", "--omit=dev", "--ignore-scripts", "--no-bin-links", "--silent", "--prefix", task]);
        File.Delete(Path.Combine(task, ".npmrc"));
        var version = XDocument.Load(Path.Combine(Tool.Root, "Directory.Build.props")).Descendants("VersionPrefix").Single().Value;
        await Node(
            "tfx-cli/_build/tfx-cli.js",
            "extension",
            "create",
            "--no-prompt",
            "--no-color",
            "--json",
            "--root",
            stage,
            "--manifests",
            "vss-extension.json",
            "--override",
            $$"""{"version":"{{version}}"}""",
            "--output-path",
            Package
        );
        return Package;
    }

    static void Copy(IEnumerable<string> files, string folder)
    {
        foreach (var file in files)
            File.Copy(Path.Combine(Tool.Root, file), Path.Combine(folder, Path.GetFileName(file)));
    }

    // What is installed says by which lock.
    static async Task Install(string folder)
    {
        var (wanted, installed) = (Path.Combine(folder, "package-lock.json"), Path.Combine(folder, "node_modules", ".hillingar-lock"));
        if (File.Exists(installed) && await File.ReadAllTextAsync(installed) == await File.ReadAllTextAsync(wanted))
            return;
        await Tool.Quietly("npm", ["ci", "--ignore-scripts", "--silent", "--prefix", folder]);
        File.Copy(wanted, installed, overwrite: true);
    }

    static Task Node(string program, params string[] arguments) =>
        Tool.Quietly("node", [Path.Combine(s_source, "node_modules", program), .. arguments]);
}
