using Hillingar.Build.Files;
using Hillingar.Build.Processes;
using Hillingar.Build.Reporting;
using Hillingar.Build.Switches;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Realising;

/// <summary>One build of one target: what dune builds where, and what comes out.</summary>
/// <param name="Workspace">The folder to build in, vendored already.</param>
/// <param name="Sources">The project's files: the path below the workspace's <c>src/</c> and where the file is.</param>
/// <param name="DuneTarget">What dune is asked for, below <c>src/</c>, such as <c>dns.exe</c>.</param>
/// <param name="Context">dune's context that it is built in: <c>default</c>, or one of the project's own <c>dune-workspace</c>.</param>
/// <param name="Profile">dune's profile, such as <c>release</c>.</param>
/// <param name="Image">Where the result goes.</param>
public sealed record LocalBuild(
    Workspace Workspace,
    IReadOnlyCollection<(string Path, string File)> Sources,
    string DuneTarget,
    string Context,
    string Profile,
    string Image)
{
    /// <summary>The folder below <c>src/</c> that the project's files lie in, with a slash at its end; empty for that folder itself.</summary>
    public string Below { get; init; } = "";

    /// <summary>Whether OCaml's warnings are errors, as with <c>TreatWarningsAsErrors</c>.</summary>
    public bool WarningsAreErrors { get; init; }
}

/// <summary>Builds on this machine, with its own tools or those of a switch.</summary>
public static class LocalBackend
{
    /// <summary>Runs dune and puts the result into its place.</summary>
    /// <param name="build">What to build.</param>
    /// <param name="tools">What to build with.</param>
    /// <param name="reporter">Is told the warnings that dune and the compiler print.</param>
    /// <param name="cancellation">Stops dune and all that it started.</param>
    /// <returns>The errors: none when the image was built.</returns>
    public static async Task<IReadOnlyList<Diagnostic>> Build(LocalBuild build, HostTools tools, IReporter reporter, CancellationToken cancellation)
    {
        var workspace = build.Workspace;
        // dune waits for ever for a lock that another dune holds in the same folder; we take turns instead.
        using var turn = await FolderLock.Take(Path.Combine(workspace.Root, "build.lock"), cancellation).ConfigureAwait(false);
        workspace.Mirror(build.Sources, cancellation);
        var target = $"_build/{build.Context}/src/{build.DuneTarget}";
        var place = workspace.For(tools);
        var command = tools.Dune(["build", "--root", ".", "--profile", build.Profile, "--display", "quiet", "--", target], place);
        var (result, diagnostics) = await DuneOutput.Run(command, tools.Sandbox.Bounds, path => workspace.Resolve(place.Here(path), build.Sources), reporter, cancellation).ConfigureAwait(false);
        // What is compiled in two ways, or for two modes, is complained of as often.
        var warnings = diagnostics.Where(diagnostic => diagnostic.Severity == Severity.Warning).Distinct().ToList();
        if (!build.WarningsAreErrors)
            foreach (var warning in warnings)
                reporter.Report(warning);
        if (result.ExitCode != 0 && IsFull(result))
            throw new HillingarException("HIL4007", $"The disk is full: dune could not write below '{workspace.Root}'. Make room, or prune the source store; then run again, nothing is lost.");
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
            return errors.Count > 0 ? errors : [new(Severity.Error, "HIL5012", $"dune ended with {result.ExitCode}: {place.Here(result.Error + result.Output).Trim()}")];
        }

        Place(build.Image, temporary => workspace.CopyOut(target, temporary, cancellation));
        return [];
    }

    // As the C library says it, which is where OCaml, the compiler and the linker have it from.
    static bool IsFull(ProcessResult result) => (result.Error + result.Output) is var said
        && (said.Contains("No space left on device", StringComparison.Ordinal) || said.Contains("Disk quota exceeded", StringComparison.Ordinal));

    /// <summary>Puts an image into its place: the old one stays until the new one is whole.</summary>
    /// <param name="image">The place.</param>
    /// <param name="write">Writes a file.</param>
    internal static void Place(string image, Action<string> write)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(image)!);
        var temporary = AtomicFile.Beside(image);
        try
        {
            write(temporary);
            // dune's and Nix's results are read-only; users strip and sign theirs.
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(temporary, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
            File.SetLastWriteTimeUtc(temporary, DateTime.UtcNow);
            File.Move(temporary, image, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
