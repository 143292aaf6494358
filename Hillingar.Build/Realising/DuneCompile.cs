using Hillingar.Build.Files;
using Hillingar.Build.Processes;
using Hillingar.Build.Reporting;
using Hillingar.Build.Switches;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Realising;

/// <summary>Compiles a target with dune.</summary>
public static class DuneCompile
{
    /// <summary>Runs dune and puts the result into its place.</summary>
    /// <param name="build">What to build.</param>
    /// <param name="tools">What to build with.</param>
    /// <param name="reporter">Is told the warnings that dune and the compiler print.</param>
    /// <param name="cancellation">Stops dune and all that it started.</param>
    /// <returns>The errors: none when the image was built.</returns>
    public static async Task<IReadOnlyList<Diagnostic>> Run(
        DuneBuild build,
        HostTools tools,
        IReporter reporter,
        CancellationToken cancellation
    )
    {
        var workspace = build.Workspace;
        using var turn = await workspace.Turn(reporter, cancellation).ConfigureAwait(false);
        workspace.Mirror(build.Sources, cancellation);
        var target = $"_build/{build.Context}/src/{build.DuneTarget}";
        var place = workspace.For(tools);
        var command = tools.Dune(["build", "--root", ".", "--profile", build.Profile, "--display", "quiet", "--", target], place);
        var (result, diagnostics) = await new DuneProgress(workspace, reporter)
            .During(
                DuneOutput.Run(
                    command,
                    tools.Sandbox.Bounds,
                    path => workspace.Resolve(place.Here(path), build.Sources),
                    reporter,
                    cancellation
                )
            )
            .ConfigureAwait(false);
        // What is compiled in two ways, or for two modes, is complained of as often.
        var warnings = diagnostics.Where(diagnostic => diagnostic.Severity == Severity.Warning).Distinct().ToList();
        if (!build.WarningsAreErrors)
            foreach (var warning in warnings)
                reporter.Report(warning);
        if (result.ExitCode != 0 && IsFull(result))
            throw new HillingarException(
                "HIL4007",
                $"The disk is full: dune could not write below '{workspace.Root}'. Make room, or prune the source store; then run again, nothing is lost."
            );
        if (result.ExitCode == 0 && build.WarningsAreErrors && warnings.Count > 0)
        {
            // dune tells a warning when it compiles, and not again: the next build has to compile, and to fail, as this one.
            Tree.Delete(Path.Combine(workspace.Root, "_build", build.Context, "src"));
            return [.. warnings.Select(warning => warning with { Severity = Severity.Error })];
        }

        if (result.ExitCode != 0)
        {
            if (build.WarningsAreErrors)
                diagnostics = [.. warnings.Select(warning => warning with { Severity = Severity.Error }), .. diagnostics];
            var errors = diagnostics.Where(diagnostic => diagnostic.Severity == Severity.Error).Distinct().ToList();
            return errors.Count > 0
                ? errors
                : [new(Severity.Error, "HIL5012", $"dune ended with {result.ExitCode}: {place.Here(result.Error + result.Output).Trim()}")];
        }

        BuiltImage.Place(build.Image, temporary => workspace.CopyOut(target, temporary, cancellation));
        return [];
    }

    // As the C library says it, which is where OCaml, the compiler and the linker have it from.
    static bool IsFull(ProcessResult result) =>
        (result.Error + result.Output) is var said
        && (
            said.Contains("No space left on device", StringComparison.Ordinal)
            || said.Contains("Disk quota exceeded", StringComparison.Ordinal)
        );
}
