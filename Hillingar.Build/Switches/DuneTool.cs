using Hillingar.Build.Machines;
using Hillingar.Build.Processes;
using Hillingar.Build.Reporting;
using Hillingar.Build.Sources;
using Hillingar.Build.Storage;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Syntax;
using Hillingar.Opam.Universe;

namespace Hillingar.Build.Switches;

/// <summary>Finds a dune that can build a lock: the machine's when it is new enough, else one built from the locked archive into the user's store.</summary>
public sealed class DuneTool(Stores stores, SwitchOptions options, IReporter reporter)
{
    const string Commands = """
        [
          ["ocaml" "bootstrap.ml" "-j" jobs] {version < "3.6"}
          ["ocaml" "boot/bootstrap.ml" "-j" jobs] {version >= "3.6"}
          ["./dune.exe" "build" "dune.install" "--release" "--profile" "dune-bootstrap" "-j" jobs] {version < "3.6"}
          ["./_boot/dune.exe" "build" "dune.install" "--release" "--profile" "dune-bootstrap" "-j" jobs] {version >= "3.6"}
        ]
        """;

    /// <summary>The path of a dune of at least the given version; it is built, once for each compiler version, where there is none.</summary>
    /// <param name="version">The locked version.</param>
    /// <param name="source">The locked archive of dune, or null when the lock has none.</param>
    /// <param name="machine">What this machine provides.</param>
    /// <param name="isEnough">Whether the machine's dune, of the version given, will do.</param>
    /// <param name="cancellation">Stops, leaving nothing half-built.</param>
    /// <exception cref="HillingarException">HIL5003: the machine's is too old and the lock has no archive. As of <see cref="SwitchBuilder.Build"/>: it does not build.</exception>
    public async Task<string> Provide(
        string version,
        Source? source,
        Toolchain machine,
        Func<string, bool> isEnough,
        CancellationToken cancellation
    )
    {
        if (machine.Dune is { } own && isEnough(own))
            return ProcessRunner.Find("dune")!;
        if (source is null)
            throw new HillingarException(
                "HIL5003",
                $"This machine's dune ({machine.Dune ?? "none"}) is older than the lock's {version}, and the lock names no archive to build it from. Install a newer dune, or lock with a repository that has dune's url."
            );

        // A lock has dune's archive and not its opam file; these are the commands of every release since 2.0.
        var file = Document.Parse(
            new PackageWriter()
                .Add("depends", "ocaml")
                .Add("build", Document.ParseValue(Commands))
                .Add(new SourceUrl(source.Url, [.. source.Checksums], [.. source.Mirrors]))
                .ToString(),
            $"dune.{version}"
        );
        var package = new OpamPackage(new PackageName("dune"), new OpamVersion(version));
        var request = new SwitchRequest([new MemoryRepository("the lock").Add(package, new PackageFile(file, package)).Find(package)!])
        {
            Machine = await MachineTools.Of(machine, cancellation).ConfigureAwait(false),
            ArchiveMirrors = source.ArchiveMirrors,
        };
        // The program itself needs nothing of its switch, and so no mount.
        var host = await new SwitchBuilder(stores, reporter).Build(request, options, cancellation).ConfigureAwait(false);
        return Path.Combine(host.Folder, "bin", "dune");
    }
}
