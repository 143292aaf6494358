using Hillingar.Build.Configuring;
using Hillingar.Build.Depext;
using Hillingar.Build.Locks;
using Hillingar.Build.Machines;
using Hillingar.Build.Realising;
using Hillingar.Build.Reporting;
using Hillingar.Build.Repositories;
using Hillingar.Build.Requests;
using Hillingar.Build.Storage;
using Hillingar.Build.Switches;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Local;

/// <summary>Builds on this machine: checks it against the lock, provides the tools, lets mirage configure where it does, runs dune.</summary>
public sealed class LocalBackend(Stores stores, IReporter reporter) : IBackend
{
    delegate Task<IReadOnlyList<Diagnostic>> Work(DuneBuild build, HostTools tools, IReporter reporter, CancellationToken cancellation);

    /// <inheritdoc/>
    public bool BuildsElsewhere => false;

    /// <inheritdoc/>
    public async Task<string?> Obstacle(BuildPlan plan, LockFile locked, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(locked);
        var (machine, wanted) = (await Toolchain.TryProbe(cancellation).ConfigureAwait(false), locked.Version("ocaml")?.Text);
        return machine is not null && machine.OCaml == wanted
            ? null
            : $"This machine has {(machine is null ? "no OCaml" : $"OCaml {machine.OCaml}")}, and the lock is of {wanted ?? "none"}.";
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<Diagnostic>> Build(BuildPlan plan, LockFile locked, CancellationToken cancellation) =>
        Run(plan, locked, DuneCompile.Run, cancellation);

    /// <summary>Runs the tests of a project: what dune runs for <c>runtest</c>.</summary>
    /// <param name="plan">Whose sources; its image is not made.</param>
    /// <param name="locked">Its lock.</param>
    /// <param name="cancellation">Stops what was started.</param>
    /// <returns>A result for each test, and the errors of the sources.</returns>
    /// <exception cref="HillingarException">As of <see cref="Build"/>.</exception>
    public async Task<(IReadOnlyList<TestResult> Results, IReadOnlyList<Diagnostic> Errors)> Test(
        BuildPlan plan,
        LockFile locked,
        CancellationToken cancellation
    )
    {
        ArgumentNullException.ThrowIfNull(plan);
        IReadOnlyList<TestResult> results = [];
        var errors = await Run(
                plan,
                locked,
                async (build, tools, told, stop) =>
                {
                    (results, var found) = await DuneTests.Run(build, tools, told, stop).ConfigureAwait(false);
                    return found;
                },
                cancellation
            )
            .ConfigureAwait(false);
        return (results, errors);
    }

    async Task<IReadOnlyList<Diagnostic>> Run(BuildPlan plan, LockFile locked, Work work, CancellationToken cancellation)
    {
        TargetSupport.Check(plan.Request, plan.Target, plan.Runtime);
        if (plan.Request.HostSwitch == HostSwitchSource.Machine)
            await TargetSupport.CheckCompiler(plan.Request, cancellation).ConfigureAwait(false);
        var place = new Place(plan.LockFile);
        var provider = new HostToolProvider(
            stores,
            new SwitchOptions
            {
                Sandbox = plan.Sandbox,
                Isolation = plan.Isolation,
                Offline = plan.Offline,
            },
            reporter
        );
        var system = await Depexts
            .Ensure(
                locked,
                plan.SystemPackages,
                place,
                reporter,
                cancellation,
                Alone(plan) is not { } alone
                    ? null
                    : () =>
                        provider.WithDepextsOf(locked, plan.Request, alone, vendored: true, cancellation, HostUse.Configure, HostUse.Build)
            )
            .ConfigureAwait(false);
        try
        {
            var errors = await Realise(plan, locked, provider, work, cancellation).ConfigureAwait(false);
            return errors.Count > 0 && system.Missing.Count > 0 ? [.. errors, Depexts.Blame(system, place)] : errors;
        }
        catch (HillingarException) when (system.Missing.Count > 0)
        {
            reporter.Report(Depexts.Blame(system, place));
            throw;
        }
    }

    // The target that the tools are for: with the contexts that mirage wrote for it, dune needs no other's compilers. A dune-workspace of the project's own has what it has.
    static string? Alone(BuildPlan plan) =>
        plan.Request.IsConfigured && plan.Build.Sources.All(source => source.Path != "dune-workspace") ? plan.Target : null;

    async Task<IReadOnlyList<Diagnostic>> Realise(
        BuildPlan plan,
        LockFile locked,
        HostToolProvider provider,
        Work work,
        CancellationToken cancellation
    )
    {
        var place = new Place(plan.LockFile);
        await provider.Fetch(locked, plan.Request, place, Alone(plan), cancellation).ConfigureAwait(false);
        var build = plan.Request.IsConfigured
            ? await reporter.Timed("mirage", () => Configured(plan, locked, provider, cancellation)).ConfigureAwait(false)
            : plan.Build;
        var tools = await reporter
            .Timed(
                "tools",
                () =>
                    provider.Provide(
                        locked,
                        plan.Request,
                        place,
                        cancellation,
                        target: Alone(plan),
                        isDuneEnough: new DuneNeed(plan.Request, locked, build).IsMetBy
                    )
            )
            .ConfigureAwait(false);
        var found = await reporter.Timed("dune", () => work(build, tools, reporter, cancellation)).ConfigureAwait(false);
        var errors = await new DuneAdvice(plan.Request, build, locked)
            .Of(found, () => new RepositoryOpener(stores, reporter, plan.Offline, new SharedWork()).Packages(plan.Request, cancellation))
            .ConfigureAwait(false);
        build.Workspace.Remember(tools);
        // An editor can be told of one target's build only.
        if (errors.Count == 0 && plan.EditorFolder is { } folder && (!plan.Request.IsConfigured || plan.Target == plan.Request.Targets[0]))
            await EditorFiles.Write(build, tools, folder, reporter, cancellation).ConfigureAwait(false);
        return errors;
    }

    // A clone that has the lock has not what mirage wrote; it writes the same again, or the lock is of something else.
    async Task<DuneBuild> Configured(BuildPlan plan, LockFile locked, HostToolProvider provider, CancellationToken cancellation)
    {
        var (request, build) = (plan.Request, plan.Build);
        var folder = plan.ConfiguredFolder ?? build.Workspace.ConfiguredFolder;
        var configured = await new Configurator(folder, reporter)
            .Run(
                request,
                locked,
                () => provider.Provide(locked, request, new Place(plan.LockFile), cancellation, HostUse.Configure),
                cancellation,
                plan.Target
            )
            .ConfigureAwait(false);
        if (
            configured.FirstOrDefault(target => !locked.Configured.Contains((target.Target, Roots.Digest(target.Package(request.Name))))) is
            { } other
        )
            throw new HillingarException(
                "HIL5072",
                $"config.ml asks for other packages for '{other.Target}' than the lock was made for. Lock again: {Advice.LockAnew}.",
                new Place(plan.LockFile)
            );
        if (!configured.First(target => target.Target == plan.Target).Contexts.Any(context => context.Name == build.Context))
            throw new HillingarException(
                "HIL5071",
                $"mirage configured '{plan.Target}' for other contexts of dune than '{build.Context}'. Name the right one in DuneContext.",
                new Place(request.ProjectFile)
            );
        return build with { Sources = ConfiguredSources.Of(configured, build.Sources, plan.Target, folder), Below = plan.Target + "/" };
    }
}
