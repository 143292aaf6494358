namespace Hillingar.BuildProgram;

static class Pack
{
    public static string Feed { get; } = Path.Combine(Tool.Artifacts, "feed");

    public static async Task<int> All()
    {
        await Sdk(null);
        await Project("Hillingar.Templates", null);
        var module = await Module.Lay();
        var extension = await AzureExtension.Pack();
        Console.WriteLine($"Packed to {Path.GetRelativePath(Tool.Root, Feed)}, {Path.GetRelativePath(Tool.Root, module)} and {Path.GetRelativePath(Tool.Root, extension)}");
        return 0;
    }

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
        return Tool.Quietly("dotnet",
        [
            "pack", project, "--nologo", "-v", "quiet", "-c", "Release", "-o", feed ?? Feed,
            .. version is null ? Array.Empty<string>() : [$"-p:PackageVersion={version}"],
        ]);
    }
}
