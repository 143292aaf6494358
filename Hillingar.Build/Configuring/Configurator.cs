using Hillingar.Build.Files;
using Hillingar.Build.Locks;
using Hillingar.Build.Realising;
using Hillingar.Build.Reporting;
using Hillingar.Build.Requests;
using Hillingar.Build.Sandboxes;
using Hillingar.Build.Switches;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Configuring;

/// <summary>Runs <c>mirage configure</c> for the targets of a project, in folders of their own: nothing is written beside the user's sources.</summary>
/// <param name="folder">The folder that holds a folder for each target; mirage writes all of it.</param>
/// <param name="reporter">Is told what is done.</param>
sealed class Configurator(string folder, IReporter reporter)
{
    // What would make results depend on who asks.
    static readonly Dictionary<string, string?> s_environment = new(DuneEnvironment.Variables)
    {
        ["MODE"] = null,
        ["MIRAGE_DEFAULT_TARGET"] = null,
        ["MIRAGE_EXTRA_REPOS"] = null,
        ["INSIDE_FUNCTORIA_TESTS"] = null,
    };

    /// <summary>Configures what is not configured yet by just this <c>config.ml</c>, these keys and this mirage.</summary>
    /// <param name="request">The project.</param>
    /// <param name="locked">The lock of the tools, which says their versions.</param>
    /// <param name="provide">Provides the tools, where something is to be configured.</param>
    /// <param name="cancellation">Stops; what was written by then is taken away.</param>
    /// <param name="only">The one target that is wanted; null for all.</param>
    /// <returns>What mirage wrote, a target each, in the project's order: what is wanted, and what is configured already.</returns>
    /// <exception cref="HillingarException">HIL5070: mirage refuses, the message is its own. HIL5071: it wrote something else than expected.</exception>
    public async Task<IReadOnlyList<ConfiguredTarget>> Run(
        Request request,
        LockFile locked,
        Func<Task<HostTools>> provide,
        CancellationToken cancellation,
        string? only = null
    )
    {
        using var turn = await FolderLock
            .Take(
                Path.Combine(folder, "configure.lock"),
                cancellation,
                () => reporter.Step("Waiting until another build of this project has configured it")
            )
            .ConfigureAwait(false);
        var tools = new Lazy<Task<HostTools>>(provide);
        var mirage = $"{locked.Version("mirage")} for OCaml {locked.Version("ocaml")}";
        var config = $"{request.ConfigSum} {ConfigInputs.Digest(request)}";
        var configured = new List<ConfiguredTarget>();
        foreach (var target in request.Targets)
            if (
                await Run(request, config, target, mirage, only is null || target == only ? tools : null, cancellation)
                    .ConfigureAwait(false) is
                { } made
            )
                configured.Add(made);
        return configured;
    }

    /// <summary>What an earlier run wrote, if it was for all these targets, whatever it was made of.</summary>
    public IReadOnlyList<ConfiguredTarget>? Left(Request request) =>
        request.Targets.All(target => File.Exists(StampOf(target))) ? [.. request.Targets.Select(target => At(request, target))] : null;

    ConfiguredTarget At(Request request, string target) => ConfiguredTarget.Of(request, folder, target);

    string StampOf(string target) => ConfiguredTarget.StampOf(folder, target);

    // Null where it is not configured and there are no tools for it.
    async Task<ConfiguredTarget?> Run(
        Request request,
        string config,
        string target,
        string mirage,
        Lazy<Task<HostTools>>? tools,
        CancellationToken cancellation
    )
    {
        var configured = At(request, target);
        // Without -o the main module is main.ml, whatever the project is called: not every name is one of a module, or is free.
        string[] arguments =
        [
            "configure",
            "-f",
            request.Config,
            "-t",
            target,
            .. request.Keys.Where(key => key.Target.Length == 0 || key.Target == target).Select(key => key.Argument),
        ];
        var stamp = string.Join('\n', [config, mirage, .. arguments, "described"]);
        if (File.Exists(StampOf(target)) && await File.ReadAllTextAsync(StampOf(target), cancellation).ConfigureAwait(false) == stamp)
            return configured;
        if (tools is null)
            return null;

        var host = await tools.Value.ConfigureAwait(false);
        reporter.Step($"Configuring {request.Name} for {target} (mirage {mirage})");
        var working = AtomicFile.Beside(configured.Folder);
        try
        {
            Directory.CreateDirectory(working);
            var seen = ConfigInputs.Lay(request, working, cancellation);
            // Before it configures: to describe, it writes files of its own.
            var described = await Describe(request, host, ["describe", .. arguments.Skip(1)], host.At(working), cancellation)
                .ConfigureAwait(false);
            await Configure(request, target, host, arguments, host.At(working), cancellation).ConfigureAwait(false);
            foreach (var own in new[] { "_build", ".home" })
                Tree.Delete(Path.Combine(working, own));
            string[] expected = ["dune-workspace", "dune-project", configured.Below + "dune", configured.Below + "mirage"];
            if (expected.FirstOrDefault(name => !Path.Exists(Path.Combine(working, name))) is { } missing)
                throw new HillingarException(
                    "HIL5071",
                    $"mirage configured {target} and wrote no '{missing}'. Choose a mirage of version 4: OpamDependency Include=\"mirage\".",
                    new Place(request.ConfigFile)
                );
            ConfigInputs.TakeAway(seen, working);
            (configured with { Folder = working }).Remember(described);
            File.Delete(StampOf(target));
            AtomicFile.ReplaceFolder(working, configured.Folder);
        }
        finally
        {
            Tree.Delete(working);
        }

        AtomicFile.WriteText(StampOf(target), stamp);
        return configured;
    }

    // What the keys come to; whatever is wrong, mirage says when it configures.
    async Task<string> Describe(
        Request request,
        HostTools host,
        IReadOnlyList<string> arguments,
        BuildPlace place,
        CancellationToken cancellation
    )
    {
        var (result, _) = await DuneOutput
            .Run(
                host.Run("mirage", arguments, place, s_environment),
                host.Sandbox.Bounds,
                path => Own(request, path),
                reporter,
                cancellation
            )
            .ConfigureAwait(false);
        return result.ExitCode == 0 ? result.Output : "";
    }

    async Task Configure(
        Request request,
        string target,
        HostTools host,
        IReadOnlyList<string> arguments,
        BuildPlace place,
        CancellationToken cancellation
    )
    {
        var command = host.Run("mirage", arguments, place, s_environment);
        var (result, diagnostics) = await DuneOutput
            .Run(command, host.Sandbox.Bounds, path => Own(request, path), reporter, cancellation)
            .ConfigureAwait(false);
        if (result.ExitCode == 0)
            return;
        var errors = diagnostics.Where(diagnostic => diagnostic.Severity == Severity.Error).ToList();
        foreach (var error in errors.Skip(1))
            reporter.Report(error);
        throw errors is [var first, ..]
            ? new HillingarException(
                "HIL5070",
                $"mirage cannot configure '{target}': {first.Message}",
                first.Place ?? new Place(request.ConfigFile)
            )
            : new HillingarException(
                "HIL5070",
                $"mirage cannot configure '{target}' (it ended with {result.ExitCode}): {place.Here(result.Error + result.Output).Trim()} Correct config.ml, or its keys (MirageKey).",
                new Place(request.ConfigFile)
            );
    }

    // The user's file that a path is of, as dune prints it.
    static string Own(Request request, string path) =>
        path == request.Config || Path.GetFileName(path) == Request.DefaultConfig ? request.ConfigFile
        : request.Sources.FirstOrDefault(source => source.Path == path) is { File: { } file } ? file
        : path;
}
