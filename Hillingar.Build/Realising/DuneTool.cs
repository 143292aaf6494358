namespace Hillingar.Build;

/// <summary>Finds a dune that can build a lock: the machine's when it is new enough, else one built from the locked archive into the user's store.</summary>
public sealed class DuneTool(string storeRoot, SourceFetcher fetcher, IReporter reporter)
{
    /// <summary>The path of a dune of at least the given version; it is built, once for each compiler version, where there is none.</summary>
    /// <param name="version">The locked version.</param>
    /// <param name="source">The locked archive of dune, or null when the lock has none.</param>
    /// <param name="machine">What this machine provides.</param>
    /// <param name="isEnough">Whether the machine's dune, of the version given, will do.</param>
    /// <param name="cancellation">Stops, leaving nothing half-built.</param>
    /// <exception cref="HillingarException">HIL5003: the machine's is too old and the lock has no archive. HIL5004: it does not build.</exception>
    public async Task<string> Provide(string version, Source? source, Toolchain machine, Func<string, bool> isEnough, CancellationToken cancellation)
    {
        if (machine.Dune is { } own && isEnough(own))
            return ProcessRunner.Find("dune")!;
        if (source is null)
            throw new HillingarException("HIL5003", $"This machine's dune ({machine.Dune ?? "none"}) is older than the lock's {version}, and the lock names no archive to build it from. Install a newer dune, or lock with a repository that has dune's url.");

        var place = Path.Combine(storeRoot, "tools", $"dune-{version}-ocaml-{machine.OCaml}-{source.Checksums.Strongest().First().Hex[..16]}");
        var dune = Path.Combine(place, "bin", OperatingSystem.IsWindows() ? "dune.exe" : "dune");
        if (File.Exists(dune))
            return dune;
        using var turn = await FolderLock.Take(place + ".lock", cancellation).ConfigureAwait(false);
        if (File.Exists(dune))
            return dune;

        var archive = await fetcher.Fetch(source, $"dune.{version}", cancellation).ConfigureAwait(false);
        reporter.Step($"Building dune {version} into the store (this machine has {machine.Dune ?? "none"}); once, it takes about a minute");
        var staging = AtomicFile.Beside(place);
        try
        {
            var sources = Path.Combine(staging, "sources");
            var prefix = Path.Combine(staging, "prefix");
            Directory.CreateDirectory(staging);
            Unpacker.Unpack(archive, sources, cancellation: cancellation);
            var jobs = Environment.ProcessorCount.ToString();
            // dune 2 keeps its bootstrap program at the top, dune 3 in boot/.
            var boot = File.Exists(Path.Combine(sources, "boot", "bootstrap.ml")) ? "boot/bootstrap.ml" : "bootstrap.ml";
            await Step(version, new Command("ocaml", [boot, "-j", jobs], sources, DuneEnvironment.Variables), cancellation).ConfigureAwait(false);
            var fresh = Path.Combine(sources, File.Exists(Path.Combine(sources, "_boot", "dune.exe")) ? Path.Combine("_boot", "dune.exe") : "dune.exe");
            await Step(version, new Command(fresh, ["build", "dune.install", "--release", "--profile", "dune-bootstrap", "-j", jobs], sources, DuneEnvironment.Variables), cancellation).ConfigureAwait(false);
            await Step(version, new Command(fresh, ["install", "dune", "--prefix", prefix], sources, DuneEnvironment.Variables), cancellation).ConfigureAwait(false);
            AtomicFile.ReplaceFolder(prefix, place);
            return dune;
        }
        finally
        {
            Tree.Delete(staging);
        }
    }

    async Task Step(string version, Command command, CancellationToken cancellation)
    {
        var result = await ProcessRunner.Run(command, cancellation, reporter.Detail).ConfigureAwait(false);
        if (result.ExitCode != 0)
            throw new HillingarException("HIL5004", $"dune {version} could not be built from its archive: '{command}' ended with {result.ExitCode}. {Tail(result.Error)}");
    }

    static string Tail(string text) => string.Join('\n', text.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(12));
}
