namespace Hillingar.BuildProgram;

static class Pack
{
    public static string Feed { get; } = Path.Combine(Tool.Artifacts, "feed");

    public static async Task<int> All()
    {
        await Sdk(null);
        await Project("Hillingar.Templates", null);
        Console.WriteLine($"Packed to {Path.GetRelativePath(Tool.Root, Feed)}");
        return 0;
    }

    /// <summary>Packs the SDK into the feed, as its own version or as another one.</summary>
    public static Task Sdk(string? version) => Project("Hillingar.Sdk", version);

    static Task Project(string project, string? version) => Tool.Run("dotnet",
    [
        "pack", project, "--nologo", "-v", "quiet", "-c", "Release", "-o", Feed,
        .. version is null ? Array.Empty<string>() : [$"-p:Version={version}"],
    ]);
}
