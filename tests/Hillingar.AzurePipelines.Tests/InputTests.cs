using System.Text.Json;
using Hillingar.Tests;

namespace Hillingar.AzurePipelines.Tests;

/// <summary>What becomes of the inputs, by azure-pipelines-task-lib's own mock runner; a script stands in for dotnet and writes down what it is asked.</summary>
public sealed class InputTests(PackedSdk sdk, Extension extension) : IDisposable
{
    readonly TestFolder _folder = new();
    readonly string[] _rest = [];

    public void Dispose() => _folder.Dispose();

    async Task<(AgentRun Run, IReadOnlyList<string> Asked)> Bind(params (string Name, string Value)[] inputs)
    {
        using var agent = new Agent(sdk, extension);
        _folder.Write("app/app.csproj", "<Project />");
        _folder.Write("sources.zip", "");
        _folder.Write("app/app.opam.locked", "opam-version: \"2.0\"\n");
        var fake = agent.Fake($$"""
            echo "$@" >> '{{_folder["asked"]}}'
            case "$*" in *-getItem*) echo '{ "Properties": { "HillingarLockFile": "{{_folder["app/app.opam.locked"]}}", "UnikernelName": "app" }, "Items": { "UnikernelImage": [] } }';; esac
            """);
        using var process = sdk.Start("/usr/bin/env",
            [$"AGENT_TEMPDIRECTORY={agent.Temporary}", Agent.Node, Path.Combine(TestData.Root, "tests", "Hillingar.AzurePipelines.Tests", "mock.js"), extension.EntryPoint, JsonSerializer.Serialize(inputs.ToDictionary(input => input.Name, input => input.Value)), Path.Combine(fake, "dotnet")],
            _folder.Path);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        var run = new AgentRun(process.ExitCode, [.. output.Split('\n'), .. (await errors).Split('\n')], TimeSpan.Zero);
        return (run, File.Exists(_folder["asked"]) ? File.ReadAllLines(_folder["asked"]) : _rest);
    }

    [Theory]
    [InlineData("project", "", "The input 'project' is required. ")]
    [InlineData("project", "nowhere/app.csproj", "which is not there. Correct the path")]
    [InlineData("targets", "unix, Spt", "The input 'targets' is 'Spt'. Write mirage targets, such as unix or spt.")]
    [InlineData("targets", "unix -p:Evil=1", "The input 'targets' is '-p:Evil=1'.")]
    [InlineData("configuration", "Release;Evil=1", "The input 'configuration' is 'Release;Evil=1'.")]
    [InlineData("backend", "docker", "The input 'backend' is 'docker'. Write one of project, local, nix, auto.")]
    [InlineData("lockedMode", "yes", "The input 'lockedMode' is 'yes'. Write true or false.")]
    [InlineData("auditFails", "1", "The input 'auditFails' is '1'. Write true or false.")]
    [InlineData("auditLevel", "severe", "Write one of project, off, low, moderate, high, critical.")]
    [InlineData("systemPackages", "yes", "Write one of project, off, warn, install.")]
    [InlineData("feed", "http://feed.example.org/index.json", "Write an address that begins with https://, or a folder.")]
    [InlineData("feed", "no-folder", "which is not there")]
    [InlineData("offlineArchive", "missing.zip", "The input 'offlineArchive' names '")]
    [InlineData("sbomArtifact", "a/b", "The input 'sbomArtifact' is 'a/b'.")]
    public async Task A_wrong_input_is_one_error_that_names_it_and_nothing_is_started(string name, string value, string message)
    {
        var (run, asked) = await Bind([.. name == "project" ? [] : new[] { ("project", "app") }, (name, value)]);
        Assert.Contains(message, run.FailedWith("HIL8001").Data, StringComparison.Ordinal);
        Assert.Empty(asked);
    }

    [Fact]
    public async Task Without_other_inputs_the_project_says_everything()
    {
        var (run, asked) = await Bind(("project", "app/app.csproj"));
        run.EndedAs("Succeeded");
        var project = _folder["app/app.csproj"];
        Assert.Collection(asked,
            restore => Assert.StartsWith($"restore {project} --locked-mode -nologo -nodeReuse:false", restore, StringComparison.Ordinal),
            build => Assert.StartsWith($"build {project} --no-restore -p:Configuration=Release -nologo", build, StringComparison.Ordinal),
            images => Assert.StartsWith($"msbuild {project} -t:HillingarGetImages", images, StringComparison.Ordinal),
            summary => Assert.StartsWith($"msbuild {project} -t:HillingarSummary -p:HillingarSummaryFile=", summary, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Each_input_becomes_the_property_or_the_argument_that_it_stands_for()
    {
        var (run, asked) = await Bind(("project", "app"), ("targets", "unix, spt"), ("configuration", "Debug"), ("backend", "nix"), ("lockedMode", "false"), ("auditLevel", "high"), ("auditFails", "true"),
            ("systemPackages", "install"), ("cacheFolder", "the cache;50%,"), ("offlineArchive", "sources.zip"), ("publishFolder", "out"), ("sbomArtifact", "sbom"));
        run.EndedAs("Succeeded");
        // ';', ',' and '%' would end a property's value.
        var every = $"-p:HillingarCache={_folder["the cache%3B50%25%2C"]} -p:HillingarOffline=true -p:HillingarBackend=nix -p:HillingarAudit=true -p:HillingarAuditLevel=high -p:HillingarSystemPackages=install -nologo -nodeReuse:false";
        Assert.Equal(
        [
            $"msbuild -t:HillingarImportSource -p:HillingarArchive={_folder["sources.zip"]} {every}",
            $"restore -warnAsError:HIL4051;HIL4052;HIL4053;HIL4054 {every}",
            $"build --no-restore -p:MirageTarget=unix -p:Configuration=Debug {every}",
            $"publish --no-build -p:PublishDir={_folder["out/unix/"]} -p:MirageTarget=unix -p:Configuration=Debug {every}",
            $"msbuild -t:HillingarGetImages -getProperty:HillingarLockFile,UnikernelName -getItem:UnikernelImage -p:MirageTarget=unix -p:Configuration=Debug {every}",
            $"build --no-restore -p:MirageTarget=spt -p:Configuration=Debug {every}",
            $"publish --no-build -p:PublishDir={_folder["out/spt/"]} -p:MirageTarget=spt -p:Configuration=Debug {every}",
            $"msbuild -t:HillingarGetImages -getProperty:HillingarLockFile,UnikernelName -getItem:UnikernelImage -p:MirageTarget=spt -p:Configuration=Debug {every}",
        ], asked.SkipLast(1).Select(line => line.Replace(" -tl:off -clp:NoSummary;DisableConsoleColor", "", StringComparison.Ordinal)));
        var upload = Assert.Single(run.Of("artifact.upload"));
        Assert.Equal(("sbom", _folder["out/unix/sbom.cdx.json"]), (upload["artifactname"], upload.Data));
    }

    [Fact]
    public async Task Progress_only_goes_forward()
    {
        var (run, _) = await Bind(("project", "app"), ("targets", "unix spt hvt"), ("publishFolder", "out"));
        var progress = run.Of("task.setprogress").Select(command => int.Parse(command["value"])).ToList();
        Assert.Equal(progress.Order(), progress);
        Assert.Equal(100, progress[^1]);
    }
}
