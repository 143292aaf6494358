using System.Security.Cryptography;
using System.Text.Json;

namespace Hillingar.AzurePipelines.Tests;

/// <summary>The task's entry point, started as an agent starts it, on real projects and the packed SDK.</summary>
public sealed class TaskTests(PackedSdk sdk, Extension extension) : IDisposable
{
    readonly Agent _agent = new(sdk, extension);

    public void Dispose() => _agent.Dispose();

    static string Hash(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));

    const string Advisory = "```\nid: OSEC-2026-90\nseverity_score: \"7.5\"\naffected: \"stringext\" {< \"2\"}\n```\n\n# It overflows\n";

    [Fact]
    public async Task The_DNS_sample_is_restored_built_and_published_and_the_run_says_so()
    {
        using var project = new SampleProject(sdk);
        // The SDK comes from the feed that the input names, and the sources from the archive.
        File.WriteAllText(Path.Combine(project.Parent, "NuGet.config"), """<configuration><disabledPackageSources><add key="nuget.org" value="true" /></disabledPackageSources></configuration>""");
        var run = (await _agent.Run(project.Parent,
        [
            ("project", "dns"), ("feed", sdk.Feed), ("lockedMode", "false"), ("auditLevel", "off"), ("cacheFolder", sdk.Cache), ("offlineArchive", Path.Combine(Hillingar.Tests.TestData.Sources, "lwt*.tar.*")),
            ("publishFolder", _agent.Staging), ("sbomArtifact", "sbom"),
        ])).EndedAs("Succeeded");
        Assert.Empty(run.Errors);
        Assert.Equal(["imagePath", "imagePaths", "lockFile", "lockHash", "publishFolder", "sbomFile"], run.Outputs.Keys.Order());
        Assert.Equal(project["bin/Release/unix/dns"], run.Outputs["imagePath"]);
        Assert.True(File.Exists(run.Outputs["imagePaths"]));
        Assert.Equal((project.Lock, Hash(project.Lock)), (run.Outputs["lockFile"], run.Outputs["lockHash"]));
        Assert.Equal(_agent.Staging, run.Outputs["publishFolder"]);
        Assert.All(["unix/dns", "manifest.json", "SHA256SUMS", "run.sh"], file => Assert.True(File.Exists(Path.Combine(_agent.Staging, file)), file));

        var upload = Assert.Single(run.Of("artifact.upload"));
        Assert.Equal(("sbom", run.Outputs["sbomFile"]), (upload["artifactname"], upload.Data));
        using var bill = JsonDocument.Parse(File.ReadAllText(upload.Data));
        Assert.Equal("CycloneDX", bill.RootElement.GetProperty("bomFormat").GetString());

        var summary = File.ReadAllText(Assert.Single(run.Of("task.uploadsummary")).Data);
        Assert.Contains(Hash(run.Outputs["imagePath"]), summary, StringComparison.Ordinal);
        Assert.Contains("```mermaid", summary, StringComparison.Ordinal);
        Assert.Contains("lwt 5.6.1", summary, StringComparison.Ordinal);

        Assert.Contains("  Unpacking lwt.5.6.1 to duniverse/lwt", run.Lines);
        Assert.Equal(["Importing sources", "Restoring", "Building", "Publishing", "Summing up", "Done"], run.Of("task.setprogress").Select(command => command.Data));
        Assert.Empty(_agent.Left(run));
        Assert.False(sdk.CalledForbidden);
    }

    [Fact]
    public async Task A_source_that_does_not_compile_is_one_error_at_its_line_and_nothing_is_published()
    {
        using var project = await TemplateProject.Make(sdk);
        project.Write("main.ml", "let () =\n  print_endline 3\n");
        var run = await _agent.Run(project.Solution, [("project", "hello"), ("lockedMode", "false"), ("publishFolder", _agent.Staging)]);
        var error = run.FailedWith("HIL5010");
        Assert.Equal((project["main.ml"], "2", "17"), (error["sourcepath"], error["linenumber"], error["columnnumber"]));
        Assert.False(Directory.Exists(_agent.Staging));
        Assert.Empty(run.Outputs);
        Assert.Empty(_agent.Left(run));
    }

    [Fact]
    public async Task A_lock_that_is_missing_is_an_error_and_a_conflict_is_one_error()
    {
        using var project = await TemplateProject.Make(sdk);
        project.Edit("hello.csproj", text => text.Replace("<ItemGroup>", "<ItemGroup><OpamDependency Include=\"lwt\" Version=\"[7.0,8.0)\" />", StringComparison.Ordinal));
        (await _agent.Run(project.Solution, [("project", "hello")])).FailedWith("HIL3002");
        var conflict = (await _agent.Run(project.Solution, [("project", "hello"), ("lockedMode", "false")])).FailedWith("HIL2001");
        Assert.StartsWith("There is no lwt >= 7 & < 8", conflict.Data, StringComparison.Ordinal);
        Assert.Contains(". Any of these helps, as was tried: ", conflict.Data, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_known_vulnerability_is_an_issue_or_an_error_as_one_likes()
    {
        using var project = await TemplateProject.Make(sdk);
        project.Write("../advisories/OSEC-2026-90.md", Advisory);
        project.Edit("hello.csproj", text => text.Replace("<ItemGroup>", "<ItemGroup><OpamDependency Include=\"stringext\" />", StringComparison.Ordinal)
            .Replace("<DuneTarget>", "<HillingarAuditSource>../advisories</HillingarAuditSource><DuneTarget>", StringComparison.Ordinal));
        (string, string)[] inputs = [("project", "hello"), ("lockedMode", "false"), ("publishFolder", _agent.Staging)];
        var failed = await _agent.Run(project.Solution, [.. inputs, ("auditLevel", "low"), ("auditFails", "true")]);
        Assert.Contains("OSEC-2026-90", failed.FailedWith("HIL4053").Data, StringComparison.Ordinal);
        Assert.False(Directory.Exists(project["bin"]));

        var told = (await _agent.Run(project.Solution, [.. inputs, ("auditLevel", "high")])).EndedAs("SucceededWithIssues");
        Assert.Equal("HIL4053", Assert.Single(told.Warnings)["code"]);
        Assert.Contains("OSEC-2026-90", File.ReadAllText(Assert.Single(told.Of("task.uploadsummary")).Data), StringComparison.Ordinal);

        var unsaid = (await _agent.Run(project.Solution, [.. inputs, ("auditLevel", "critical"), ("auditFails", "true")])).EndedAs("Succeeded");
        Assert.Empty(unsaid.Warnings);
    }

    [Fact]
    public async Task A_cancelled_build_ends_at_once_with_all_that_it_started_and_leaves_nothing()
    {
        using var project = await TemplateProject.Make(sdk);
        // A rule writes into the folder of the build and nowhere else.
        var started = Path.Combine(project.Folder, "obj", "hillingar", "_build", "default", "src", "started");
        project.Write("main.ml", "let () = print_endline Slow.text\n");
        project.Write("dune", "(rule (with-stdout-to slow.ml (progn (system \"touch started; sleep 2975\"))))\n(executable (name main))\n");
        var run = (await _agent.Run(project.Solution, [("project", "hello"), ("lockedMode", "false"), ("publishFolder", _agent.Staging)], cancelWhen: started)).EndedAs("Canceled");
        Assert.InRange(run.Time, TimeSpan.Zero, TimeSpan.FromSeconds(120));
        Assert.Empty(FailureTests.Running("sleep", "2975"));
        Assert.Empty(run.Errors);
        Assert.False(Directory.Exists(_agent.Staging));
        Assert.Empty(_agent.Left(run));
        Assert.Empty(Directory.EnumerateFiles(project.Folder, "*.tmp", SearchOption.AllDirectories));

        // And the next run is none the worse for it.
        project.Write("slow.ml", "let text = \"done\"\n");
        project.Write("dune", "(executable (name main))\n");
        (await _agent.Run(project.Solution, [("project", "hello")])).EndedAs("Succeeded");
    }
}
