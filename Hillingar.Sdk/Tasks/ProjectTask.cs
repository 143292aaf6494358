using Hillingar.Build.Depext;
using Hillingar.Build.Projects;
using Hillingar.Build.Realising;
using Hillingar.Build.Requests;
using Hillingar.Build.Sandboxes;
using Microsoft.Build.Framework;

namespace Hillingar.Sdk.Tasks;

/// <summary>What the tasks share that need to know all that a project asks for.</summary>
public abstract class ProjectTask : HillingarTask
{
    /// <summary>The unikernel's name.</summary>
    [Required]
    public string UnikernelName { get; set; } = "";

    /// <summary>Mirage targets.</summary>
    [Required]
    public string[] Targets { get; set; } = [];

    /// <summary>Who writes what dune builds: <c>auto</c> for mirage where there is a <c>config.ml</c>, <c>none</c> for the project itself.</summary>
    public string Configure { get; set; } = nameof(MirageConfigure.Auto);

    /// <summary>mirage's configuration, below the project's folder.</summary>
    public string ConfigFile { get; set; } = Hillingar.Build.Requests.Request.DefaultConfig;

    /// <summary>The project's own files, <c>@(DuneSource)</c>.</summary>
    public ITaskItem[] Sources { get; set; } = [];

    /// <summary><c>@(DnsZone)</c>: they come to lie in <c>zones/</c> beside the sources.</summary>
    public ITaskItem[] Zones { get; set; } = [];

    /// <summary><c>@(MirageKey)</c>, with <c>Value</c> and <c>Target</c>: what <c>config.ml</c> is configured with.</summary>
    public ITaskItem[] Keys { get; set; } = [];

    /// <summary>The folder that <c>mirage configure</c> writes into; relative to the project where a command line says so.</summary>
    public string ConfiguredFolder { get; set; } = "";

    /// <summary>Whether tools that this machine lacks are built in a sandbox: <c>required</c>, <c>auto</c> or <c>off</c>.</summary>
    public string Sandbox { get; set; } = nameof(SandboxMode.Auto);

    /// <summary>Whether dune and mirage run in a sandbox: <c>required</c>, <c>auto</c> or <c>off</c>.</summary>
    public string BuildSandbox { get; set; } = nameof(SandboxMode.Auto);

    /// <summary>The variables that dune and mirage get besides those that every build gets.</summary>
    public string[] BuildEnvironment { get; set; } = [];

    /// <summary>What to do about missing system packages: <c>off</c>, <c>warn</c> or <c>install</c>.</summary>
    public string SystemPackages { get; set; } = nameof(SystemPackageCheck.Warn);

    /// <summary>Where the tools that build come from: <c>machine</c>, <c>locked</c>, or an opam switch.</summary>
    public string HostSwitch { get; set; } = nameof(HostSwitchSource.Machine);

    /// <summary>How long a solve may take: seconds, or with a unit; empty for the default.</summary>
    public string SolveTimeout { get; set; } = "";

    /// <summary>Whether what the tests of the project's packages depend on is locked as well.</summary>
    public bool Tests { get; set; }

    /// <summary>Whether archives without a checksum may be locked.</summary>
    public bool AllowNoChecksum { get; set; }

    /// <summary>The repository of versions that others dropped: an address, <c>none</c>, or empty for the usual one where a lock of opam-monorepo is renewed.</summary>
    public string ArchiveRepository { get; set; } = "";

    /// <summary><c>@(OpamRepository)</c>.</summary>
    public ITaskItem[] Repositories { get; set; } = [];

    /// <summary><c>@(OpamDependency)</c>, with <c>Version</c>.</summary>
    public ITaskItem[] Dependencies { get; set; } = [];

    /// <summary>The <c>*.opam</c> files beside the project.</summary>
    public ITaskItem[] OpamFiles { get; set; } = [];

    /// <summary>The platforms that the lock is to serve; none: this machine's.</summary>
    public string[] Platforms { get; set; } = [];

    /// <summary><c>@(OpamOverlay)</c>: repositories that are tried where there is no solution.</summary>
    public string[] Overlays { get; set; } = [];

    /// <summary>The lock.</summary>
    [Required]
    public string LockFile { get; set; } = "";

    /// <summary>The folder that dune will build in.</summary>
    [Required]
    public string Workspace { get; set; } = "";

    /// <summary>A file that is rewritten when the restore changed what is to be built.</summary>
    [Required]
    public string StampFile { get; set; } = "";

    /// <summary>Whether the network may not be used.</summary>
    public bool Offline { get; set; }

    /// <summary>Whether a server of the internet may send on to an address of this machine or of a private network.</summary>
    public bool AllowPrivateRedirects { get; set; }

    private protected string Configured => ConfiguredFolder.Length == 0 ? new Workspace(Workspace).ConfiguredFolder : Path.GetFullPath(ConfiguredFolder, Path.GetDirectoryName(ProjectFile)!);

    // The project's files where they are to lie.
    private protected IReadOnlyList<(string Path, string File)> Laid => ProjectSources.Of(Path.GetDirectoryName(ProjectFile)!,
        Sources.Select(source => (source.GetMetadata("FullPath"), source.GetMetadata("Link"))), Zones.Select(zone => zone.GetMetadata("FullPath")));

    private protected BuildIsolation Isolation => BuildIsolation.Of(OneOf<SandboxMode>("HillingarBuildSandbox", BuildSandbox), BuildEnvironment, ProjectFile);

    /// <summary>What the project asks for.</summary>
    private protected Request Request() =>
        new Request(
            UnikernelName,
            ProjectFile,
            Targets,
            [.. Repositories.Select(item => item.ItemSpec)],
            [.. Dependencies.Select(item => new Dependency(item.ItemSpec, item.GetMetadata("Version")))],
            [.. OpamFiles.Select(item => item.GetMetadata("FullPath"))])
        {
            Platforms = Platforms,
            Tests = Tests,
            AllowNoChecksum = AllowNoChecksum,
            ArchiveRepository = ArchiveRepository,
            Overlays = Overlays,
            SolveTimeout = Build.Requests.SolveTimeout.Parse(SolveTimeout, ProjectFile),
            AllowPrivateRedirects = AllowPrivateRedirects,
            Configure = OneOf<MirageConfigure>("MirageConfigure", Configure),
            Config = Build.Requests.Request.PathOf(ConfigFile, ProjectFile),
            Sources = Laid,
            Keys = [.. Keys.Select(item => new MirageKey(item.ItemSpec, item.GetMetadata("Value"), item.GetMetadata("Target")))],
        }.WithTools(HostSwitch);
}
