using System.Security.Cryptography;
using Hillingar.Tests;

namespace Hillingar.AzurePipelines.Tests;

/// <summary>The script of the GitHub action, run as a runner runs it: its inputs and the runner's files in the environment.</summary>
public sealed class GitHubActionTests(PackedSdk sdk) : IDisposable
{
    readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    static string ActionFolder => Path.Combine(TestData.Root, "Hillingar.GitHubAction");

    static readonly string[] s_defaults =
    [
        "TARGETS=", "CONFIGURATION=Release", "BACKEND=project", "LOCKED_MODE=true", "AUDIT_LEVEL=project", "AUDIT_FAILS=false", "CACHE_FOLDER=", "OFFLINE_ARCHIVE=", "PUBLISH_FOLDER=",
    ];

    async Task<(int Code, IReadOnlyList<string> Lines)> Run(string folder, params IEnumerable<string> variables)
    {
        var runner = new[] { $"GITHUB_ACTION_PATH={ActionFolder}", $"GITHUB_OUTPUT={_folder["output"]}", $"GITHUB_STEP_SUMMARY={_folder["summary"]}", $"RUNNER_TEMP={Directory.CreateDirectory(_folder["temp"]).FullName}", "CI=true" };
        using var process = sdk.Start("/usr/bin/env", [.. runner, .. s_defaults, .. variables, Path.Combine(ActionFolder, "build.sh")], folder);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, (output + await error).Split('\n'));
    }

    [Fact]
    public async Task A_project_is_built_and_published_and_the_run_says_so()
    {
        using var project = await TemplateProject.Make(sdk);
        var (code, lines) = await Run(project.Solution, "PROJECT=hello", "LOCKED_MODE=false", "PUBLISH_FOLDER=out dir", $"CACHE_FOLDER={sdk.Cache}", "TARGETS=unix");
        Assert.True(code == 0, string.Join('\n', lines));
        var outputs = File.ReadAllLines(_folder["output"]).ToDictionary(line => line.Split('=')[0], line => line.Split('=', 2)[1]);
        Assert.Equal(project["bin/Release/unix/hello"], outputs["image-path"]);
        Assert.Equal(project["hello.opam.locked"], outputs["lock-file"]);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(project["hello.opam.locked"]))), outputs["lock-hash"]);
        Assert.Equal(Path.Combine(project.Solution, "out dir"), outputs["publish-folder"]);
        Assert.True(File.Exists(outputs["sbom-file"]));
        Assert.Contains("```mermaid", File.ReadAllText(_folder["summary"]), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["temp"]));

        // What the build prints commands nothing: commands are stopped by a secret, and taken up again at the end.
        var stop = lines.Single(line => line.StartsWith("::stop-commands::", StringComparison.Ordinal));
        Assert.Equal($"::{stop["::stop-commands::".Length..]}::", lines.SkipWhile(line => line != stop).Skip(1).First(line => line.StartsWith("::", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_error_of_the_source_is_printed_as_the_matcher_reads_it()
    {
        using var project = await TemplateProject.Make(sdk);
        project.Write("main.ml", "let () = print_endline 3\n");
        var (code, lines) = await Run(project.Solution, "PROJECT=hello/hello.csproj", "LOCKED_MODE=false");
        Assert.Equal(1, code);
        using var matcher = System.Text.Json.JsonDocument.Parse(File.ReadAllText(Path.Combine(ActionFolder, "msbuild.json")));
        var pattern = matcher.RootElement.GetProperty("problemMatcher")[0].GetProperty("pattern")[0];
        var match = lines.Select(line => System.Text.RegularExpressions.Regex.Match(line, pattern.GetProperty("regexp").GetString()!)).First(match => match.Success);
        string Group(string name) => match.Groups[pattern.GetProperty(name).GetInt32()].Value;
        Assert.Equal((project["main.ml"], "1", "24", "error", "HIL5010"), (Group("file"), Group("line"), Group("column"), Group("severity"), Group("code")));
        Assert.False(File.Exists(_folder["output"]));
    }

    [Theory]
    [InlineData("PROJECT=nowhere", "The input 'project' is 'nowhere'.")]
    [InlineData("BACKEND=docker", "The input 'backend' is 'docker'. Write one of project, local, nix, auto.")]
    [InlineData("LOCKED_MODE=yes", "The input 'locked-mode' is 'yes'. Write one of true, false.")]
    [InlineData("AUDIT_LEVEL=severe", "The input 'audit-level' is 'severe'.")]
    [InlineData("TARGETS=unix;rm", "The input 'targets' is 'unix;rm'.")]
    [InlineData("CONFIGURATION=a b", "The input 'configuration' is 'a b'.")]
    public async Task A_wrong_input_is_one_error_that_names_it(string variable, string message)
    {
        var (code, lines) = await Run(_folder.Path, "PROJECT=.", variable);
        Assert.Equal(1, code);
        Assert.StartsWith($"::error title=HIL8001::{message}", Assert.Single(lines, line => line.Length > 0), StringComparison.Ordinal);
    }
}
