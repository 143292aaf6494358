namespace Hillingar.Sdk.Tests;

/// <summary>What runs on this machine.</summary>
static class Programs
{
    /// <summary>The numbers of the processes whose program lies below a folder.</summary>
    public static IReadOnlyList<string> Below(string folder) =>
        [.. Directory.EnumerateDirectories("/proc").Where(process => new FileInfo(Path.Combine(process, "exe")).LinkTarget is { } program && program.StartsWith(folder, StringComparison.Ordinal)).Select(process => Path.GetFileName(process)!)];
}
