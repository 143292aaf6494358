using Hillingar.Build.Auditing;
using Hillingar.Build.Depext;
using Hillingar.Build.Projects;
using Hillingar.Build.Realising;
using Hillingar.Build.Repositories;
using Hillingar.Build.Restoring;
using Hillingar.Build.Sandboxes;
using Hillingar.Opam.Diagnostics;
using Microsoft.Build.Framework;

namespace Hillingar.Sdk.Tasks;

/// <summary>The restore: solves and locks where the lock is not current, and vendors.</summary>
public sealed class RestoreUnikernel : ProjectTask
{
    static readonly Lock s_gate = new();

    bool _auditFailed;

    /// <summary>Whether a lock that is not current is an error (<c>RestoreLockedMode</c>).</summary>
    public bool LockedMode { get; set; }

    /// <summary>Whether to solve again although the lock is current (<c>dotnet restore --force-evaluate</c>).</summary>
    public bool ForceEvaluate { get; set; }

    /// <summary>Whether to lock and not to vendor.</summary>
    public bool LockOnly { get; set; }

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

    /// <summary>Whether the user asks for all of it again (<c>dotnet restore --force</c>).</summary>
    public bool Force { get; set; }

    /// <summary>Items of .NET's own that a unikernel has no use for.</summary>
    public ITaskItem[] ForeignItems { get; set; } = [];

    /// <summary>The type of each of them.</summary>
    public string[] ForeignTypes { get; set; } = [];

    /// <summary>Sources of .NET's languages in the project's folder.</summary>
    public ITaskItem[] ForeignSources { get; set; } = [];

    /// <summary><c>@(DnsZone)</c>, where nothing makes them before the build.</summary>
    public ITaskItem[] NeededZones { get; set; } = [];

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

    string AuditTold => Path.Combine(Workspace, "audit.told");

    // That the advisories cannot be had is worth telling once a day, and not before what a program has to say.
    private protected override bool Tells(Diagnostic warning)
    {
        if (warning.Code != "HIL4050")
            return true;
        _auditFailed = true;
        var runs = Environment.GetCommandLineArgs() is [_, "run", ..];
        var told = File.Exists(AuditTold) && File.GetLastWriteTime(AuditTold).Date == DateTime.Today;
        if (told && !Force && !ForceEvaluate)
            return false;
        Directory.CreateDirectory(Workspace);
        File.WriteAllText(AuditTold, "");
        // Hillingar.Restore.targets looks at the day: a build on another one tries again.
        if (runs)
            File.SetLastWriteTime(AuditTold, DateTime.Today.AddDays(-1));
        return !runs;
    }

    private protected override async Task Run(CancellationToken cancellation)
    {
        var shared = OfTheBuild();
        var restorer = new Restorer(Stores, this) { Shared = shared };
        if (!LockOnly)
            RestoreMemory.Forget(Workspace);
        var foreign = ForeignItems.Zip(ForeignTypes, (item, type) => new ForeignItem(type, item.ItemSpec, item.GetMetadata("Version"), item.GetMetadata("PrivateAssets").Equals("all", StringComparison.OrdinalIgnoreCase))).ToList();
        var errors = ProjectSources.Missing(ProjectFile, NeededZones.Select(zone => ("DnsZone", zone.ItemSpec, zone.GetMetadata("FullPath"))))
            .Concat(await new StrayPackages(Stores, this, shared).Find(Request(), foreign, Offline, cancellation).ConfigureAwait(false)).ToList();
        // What is left out is seldom the cause of what else is wrong, but often enough: it is told in any case.
        foreach (var told in new ProjectMistakes(ProjectFile).Find(foreign, [.. ForeignSources.Select(source => source.GetMetadata("FullPath"))], LockFile)
            .Where(told => errors.TrueForAll(error => error.Place != told.Place)).Concat(errors))
            Report(told);
        if (errors.Count > 0)
            return;
        var options = new RestoreOptions(LockFile, Workspace, LockedMode, ForceEvaluate, Offline)
        {
            Update = Update,
            Sandbox = OneOf<SandboxMode>("HillingarSandbox", Sandbox),
            Isolation = Isolation,
            SystemPackages = OneOf<SystemPackageCheck>("HillingarSystemPackages", SystemPackages),
            ConfiguredFolder = Configured,
            Audit = Audit ? new AuditOptions(AuditSuppressed, OneOf<AuditLevel>("HillingarAuditLevel", AuditLevel)) { Source = AuditSource } : null,
        };
        if (LockOnly)
        {
            await restorer.Lock(Request(), options, cancellation).ConfigureAwait(false);
            return;
        }

        var locked = await restorer.Restore(Request(), options, StampFile, cancellation).ConfigureAwait(false);
        var duniverse = new Workspace(Workspace).DuniverseFolder;
        // The restores of this day that have nothing to do are silent of it.
        var remembered = Warnings.Where(warning => warning.Code != "HIL4050").ToList();
        if (!_auditFailed)
            File.Delete(AuditTold);
        RestoreMemory.Keep(Workspace, Inputs, LockFile, locked.Entries.Select(entry => Path.Combine(duniverse, entry.Folder)), remembered);
    }
}
