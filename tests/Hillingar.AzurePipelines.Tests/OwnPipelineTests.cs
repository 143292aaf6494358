using Hillingar.Tests;

namespace Hillingar.AzurePipelines.Tests;

/// <summary>This repository's own workflow for GitHub and pipeline for Azure: both run what people run.</summary>
public sealed class OwnPipelineTests
{
    public static TheoryData<string> Files => [".github/workflows/ci.yml", "azure-pipelines.yml"];

    static string Text(string file) => File.ReadAllText(Path.Combine(TestData.Root, file));

    [Theory]
    [MemberData(nameof(Files))]
    public async Task It_runs_the_one_script_of_CI_for_pushes_and_for_requests_within_ninety_minutes(string file)
    {
        var pipeline = SampleTests.Parse(Text(file));
        Assert.Single(SampleTests.Scripts(pipeline), script => script.Split(' ', ';', '\n', '\'').Contains(".ci/run"));
        await SampleTests.CheckScripts(pipeline);
        var github = SampleTests.Of(pipeline).ContainsKey("on");
        Assert.Contains(github ? "pull_request" : "pr", SampleTests.Of(github ? SampleTests.Of(pipeline)["on"] : pipeline).Keys);
        Assert.Contains(github ? "push" : "trigger", SampleTests.Of(github ? SampleTests.Of(pipeline)["on"] : pipeline).Keys);
        Assert.Equal("90", Assert.Single(SampleTests.Mappings(pipeline).Select(node => SampleTests.Value(node, github ? "timeout-minutes" : "timeoutInMinutes")).OfType<string>()));
    }

    [Fact]
    public void Azure_s_tasks_get_inputs_that_they_have()
    {
        var steps = SampleTests.Mappings(SampleTests.Parse(Text("azure-pipelines.yml"))).Where(node => SampleTests.Value(node, "task") is not null).ToList();
        Assert.NotEmpty(steps);
        Assert.All(steps, step => SampleTests.CheckInputs(step, SampleTests.Of(SampleTests.Of(step)["inputs"]).Keys));
    }

    [Fact]
    public void The_script_can_be_run_and_runs_the_tests()
    {
        var script = Path.Combine(TestData.Root, ".ci", "run");
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(script).HasFlag(UnixFileMode.UserExecute | UnixFileMode.OtherExecute));
        Assert.Contains("build.sh\" test", File.ReadAllText(script), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Git_keeps_text_with_one_kind_of_lines_and_pictures_and_odd_inputs_as_they_are()
    {
        string[] texts = ["build.sh", "build.ps1", "tests/Pester/Run.ps1", "samples/opam-repository/repo", "tests/Nixpkgs/cc.sh"];
        string[] bytes = ["assets/icon.png", "Hillingar.AzurePipelines/HillingarBuild/icon.png", "tests/Hillingar.Opam.Tests/Regressions/escape-at-the-end"];
        using var git = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("git", ["check-attr", "text", "eol", "--", .. texts, .. bytes]) { WorkingDirectory = TestData.Root, RedirectStandardOutput = true })!;
        var lines = (await git.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Split('\n');
        await git.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.All(texts, file => Assert.Contains($"{file}: eol: lf", lines));
        Assert.All(texts, file => Assert.Contains($"{file}: text: auto", lines));
        Assert.All(bytes, file => Assert.True(File.Exists(Path.Combine(TestData.Root, file)) && lines.Contains($"{file}: text: unset"), file));
    }
}
