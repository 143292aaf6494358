using Hillingar.Build.Configuring;
using Hillingar.Build.Locks;
using Hillingar.Build.Nix;
using Hillingar.Build.Publishing;
using Hillingar.Build.Realising;
using Hillingar.Build.Reporting;
using Hillingar.Build.Requests;
using Hillingar.Build.Restoring;
using Hillingar.Build.Running;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Projects;

/// <summary>What is done with a project: lock, restore, build. As <c>dotnet restore</c> and <c>dotnet build</c> do it, but for targets of the project's own.</summary>
/// <param name="project">The project.</param>
/// <param name="reporter">Is told what is done.</param>
public sealed class ProjectWork(HillingarProject project, IReporter reporter)
{
    /// <summary>Brings the lock up to date; see <see cref="Restorer.Lock"/>.</summary>
    /// <param name="update">Packages to take anew while all others keep their versions where they can.</param>
    /// <param name="force">Whether to take the newest of everything.</param>
    /// <param name="cancellation">Stops, leaving the old lock.</param>
    /// <returns>What changed.</returns>
    public async Task<IReadOnlyList<LockDifference>> Lock(IReadOnlyList<string> update, bool force, CancellationToken cancellation)
    {
        var (locked, before) = await new Restorer(project.Stores, reporter)
            .Lock(project.Request, project.RestoreOptions() with { Update = update, ForceEvaluate = force }, cancellation)
            .ConfigureAwait(false);
        return LockComparison.Of(before, locked);
    }

    /// <summary>Locks where the lock is not current, and vendors; see <see cref="Restorer.Restore"/>.</summary>
    /// <param name="lockedMode">Whether a lock that is not current is an error.</param>
    /// <param name="cancellation">Stops.</param>
    public async Task<Monorepo> Restore(bool lockedMode, CancellationToken cancellation)
    {
        var locked = await new Restorer(project.Stores, reporter)
            .Restore(project.Request, project.RestoreOptions(lockedMode), project.StampFile, cancellation)
            .ConfigureAwait(false);
        return new Monorepo(project, locked, new Workspace(project.Workspace).DuniverseFolder);
    }

    /// <summary>Builds one target from what was restored; see <see cref="Builder"/>.</summary>
    /// <param name="target">The target.</param>
    /// <param name="cancellation">Stops dune and what it started.</param>
    /// <returns>The image, or the errors of the sources.</returns>
    /// <exception cref="HillingarException">HIL6001: nothing was restored. Of the 5000s and 6000s: the target cannot be built here.</exception>
    public async Task<(BuiltUnikernel? Image, IReadOnlyList<Diagnostic> Errors)> Build(string target, CancellationToken cancellation)
    {
        // The machine's own toolchain builds a target at a time; others want to know what else there is to build.
        IReadOnlyList<ProjectTarget> known =
            project.Backend == Backends.Default || !project.Targets.Contains(target)
                ? [await ProjectReader.ReadTarget(project, target, cancellation).ConfigureAwait(false)]
                : await ProjectReader.ReadTargets(project, cancellation).ConfigureAwait(false);
        return await Build(known.First(item => item.Target == target), known, cancellation).ConfigureAwait(false);
    }

    /// <summary>Builds one target that was read; see <see cref="Build(string, CancellationToken)"/>.</summary>
    /// <param name="picked">The target.</param>
    /// <param name="known">The targets that the backend is told of.</param>
    /// <param name="cancellation">Stops dune and what it started.</param>
    public async Task<(BuiltUnikernel? Image, IReadOnlyList<Diagnostic> Errors)> Build(
        ProjectTarget picked,
        IReadOnlyList<ProjectTarget> known,
        CancellationToken cancellation
    )
    {
        ArgumentNullException.ThrowIfNull(picked);
        var errors = await new Builder(project.Stores, reporter).Build(picked.Plan(known), cancellation).ConfigureAwait(false);
        if (errors.Count > 0)
            return (null, errors);
        var built = new BuiltUnikernel(
            project,
            picked.Target,
            picked.Build.Image,
            new FileInfo(picked.Build.Image).Length,
            BuildFolder(picked.Build)
        );
        await File.WriteAllTextAsync(picked.FactsFile, ImageFacts.Of(built.Target, built.Path, built.BuildFolder), cancellation)
            .ConfigureAwait(false);
        return (built, []);
    }

    /// <summary>What mirage knows of the unikernel, for each target or for one; see <see cref="Describer"/>.</summary>
    /// <param name="target">The target; null for all.</param>
    /// <param name="cancellation">Stops.</param>
    public Task<IReadOnlyList<MirageDescription>> Describe(string? target, CancellationToken cancellation) =>
        new Describer(project.Stores, reporter).Describe(
            project.Request,
            project.LockFile,
            project.RestoreOptions() with
            {
                Target = target,
            },
            cancellation
        );

    /// <summary>The tests that dune files of the project name, and where; what only <c>include</c> or OCaml makes is known when they run.</summary>
    public IEnumerable<(string Name, Place Place)> Tests =>
        DuneTestRule.Of(project.Request.Sources).Select(rule => (rule.Name, rule.Place));

    /// <summary>Runs the tests of the project's OCaml sources; see <see cref="Builder.Test"/>.</summary>
    /// <param name="cancellation">Stops dune and what it started.</param>
    /// <returns>A result for each test, and the errors of the sources.</returns>
    /// <exception cref="HillingarException">HIL6001: nothing was restored. Of the 5000s and 6000s: the sources cannot be built here.</exception>
    public Task<(IReadOnlyList<TestResult> Results, IReadOnlyList<Diagnostic> Errors)> Test(CancellationToken cancellation) =>
        new Builder(project.Stores, reporter).Test(
            project.Plan(
                "unix",
                new DuneBuild(new Workspace(project.Workspace), project.Request.Sources, "", "default", project.Profile, "")
            ),
            cancellation
        );

    /// <summary>What a build of one target would make.</summary>
    /// <param name="target">The target.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="HillingarException">As of <see cref="ProjectReader.ReadTarget"/>.</exception>
    public async Task<BuiltUnikernel> Plan(string target, CancellationToken cancellation)
    {
        var build = (await ProjectReader.ReadTarget(project, target, cancellation).ConfigureAwait(false)).Build;
        return new BuiltUnikernel(project with { IsPlanned = true }, target, build.Image, 0, BuildFolder(build));
    }

    string BuildFolder(DuneBuild build) => Path.Combine(project.Workspace, "_build", build.Context);

    /// <summary>Writes the flake that builds the project with Nix alone; see <see cref="FlakeWriter"/>.</summary>
    /// <param name="folder">The folder, which holds the project's files or lies above them; null for the project's.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="HillingarException">HIL6001: nothing was restored. HIL5080 to HIL5088: there can be no such flake.</exception>
    public async Task<WrittenFlake> WriteFlake(string? folder, CancellationToken cancellation)
    {
        if (!File.Exists(project.LockFile) || !File.Exists(project.StampFile))
            throw new HillingarException(
                "HIL6001",
                $"The sources of '{project.Name}' are not restored. {Advice.Restore}",
                new Place(project.Path)
            );
        return await WriteFlake(folder, await ProjectReader.ReadTargets(project, cancellation).ConfigureAwait(false), cancellation)
            .ConfigureAwait(false);
    }

    /// <summary>Writes the flake of targets that were read; see <see cref="WriteFlake(string?, CancellationToken)"/>.</summary>
    /// <param name="folder">The folder; null for the project's.</param>
    /// <param name="targets">The targets.</param>
    /// <param name="cancellation">Stops.</param>
    public async Task<WrittenFlake> WriteFlake(string? folder, IReadOnlyList<ProjectTarget> targets, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(targets);
        var subject = new FlakeSubject(
            project.Request,
            LockFile.Read(project.LockFile),
            new Workspace(project.Workspace),
            project.Request.Sources,
            [.. targets.Select(target => target.Planned)]
        );
        var place = Path.GetFullPath(folder ?? project.Folder, project.Folder);
        return new WrittenFlake(
            project,
            place,
            await new FlakeWriter(project.Stores, reporter)
                .Write(subject, place, project.Nix.Nixpkgs, project.Offline, cancellation)
                .ConfigureAwait(false)
        );
    }

    /// <summary>How a project's image of a target is started.</summary>
    /// <param name="project">The project.</param>
    /// <param name="target">The target; null for the project's only one, or the one that is a program.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="HillingarException">HIL6007: nobody says which target. As of <see cref="ProjectReader.ReadTarget"/>.</exception>
    public static async Task<UnikernelStart> Start(HillingarProject project, string? target, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(project);
        target ??= project.Targets is [var only]
            ? only
            : project.Targets.FirstOrDefault(name => !MirageTarget.IsCross(name))
                ?? throw new HillingarException(
                    "HIL6007",
                    $"Say which target of '{project.Name}' to start, one of {string.Join(", ", project.Targets)}: {Advice.Say("-p:MirageTarget=TARGET", "-Target")}.",
                    new Place(project.Path)
                );
        var read = await ProjectReader.ReadTarget(project, target, cancellation).ConfigureAwait(false);
        return project.Start(target, read.Build.Image);
    }

    /// <summary>Publishes images of the project; see <see cref="UnikernelPublisher"/>.</summary>
    /// <param name="images">The images.</param>
    /// <param name="destination">The folder; what else lies there stays.</param>
    /// <param name="cancellation">Stops.</param>
    public async Task<ProjectPublication> Publish(IReadOnlyList<BuiltUnikernel> images, string destination, CancellationToken cancellation)
    {
        var published = await UnikernelPublisher
            .Publish(
                new UnikernelPublication
                {
                    Name = project.Name,
                    Version = project.Version,
                    Folder = project.Folder,
                    Images =
                    [
                        .. images.Select(image => new PublishedImage(
                            image.Target,
                            image.Path,
                            Directory.Exists(image.BuildFolder) ? image.BuildFolder : null
                        )),
                    ],
                    LockFile = project.LockFile,
                    Duniverse = new Workspace(project.Workspace).DuniverseFolder,
                    Destination = Path.GetFullPath(destination),
                    Devices = project.Devices,
                    Memory = project.Memory,
                },
                cancellation
            )
            .ConfigureAwait(false);
        return new ProjectPublication(
            project.Name,
            Path.GetFullPath(destination),
            [.. images.Select(image => image.Target)],
            published.Files
        );
    }
}
