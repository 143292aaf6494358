using System.Text.RegularExpressions;
using Hillingar.Build.Depext;
using Hillingar.Build.Machines;
using Hillingar.Build.Processes;
using Hillingar.Build.Requests;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Health;

/// <summary>Something that work may need of a machine.</summary>
/// <param name="Area">Who needs it: a backend, <c>target NAME</c>, or a part of Hillingar.</param>
/// <param name="Name">The program, or what else is needed.</param>
/// <param name="IsPresent">Whether it is there and does what is needed.</param>
/// <param name="IsRequired">Whether the area cannot do without it.</param>
/// <param name="Version">Its version, or null where it tells none.</param>
/// <param name="Purpose">What it is for.</param>
/// <param name="Advice">How to get it; empty where it is there.</param>
public sealed record MachineItem(string Area, string Name, bool IsPresent, bool IsRequired, string? Version, string Purpose, string Advice);

/// <summary>Looks what a machine has and lacks of what the backends and targets need.</summary>
public static partial class MachineCheck
{
    sealed record Need(
        string Area,
        string Program,
        IReadOnlyList<string> Version,
        string Purpose,
        string Debian,
        string Brew,
        bool IsRequired = true
    );

    const string Local = "local backend";

    static readonly Need[] s_needs =
    [
        new("SDK", "dotnet", ["--version"], "reads and builds projects", "dotnet-sdk-10.0", "dotnet"),
        new("sources", "git", ["--version"], "repositories and sources from git; patches", "git", "git"),
        new("sources", "xz", ["--version"], "unpacks .tar.xz", "xz-utils", "xz"),
        new("sources", "bzip2", ["--version"], "unpacks .tar.bz2", "bzip2", "bzip2"),
        new(Local, "ocamlopt", ["-version"], "compiles for this machine", "ocaml", "ocaml"),
        new(Local, "ocamlfind", ["query", "-format", "%v", "findlib"], "finds the machine's libraries", "ocaml-findlib", "ocaml-findlib"),
        new(
            Local,
            "dune",
            ["--version"],
            "runs the build; where it is older than the lock's, the locked one is built once into the user's store",
            "ocaml-dune",
            "dune",
            IsRequired: false
        ),
        new(Local, "gcc", ["--version"], "links; compiles C stubs", "gcc", "gcc"),
        new(Local, "make", ["--version"], "builds C libraries of some packages", "make", "make"),
        new("graphs", "dot", ["-V"], "draws graphs as SVG", "graphviz", "graphviz", IsRequired: false),
    ];

    /// <summary>Looks. The programs are asked for their versions; nothing else is run, and nothing is installed.</summary>
    /// <param name="targets">The targets that are asked about; none: all.</param>
    /// <param name="cancellation">Stops.</param>
    /// <returns>What is needed, by area; the targets last.</returns>
    /// <exception cref="HillingarException">HIL6011: there is no such target.</exception>
    public static async Task<IReadOnlyList<MachineItem>> Run(IReadOnlyList<string> targets, CancellationToken cancellation)
    {
        if (targets.FirstOrDefault(target => !MirageTarget.Known.Contains(target)) is { } unknown)
            throw MirageTarget.Unknown(unknown);
        var items = await Task.WhenAll(s_needs.Select(need => Look(need, cancellation))).ConfigureAwait(false);
        var lacking = items.Where(item => item is { Area: Local, IsPresent: false, IsRequired: true }).Select(item => item.Name).ToList();
        return [.. items, .. (targets.Count > 0 ? targets : MirageTarget.Known).Select(target => Target(target, lacking))];
    }

    static async Task<MachineItem> Look(Need need, CancellationToken cancellation)
    {
        string? version = null;
        var there = false;
        if (ProcessRunner.Find(need.Program) is { } path)
        {
            var result = await ProcessRunner
                .Run(
                    new Command(path, need.Version, Path.GetTempPath(), new Dictionary<string, string?> { ["LC_ALL"] = "C" }),
                    cancellation
                )
                .ConfigureAwait(false);
            // What is there and does not run is not there for us.
            there = result.ExitCode == 0;
            version = Number().Match(result.Output + result.Error) is { Success: true } match ? match.Value : null;
        }

        return new MachineItem(need.Area, need.Program, there, need.IsRequired, version, need.Purpose, there ? "" : Advice(need));
    }

    static MachineItem Target(string target, List<string> lacking)
    {
        var area = $"target {target}";
        if (TargetSupport.Fault(target, Platform.Host.Name) is { } fault)
            return new(
                area,
                Platform.Host.Name,
                false,
                true,
                null,
                "builds it natively",
                $"{char.ToUpperInvariant(fault[0])}{fault[1..]}. Build it on another machine; the lock is the same."
            );
        if (!MirageTarget.IsCross(target))
            return new(
                area,
                Local,
                lacking.Count == 0,
                true,
                null,
                "builds for this machine",
                lacking.Count == 0 ? "" : $"It lacks {string.Join(", ", lacking)}; see there."
            );
        // The compilers themselves come with the lock.
        var missing = TargetSupport.MissingPrograms();
        return new(
            area,
            "cross compiler",
            missing.Count == 0,
            true,
            null,
            "is locked with the project, and built once",
            missing.Count == 0 ? "" : $"Install {string.Join(" and ", missing)}."
        );
    }

    static string Advice(Need need) =>
        PackageManager.Of(HostPlatform.Current, program => ProcessRunner.Find(program) is not null) switch
        {
            { Name: "apt-get" } => $"apt-get install {need.Debian}",
            { Name: "brew" } => $"brew install {need.Brew}",
            { } manager => $"{manager.Name} {manager.Install[0]} what corresponds to Debian's {need.Debian}",
            null => $"Install it; Debian has it in {need.Debian}.",
        };

    [GeneratedRegex(@"\d+(\.\d+)+")]
    private static partial Regex Number();
}
