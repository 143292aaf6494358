using System.Xml.Linq;

namespace Hillingar.BuildProgram;

static class Pack
{
    public static string Feed { get; } = Path.Combine(Tool.Artifacts, "feed");

    public static async Task<int> All()
    {
        await Sdk(null);
        await Project("Hillingar.Templates", null);
        await Project("Hillingar.Hosting", null);
        Forget("hillingar.sdk", "hillingar.hosting");
        var module = await Module.Lay();
        var extension = await AzureExtension.Pack();
        Console.WriteLine(
            $"Packed to {Path.GetRelativePath(Tool.Root, Feed)}, {Path.GetRelativePath(Tool.Root, module)} and {Path.GetRelativePath(Tool.Root, extension)}"
        );
        Console.WriteLine(
            $"\nFrom here to a running unikernel, in a folder outside:\n{string.Concat(Next().Select(command => $"  {command}\n"))}{Path.Combine("docs", "getting-started.md")} goes on from there."
        );
        return 0;
    }

    // What the README says after this command.
    static IEnumerable<string> Next() =>
        File.ReadLines(Path.Combine(Tool.Root, "README.md"))
            .SkipWhile(line => line != "./build.sh pack")
            .Skip(1)
            .TakeWhile(line => !line.StartsWith("<!-- output", StringComparison.Ordinal))
            .Where(line => line.StartsWith("dotnet ", StringComparison.Ordinal) || line.StartsWith("dig ", StringComparison.Ordinal))
            .Select(line => line.StartsWith("dig ", StringComparison.Ordinal) ? $"{line}     (in another terminal)" : line);

    // NuGet keeps a package under its version, and would go on with what was packed before.
    static void Forget(params string[] packages)
    {
        var kept = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } named
            ? named
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        foreach (var folder in packages.Select(package => Path.Combine(kept, package, Version)).Where(Directory.Exists))
        {
            Tool.Say($"Forgetting the package of before, {folder}");
            Directory.Delete(folder, recursive: true);
        }
    }

    static string Version { get; } =
        XDocument.Load(Path.Combine(Tool.Root, "Directory.Build.props")).Descendants("VersionPrefix").Single().Value;

    /// <summary>Packs the SDK into the feed, as its own version or as another one, or into another one.</summary>
    public static Task Sdk(string? version, string? feed = null) => Project("Hillingar.Sdk", version, feed);

    /// <summary>Packs the SDK and the templates for tests: packages stay in caches under their version, so each run has its own.</summary>
    /// <returns>The environment that tells tests where they are.</returns>
    public static async Task<IReadOnlyDictionary<string, string>> ForTests()
    {
        var (version, feed) = ($"0.1.0-test.{DateTime.UtcNow.Ticks}", Path.Combine(Tool.Artifacts, "test-feed"));
        if (Directory.Exists(feed))
            Directory.Delete(feed, recursive: true);
        await Sdk(version, feed);
        await Project("Hillingar.Templates", version, feed);
        return new Dictionary<string, string> { ["HILLINGAR_TEST_FEED"] = feed, ["HILLINGAR_TEST_VERSION"] = version };
    }

    static Task Project(string project, string? version, string? feed = null)
    {
        Tool.Say($"Packing {project}");
        // Only the package's version is another one: the assemblies would have to be compiled anew.
        return Tool.Quietly(
            "dotnet",
            [
                "pack",
                project,
                "--nologo",
                "-v",
                "quiet",
                "-c",
                "Release",
                "-o",
                feed ?? Feed,
                .. version is null ? Array.Empty<string>() : [$"-p:PackageVersion={version}"],
            ]
        );
    }
}
