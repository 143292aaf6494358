using Hillingar.Build.Projects;
using Hillingar.Build.Realising;
using Hillingar.Build.Repositories;
using Hillingar.Build.Restoring;
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

    /// <summary>Whether the user asks for all of it again (<c>dotnet restore --force</c>).</summary>
    public bool Force { get; set; }

    /// <summary>Sources of .NET's languages in the project's folder.</summary>
    public ITaskItem[] ForeignSources { get; set; } = [];

    /// <summary>Whether something makes zone files before the build, so that they need not be there yet.</summary>
    public bool MakesZones { get; set; }

    /// <summary>What the next restore compares to see that there is nothing to do.</summary>
    public string Inputs { get; set; } = "";

    // MSBuild keeps it for the tasks of one build in one node.
    SharedWork OfTheBuild(HillingarProject project)
    {
        lock (s_gate)
        {
            const RegisteredTaskObjectLifetime Lifetime = RegisteredTaskObjectLifetime.Build;
            var key = (typeof(SharedWork).AssemblyQualifiedName, project.CacheFolder, project.Offline);
            if (BuildEngine4.GetRegisteredTaskObject(key, Lifetime) is not SharedWork shared)
                BuildEngine4.RegisterTaskObject(key, shared = new SharedWork(), Lifetime, allowEarlyCollection: false);
            return shared;
        }
    }

    string _workspace = "";

    string AuditTold => Path.Combine(_workspace, "audit.told");

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
        Directory.CreateDirectory(_workspace);
        File.WriteAllText(AuditTold, "");
        // Hillingar.Restore.targets looks at the day: a build on another one tries again.
        if (runs)
            File.SetLastWriteTime(AuditTold, DateTime.Today.AddDays(-1));
        return !runs;
    }

    private protected override async Task Run(CancellationToken cancellation)
    {
        var facts = Read();
        var project = facts.Project();
        _workspace = project.Workspace;
        var shared = OfTheBuild(project);
        var restorer = new Restorer(project.Stores, this) { Shared = shared };
        if (!LockOnly)
            RestoreMemory.Forget(project.Workspace);
        var errors = (MakesZones ? [] : facts.MissingFiles("DnsZone"))
            .Concat(
                await new StrayPackages(project.Stores, this, shared)
                    .Find(project.Request, facts.Foreign, project.Offline, cancellation)
                    .ConfigureAwait(false)
            )
            .ToList();
        // What is left out is seldom the cause of what else is wrong, but often enough: it is told in any case.
        foreach (
            var told in new ProjectMistakes(ProjectFile)
                .Find(facts.Foreign, [.. ForeignSources.Select(source => source.GetMetadata("FullPath"))], project.LockFile)
                .Where(told => errors.TrueForAll(error => error.Place != told.Place))
                .Concat(errors)
        )
            Report(told);
        if (errors.Count > 0)
            return;
        var options = project.RestoreOptions(LockedMode) with { Update = Update, ForceEvaluate = ForceEvaluate, Target = facts.Picked };
        if (LockOnly)
        {
            await restorer.Lock(project.Request, options, cancellation).ConfigureAwait(false);
            return;
        }

        var locked = await restorer.Restore(project.Request, options, project.StampFile, cancellation).ConfigureAwait(false);
        var duniverse = new Workspace(project.Workspace).DuniverseFolder;
        // The restores of this day that have nothing to do are silent of it.
        var remembered = Warnings.Where(warning => warning.Code != "HIL4050").ToList();
        if (!_auditFailed)
            File.Delete(AuditTold);
        RestoreMemory.Keep(
            project.Workspace,
            Inputs,
            project.LockFile,
            locked.Entries.Select(entry => Path.Combine(duniverse, entry.Folder)),
            remembered
        );
    }
}
