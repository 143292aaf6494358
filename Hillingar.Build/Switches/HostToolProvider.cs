using Hillingar.Build.Locks;
using Hillingar.Build.Machines;
using Hillingar.Build.Reporting;
using Hillingar.Build.Requests;
using Hillingar.Build.Sandboxes;
using Hillingar.Build.Storage;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;

namespace Hillingar.Build.Switches;

/// <summary>
/// Provides the tools that a lock asks for: those of an opam switch that is named, or the machine's own, where their versions satisfy it (with
/// a dune from the store where the machine's is too old); else a switch that the store builds.
/// </summary>
public sealed class HostToolProvider(Stores stores, SwitchOptions options, IReporter reporter)
{
    static readonly HashSet<string> s_compiler = ["ocaml-config", "ocaml-base-compiler", "ocaml-compiler", "ocaml-system", "ocaml-options-vanilla"];

    /// <summary>Whether a package has nothing of its own that a build needs: a compiler, whose version <c>ocaml</c> has, or a word on where something comes from.</summary>
    internal static bool OnlySays(PackageName name) =>
        s_compiler.Contains(name.Text) || name.Text.StartsWith("base-", StringComparison.Ordinal) || name.Text.StartsWith("conf-", StringComparison.Ordinal);

    /// <summary>The tools.</summary>
    /// <param name="locked">The lock.</param>
    /// <param name="request">What it is the lock of: its repositories have the opam files of the tools.</param>
    /// <param name="place">The lock's file, for errors.</param>
    /// <param name="cancellation">Stops; what was built stays in the store.</param>
    /// <param name="use">What they are for.</param>
    /// <param name="isDuneEnough">Whether this machine's dune will do although it is older than the locked one; null where it will not.</param>
    /// <exception cref="HillingarException">HIL5066: there is no such opam switch. HIL5002, HIL5003, HIL5005, HIL5006: the machine's tools do not fit, and the lock has none of its own. HIL5065: no repository has a tool's opam file. As of <see cref="SwitchBuilder.Build"/>: one cannot be built.</exception>
    public async Task<HostTools> Provide(LockFile locked, Request request, Place place, CancellationToken cancellation, HostUse use = HostUse.Build, Func<OpamVersion, bool>? isDuneEnough = null)
    {
        ArgumentNullException.ThrowIfNull(locked);
        ArgumentNullException.ThrowIfNull(request);
        var dune = locked.Version("dune") ?? throw new HillingarException("HIL5006", $"The lock has no dune. Lock again: {Advice.LockAnew}.", place);
        if (request.OpamSwitch is { } name)
        {
            var own = OpamSwitch.Read(name, request.Folder, place);
            var lacks = own.Lacks(locked, use);
            if (lacks.Count == 0)
                return await OfSwitch(own.Present(use.Presented(locked), stores.Switches.Views)).ConfigureAwait(false);
            reporter.Step($"The opam switch '{name}' is not used, as it does not have what is locked: it has {string.Join(", ", lacks)}");
        }

        // A machine without a compiler is no fault where the lock brings one.
        var machine = request.HostSwitch == HostSwitchSource.Locked
            ? await Toolchain.TryProbe(cancellation).ConfigureAwait(false) : await Toolchain.Probe(cancellation).ConfigureAwait(false);
        if (request.HostSwitch == HostSwitchSource.Locked && (machine is null || !Satisfies(machine, locked)))
            return await OfSwitch(await Build(locked, request, place, use, MachineTools.None, cancellation).ConfigureAwait(false)).ConfigureAwait(false);
        if (locked.Version("ocaml") is { } compiler && compiler.Text != machine!.OCaml)
            throw new HillingarException("HIL5005",
                $"The lock was made for OCaml {compiler}, and this machine has {machine.OCaml}. Install OCaml {compiler}, or lock again for this one: {Advice.LockAnew}.", place);
        // mirage and what it needs are no tools that a machine has; its compiler builds them.
        if (!Satisfies(machine!, locked))
            return await OfSwitch(await Build(locked, request, place, use, await MachineTools.Of(machine!, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false)).ConfigureAwait(false);
        var source = locked.Tools.FirstOrDefault(tool => tool.Folder == $"dune.{dune}");
        var program = await new DuneTool(stores, options, reporter)
            .Provide(dune.Text, source is null ? null : locked.SourceOf(source), machine!, own => IsDuneEnough(new OpamVersion(own)), cancellation).ConfigureAwait(false);
        var sandbox = await Sandbox().ConfigureAwait(false);
        var folders = sandbox.IsOn ? (await MachineTools.Of(machine!, cancellation).ConfigureAwait(false)).Folders : [];
        return HostTools.OfMachine(program, folders, sandbox, options.Isolation.Environment);

        bool IsDuneEnough(OpamVersion own)
        {
            if (own >= dune)
                return true;
            if (isDuneEnough?.Invoke(own) != true)
                return false;
            reporter.Detail($"This machine's dune {own} is taken, although {dune} is locked: it is all that the sources ask for");
            return true;
        }

        async Task<HostTools> OfSwitch(HostSwitch host) => HostTools.OfSwitch(host, await Sandbox().ConfigureAwait(false), options.Isolation.Environment);

        Task<Sandbox> Sandbox() => Hillingar.Build.Sandboxes.Sandbox.Probe(options.Isolation.Sandbox, "HillingarBuildSandbox", "dune and mirage", reporter, cancellation);
    }

    static bool Satisfies(Toolchain machine, LockFile locked) => locked.HostPackages.All(package => package.Name.Text switch
    {
        "ocaml" => package.Version.Text == machine.OCaml,
        "ocamlfind" => machine.Findlib is { } findlib && new OpamVersion(findlib) >= package.Version,
        "dune" => true,
        _ => OnlySays(package.Name),
    });

    /// <summary>The switch of a lock, built by the store.</summary>
    /// <inheritdoc cref="Provide"/>
    internal async Task<HostSwitch> Build(LockFile locked, Request request, Place place, HostUse use, MachineTools machine, CancellationToken cancellation)
    {
        var descriptions = await new HostDescriptions(stores, reporter, options.Offline).Of(request, locked, cancellation).ConfigureAwait(false);
        var there = machine.Packages.Select(package => package.Package.Name).ToHashSet();
        var packages = locked.HostPackages.Where(package => !there.Contains(package.Name) && !locked.Provided.Contains(package)).Select(package => OfCompiler(package) ?? descriptions(package)
            ?? throw new HillingarException("HIL5065", $"No repository of the project has the opam file of {package}, from which the host switch is to be built. Update the repositories, or lock again: {Advice.LockAnew}.", place)).ToList();
        // A port for the duniverse, such as base-bytes.base+dune, stands for something that a switch has from its compiler or findlib, and installs nothing.
        RepositoryPackage? OfCompiler(OpamPackage package) =>
            package.Name.Text.StartsWith("base-", StringComparison.Ordinal) && package.Version.Text == "base+dune" ? descriptions(new OpamPackage(package.Name, new OpamVersion("base"))) : null;

        reporter.Detail($"The host switch of the lock has {packages.Count} packages; what is not in the store yet is built, once");
        return await new SwitchBuilder(stores, reporter)
            .Build(new SwitchRequest(packages) { Machine = machine, Presented = use.Presented(locked), ArchiveMirrors = locked.MirrorAddresses }, options, cancellation).ConfigureAwait(false);
    }
}
