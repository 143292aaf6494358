using System.Collections.Immutable;
using Hillingar.Build.Machines;
using Hillingar.Build.Processes;
using Hillingar.Build.Sandboxes;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;
using Hillingar.Opam.Universe;

namespace Hillingar.Build.Switches;

/// <summary>This machine's own tools as parts of a switch: packages that are there without being built.</summary>
/// <param name="Packages">The packages that they stand for.</param>
public sealed record MachineTools(IReadOnlyList<SwitchPackage> Packages)
{
    static readonly string[] s_programs = ["ocamlc", "ocamlfind"];
    static readonly SwitchLayout s_layout = new("/usr");

    /// <summary>Nothing of the machine's but its system.</summary>
    public static MachineTools None { get; } = new([]);

    /// <summary>The folders of programs outside the system's own, such as those of an opam switch.</summary>
    public IReadOnlyList<string> Programs { get; init; } = [];

    /// <summary>The folders outside the system's own that builds read, those of the programs among them.</summary>
    public IReadOnlyList<string> Folders { get; init; } = [];

    /// <summary>The configuration of findlib; null where there is none.</summary>
    internal string? Findlib { get; private init; }

    /// <summary><c>PATH</c> for builds: these programs, then the system's.</summary>
    internal string Path => string.Join(System.IO.Path.PathSeparator, [.. Programs, VisibleSystem.Programs]);

    /// <summary>The compiler (with the packages that only say where it comes from) and findlib, where <c>PATH</c> has them: the system's, or those of an opam switch that is active.</summary>
    /// <param name="machine">What the machine has.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="HillingarException">HIL5001: there is no compiler.</exception>
    public static async Task<MachineTools> Of(Toolchain machine, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(machine);
        var libraries = (
            await ProcessRunner.Run(new Command("ocamlc", ["-where"], System.IO.Path.GetTempPath()), cancellation).ConfigureAwait(false)
        ).Whole.Trim();
        var programs = s_programs
            .Select(ProcessRunner.Find)
            .OfType<string>()
            .Select(path => System.IO.Path.GetDirectoryName(path)!)
            .Distinct()
            .Where(folder => !VisibleSystem.Programs.Split(System.IO.Path.PathSeparator).Contains(folder))
            .ToList();
        var repository = new MemoryRepository("this machine");
        var system = Package("ocaml-system", machine.OCaml, "");
        List<SwitchPackage> packages =
        [
            system,
            Package("ocaml", machine.OCaml, "depends: \"ocaml-system\"") with
            {
                Config = Config(system.Package, libraries),
            },
            Package("base-bigarray", "base", ""),
            Package("base-threads", "base", ""),
            Package("base-unix", "base", ""),
        ];
        if (machine.Findlib is { } findlib)
            packages.Add(Package("ocamlfind", findlib, "depends: \"ocaml\""));
        var configuration = machine.Findlib is null
            ? null
            : (
                await ProcessRunner
                    .Run(new Command("ocamlfind", ["printconf", "conf"], System.IO.Path.GetTempPath()), cancellation)
                    .ConfigureAwait(false)
            ).Whole.Trim();
        return new MachineTools(packages)
        {
            Findlib = File.Exists(configuration) ? configuration : null,
            Programs = programs,
            Folders =
            [
                .. programs
                    .Select(folder => Prefix(folder, libraries))
                    .Append(libraries)
                    .Distinct()
                    .Where(folder => !VisibleSystem.Holds(folder)),
            ],
        };

        SwitchPackage Package(string name, string version, string fields) =>
            new(
                repository.Add($"{name}.{version}", $"opam-version: \"2.0\"\n{fields}\n").Find(OpamPackage.Parse($"{name}.{version}"))!,
                s_layout
            );
    }

    // This compiler can be asked what it looks through for stubs.
    static ImmutableDictionary<string, VariableValue> Config(OpamPackage system, string libraries)
    {
        var config = OCamlConfig.Of(system, libraries).ToImmutableDictionary();
        var list = System.IO.Path.Combine(libraries, "ld.conf");
        return File.Exists(list) ? config.SetItem("stubsdir", string.Join(System.IO.Path.PathSeparator, File.ReadLines(list))) : config;
    }

    // The prefix of a compiler, whose other folders its programs read too; not the whole home of somebody who keeps programs in ~/bin.
    static string Prefix(string programs, string libraries) =>
        System.IO.Path.GetDirectoryName(programs) is { } prefix && libraries.StartsWith(prefix + "/lib/", StringComparison.Ordinal)
            ? prefix
            : programs;
}
