using Hillingar.Build.Realising;
using Hillingar.Build.Restoring;
using Hillingar.Opam.Diagnostics;
using Microsoft.Build.Framework;

namespace Hillingar.Sdk.Tasks;

/// <summary>Runs the tests of a project's OCaml sources: <c>dotnet test</c>.</summary>
public sealed class TestUnikernel : ProjectTask
{
    /// <summary>The target whose context the tests run in.</summary>
    [Required]
    public string Target { get; set; } = "";

    /// <summary>dune's profile.</summary>
    [Required]
    public string Profile { get; set; } = "";

    private protected override async Task Run(CancellationToken cancellation)
    {
        var project = Read().Project();
        var build = new DuneBuild(new Workspace(project.Workspace), project.Request.Sources, "", "default", Profile, "");
        var plan = new BuildPlan(project.Request, Target, build, project.LockFile, project.StampFile)
        {
            Offline = project.Offline,
            SystemPackages = project.SystemPackages,
            Sandbox = project.Sandbox,
            Isolation = project.Isolation,
            ConfiguredFolder = project.ConfiguredFolder,
        };
        var (results, errors) = await new Builder(project.Stores, this).Test(plan, cancellation).ConfigureAwait(false);
        foreach (var error in errors)
            Report(error);
        foreach (var result in results)
        {
            Step($"  {result.Outcome} {result.Name}");
            if (result.Outcome == TestOutcome.Failed)
                Report(new Diagnostic(Severity.Error, "HIL5016", $"The test {result.Name} failed. {Printable.Text(result.Message)}".TrimEnd(), result.Place));
        }

        int Count(TestOutcome outcome) => results.Count(result => result.Outcome == outcome);
        Step(results.Count == 0 ? $"{project.Name} has no tests"
            : $"{(Count(TestOutcome.Failed) + errors.Count > 0 ? "Failed!" : "Passed!")} - Failed: {Count(TestOutcome.Failed)}, Passed: {Count(TestOutcome.Passed)}, Skipped: {Count(TestOutcome.Skipped)}, Total: {results.Count} - {project.Name}");
    }
}
