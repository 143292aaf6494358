using Hillingar.Build.Configuring;
using Hillingar.Build.Confinement;
using Hillingar.Build.Depext;
using Hillingar.Build.Locks;
using Hillingar.Build.Machines;
using Hillingar.Build.Nix;
using Hillingar.Build.Processes;
using Hillingar.Build.Realising;
using Hillingar.Build.Reporting;
using Hillingar.Build.Repositories;
using Hillingar.Build.Requests;
using Hillingar.Build.Storage;
using Hillingar.Build.Switches;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Restoring;

/// <summary>Builds what was restored: checks the machine against the lock, provides dune, runs it.</summary>
public sealed class Builder(Stores stores, IReporter reporter)
{
    // What is done with the sources once everything is there.
    Func<LocalBuild, HostTools, IReporter, CancellationToken, Task<IReadOnlyList<Diagnostic>>> Work { get; init; } = LocalBackend.Build;

    /// <summary>Runs the tests of a project: what dune runs for <c>runtest</c>, on this machine.</summary>
    /// <param name="subject">The project and the target.</param>
    /// <param name="build">Whose sources; its image is not made.</param>
    /// <param name="options">How to build.</param>
    /// <param name="cancellation">Stops what was started.</param>
    /// <returns>A result for each test, and the errors of the sources.</returns>
    /// <exception cref="HillingarException">As of <see cref="Build"/>.</exception>
    public async Task<(IReadOnlyList<TestResult> Results, IReadOnlyList<Diagnostic> Errors)> Test(BuildSubject subject, LocalBuild build, BuildOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(subject);
        ArgumentNullException.ThrowIfNull(options);
        IReadOnlyList<TestResult> results = [];
        var tester = new Builder(stores, reporter)
        {
            Work = async (every, tools, told, stop) =>
            {
                (results, var found) = await DuneTests.Run(every, tools, told, stop).ConfigureAwait(false);
                return found;
            },
        };
        // What mirage writes for unix is there only where that is a target; tests of the project's own are there all the same.
        if (!subject.Request.Targets.Contains(subject.Target))
            subject = subject with { Request = subject.Request with { Configure = MirageConfigure.None } };
        var errors = await tester.Build(subject, build, options with { Backend = Backend.Local, EditorFolder = null }, cancellation).ConfigureAwait(false);
        return (results, errors);
    }

    /// <summary>Builds one target.</summary>
    /// <param name="subject">The project and the target.</param>
    /// <param name="build">What to build.</param>
    /// <param name="options">How to build it.</param>
    /// <param name="cancellation">Stops what was started.</param>
    /// <returns>The errors of the sources: none when the image was built.</returns>
    /// <exception cref="HillingarException">HIL5002 to HIL5006: the machine's tools do not fit. HIL5070 to HIL5073: mirage does not configure the project as it was locked. HIL5074: this machine cannot build the target. HIL5062, HIL5064: a tool that the machine lacks cannot be built. HIL5080 to HIL5087: Nix does not build it. HIL6001: nothing was restored.</exception>
    public Task<IReadOnlyList<Diagnostic>> Build(BuildSubject subject, LocalBuild build, BuildOptions options, CancellationToken cancellation) =>
        FileFault.Guard(build.Workspace.Root, () => Run(subject, build, options, cancellation));

    async Task<IReadOnlyList<Diagnostic>> Run(BuildSubject subject, LocalBuild build, BuildOptions options, CancellationToken cancellation)
    {
        var lockFile = options.LockFile;
        if (!File.Exists(lockFile))
            throw new HillingarException("HIL6001", $"There is no lock '{lockFile}'. {Advice.Restore}");
        ProjectNetwork.Use(subject.Request, Roots.Of(subject.Request));
        var locked = LockFile.Read(lockFile);
        if (!File.Exists(options.StampFile) || await File.ReadAllTextAsync(options.StampFile, cancellation).ConfigureAwait(false) != Restorer.Stamp(locked))
            throw new HillingarException("HIL6001", $"The vendored sources are not those of this lock. {Advice.Restore}", new Place(lockFile));
        // dune would name what cannot do without it, and not it.
        if (locked.Entries.FirstOrDefault(entry => !Directory.Exists(Path.Combine(build.Workspace.DuniverseFolder, entry.Folder))) is { } gone)
            throw new HillingarException("HIL6001", $"duniverse/{gone.Folder} is missing, which has the sources of {string.Join(", ", gone.Packages)}. {Advice.Restore}", new Place(lockFile));
        if (await Choose(options, cancellation).ConfigureAwait(false) == Backend.Nix)
            return await new NixBackend(stores, reporter).Build(new NixBuild(subject, locked, build, options.Again), options.Nix, options.Offline, cancellation).ConfigureAwait(false);

        TargetSupport.Check(subject.Request, subject.Target, options.Runtime);
        if (subject.Request.HostSwitch == HostSwitchSource.Machine)
            await TargetSupport.CheckCompiler(subject.Request, cancellation).ConfigureAwait(false);
        var place = new Place(lockFile);
        var system = await Depexts.Ensure(locked, options.SystemPackages, place, reporter, cancellation).ConfigureAwait(false);
        try
        {
            var errors = await Realise(subject, build, locked, options, cancellation).ConfigureAwait(false);
            return errors.Count > 0 && system.Missing.Count > 0 ? [.. errors, Depexts.Blame(system, place)] : errors;
        }
        catch (HillingarException) when (system.Missing.Count > 0)
        {
            reporter.Report(Depexts.Blame(system, place));
            throw;
        }
    }

    async Task<IReadOnlyList<Diagnostic>> Realise(BuildSubject subject, LocalBuild build, LockFile locked, BuildOptions options, CancellationToken cancellation)
    {
        var provider = new HostToolProvider(stores, new SwitchOptions { Sandbox = options.Sandbox, Isolation = options.Isolation, Offline = options.Offline }, reporter);
        if (subject.Request.IsConfigured)
            build = await Configured(subject, build, locked, provider, options, cancellation).ConfigureAwait(false);
        var tools = await provider.Provide(locked, subject.Request, new Place(options.LockFile), cancellation).ConfigureAwait(false);
        var errors = await new DuneAdvice(subject, build, locked).Of(await Work(build, tools, reporter, cancellation).ConfigureAwait(false), () => new RepositoryOpener(stores, reporter, options.Offline, new SharedWork()).Packages(subject.Request, cancellation)).ConfigureAwait(false);
        build.Workspace.Remember(tools);
        // An editor can be told of one target's build only.
        if (errors.Count == 0 && options.EditorFolder is { } folder && (!subject.Request.IsConfigured || subject.Target == subject.Request.Targets[0]))
            await EditorFiles.Write(build, tools, folder, reporter, cancellation).ConfigureAwait(false);
        return errors;
    }

    // A clone that has the lock has not what mirage wrote; it writes the same again, or the lock is of something else.
    async Task<LocalBuild> Configured(BuildSubject subject, LocalBuild build, LockFile locked, HostToolProvider provider, BuildOptions options, CancellationToken cancellation)
    {
        var folder = options.ConfiguredFolder ?? build.Workspace.ConfiguredFolder;
        var configured = await new Configurator(folder, reporter).Run(subject.Request, locked, () => provider.Provide(locked, subject.Request, new Place(options.LockFile), cancellation, HostUse.Configure), cancellation).ConfigureAwait(false);
        if (configured.FirstOrDefault(target => !locked.Configured.Contains((target.Target, Roots.Digest(target.Package(subject.Request.Name))))) is { } other)
            throw new HillingarException("HIL5072", $"config.ml asks for other packages for '{other.Target}' than the lock was made for. Lock again: {Advice.LockAnew}.", new Place(options.LockFile));
        if (!configured.First(target => target.Target == subject.Target).Contexts.Any(context => context.Name == build.Context))
            throw new HillingarException("HIL5071", $"mirage configured '{subject.Target}' for other contexts of dune than '{build.Context}'. Name the right one in DuneContext.", new Place(subject.Request.ProjectFile));
        return build with { Sources = ConfiguredSources.Of(configured, build.Sources, subject.Target, folder), Below = subject.Target + "/" };
    }

    /// <summary>Who builds: never <see cref="Backend.Auto"/>.</summary>
    /// <param name="options">How to build.</param>
    /// <param name="cancellation">Stops.</param>
    public static async Task<Backend> Choose(BuildOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Backend != Backend.Auto ? options.Backend
            : ProcessRunner.Find("nix") is not null && !await Fits(LockFile.Read(options.LockFile), cancellation).ConfigureAwait(false) ? Backend.Nix
            : Backend.Local;
    }

    static async Task<bool> Fits(LockFile locked, CancellationToken cancellation) =>
        await Toolchain.TryProbe(cancellation).ConfigureAwait(false) is { } machine && machine.OCaml == locked.Version("ocaml")?.Text;
}
