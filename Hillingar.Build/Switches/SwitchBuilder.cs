using Hillingar.Build.Confinement;
using Hillingar.Build.Reporting;
using Hillingar.Build.Sandboxes;
using Hillingar.Build.Sources;
using Hillingar.Build.Storage;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;

namespace Hillingar.Build.Switches;

/// <summary>What a switch is to hold.</summary>
/// <param name="Packages">The packages to build, at their versions. Their order does not matter.</param>
public sealed record SwitchRequest(IReadOnlyList<RepositoryPackage> Packages)
{
    /// <summary>What this machine has already, and is not built.</summary>
    public MachineTools Machine { get; init; } = MachineTools.None;

    /// <summary>
    /// The packages that the switch is for: it presents them and what they need when they run, and nothing is built that they do not need.
    /// What only their own builds need is built and not presented. None: all.
    /// </summary>
    public IReadOnlyList<PackageName> Presented { get; init; } = [];

    /// <summary>Addresses below which sources may lie as <c>KIND/first two digits/digits</c>.</summary>
    public IReadOnlyList<string> ArchiveMirrors { get; init; } = [];
}

/// <summary>How a switch is built.</summary>
public sealed record SwitchOptions
{
    /// <summary>Whether packages are built in a sandbox.</summary>
    public SandboxMode Sandbox { get; init; }

    /// <summary>How many packages are built at once, and what each may take for its own build (<c>jobs</c>).</summary>
    public int Jobs { get; init; } = Environment.ProcessorCount;

    /// <summary>How much a package may take.</summary>
    public BuildLimits Limits { get; init; } = BuildLimits.Default;

    /// <summary>How what is built with the switch runs.</summary>
    public BuildIsolation Isolation { get; init; } = new();

    /// <summary>Whether the network may not be used to fetch sources. The builds never have it, where there is a sandbox.</summary>
    public bool Offline { get; init; }
}

/// <summary>Builds host packages from their opam files into the user's store, and assembles a switch of them.</summary>
public sealed class SwitchBuilder(Stores stores, IReporter reporter)
{
    /// <summary>Builds what is not in the store yet, and assembles the switch where it is not there yet.</summary>
    /// <param name="request">What it is to hold.</param>
    /// <param name="options">How to build it.</param>
    /// <param name="cancellation">Stops; packages that are finished stay in the store.</param>
    /// <exception cref="HillingarException">HIL5062: a sandbox is required and there is none. HIL5063: the packages depend on each other in a circle. HIL5064: a package cannot be built. Of the 4000s: sources cannot be had, or are refused.</exception>
    public Task<HostSwitch> Build(SwitchRequest request, SwitchOptions options, CancellationToken cancellation) =>
        Work(request, options, work => work.Run(cancellation), cancellation);

    /// <summary>Has the sources of all that is not in the store yet, so that what is missing is told before anything is compiled.</summary>
    /// <param name="request">What the switch is to hold.</param>
    /// <param name="options">How it is to be built.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="HillingarException">HIL5062, HIL5063, of the 4000s: as of <see cref="Build"/>.</exception>
    internal Task Fetch(SwitchRequest request, SwitchOptions options, CancellationToken cancellation) =>
        Work(
            request,
            options,
            async work =>
            {
                await work.Fetch(cancellation).ConfigureAwait(false);
                return true;
            },
            cancellation
        );

    Task<T> Work<T>(SwitchRequest request, SwitchOptions options, Func<SwitchWork, Task<T>> run, CancellationToken cancellation) =>
        FileFault.Guard(
            stores.Root,
            async () =>
            {
                using var fetcher = new SourceFetcher(stores.Sources, reporter) { Offline = options.Offline };
                var sandbox = await Sandbox.Probe(options.Sandbox, reporter, cancellation).ConfigureAwait(false);
                using var work = new SwitchWork(stores, request, options, sandbox, fetcher, reporter);
                return await run(work).ConfigureAwait(false);
            }
        );
}
