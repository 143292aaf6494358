using Hillingar.Opam;

namespace Hillingar.Build;

/// <summary>How to build.</summary>
/// <param name="LockFile">The lock's path.</param>
/// <param name="StampFile">The file that the restore left: it says of which lock the vendored sources are.</param>
/// <param name="Offline">Whether the network may not be used.</param>
public sealed record BuildOptions(string LockFile, string StampFile, bool Offline)
{
    /// <summary>What to do about missing system packages before the first compile.</summary>
    public SystemPackageCheck SystemPackages { get; init; } = SystemPackageCheck.Warn;

    /// <summary>The project's folder, whose sources an editor is told of; null for no editor's sake.</summary>
    public string? EditorFolder { get; init; }
}

/// <summary>Builds what was restored: checks the machine against the lock, provides dune, runs it.</summary>
public sealed class Builder(Stores stores, IReporter reporter)
{
    /// <summary>Builds one target.</summary>
    /// <param name="build">What to build.</param>
    /// <param name="options">How to build it.</param>
    /// <param name="cancellation">Stops dune and what it started.</param>
    /// <returns>The errors of the sources: none when the image was built.</returns>
    /// <exception cref="HillingarException">HIL5002 to HIL5006: the machine's tools do not fit. HIL6001: nothing was restored.</exception>
    public Task<IReadOnlyList<Diagnostic>> Build(LocalBuild build, BuildOptions options, CancellationToken cancellation) =>
        FileFault.Guard(build.Workspace.Root, () => Run(build, options, cancellation));

    async Task<IReadOnlyList<Diagnostic>> Run(LocalBuild build, BuildOptions options, CancellationToken cancellation)
    {
        var lockFile = options.LockFile;
        if (!File.Exists(lockFile))
            throw new HillingarException("HIL6001", $"There is no lock '{lockFile}'. Run 'dotnet restore'.");
        var locked = LockFile.Read(lockFile);
        if (!File.Exists(options.StampFile) || await File.ReadAllTextAsync(options.StampFile, cancellation).ConfigureAwait(false) != Restorer.Stamp(locked))
            throw new HillingarException("HIL6001", "The vendored sources are not those of this lock. Run 'dotnet restore' (build without --no-restore), or Restore-HillingarMonorepo.", new Place(lockFile));
        await Depexts.Ensure(locked, options.SystemPackages, new Place(lockFile), reporter, cancellation).ConfigureAwait(false);
        var machine = await Toolchain.Probe(cancellation).ConfigureAwait(false);
        if (locked.Version("ocaml") is { } compiler && compiler.Text != machine.OCaml)
            throw new HillingarException("HIL5005",
                $"The lock was made for OCaml {compiler}, and this machine has {machine.OCaml}. Install OCaml {compiler}, or lock again for this one: dotnet restore --force-evaluate.", new Place(lockFile));

        var dune = locked.Version("dune") ?? throw new HillingarException("HIL5006", "The lock has no dune. Lock again: dotnet restore --force-evaluate.", new Place(lockFile));
        using var fetcher = new SourceFetcher(stores.Sources, reporter) { Offline = options.Offline };
        var source = locked.Tools.FirstOrDefault(tool => tool.Folder == $"dune.{dune}");
        var program = await new DuneTool(stores.Root, fetcher, reporter)
            .Provide(dune.Text, source is null ? null : locked.SourceOf(source), machine, own => new OpamVersion(own) >= dune, cancellation).ConfigureAwait(false);
        var errors = await LocalBackend.Build(build, program, reporter, cancellation).ConfigureAwait(false);
        if (errors.Count == 0 && options.EditorFolder is { } folder)
            await EditorFiles.Write(build, program, folder, reporter, cancellation).ConfigureAwait(false);
        return errors;
    }
}
