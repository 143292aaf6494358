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

/// <summary>What Nix is to build: a target of a project, together with all that its flake is made of.</summary>
/// <param name="Subject">The project, whose repositories describe the host's packages, and the target; of its targets, those of one dune context are compiled once.</param>
/// <param name="Lock">The lock.</param>
/// <param name="Build">What dune builds, and where the image goes.</param>
/// <param name="Again">Whether what is in Nix's store is built anew, and the new result taken.</param>
public sealed record NixBuild(BuildSubject Subject, LockFile Lock, LocalBuild Build, bool Again = false);

/// <summary>Builds with Nix: writes the project's flake below <c>obj/</c>, runs <c>nix build</c> and copies the image out.</summary>
public sealed partial class NixBackend(Stores stores, IReporter reporter)
{
    internal static readonly string[] Experimental = ["--extra-experimental-features", "nix-command flakes"];

    /// <summary>Builds one target.</summary>
    /// <param name="build">What to build.</param>
    /// <param name="options">How Nix is to build.</param>
    /// <param name="offline">Whether the network may not be used.</param>
    /// <param name="cancellation">Stops Nix and what it started.</param>
    /// <returns>The errors of the project's sources: none when the image was built.</returns>
    /// <exception cref="HillingarException">HIL5080 to HIL5082: the lock cannot be built by Nix. HIL5084: Nix is not there. HIL5085: a package does not build. HIL5086: Nix refuses. HIL5087: the result cannot be copied where it is to go.</exception>
    public async Task<IReadOnlyList<Diagnostic>> Build(NixBuild build, NixOptions options, bool offline, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(build);
        ArgumentNullException.ThrowIfNull(options);
        var (request, target, targets) = build.Subject;
        // First of all: without Nix nothing else is worth the time.
        _ = options.Command("nix");
        var workspace = new Workspace(Path.Combine(build.Build.Workspace.Root, "nix"));
        using var turn = await FolderLock.Take(Path.Combine(workspace.Root, "build.lock"), cancellation).ConfigureAwait(false);
        workspace.Mirror(build.Build.Sources, cancellation);
        var plan = await new FlakeWriter(stores, reporter).Plan(
            new FlakeSubject(request, build.Lock, build.Build.Workspace, build.Build.Sources, targets), "src", [.. build.Build.Sources.Select(source => source.Path.Replace('\\', '/')).Select(path => (path, path))], offline, cancellation).ConfigureAwait(false);
        NixFlake.Write(workspace.Root, plan, options.Nixpkgs);
        CopyLock(request.Folder, workspace.Root);
        await new NixSeed(stores.Sources, offline, options)
            .Put(plan.Sources(), Path.Combine(workspace.Root, "seed"), cancellation).ConfigureAwait(false);

        var system = options.System.Length > 0 ? options.System : NixSystem.Host?.Name
            ?? throw new HillingarException("HIL5082", $"Nix does not build on {Platform.Host.Name}. Name a system that a remote builder has in HillingarNixSystem.");
        var root = Path.Combine(workspace.Root, "roots", target);
        Directory.CreateDirectory(Path.GetDirectoryName(root)!);
        // Nix replaces links into its own store only.
        if (new FileInfo(root).LinkTarget?.StartsWith(options.StoreFolder + "/", StringComparison.Ordinal) == false)
            File.Delete(root);
        var command = options.Command("nix",
            [
                "build", .. Experimental, "--log-format", "internal-json", "--json", "--option", "allow-import-from-derivation", "false",
                .. offline ? (string[])["--offline"] : [],
                .. options.Arguments(),
                .. build.Again ? (string[])["--rebuild", "--keep-failed"] : [],
                // A root of another store would be a link to nothing.
                .. options.Store.Length > 0 ? (string[])["--no-link"] : ["--out-link", root],
                $"path:{workspace.Root}#packages.{system}.{target}",
            ]);
        var (result, output, log) = await Run(command, build, cancellation).ConfigureAwait(false);
        if (result.ExitCode != 0 && log.Errors.FirstOrDefault(error => Lost().IsMatch(error)) is { } lost)
        {
            // To Nix that is a failed build; asked once more, it takes another builder, and what was finished is there.
            reporter.Report(new Diagnostic(Severity.Warning, "HIL5094", $"A builder went away while it built, and Nix is asked once more: {lost.Trim()}", new Place(request.ProjectFile)));
            (result, output, log) = await Run(command, build, cancellation).ConfigureAwait(false);
        }

        foreach (var warning in output.Diagnostics.Where(diagnostic => diagnostic.Severity == Severity.Warning))
            reporter.Report(warning);
        var differs = build.Again ? log.Errors.Select(error => Differs().Match(error)).FirstOrDefault(match => match.Success) : null;
        if (result.ExitCode != 0 && differs is null)
        {
            var errors = output.Diagnostics.Where(diagnostic => diagnostic.Severity == Severity.Error).ToList();
            return errors.Count > 0 ? errors : throw Failure(log, request.ProjectFile, result);
        }

        var built = differs?.Groups[1].Value ?? Outputs(result.Whole).First();
        CopyOut($"{built}/{targets.First(item => item.Name == target).Image}", build.Build.Image, options, cancellation);
        if (options.CopyTo.Length > 0 && differs is null)
            await Push(built, options, cancellation).ConfigureAwait(false);
        return [];
    }

    async Task<(ProcessResult Result, DuneOutput Output, NixLog Log)> Run(Command command, NixBuild build, CancellationToken cancellation)
    {
        var output = new DuneOutput(path => build.Build.Workspace.Resolve(path, build.Build.Sources));
        var log = new NixLog(reporter, (name, line) =>
        {
            if (name == build.Subject.Request.Name)
                output.Add(line);
        });
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
        JsonDocument.Parse(json).RootElement.EnumerateArray().SelectMany(item => item.GetProperty("outputs").EnumerateObject()).Select(output => output.Value.GetString()!);

    static HillingarException Failure(NixLog log, string project, ProcessResult result)
    {
        // The first error that names a derivation is the cause; those after it follow from it.
        var cause = log.Errors.FirstOrDefault(error => NixLog.Derivation(error) is not null && !error.Contains("dependenc", StringComparison.Ordinal)) ?? (log.Errors.Count > 0 ? log.Errors[0] : null);
        if (cause is not null && NixLog.Derivation(cause) is { } derivation && log.Tail(NixLog.NameOf(derivation)).TakeLast(20).ToList() is { Count: > 0 } tail)
            return new HillingarException("HIL5085", $"{NixLog.NameOf(derivation)} does not build with Nix. The last it said: {string.Join('\n', tail)}\nAll of it: nix log {derivation}", new Place(project));
        return new HillingarException("HIL5086", $"Nix could not build: {(cause ?? result.Error).Trim()}", new Place(project));
    }

    static void CopyOut(string from, string image, NixOptions options, CancellationToken cancellation) => LocalBackend.Place(image, temporary =>
    {
        if (options.Store.Length == 0)
        {
            File.Copy(from, temporary);
            return;
        }
        using var file = File.Create(temporary);
        var result = ProcessRunner.RunPiped(options.Command("nix", ["store", "cat", .. Experimental, "--store", options.Store, from]), stream => stream.CopyTo(file), cancellation);
        if (result.ExitCode != 0)
            throw new HillingarException("HIL5087", $"The image cannot be copied out of {options.Store}: {result.Error.Trim()}");
    });

    async Task Push(string path, NixOptions options, CancellationToken cancellation)
    {
        reporter.Step($"Copying the result to {options.CopyTo}");
        var result = await ProcessRunner.Run(options.Command("nix", ["copy", .. Experimental, .. options.Store.Length > 0 ? (string[])["--from", options.Store] : [], "--to", options.CopyTo, path]), cancellation).ConfigureAwait(false);
        if (result.ExitCode != 0)
            throw new HillingarException("HIL5087", $"The result cannot be copied to {options.CopyTo}: {result.Error.Trim()}");
    }

    // What Nix 2.8 and 2.26 say when the connection to a builder ends, or there is none to be had.
    [GeneratedRegex("unexpected end-of-file|disconnected unexpectedly|cannot connect to|failed to start SSH connection|broken pipe", RegexOptions.IgnoreCase)]
    private static partial Regex Lost();

    // Nix keeps the other result beside the first one.
    [GeneratedRegex("may not be deterministic: output '[^']*' differs from '([^']*)'")]
    private static partial Regex Differs();
}
