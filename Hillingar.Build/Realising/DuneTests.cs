using Hillingar.Build.Reporting;
using Hillingar.Build.Switches;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Realising;

/// <summary>Runs what dune runs for the alias <c>runtest</c>, below a project's sources only.</summary>
static class DuneTests
{
    /// <summary>Runs the tests, all of them, whether they passed before or not.</summary>
    /// <param name="build">Whose sources, and dune's context.</param>
    /// <param name="tools">What to build with.</param>
    /// <param name="reporter">Is told what dune prints.</param>
    /// <param name="cancellation">Stops dune and all that it started.</param>
    /// <returns>A result for each test, and the errors of sources that could not be built.</returns>
    public static async Task<(IReadOnlyList<TestResult> Results, IReadOnlyList<Diagnostic> Errors)> Run(
        DuneBuild build,
        HostTools tools,
        IReporter reporter,
        CancellationToken cancellation
    )
    {
        var workspace = build.Workspace;
        using var turn = await workspace.Turn(reporter, cancellation).ConfigureAwait(false);
        workspace.Mirror(build.Sources, cancellation);
        var place = workspace.For(tools);
        string Resolve(string path) => workspace.Resolve(place.Here(path), build.Sources);
        var own = build.Sources.Select(source => source.File).ToHashSet();
        var output = new DuneTestOutput(
            [.. DuneTestRule.Of(build.Sources)],
            path => Resolve(path) is var file && own.Contains(file) ? file : null
        );
        var command = tools.Dune(
            [
                "build",
                "--root",
                ".",
                "--profile",
                build.Profile,
                "--display",
                "short",
                "--force",
                "--",
                $"@_build/{build.Context}/src/{build.Below}runtest",
            ],
            place,
            DuneTestCases.Variables
        );
        var (result, diagnostics) = await DuneOutput
            .Run(command, tools.Sandbox.Bounds, Resolve, new Listener(reporter, output.Add), cancellation)
            .ConfigureAwait(false);
        foreach (var diagnostic in diagnostics.Where(diagnostic => diagnostic.Severity == Severity.Warning))
            reporter.Report(diagnostic);
        var results = output.Results(result.ExitCode == 0);
        // A test prints what it likes, also what looks like the compiler's errors: those are true where something did not get to run.
        var errors = diagnostics.Where(diagnostic => diagnostic.Severity == Severity.Error).ToList();
        return (
            results,
            result.ExitCode == 0 || output.Complete && results.Any(test => test.Outcome == TestOutcome.Failed) ? []
            : errors.Count > 0 ? errors
            : [new(Severity.Error, "HIL5012", $"dune ended with {result.ExitCode}: {place.Here(result.Error + result.Output).Trim()}")]
        );
    }

    sealed class Listener(IReporter reporter, Action<string> heard) : IReporter
    {
        readonly Lock _turn = new();

        public void Report(Diagnostic diagnostic) => reporter.Report(diagnostic);

        public void Step(string message) => reporter.Step(message);

        public void Progress(Progress progress) => reporter.Progress(progress);

        public void Detail(string message)
        {
            lock (_turn)
                heard(message);
            reporter.Detail(message);
        }
    }
}
