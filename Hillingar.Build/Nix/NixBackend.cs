using System.Text.Json;
using System.Text.RegularExpressions;
using Hillingar.Build.Files;
using Hillingar.Build.Locks;
using Hillingar.Build.Processes;
using Hillingar.Build.Realising;
using Hillingar.Build.Reporting;
using Hillingar.Build.Requests;
using Hillingar.Build.Storage;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Nix;

/// <summary>Builds with Nix: writes the project's flake below <c>obj/</c>, runs <c>nix build</c> and copies the image out.</summary>
public sealed partial class NixBackend(Stores stores, IReporter reporter, NixOptions options) : IBackend
{
    internal static readonly string[] Experimental = ["--extra-experimental-features", "nix-command flakes"];

    /// <inheritdoc/>
    public bool BuildsElsewhere => true;

    /// <inheritdoc/>
    public Task<string?> Obstacle(BuildPlan plan, LockFile locked, CancellationToken cancellation) =>
        Task.FromResult(ProcessRunner.Find("nix") is null ? "Nix is not on PATH." : null);

    /// <inheritdoc/>
    /// <exception cref="HillingarException">HIL5080 to HIL5082: the lock cannot be built by Nix. HIL5084: Nix is not there. HIL5085: a package does not build. HIL5086: Nix refuses. HIL5087: the result cannot be copied where it is to go.</exception>
    public async Task<IReadOnlyList<Diagnostic>> Build(BuildPlan plan, LockFile locked, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var (request, target, build) = (plan.Request, plan.Target, plan.Build);
        // First of all: without Nix nothing else is worth the time.
        _ = options.Command("nix");
        var workspace = new Workspace(Path.Combine(build.Workspace.Root, "nix"));
        using var turn = await workspace.Turn(reporter, cancellation).ConfigureAwait(false);
        workspace.Mirror(build.Sources, cancellation);
        var flake = await new FlakeWriter(stores, reporter)
            .Plan(
                new FlakeSubject(request, locked, build.Workspace, build.Sources, plan.Targets),
                "src",
                [.. build.Sources.Select(source => source.Path.Replace('\\', '/')).Select(path => (path, path))],
                plan.Offline,
                cancellation
            )
            .ConfigureAwait(false);
        NixFlake.Write(workspace.Root, flake, options.Nixpkgs);
        CopyLock(request.Folder, workspace.Root);
        await new NixSeed(stores.Sources, plan.Offline, options)
            .Put(flake.Sources(), Path.Combine(workspace.Root, "seed"), cancellation)
            .ConfigureAwait(false);

        var system =
            options.System.Length > 0
                ? options.System
                : NixSystem.Host?.Name
                    ?? throw new HillingarException(
                        "HIL5082",
                        $"Nix does not build on {Platform.Host.Name}. Name a system that a remote builder has in HillingarNixSystem."
                    );
        var root = Path.Combine(workspace.Root, "roots", target);
        Directory.CreateDirectory(Path.GetDirectoryName(root)!);
        // Nix replaces links into its own store only.
        if (new FileInfo(root).LinkTarget?.StartsWith(options.StoreFolder + "/", StringComparison.Ordinal) == false)
            File.Delete(root);
        var command = options.Command(
            "nix",
            [
                "build",
                .. Experimental,
                "--log-format",
                "internal-json",
                "--json",
                "--option",
                "allow-import-from-derivation",
                "false",
                .. plan.Offline ? (string[])["--offline"] : [],
                .. options.Arguments(),
                .. plan.Again ? (string[])["--rebuild", "--keep-failed"] : [],
                // A root of another store would be a link to nothing.
                .. options.Store.Length > 0 ? (string[])["--no-link"] : ["--out-link", root],
                $"path:{workspace.Root}#packages.{system}.{target}",
            ]
        );
        var (result, output, log) = await Run(command, plan, cancellation).ConfigureAwait(false);
        if (result.ExitCode != 0 && log.Errors.FirstOrDefault(error => Lost().IsMatch(error)) is { } lost)
        {
            // To Nix that is a failed build; asked once more, it takes another builder, and what was finished is there.
            reporter.Report(
                new Diagnostic(
                    Severity.Warning,
                    "HIL5094",
                    $"A builder went away while it built, and Nix is asked once more: {lost.Trim()}",
                    new Place(request.ProjectFile)
                )
            );
            (result, output, log) = await Run(command, plan, cancellation).ConfigureAwait(false);
        }

        foreach (var warning in output.Diagnostics.Where(diagnostic => diagnostic.Severity == Severity.Warning))
            reporter.Report(warning);
        var differs = plan.Again ? log.Errors.Select(error => Differs().Match(error)).FirstOrDefault(match => match.Success) : null;
        if (result.ExitCode != 0 && differs is null)
        {
            var errors = output.Diagnostics.Where(diagnostic => diagnostic.Severity == Severity.Error).ToList();
            return errors.Count > 0 ? errors : throw Failure(log, request.ProjectFile, result);
        }

        var built = differs?.Groups[1].Value ?? Outputs(result.Whole).First();
        CopyOut($"{built}/{plan.Targets.First(item => item.Name == target).Image}", build.Image, cancellation);
        if (options.CopyTo.Length > 0 && !plan.Comparing)
            await Push(built, cancellation).ConfigureAwait(false);
        return [];
    }

    async Task<(ProcessResult Result, DuneOutput Output, NixLog Log)> Run(Command command, BuildPlan plan, CancellationToken cancellation)
    {
        var output = new DuneOutput(path => plan.Build.Workspace.Resolve(path, plan.Build.Sources));
        var log = new NixLog(
            reporter,
            (name, line) =>
            {
                if (name == plan.Request.Name)
                    output.Add(line);
            }
        );
        return (await ProcessRunner.Run(command with { Keep = 1 << 20 }, cancellation, log.Add).ConfigureAwait(false), output, log);
    }

    // The lock that is committed with a project's own flake holds here too.
    static void CopyLock(string project, string folder)
    {
        var own = Path.Combine(project, "flake.lock");
        if (File.Exists(own) && File.Exists(Path.Combine(project, "hillingar.json")))
            AtomicFile.WriteText(Path.Combine(folder, "flake.lock"), File.ReadAllText(own));
    }

    internal static IEnumerable<string> Outputs(string json) =>
        JsonDocument
            .Parse(json)
            .RootElement.EnumerateArray()
            .SelectMany(item => item.GetProperty("outputs").EnumerateObject())
            .Select(output => output.Value.GetString()!);

    static HillingarException Failure(NixLog log, string project, ProcessResult result)
    {
        // The first error that names a derivation is the cause; those after it follow from it.
        var cause =
            log.Errors.FirstOrDefault(error =>
                NixLog.Derivation(error) is not null && !error.Contains("dependenc", StringComparison.Ordinal)
            ) ?? (log.Errors.Count > 0 ? log.Errors[0] : null);
        if (
            cause is not null
            && NixLog.Derivation(cause) is { } derivation
            && log.Tail(NixLog.NameOf(derivation)).TakeLast(20).ToList() is { Count: > 0 } tail
        )
            return new HillingarException(
                "HIL5085",
                $"{NixLog.NameOf(derivation)} does not build with Nix. The last it said: {string.Join('\n', tail)}\nAll of it: nix log {derivation}",
                new Place(project)
            );
        return new HillingarException("HIL5086", $"Nix could not build: {(cause ?? result.Error).Trim()}", new Place(project));
    }

    void CopyOut(string from, string image, CancellationToken cancellation) =>
        BuiltImage.Place(
            image,
            temporary =>
            {
                if (options.Store.Length == 0)
                {
                    File.Copy(from, temporary);
                    return;
                }
                using var file = File.Create(temporary);
                var result = ProcessRunner.RunPiped(
                    options.Command("nix", ["store", "cat", .. Experimental, "--store", options.Store, from]),
                    stream => stream.CopyTo(file),
                    cancellation
                );
                if (result.ExitCode != 0)
                    throw new HillingarException("HIL5087", $"The image cannot be copied out of {options.Store}: {result.Error.Trim()}");
            }
        );

    async Task Push(string path, CancellationToken cancellation)
    {
        reporter.Step($"Copying the result to {options.CopyTo}");
        var result = await ProcessRunner
            .Run(
                options.Command(
                    "nix",
                    [
                        "copy",
                        .. Experimental,
                        .. options.Store.Length > 0 ? (string[])["--from", options.Store] : [],
                        "--to",
                        options.CopyTo,
                        path,
                    ]
                ),
                cancellation
            )
            .ConfigureAwait(false);
        if (result.ExitCode != 0)
            throw new HillingarException("HIL5087", $"The result cannot be copied to {options.CopyTo}: {result.Error.Trim()}");
    }

    // What Nix 2.8 and 2.26 say when the connection to a builder ends, or there is none to be had.
    [GeneratedRegex(
        "unexpected end-of-file|disconnected unexpectedly|cannot connect to|failed to start SSH connection|broken pipe",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex Lost();

    // Nix keeps the other result beside the first one.
    [GeneratedRegex("may not be deterministic: output '[^']*' differs from '([^']*)'")]
    private static partial Regex Differs();
}
