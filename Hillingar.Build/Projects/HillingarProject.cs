using Hillingar.Build.Auditing;
using Hillingar.Build.Configuring;
using Hillingar.Build.Depext;
using Hillingar.Build.Locks;
using Hillingar.Build.Nix;
using Hillingar.Build.Realising;
using Hillingar.Build.Requests;
using Hillingar.Build.Restoring;
using Hillingar.Build.Running;
using Hillingar.Build.Sandboxes;
using Hillingar.Build.Storage;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Projects;

/// <summary>A project of Hillingar.Sdk as MSBuild evaluates it: what its file says, and what follows from that.</summary>
/// <param name="Request">What it asks for.</param>
/// <param name="Configuration">MSBuild's configuration that it was evaluated for, such as <c>Debug</c>.</param>
/// <param name="LockFile">The lock's path.</param>
/// <param name="Workspace">The folder that dune builds in.</param>
/// <param name="StampFile">The file that a restore rewrites when what is to be built changed.</param>
public sealed record HillingarProject(Request Request, string Configuration, string LockFile, string Workspace, string StampFile)
{
    /// <summary>The unikernel's name.</summary>
    public string Name => Request.Name;

    /// <summary>The project's file.</summary>
    public string Path => Request.ProjectFile;

    /// <summary>The project's folder.</summary>
    public string Folder => Request.Folder;

    /// <summary>The mirage targets that the lock is made for.</summary>
    public IReadOnlyList<string> Targets => Request.Targets;

    /// <summary>The opam repositories, the first first; none: opam's own.</summary>
    public IReadOnlyList<string> Repositories => Request.Repositories;

    /// <summary>What the project file itself depends on.</summary>
    public IReadOnlyList<Dependency> Dependencies => Request.Dependencies;

    /// <summary>The properties that MSBuild read it with, besides the configuration.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether it is only part of a plan (<c>-WhatIf</c>): nothing is to be made of it.</summary>
    public bool IsPlanned { get; init; }

    /// <summary>Whether there is a lock.</summary>
    public bool IsLocked => File.Exists(LockFile);

    /// <summary>dune's profile (<c>DuneProfile</c>).</summary>
    public string Profile { get; init; } = "release";

    /// <summary>Whether the network may not be used (<c>HillingarOffline</c>).</summary>
    public bool Offline { get; init; }

    /// <summary>The root of the user's stores (<c>HillingarCache</c>), or null for the default.</summary>
    public string? CacheFolder { get; init; }

    /// <summary>The user's stores.</summary>
    public Stores Stores => CacheFolder is null ? Stores.Default : new Stores(CacheFolder);

    /// <summary>How a restore audits (<c>HillingarAudit…</c>); null for not at all.</summary>
    public AuditOptions? Audit { get; init; }

    /// <summary>What a build does about missing system packages.</summary>
    public SystemPackageCheck SystemPackages { get; init; } = SystemPackageCheck.Warn;

    /// <summary>Whether tools that this machine lacks are built in a sandbox.</summary>
    public SandboxMode Sandbox { get; init; }

    /// <summary>How dune and mirage run.</summary>
    public BuildIsolation Isolation { get; init; } = new();

    /// <summary>The <c>RuntimeIdentifier</c> of the machine that images are for; empty for this one's.</summary>
    public string Runtime { get; init; } = "";

    /// <summary>The folder that <c>mirage configure</c> writes into, a folder a target (<c>MirageGeneratedFolder</c>).</summary>
    public string ConfiguredFolder { get; init; } = new Workspace(Workspace).ConfiguredFolder;

    /// <summary>What mirage recorded of the unikernel when it last configured it for each target: keys, devices, packages and arguments. Empty before, and without a <c>config.ml</c>.</summary>
    public IReadOnlyList<MirageDescription> Configured =>
        MirageDescription.Recorded(Request, ConfiguredFolder, new Workspace(Workspace).DuniverseFolder);

    /// <summary>The project's version, or null.</summary>
    public string? Version { get; init; }

    /// <summary>The devices of the host that a published run script gives.</summary>
    public IReadOnlyList<HostDevice> Devices { get; init; } = [];

    /// <summary>The memory that a published run script gives, in MiB; 0 for what the tender gives of itself.</summary>
    public int Memory { get; init; }

    /// <summary>The program that starts images (<c>UnikernelTender</c>); null for the target's usual one.</summary>
    public string? Tender { get; init; }

    /// <summary>Whether tap interfaces that are missing are made for a run (<c>UnikernelCreateTaps</c>).</summary>
    public bool CreateTaps { get; init; }

    /// <summary>How an image of the project is started.</summary>
    /// <param name="target">Its target.</param>
    /// <param name="image">The image.</param>
    public UnikernelStart Start(string target, string image) =>
        new(target, image)
        {
            // A project's devices are for all its targets; a program takes none.
            Devices = UnikernelStart.TakesDevices(target) ? [.. Devices.Select(device => device.In(Folder))] : [],
            Memory = Memory,
            Tender = Tender,
            HostSwitch = new Workspace(Workspace).HostSwitch,
            CreateTaps = CreateTaps,
        };

    /// <summary>Whether a build tells merlin and ocaml-lsp of the sources.</summary>
    public bool EditorFiles { get; init; }

    /// <summary>Whether OCaml's warnings are errors (<c>TreatWarningsAsErrors</c>).</summary>
    public bool WarningsAreErrors { get; init; }

    /// <summary>Who builds (<c>HillingarBackend</c>), one of <see cref="Backends.Names"/>.</summary>
    public string Backend { get; init; } = Backends.Default;

    /// <summary>What the project says of backends, by the backend's name.</summary>
    public IReadOnlyDictionary<string, BackendOptions> Options { get; init; } = new Dictionary<string, BackendOptions>();

    /// <summary>How Nix builds (<c>HillingarNix…</c>).</summary>
    public NixOptions Nix => NixOptions.Of(Options.GetValueOrDefault("nix", BackendOptions.None));

    /// <summary>The project with other options of a backend.</summary>
    /// <param name="backend">The backend's name.</param>
    /// <param name="change">Changes them.</param>
    public HillingarProject With(string backend, Func<BackendOptions, BackendOptions> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return this with
        {
            Options = new Dictionary<string, BackendOptions>(Options)
            {
                [backend] = change(Options.GetValueOrDefault(backend, BackendOptions.None)),
            },
        };
    }

    /// <summary>The project with another time for its solves, as of <see cref="SolveTimeout.Parse(string)"/>; null for its own.</summary>
    /// <exception cref="HillingarException">HIL7007: it is no time.</exception>
    public HillingarProject Within(string? solveTimeout) =>
        solveTimeout is null ? this : this with { Request = Request with { SolveTimeout = SolveTimeout.Parse(solveTimeout) } };

    /// <summary>The plan of a build of it.</summary>
    /// <param name="target">The target.</param>
    /// <param name="build">What dune builds.</param>
    internal BuildPlan Plan(string target, DuneBuild build) =>
        new(Request, target, build, LockFile, StampFile)
        {
            Offline = Offline,
            SystemPackages = SystemPackages,
            Sandbox = Sandbox,
            Isolation = Isolation,
            ConfiguredFolder = ConfiguredFolder,
            Backend = Backend,
            Options = Options,
        };

    /// <summary>The options of a restore of it.</summary>
    /// <param name="lockedMode">Whether a lock that is not current is an error.</param>
    public RestoreOptions RestoreOptions(bool lockedMode = false) =>
        new(LockFile, Workspace, lockedMode, ForceEvaluate: false, Offline)
        {
            Audit = Audit,
            Sandbox = Sandbox,
            Isolation = Isolation,
            SystemPackages = SystemPackages,
            ConfiguredFolder = ConfiguredFolder,
        };

    /// <summary>Name and path.</summary>
    public override string ToString() => $"{Name} ({Path})";
}

/// <summary>One target of a project, as MSBuild evaluates it for that target.</summary>
/// <param name="Project">The project.</param>
/// <param name="Target">The mirage target.</param>
/// <param name="Build">What dune builds, and where the image goes.</param>
/// <param name="FactsFile">Where later builds look for the image's facts (<see cref="ImageFacts"/>).</param>
public sealed record ProjectTarget(HillingarProject Project, string Target, DuneBuild Build, string FactsFile)
{
    /// <summary>The plan of its build.</summary>
    /// <param name="targets">The targets of the project that the backend is told of.</param>
    public BuildPlan Plan(IReadOnlyList<ProjectTarget> targets) =>
        Project.Plan(Target, Build) with
        {
            Targets = [.. targets.Select(target => target.Planned)],
            Runtime = Project.Runtime,
            EditorFolder = Project.EditorFiles ? Project.Folder : null,
        };

    /// <summary>The same as a plan has it that tells of all targets.</summary>
    public PlannedTarget Planned => new(Target, Build.DuneTarget, Build.Context, Build.Profile, System.IO.Path.GetFileName(Build.Image));
}

/// <summary>A project whose sources are vendored.</summary>
/// <param name="Project">The project.</param>
/// <param name="Lock">Its lock.</param>
/// <param name="Duniverse">The folder of the vendored sources.</param>
public sealed record Monorepo(HillingarProject Project, LockFile Lock, string Duniverse)
{
    /// <summary>The project's name.</summary>
    public string Name => Project.Name;

    /// <summary>How many packages are locked.</summary>
    public int Packages => Lock.Packages.Count;

    /// <summary>How many of them have their sources in the duniverse.</summary>
    public int Vendored => Lock.Packages.Count(item => item.Vendored);

    /// <summary>How many source repositories the duniverse holds.</summary>
    public int Sources => Lock.Duniverse.Count;
}

/// <summary>An image that was built.</summary>
/// <param name="Project">The project.</param>
/// <param name="Target">The mirage target.</param>
/// <param name="Path">The image.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="BuildFolder">The folder of dune's context that it was built in.</param>
public sealed record BuiltUnikernel(HillingarProject Project, string Target, string Path, long Size, string BuildFolder)
{
    /// <summary>The unikernel's name.</summary>
    public string Name => Project.Name;

    /// <summary>The project's file.</summary>
    public string ProjectPath => Project.Path;

    /// <summary>MSBuild's configuration that it was built for.</summary>
    public string Configuration => Project.Configuration;

    /// <summary>The properties that MSBuild read the project with.</summary>
    public IReadOnlyDictionary<string, string> Properties => Project.Properties;

    /// <summary>Whether it is only part of a plan (<c>-WhatIf</c>): it was not built.</summary>
    public bool IsPlanned => Project.IsPlanned;
}

/// <summary>A flake that was written for a project.</summary>
/// <param name="Project">The project.</param>
/// <param name="Folder">The flake's folder.</param>
/// <param name="Files">The files that were written, relative to the folder; those that were as they should be are not among them.</param>
public sealed record WrittenFlake(HillingarProject Project, string Folder, IReadOnlyList<string> Files)
{
    /// <summary>The unikernel's name.</summary>
    public string Name => Project.Name;
}

/// <summary>A unikernel that was published.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Destination">The folder.</param>
/// <param name="Targets">The targets that it was published for.</param>
/// <param name="Files">The files, relative to the folder.</param>
public sealed record ProjectPublication(string Name, string Destination, IReadOnlyList<string> Targets, IReadOnlyList<string> Files);
