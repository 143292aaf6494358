using Hillingar.Build.Confinement;
using Hillingar.Build.Local;
using Hillingar.Build.Locks;
using Hillingar.Build.Realising;
using Hillingar.Build.Reporting;
using Hillingar.Build.Requests;
using Hillingar.Build.Storage;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Restoring;

/// <summary>Builds what was restored, by the backend that the project asks for.</summary>
public sealed class Builder(Stores stores, IReporter reporter)
{
    /// <summary>Runs the tests of a project: what dune runs for <c>runtest</c>, on this machine.</summary>
    /// <param name="plan">Whose sources; its image is not made.</param>
    /// <param name="cancellation">Stops what was started.</param>
    /// <returns>A result for each test, and the errors of the sources.</returns>
    /// <exception cref="HillingarException">As of <see cref="Build"/>.</exception>
    public Task<(IReadOnlyList<TestResult> Results, IReadOnlyList<Diagnostic> Errors)> Test(BuildPlan plan, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(plan);
        // What mirage writes for unix is there only where that is a target; tests of the project's own are there all the same.
        if (!plan.Request.Targets.Contains(plan.Target))
            plan = plan with { Request = plan.Request with { Configure = MirageConfigure.None } };
        return FileFault.Guard(
            plan.Build.Workspace.Root,
            async () =>
            {
                ProjectNetwork.Use(plan.Request, Roots.Of(plan.Request));
                return await new LocalBackend(stores, reporter)
                    .Test(plan, await Restored(plan, cancellation).ConfigureAwait(false), cancellation)
                    .ConfigureAwait(false);
            }
        );
    }

    /// <summary>Builds one target.</summary>
    /// <param name="plan">The target, and how to build it.</param>
    /// <param name="cancellation">Stops what was started.</param>
    /// <returns>The errors of the sources: none when the image was built.</returns>
    /// <exception cref="HillingarException">HIL5002 to HIL5006: the machine's tools do not fit. HIL5070 to HIL5073: mirage does not configure the project as it was locked. HIL5074: this machine cannot build the target. HIL5062, HIL5064: a tool that the machine lacks cannot be built. HIL5080 to HIL5087: Nix does not build it. HIL6001: nothing was restored.</exception>
    public Task<IReadOnlyList<Diagnostic>> Build(BuildPlan plan, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return FileFault.Guard(
            plan.Build.Workspace.Root,
            async () =>
            {
                // Here, as what it sets is for all that is awaited here.
                ProjectNetwork.Use(plan.Request, Roots.Of(plan.Request));
                var locked = await Restored(plan, cancellation).ConfigureAwait(false);
                var (_, backend) = await Choose(plan, locked, cancellation).ConfigureAwait(false);
                return await backend.Build(plan, locked, cancellation).ConfigureAwait(false);
            }
        );
    }

    /// <summary>Who builds a plan: the backend that it names; where it leaves the choice, the first that nothing stands in the way of.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="cancellation">Stops.</param>
    public Task<(string Name, IBackend Backend)> Choose(BuildPlan plan, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return Choose(plan, null, cancellation);
    }

    async Task<(string Name, IBackend Backend)> Choose(BuildPlan plan, LockFile? locked, CancellationToken cancellation)
    {
        var possible = Backends.For(plan, stores, reporter).ToList();
        if (possible.Count == 1)
            return possible[0];
        locked ??= LockFile.Read(plan.LockFile);
        foreach (var each in possible)
        {
            if (await each.Backend.Obstacle(plan, locked, cancellation).ConfigureAwait(false) is not { } obstacle)
                return each;
            reporter.Detail($"The backend '{each.Name}' is not chosen: {obstacle}");
        }

        return possible[0];
    }

    // The lock, of which the sources are that were vendored.
    static async Task<LockFile> Restored(BuildPlan plan, CancellationToken cancellation)
    {
        var lockFile = plan.LockFile;
        if (!File.Exists(lockFile))
            throw new HillingarException("HIL6001", $"There is no lock '{lockFile}'. {Advice.Restore}");
        var locked = LockFile.Read(lockFile);
        if (
            !File.Exists(plan.StampFile)
            || await File.ReadAllTextAsync(plan.StampFile, cancellation).ConfigureAwait(false) != Restorer.Stamp(locked)
        )
            throw new HillingarException(
                "HIL6001",
                $"The vendored sources are not those of this lock. {Advice.Restore}",
                new Place(lockFile)
            );
        // dune would name what cannot do without it, and not it.
        if (
            locked.Entries.FirstOrDefault(entry => !Directory.Exists(Path.Combine(plan.Build.Workspace.DuniverseFolder, entry.Folder))) is
            { } gone
        )
            throw new HillingarException(
                "HIL6001",
                $"duniverse/{gone.Folder} is missing, which has the sources of {string.Join(", ", gone.Packages)}. {Advice.Restore}",
                new Place(lockFile)
            );
        return locked;
    }
}
