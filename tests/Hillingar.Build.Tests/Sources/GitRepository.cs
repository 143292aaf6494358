using Hillingar.Build.Processes;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>Makes real git repositories.</summary>
static class GitRepository
{
    /// <summary>A repository of one commit with one file; its commit.</summary>
    public static async Task<string> Make(TestFolder folder, string name, string file, string text)
    {
        folder.Write($"{name}/{file}", text);
        foreach (var arguments in new string[][] { ["init", "--quiet", "-b", "main"], ["add", "."], ["commit", "--quiet", "-m", "one"] })
            await Run(folder, name, arguments);
        return await Run(folder, name, "rev-parse", "HEAD");
    }

    public static async Task<string> Run(TestFolder folder, string name, params string[] arguments)
    {
        var result = await ProcessRunner.Run(new Command("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", "-C", folder[name], .. arguments]), TestContext.Current.CancellationToken);
        Assert.True(result.ExitCode == 0, result.Error);
        return result.Output.Trim();
    }
}
