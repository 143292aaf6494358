namespace Hillingar.Build;

/// <summary>How to build.</summary>
/// <param name="LockFile">The lock's path.</param>
/// <param name="StampFile">The file that the restore left: it says of which lock the vendored sources are.</param>
/// <param name="Offline">Whether the network may not be used.</param>
public sealed record BuildOptions(string LockFile, string StampFile, bool Offline)
{
    /// <summary>What to do about missing system packages before the first compile.</summary>
    public SystemPackageCheck SystemPackages { get; init; } = SystemPackageCheck.Warn;

    /// <summary>Whether tools that the machine lacks are built in a sandbox.</summary>
    public SandboxMode Sandbox { get; init; }

    /// <summary>The project's folder, whose sources an editor is told of; null for no editor's sake.</summary>
    public string? EditorFolder { get; init; }

    /// <summary>Who builds.</summary>
    public Backend Backend { get; init; }

    /// <summary>How Nix builds, where it does.</summary>
    public NixOptions Nix { get; init; } = new();

    /// <summary>Whether what was built before is built anew all the same, to be compared with.</summary>
    public bool Again { get; init; }
}

/// <summary>Who builds.</summary>
public enum Backend
{
    /// <summary>This machine's own toolchain.</summary>
    Local,

    /// <summary>Nix.</summary>
    Nix,

    /// <summary>Nix where it is there and the machine's own toolchain does not fit the lock, else that one.</summary>
    Auto,
}

/// <summary>What a build is of: a target of a project.</summary>
/// <param name="Request">What the project asks for.</param>
/// <param name="Target">The target.</param>
/// <param name="Targets">All targets of the project.</param>
public sealed record BuildSubject(Request Request, string Target, IReadOnlyList<FlakeTarget> Targets);

/// <summary>Builds what was restored: checks the machine against the lock, provides dune, runs it.</summary>
public sealed class Builder(Stores stores, IReporter reporter)
{
    /// <summary>Builds one target.</summary>
    /// <param name="subject">The project and the target.</param>
    /// <param name="build">What to build.</param>
    /// <param name="options">How to build it.</param>
    /// <param name="cancellation">Stops what was started.</param>
    /// <returns>The errors of the sources: none when the image was built.</returns>
    /// <exception cref="HillingarException">HIL5002 to HIL5006: the machine's tools do not fit. HIL5062, HIL5064: a tool that the machine lacks cannot be built. HIL5080 to HIL5087: Nix does not build it. HIL6001: nothing was restored.</exception>
    public Task<IReadOnlyList<Diagnostic>> Build(BuildSubject subject, LocalBuild build, BuildOptions options, CancellationToken cancellation) =>
        FileFault.Guard(build.Workspace.Root, () => Run(subject, build, options, cancellation));

    async Task<IReadOnlyList<Diagnostic>> Run(BuildSubject subject, LocalBuild build, BuildOptions options, CancellationToken cancellation)
    {
        var lockFile = options.LockFile;
        if (!File.Exists(lockFile))
            throw new HillingarException("HIL6001", $"There is no lock '{lockFile}'. Run 'dotnet restore'.");
        var locked = LockFile.Read(lockFile);
        if (!File.Exists(options.StampFile) || await File.ReadAllTextAsync(options.StampFile, cancellation).ConfigureAwait(false) != Restorer.Stamp(locked))
            throw new HillingarException("HIL6001", "The vendored sources are not those of this lock. Run 'dotnet restore' (build without --no-restore), or Restore-HillingarMonorepo.", new Place(lockFile));
        if (await Choose(options, cancellation).ConfigureAwait(false) == Backend.Nix)
            return await new NixBackend(stores, reporter).Build(new NixBuild(subject, locked, build, options.Again), options.Nix, options.Offline, cancellation).ConfigureAwait(false);

        await Depexts.Ensure(locked, options.SystemPackages, new Place(lockFile), reporter, cancellation).ConfigureAwait(false);
        var tools = await new HostToolProvider(stores, new SwitchOptions { Sandbox = options.Sandbox, Offline = options.Offline }, reporter)
            .Provide(locked, subject.Request, new Place(lockFile), cancellation).ConfigureAwait(false);
        var errors = await LocalBackend.Build(build, tools, reporter, cancellation).ConfigureAwait(false);
        if (errors.Count == 0 && options.EditorFolder is { } folder)
            await EditorFiles.Write(build, tools, folder, reporter, cancellation).ConfigureAwait(false);
        return errors;
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
