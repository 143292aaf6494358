using System.Collections.Immutable;
using Hillingar.Build.Processes;
using Hillingar.Build.Sandboxes;
using Hillingar.Opam.Files;

namespace Hillingar.Build.Switches;

/// <summary>A switch that is there: the tools and libraries that a build runs with.</summary>
/// <param name="Layout">Its prefix, as its packages know it.</param>
/// <param name="Folder">Where the prefix's files are.</param>
/// <param name="Packages">What is in it, with the variables that each package left.</param>
/// <param name="Environment">What it changes in the environment of whoever uses it.</param>
public sealed record HostSwitch(
    SwitchLayout Layout,
    string Folder,
    ImmutableArray<SwitchPackage> Packages,
    ImmutableArray<VariableUpdate> Environment
)
{
    internal Sandbox Sandbox { get; init; } = Sandbox.Off;

    /// <summary>The keys of its packages, by name: the same key, the same package. None where opam built them.</summary>
    public required IReadOnlyDictionary<string, string> Keys { get; init; }

    /// <summary>Folders beside its own that its programs read.</summary>
    internal ImmutableArray<string> Reads { get; init; } = [];

    /// <summary>A command as it runs with the switch: with its environment, and where that is a mounted one, with its prefix in its place.</summary>
    /// <param name="command">The command; what it sets itself comes before what the switch adds to it.</param>
    public Command Use(Command command) => Mount(Equip(command));

    /// <summary>A command with the prefix in its place, where that is a mounted one.</summary>
    internal Command Mount(Command command) => Sandbox.Mount(command, Folder, Layout.Prefix);

    /// <summary>A command with the switch's environment.</summary>
    internal Command Equip(Command command)
    {
        ArgumentNullException.ThrowIfNull(command);
        var own = command.Environment ?? new Dictionary<string, string?>();
        var before = command.IsAlone
            ? []
            : System
                .Environment.GetEnvironmentVariables()
                .Cast<System.Collections.DictionaryEntry>()
                .ToDictionary(pair => (string)pair.Key, pair => (string?)pair.Value);
        foreach (var (name, value) in own)
            before[name] = value;
        var variables = new Dictionary<string, string?>(own);
        // Where the user's own shell has OCaml look, nothing of the switch's is.
        foreach (var name in BuildEnvironment.OCamlPlaces.Where(name => !own.ContainsKey(name) && before.Remove(name)))
            variables[name] = null;
        foreach (
            var (name, value) in SwitchEnvironment.Apply(
                before.Where(pair => pair.Value is not null).ToDictionary(pair => pair.Key, pair => pair.Value!),
                Environment
            )
        )
            if (before.GetValueOrDefault(name) != value)
                variables[name] = value;
        // As for the packages: a program of the switch's comes before one of the same name elsewhere.
        var program =
            command.Program.Contains('/') || !File.Exists(Path.Combine(Folder, "bin", command.Program))
                ? command.Program
                : Layout.Folder("bin") + "/" + command.Program;
        return command with { Program = program, Environment = variables };
    }
}
