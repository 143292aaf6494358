using Hillingar.Build.Locks;
using Hillingar.Build.Machines;
using Hillingar.Build.Reporting;
using Hillingar.Build.Requests;
using Hillingar.Build.Sandboxes;
using Hillingar.Build.Storage;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;
using Hillingar.Opam.Universe;

namespace Hillingar.Build.Switches;

/// <summary>
/// Provides the tools that a lock asks for: those of an opam switch that is named, or the machine's own, where their versions satisfy it (with
/// a dune from the store where the machine's is too old); else a switch that the store builds.
/// </summary>
public sealed class HostToolProvider(Stores stores, SwitchOptions options, IReporter reporter)
{
    static readonly HashSet<string> s_compiler =
    [
        "ocaml-config",
        "ocaml-base-compiler",
        "ocaml-compiler",
        "ocaml-system",
        "ocaml-options-vanilla",
    ];

    /// <summary>Whether a package has nothing of its own that a build needs: a compiler, whose version <c>ocaml</c> has, or a word on where something comes from.</summary>
    internal static bool OnlySays(PackageName name) =>
        s_compiler.Contains(name.Text)
        || name.Text.StartsWith("base-", StringComparison.Ordinal)
        || name.Text.StartsWith("conf-", StringComparison.Ordinal);

    /// <summary>The tools.</summary>
    /// <param name="locked">The lock.</param>
    /// <param name="request">What it is the lock of: its repositories have the opam files of the tools.</param>
    /// <param name="place">The lock's file, for errors.</param>
    /// <param name="cancellation">Stops; what was built stays in the store.</param>
    /// <param name="use">What they are for.</param>
    /// <param name="target">The one target that is built with them, which leaves out what only others need; null for all.</param>
    /// <param name="isDuneEnough">Whether this machine's dune will do although it is older than the locked one; null where it will not.</param>
    /// <exception cref="HillingarException">HIL5066: there is no such opam switch. HIL5002, HIL5003, HIL5005, HIL5006: the machine's tools do not fit, and the lock has none of its own. HIL5065: no repository has a tool's opam file. As of <see cref="SwitchBuilder.Build"/>: one cannot be built.</exception>
    public async Task<HostTools> Provide(
        LockFile locked,
        Request request,
        Place place,
        CancellationToken cancellation,
        HostUse use = HostUse.Build,
        string? target = null,
        Func<OpamVersion, bool>? isDuneEnough = null
    )
    {
        ArgumentNullException.ThrowIfNull(locked);
        ArgumentNullException.ThrowIfNull(request);
        var dune =
            locked.Version("dune")
            ?? throw new HillingarException("HIL5006", $"The lock has no dune. Lock again: {Advice.LockAnew}.", place);
        if (request.OpamSwitch is { } name)
        {
            var own = OpamSwitch.Read(name, request.Folder, place);
            var lacks = own.Lacks(locked, use, target);
            if (lacks.Count == 0)
                return await OfSwitch(own.Present(use.Presented(locked, target), stores.Switches.Views)).ConfigureAwait(false);
            reporter.Step($"The opam switch '{name}' is not used, as it does not have what is locked: it has {string.Join(", ", lacks)}");
        }

        // A machine without a compiler is no fault where the lock brings one.
        var machine =
            request.HostSwitch == HostSwitchSource.Locked
                ? await Toolchain.TryProbe(cancellation).ConfigureAwait(false)
                : await Toolchain.Probe(cancellation).ConfigureAwait(false);
        if (request.HostSwitch == HostSwitchSource.Locked && (machine is null || !Satisfies(machine, locked)))
            return await OfSwitch(await Build(locked, request, place, use, MachineTools.None, cancellation, target).ConfigureAwait(false))
                .ConfigureAwait(false);
        if (locked.Version("ocaml") is { } compiler && compiler.Text != machine!.OCaml)
            throw new HillingarException(
                "HIL5005",
                $"The lock was made for OCaml {compiler}, and this machine has {machine.OCaml}. Install OCaml {compiler}, or lock again for this one: {Advice.LockAnew}.",
                place
            );
        // mirage and what it needs are no tools that a machine has; its compiler builds them.
        if (!Satisfies(machine!, locked))
            return await OfSwitch(
                    await Build(
                            locked,
                            request,
                            place,
                            use,
                            await MachineTools.Of(machine!, cancellation).ConfigureAwait(false),
                            cancellation,
                            target
                        )
                        .ConfigureAwait(false)
                )
                .ConfigureAwait(false);
        var source = locked.Tools.FirstOrDefault(tool => tool.Folder == $"dune.{dune}");
        var program = await new DuneTool(stores, options, reporter)
            .Provide(
                dune.Text,
                source is null ? null : locked.SourceOf(source),
                machine!,
                own => IsDuneEnough(new OpamVersion(own)),
                cancellation
            )
            .ConfigureAwait(false);
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

        async Task<HostTools> OfSwitch(HostSwitch host) =>
            HostTools.OfSwitch(host, await Sandbox().ConfigureAwait(false), options.Isolation.Environment);

        Task<Sandbox> Sandbox() =>
            Hillingar.Build.Sandboxes.Sandbox.Probe(
                options.Isolation.Sandbox,
                "HillingarBuildSandbox",
                "dune and mirage",
                reporter,
                cancellation
            );
    }

    static bool Satisfies(Toolchain machine, LockFile locked) =>
        locked.HostPackages.All(package =>
            package.Name.Text switch
            {
                "ocaml" => package.Version.Text == machine.OCaml,
                "ocamlfind" => machine.Findlib is { } findlib && new OpamVersion(findlib) >= package.Version,
                "dune" => true,
                _ => OnlySays(package.Name),
            }
        );

    /// <summary>The switch of a lock, built by the store.</summary>
    /// <inheritdoc cref="Provide"/>
    internal async Task<HostSwitch> Build(
        LockFile locked,
        Request request,
        Place place,
        HostUse use,
        MachineTools machine,
        CancellationToken cancellation,
        string? target = null
    )
    {
        var wanted = await Wanted(locked, request, place, machine, use.Presented(locked, target), cancellation).ConfigureAwait(false);
        reporter.Detail($"The host switch of the lock has {wanted.Packages.Count} packages; what is not in the store yet is built, once");
        return await new SwitchBuilder(stores, reporter).Build(wanted, options, cancellation).ConfigureAwait(false);
    }

    /// <summary>Has the sources of all that <see cref="Provide"/> will have to build: what is missing is told at once, before anything is compiled.</summary>
    /// <param name="locked">The lock.</param>
    /// <param name="request">What it is the lock of.</param>
    /// <param name="place">The lock's file, for errors.</param>
    /// <param name="target">The one target that is built; null for all.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="HillingarException">As of <see cref="Provide"/>.</exception>
    internal async Task Fetch(LockFile locked, Request request, Place place, string? target, CancellationToken cancellation)
    {
        // The machine's own tools have no sources but dune's, which come first by themselves.
        if (request is { HostSwitch: HostSwitchSource.Machine, IsConfigured: false })
            return;
        IReadOnlyList<HostUse> uses = request.IsConfigured ? [HostUse.Configure, HostUse.Build] : [HostUse.Build];
        var own = request.OpamSwitch is { } name ? OpamSwitch.Read(name, request.Folder, place) : null;
        var lacking = own is null ? uses : [.. uses.Where(use => own.Lacks(locked, use, target).Count > 0)];
        var machine = await Toolchain.TryProbe(cancellation).ConfigureAwait(false);
        if (lacking.Count == 0 || (machine is not null && Satisfies(machine, locked)))
            return;
        var tools =
            request.HostSwitch == HostSwitchSource.Machine && machine is not null
                ? await MachineTools.Of(machine, cancellation).ConfigureAwait(false)
                : MachineTools.None;
        var presented = lacking.SelectMany(use => use.Presented(locked, target)).Distinct().ToList();
        await new SwitchBuilder(stores, reporter)
            .Fetch(await Wanted(locked, request, place, tools, presented, cancellation).ConfigureAwait(false), options, cancellation)
            .ConfigureAwait(false);
    }

    async Task<SwitchRequest> Wanted(
        LockFile locked,
        Request request,
        Place place,
        MachineTools machine,
        IReadOnlyList<PackageName> presented,
        CancellationToken cancellation
    )
    {
        var describe = await Descriptions(locked, request, cancellation).ConfigureAwait(false);
        // It counts as there, as what the machine has of itself does.
        machine = machine with
        {
            Packages =
            [
                .. machine.Packages,
                .. locked
                    .HostPackages.Where(package => package.Name.Text == HostUses.Replaced)
                    .Select(package => new SwitchPackage(describe(package)!, new SwitchLayout(stores.Switches.MountPoint))),
            ],
        };
        var there = machine.Packages.Select(package => package.Package.Name).ToHashSet();
        var packages = locked
            .HostPackages.Where(package => !there.Contains(package.Name) && !locked.Provided.Contains(package))
            .Select(package =>
                describe(package)
                ?? throw new HillingarException(
                    "HIL5065",
                    $"No repository of the project has the opam file of {package}, from which the host switch is to be built. Update the repositories, or lock again: {Advice.LockAnew}.",
                    place
                )
            )
            .ToList();
        return new SwitchRequest(packages)
        {
            Machine = machine,
            Presented = presented,
            ArchiveMirrors = locked.MirrorAddresses,
        };
    }

    /// <summary>A lock without the system packages that only host packages ask for which are not built for this.</summary>
    /// <param name="locked">The lock.</param>
    /// <param name="request">What it is the lock of.</param>
    /// <param name="target">The one target that is built; null for all.</param>
    /// <param name="vendored">Whether what is vendored is built too.</param>
    /// <param name="cancellation">Stops.</param>
    /// <param name="uses">What the tools are for.</param>
    internal async Task<LockFile> WithDepextsOf(
        LockFile locked,
        Request request,
        string? target,
        bool vendored,
        CancellationToken cancellation,
        params IReadOnlyList<HostUse> uses
    )
    {
        var describe = await Descriptions(locked, request, cancellation).ConfigureAwait(false);
        var layout = new SwitchLayout(stores.Switches.MountPoint);
        var hosts = locked.HostPackages.Select(describe).OfType<RepositoryPackage>().ToList();
        var variables = new SwitchVariables(
            SwitchVariables.Globals(HostPlatform.Current, 1, layout.Prefix, "hillingar"),
            hosts.Select(package => new SwitchPackage(package, layout))
        );
        var needed = variables.Needed(uses.SelectMany(use => use.Presented(locked, target)).Distinct(), build: true);
        var (kept, left) = (
            hosts.Where(package => needed.Contains(package.Package)),
            hosts.Where(package => !needed.Contains(package.Package))
        );
        var others = vendored
            ? locked.Packages.Where(item => item.Vendored).Select(item => describe(item.Package)).OfType<RepositoryPackage>()
            : [];
        var dropped = Depexts(left.Select(package => package.Read()))
            .Except(Depexts([.. kept.Concat(others).Select(package => package.Read()), .. Roots.Of(request)]))
            .ToHashSet();
        return locked with { Depexts = [.. locked.Depexts.Where(depext => !dropped.Contains(LockFile.Depext(depext).ToString()!))] };

        static IEnumerable<string> Depexts(IEnumerable<PackageFile> files) =>
            files.SelectMany(file => file.Depexts).Select(depext => LockFile.Depext(depext).ToString()!);
    }

    // A build asks more than once for what one lock has.
    (LockFile Locked, Func<OpamPackage, RepositoryPackage?> Describe)? _described;

    async Task<Func<OpamPackage, RepositoryPackage?>> Descriptions(LockFile locked, Request request, CancellationToken cancellation)
    {
        if (_described is { } known && ReferenceEquals(known.Locked, locked))
            return known.Describe;
        _described = (locked, await ReadDescriptions(locked, request, cancellation).ConfigureAwait(false));
        return _described.Value.Describe;
    }

    async Task<Func<OpamPackage, RepositoryPackage?>> ReadDescriptions(LockFile locked, Request request, CancellationToken cancellation)
    {
        var descriptions = await new HostDescriptions(stores, reporter, options.Offline)
            .Of(request, locked, cancellation)
            .ConfigureAwait(false);
        var replaced = new MemoryRepository("hillingar");
        return package =>
            package.Name.Text == HostUses.Replaced
                ? replaced.Find(package) ?? replaced.Add(package.ToString(), "opam-version: \"2.0\"\n").Find(package)
                : OfCompiler(package) ?? descriptions(package);

        // A port for the duniverse, such as base-bytes.base+dune, stands for something that a switch has from its compiler or findlib, and installs nothing.
        RepositoryPackage? OfCompiler(OpamPackage package) =>
            package.Name.Text.StartsWith("base-", StringComparison.Ordinal) && package.Version.Text == "base+dune"
                ? descriptions(new OpamPackage(package.Name, new OpamVersion("base")))
                : null;
    }
}
