namespace Hillingar.BuildProgram;

static class Pack
{
    public static string Feed { get; } = Path.Combine(Tool.Artifacts, "feed");

    public static async Task<int> All()
    {
        await Sdk(null);
        await Project("Hillingar.Templates", null);
        var module = await Module.Lay();
        Console.WriteLine($"Packed to {Path.GetRelativePath(Tool.Root, Feed)} and {Path.GetRelativePath(Tool.Root, module)}");
        return 0;
    }

    /// <summary>Packs the SDK into the feed, as its own version or as another one, or into another one.</summary>
    public static Task Sdk(string? version, string? feed = null) => Project("Hillingar.Sdk", version, feed);

    static Task Project(string project, string? version, string? feed = null) => Tool.Run("dotnet",
    [
        "pack", project, "--nologo", "-v", "quiet", "-c", "Release", "-o", feed ?? Feed,
        .. version is null ? Array.Empty<string>() : [$"-p:Version={version}"],
    ]);
}
