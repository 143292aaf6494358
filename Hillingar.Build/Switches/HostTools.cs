using Hillingar.Build.Files;
using Hillingar.Build.Processes;
using Hillingar.Build.Sandboxes;

namespace Hillingar.Build.Switches;

/// <summary>The tools that a local build runs with: this machine's own, or those of a switch.</summary>
public sealed class HostTools
{
    readonly Func<Command, Command> _equip;
    readonly Func<Command, Command> _mount;
    readonly IReadOnlyList<(string Real, string Seen)> _reads;

    HostTools(string dune, Func<Command, Command> equip, Func<Command, Command> mount, IEnumerable<(string Real, string Seen)> reads) =>
        (DuneProgram, _equip, _mount, _reads) = (
            dune,
            equip,
            mount,
            [.. reads.Where(pair => !VisibleSystem.Holds(pair.Real) && Path.Exists(pair.Real))]
        );

    /// <summary>dune, by name or path.</summary>
    public string DuneProgram { get; }

    /// <summary>The folder of the switch that they are of; null for this machine's own.</summary>
    public string? Switch { get; private init; }

    /// <summary>The sandbox that they run in.</summary>
    internal Sandbox Sandbox { get; init; } = Sandbox.Off;

    /// <summary>The variables that they get besides those that every build gets.</summary>
    internal IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>The tools on <c>PATH</c>, and a dune.</summary>
    /// <param name="dune">The dune's path.</param>
    public static HostTools OfMachine(string dune) => OfMachine(dune, [], Sandbox.Off, []);

    /// <summary>The tools on <c>PATH</c>, and a dune.</summary>
    /// <param name="dune">The dune's path.</param>
    /// <param name="folders">The folders outside the system's own that the tools read.</param>
    /// <param name="sandbox">The sandbox that they run in.</param>
    /// <param name="environment">The variables that they get besides those that every build gets.</param>
    internal static HostTools OfMachine(string dune, IReadOnlyList<string> folders, Sandbox sandbox, IReadOnlyList<string> environment) =>
        new(dune, command => command, command => command, folders.Append(dune).Select(path => (path, path)))
        {
            Sandbox = sandbox,
            Environment = environment,
        };

    /// <summary>The tools of a switch.</summary>
    /// <param name="host">The switch, which holds dune.</param>
    /// <param name="sandbox">The sandbox that they run in.</param>
    /// <param name="environment">The variables that they get besides those that every build gets.</param>
    internal static HostTools OfSwitch(HostSwitch host, Sandbox sandbox, IReadOnlyList<string> environment)
    {
        ArgumentNullException.ThrowIfNull(host);
        return new("dune", host.Equip, host.Mount, [(host.Folder, host.Layout.Prefix), .. host.Reads.Select(path => (path, path))])
        {
            Switch = host.Folder,
            Sandbox = sandbox,
            Environment = environment,
        };
    }

    /// <summary>A folder as they see it that they build in.</summary>
    internal BuildPlace At(string folder, params IReadOnlyList<string> writable) => new(folder, writable) { IsShut = Sandbox.IsOn };

    /// <summary>A run of a program of theirs, or of this machine.</summary>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments, with paths as they are seen.</param>
    /// <param name="place">The folder that it runs in.</param>
    /// <param name="environment">What it gets besides, or not, where the value is null.</param>
    internal ShutCommand Run(
        string program,
        IReadOnlyList<string> arguments,
        BuildPlace place,
        IReadOnlyDictionary<string, string?> environment
    )
    {
        var home = Sandbox.IsOn ? Sandbox.Home : EmptyHome(place.Root);
        var variables = BuildEnvironment.Of(Environment, home, Sandbox.IsOn);
        // A switch has its own; whoever wants the user's all the same says so.
        foreach (var name in Switch is null ? [] : BuildEnvironment.OCamlPlaces.Except(Environment))
            variables.Remove(name);
        foreach (var (name, value) in environment)
            if (value is null)
                variables.Remove(name);
            else
                variables[name] = value;
        var command = _equip(new Command(program, arguments, place.Root, variables) { IsAlone = true });
        if (!Sandbox.IsOn)
            return new(_ => _mount(command));
        var equipped = new Dictionary<string, string?>(command.Environment!);
        if (equipped.GetValueOrDefault("PATH") is { } path)
            equipped["PATH"] = string.Join(
                Path.PathSeparator,
                path.Split(Path.PathSeparator)
                    .Where(folder =>
                        VisibleSystem.Holds(folder)
                        || _reads.Any(pair => folder == pair.Seen || folder.StartsWith(pair.Seen + "/", StringComparison.Ordinal))
                    )
                    .Distinct()
            );
        (string, string)[] writable =
            place.Writable.Count == 0
                ? [(place.Root, place.Seen)]
                :
                [
                    .. place.Writable.Select(name =>
                        (Directory.CreateDirectory(Path.Combine(place.Root, name)).FullName, $"{place.Seen}/{name}")
                    ),
                ];
        return Sandbox.Enter(command with { Environment = equipped }, place.Seen, [.. _reads, (place.Root, place.Seen)], writable);
    }

    /// <summary>A run of dune.</summary>
    /// <param name="arguments">Its arguments, with paths as they are seen.</param>
    /// <param name="place">The folder that it runs in.</param>
    /// <param name="environment">What it gets besides where the user did not name the same.</param>
    internal ShutCommand Dune(IReadOnlyList<string> arguments, BuildPlace place, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var variables = new Dictionary<string, string?>(DuneEnvironment.Variables);
        foreach (var (name, value) in environment?.Where(pair => !Environment.Contains(pair.Key)) ?? [])
            variables[name] = value;
        return Run(DuneProgram, arguments, place, variables);
    }

    // Without a sandbox a folder beside what is built stands for the home, and is empty for each run.
    static string EmptyHome(string root)
    {
        var home = Path.Combine(root, ".home");
        Tree.Delete(home);
        return Directory.CreateDirectory(home).FullName;
    }
}
