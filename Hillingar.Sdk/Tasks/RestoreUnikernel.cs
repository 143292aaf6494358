using Hillingar.Build;
using Microsoft.Build.Framework;

namespace Hillingar.Sdk;

/// <summary>The restore: solves and locks where the lock is not current, and vendors.</summary>
public sealed class RestoreUnikernel : ProjectTask
{
    static readonly Lock s_gate = new();

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
        var options = new RestoreOptions(LockFile, Workspace, LockedMode, ForceEvaluate, Offline)
        {
            Update = Update,
            Sandbox = OneOf<SandboxMode>("HillingarSandbox", Sandbox),
            Isolation = Isolation,
            SystemPackages = OneOf<SystemPackageCheck>("HillingarSystemPackages", SystemPackages),
            ConfiguredFolder = Configured,
            Audit = Audit ? new AuditOptions(AuditSuppressed, OneOf<AuditLevel>("HillingarAuditLevel", AuditLevel)) { Source = AuditSource } : null,
        };
        var restorer = new Restorer(Stores, this) { Shared = OfTheBuild() };
        if (LockOnly)
        {
            await restorer.Lock(Request(), options, cancellation).ConfigureAwait(false);
            return;
        }

        RestoreMemory.Forget(Workspace);
        var locked = await restorer.Restore(Request(), options, StampFile, cancellation).ConfigureAwait(false);
        var duniverse = new Workspace(Workspace).DuniverseFolder;
        RestoreMemory.Keep(Workspace, Inputs, LockFile, locked.Entries.Select(entry => Path.Combine(duniverse, entry.Folder)), Warnings);
    }
}
