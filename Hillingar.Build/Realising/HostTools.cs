namespace Hillingar.Build;

/// <summary>The tools that a local build runs with: this machine's own, or those of a switch.</summary>
public sealed class HostTools
{
    readonly Func<Command, Command> _use;

    HostTools(string dune, Func<Command, Command> use) => (DuneProgram, _use) = (dune, use);

    /// <summary>dune, by name or path.</summary>
    public string DuneProgram { get; }

    /// <summary>The folder of the switch that they are of; null for this machine's own.</summary>
    public string? Switch { get; private init; }

    /// <summary>The tools on <c>PATH</c>, and a dune.</summary>
    /// <param name="dune">The dune's path.</param>
    public static HostTools OfMachine(string dune) => new(dune, command => command);

    /// <summary>The tools of a switch.</summary>
    /// <param name="host">The switch, which holds dune.</param>
    public static HostTools OfSwitch(HostSwitch host)
    {
        ArgumentNullException.ThrowIfNull(host);
        return new("dune", host.Use) { Switch = host.Folder };
    }

    /// <summary>A run of a program of theirs, or of this machine.</summary>
    internal Command Run(string program, IReadOnlyList<string> arguments, string folder, IReadOnlyDictionary<string, string?> environment) =>
        _use(new Command(program, arguments, folder, environment));

    /// <summary>A run of dune.</summary>
    internal Command Dune(IReadOnlyList<string> arguments, string folder) => Run(DuneProgram, arguments, folder, DuneEnvironment.Variables);
}
