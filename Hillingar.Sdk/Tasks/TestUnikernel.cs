using Hillingar.Build.Projects;
using Hillingar.Build.Realising;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Sdk.Tasks;

/// <summary>Runs the tests of a project's OCaml sources: <c>dotnet test</c>.</summary>
public sealed class TestUnikernel : ProjectTask
{
    private protected override async Task Run(CancellationToken cancellation)
    {
        var project = Read().Project();
        var (results, errors) = await new ProjectWork(project, this).Test(cancellation).ConfigureAwait(false);
        foreach (var error in errors)
            Report(error);
        foreach (var result in results)
        {
            Step($"  {result.Outcome} {result.Name}");
            if (result.Outcome == TestOutcome.Failed)
                Report(
                    new Diagnostic(
                        Severity.Error,
                        "HIL5016",
                        $"The test {result.Name} failed. {Printable.Text(result.Message)}".TrimEnd(),
                        result.Place
                    )
                );
        }

        int Count(TestOutcome outcome) => results.Count(result => result.Outcome == outcome);
        Step(
            results.Count == 0
                ? $"{project.Name} has no tests"
                : $"{(Count(TestOutcome.Failed) + errors.Count > 0 ? "Failed!" : "Passed!")} - Failed: {Count(TestOutcome.Failed)}, Passed: {Count(TestOutcome.Passed)}, Skipped: {Count(TestOutcome.Skipped)}, Total: {results.Count} - {project.Name}"
        );
    }
}
