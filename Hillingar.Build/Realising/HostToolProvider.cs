using Hillingar.Opam;

namespace Hillingar.Build;

/// <summary>
/// Provides the tools that a lock asks for: the machine's own where their versions satisfy it (with a dune from the store where that one is too
/// old), else, where the lock took its tools from the repositories, a switch that the store builds.
/// </summary>
public sealed class HostToolProvider(Stores stores, SwitchOptions options, IReporter reporter)
{
    // What comes with every compiler, or only says where it comes from.
    static readonly HashSet<string> s_compiler = ["ocaml", "ocaml-config", "ocaml-base-compiler", "ocaml-compiler", "ocaml-system", "ocaml-options-vanilla"];

    /// <summary>The tools.</summary>
    /// <param name="locked">The lock.</param>
    /// <param name="request">What it is the lock of: its repositories have the opam files of the tools.</param>
    /// <param name="place">The lock's file, for errors.</param>
    /// <param name="cancellation">Stops; what was built stays in the store.</param>
    /// <exception cref="HillingarException">HIL5002, HIL5003, HIL5005, HIL5006: the machine's tools do not fit, and the lock has none of its own. HIL5065: no repository has a tool's opam file. As of <see cref="SwitchBuilder.Build"/>: one cannot be built.</exception>
    public async Task<HostTools> Provide(LockFile locked, Request request, Place place, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(locked);
        ArgumentNullException.ThrowIfNull(request);
        var dune = locked.Version("dune") ?? throw new HillingarException("HIL5006", "The lock has no dune. Lock again: dotnet restore --force-evaluate.", place);
        // A machine without a compiler is no fault where the lock brings one.
        var machine = request.HostSwitch == HostSwitchSource.Locked
            ? await Toolchain.TryProbe(cancellation).ConfigureAwait(false) : await Toolchain.Probe(cancellation).ConfigureAwait(false);
        if (request.HostSwitch == HostSwitchSource.Locked && (machine is null || !Satisfies(machine, locked)))
            return HostTools.OfSwitch(await Build(locked, request, place, cancellation).ConfigureAwait(false));
        if (locked.Version("ocaml") is { } compiler && compiler.Text != machine!.OCaml)
            throw new HillingarException("HIL5005",
                $"The lock was made for OCaml {compiler}, and this machine has {machine.OCaml}. Install OCaml {compiler}, or lock again for this one: dotnet restore --force-evaluate.", place);
        var source = locked.Tools.FirstOrDefault(tool => tool.Folder == $"dune.{dune}");
        return HostTools.OfMachine(await new DuneTool(stores, options, reporter)
            .Provide(dune.Text, source is null ? null : locked.SourceOf(source), machine!, own => new OpamVersion(own) >= dune, cancellation).ConfigureAwait(false));
    }

    static bool Satisfies(Toolchain machine, LockFile locked) => locked.HostPackages.All(package => package.Name.Text switch
    {
        "ocaml" => package.Version.Text == machine.OCaml,
        "ocamlfind" => machine.Findlib is { } findlib && new OpamVersion(findlib) >= package.Version,
        "dune" => true,
        var name => s_compiler.Contains(name) || name.StartsWith("base-", StringComparison.Ordinal) || name.StartsWith("conf-", StringComparison.Ordinal),
    });

    async Task<HostSwitch> Build(LockFile locked, Request request, Place place, CancellationToken cancellation)
    {
        var descriptions = await new HostDescriptions(stores, reporter, options.Offline).Of(request, cancellation).ConfigureAwait(false);
        var packages = locked.HostPackages.Select(package => descriptions(package)
            ?? throw new HillingarException("HIL5065", $"No repository of the project has the opam file of {package}, from which the host switch is to be built. Update the repositories, or lock again: dotnet restore --force-evaluate.", place)).ToList();
        reporter.Step($"The host switch of the lock has {packages.Count} packages; what is not in the store yet is built, once");
        return await new SwitchBuilder(stores, reporter)
            .Build(new SwitchRequest(packages) { ArchiveMirrors = locked.MirrorAddresses }, options, cancellation).ConfigureAwait(false);
    }
}
