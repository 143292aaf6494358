using Hillingar.Build;
using Microsoft.Build.Framework;

namespace Hillingar.Sdk;

/// <summary>The restore: solves and locks where the lock is not current, and vendors.</summary>
public sealed class RestoreUnikernel : HillingarTask
{
    static readonly Lock s_gate = new();

    /// <summary>The unikernel's name.</summary>
    [Required]
    public string UnikernelName { get; set; } = "";

    /// <summary>Mirage targets.</summary>
    [Required]
    public string[] Targets { get; set; } = [];

    /// <summary>Who writes what dune builds: <c>auto</c> for mirage where there is a <c>config.ml</c>, <c>none</c> for the project itself.</summary>
    public string Configure { get; set; } = nameof(MirageConfigure.Auto);

    /// <summary><c>@(OpamRepository)</c>.</summary>
    public ITaskItem[] Repositories { get; set; } = [];

    /// <summary><c>@(OpamDependency)</c>, with <c>Version</c>.</summary>
    public ITaskItem[] Dependencies { get; set; } = [];

    /// <summary>The <c>*.opam</c> files beside the project.</summary>
    public ITaskItem[] OpamFiles { get; set; } = [];

    /// <summary>The lock.</summary>
    [Required]
    public string LockFile { get; set; } = "";

    /// <summary>The folder that dune will build in.</summary>
    [Required]
    public string Workspace { get; set; } = "";

    /// <summary>A file that is rewritten when the restore changed what is to be built.</summary>
    [Required]
    public string StampFile { get; set; } = "";

    /// <summary>Whether a lock that is not current is an error (<c>RestoreLockedMode</c>).</summary>
    public bool LockedMode { get; set; }

    /// <summary>Whether to solve again although the lock is current (<c>dotnet restore --force-evaluate</c>).</summary>
    public bool ForceEvaluate { get; set; }

    /// <summary>Whether the network may not be used.</summary>
    public bool Offline { get; set; }

    /// <summary>The platforms that the lock is to serve; none: this machine's.</summary>
    public string[] Platforms { get; set; } = [];

    /// <summary><c>@(OpamOverlay)</c>: repositories that are tried where there is no solution.</summary>
    public string[] Overlays { get; set; } = [];

    /// <summary>Packages to take anew while all others keep their versions where they can.</summary>
    public string[] Update { get; set; } = [];

    /// <summary>Whether to check the locked versions against security advisories.</summary>
    public bool Audit { get; set; }

    /// <summary>Where the advisories come from.</summary>
    public string AuditSource { get; set; } = "";

    /// <summary>The lowest level that is told: <c>low</c>, <c>moderate</c>, <c>high</c> or <c>critical</c>.</summary>
    public string AuditLevel { get; set; } = "";

    /// <summary><c>@(OpamAuditSuppress)</c>: ids, or aliases of them.</summary>
    public string[] AuditSuppressed { get; set; } = [];

    /// <summary>What the next restore compares to see that there is nothing to do.</summary>
    public string Inputs { get; set; } = "";

    // MSBuild keeps it for the tasks of one build in one node.
    SharedWork OfTheBuild()
    {
        lock (s_gate)
        {
            const RegisteredTaskObjectLifetime Lifetime = RegisteredTaskObjectLifetime.Build;
            var key = (typeof(SharedWork).AssemblyQualifiedName, CacheFolder, Offline);
            if (BuildEngine4.GetRegisteredTaskObject(key, Lifetime) is not SharedWork shared)
                BuildEngine4.RegisterTaskObject(key, shared = new SharedWork(), Lifetime, allowEarlyCollection: false);
            return shared;
        }
    }

    private protected override async Task Run(CancellationToken cancellation)
    {
        RestoreMemory.Forget(Workspace);
        var request = new Request(
            UnikernelName,
            ProjectFile,
            Targets,
            [.. Repositories.Select(item => item.ItemSpec)],
            [.. Dependencies.Select(item => new Dependency(item.ItemSpec, item.GetMetadata("Version")))],
            [.. OpamFiles.Select(item => item.GetMetadata("FullPath"))])
        {
            Platforms = Platforms,
            Overlays = Overlays,
            Configure = OneOf<MirageConfigure>("MirageConfigure", Configure),
        };
        var options = new RestoreOptions(LockFile, Workspace, LockedMode, ForceEvaluate, Offline)
        {
            Update = Update,
            Audit = Audit ? new AuditOptions(AuditSuppressed, OneOf<AuditLevel>("HillingarAuditLevel", AuditLevel)) { Source = AuditSource } : null,
        };
        var locked = await new Restorer(Stores, this) { Shared = OfTheBuild() }.Restore(request, options, StampFile, cancellation).ConfigureAwait(false);
        var duniverse = new Workspace(Workspace).DuniverseFolder;
        RestoreMemory.Keep(Workspace, Inputs, LockFile, locked.Entries.Select(entry => Path.Combine(duniverse, entry.Folder)), Warnings);
    }
}
