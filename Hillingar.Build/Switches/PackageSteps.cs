using System.Collections.Immutable;
using Hillingar.Build.Locks;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;

namespace Hillingar.Build.Switches;

/// <summary>
/// How a package is built and installed in a switch, evaluated: nothing in it is a filter or a variable any more. The store and the flake
/// both build from it. It runs nothing, fetches nothing, and looks at no path.
/// </summary>
public sealed record PackageSteps
{
    PackageSteps(SwitchPackage about, IVariables files) => (About, Files) = (about, files);

    /// <summary>The package, and where it is to be installed.</summary>
    public SwitchPackage About { get; }

    /// <summary>The package.</summary>
    public OpamPackage Package => About.Package;

    /// <summary>Where the sources come from, with checksums, mirrors and the folder inside that is the package's; null for a package without any.</summary>
    public SourceUrl? Source { get; private init; }

    /// <summary>What is added to the sources and done to them before anything is run, or null when the archive is all.</summary>
    public Preparation? Preparation { get; private init; }

    /// <summary><c>extra-source</c>: files that are fetched into the build's folder.</summary>
    public ImmutableArray<ExtraSource> ExtraSources => Preparation?.Sources ?? [];

    /// <summary><c>extra-files</c>: files that come with the description, with their contents.</summary>
    public ImmutableArray<AddedFile> ExtraFiles => Preparation?.Files ?? [];

    /// <summary><c>patches</c> that apply here, in order. A patch that is also in <see cref="Substs"/> is made from its <c>.in</c> before it is applied.</summary>
    public ImmutableArray<string> Patches { get; private init; }

    /// <summary><c>substs</c>: files that are made from <c>NAME.in</c> by <see cref="Expand"/>, after the patches.</summary>
    public ImmutableArray<string> Substs => Preparation?.Substs ?? [];

    /// <summary>The commands of <c>build</c> that are run, each the program and its arguments.</summary>
    public ImmutableArray<ImmutableArray<string>> Build { get; private init; }

    /// <summary>The commands of <c>install</c> that are run after those of <see cref="Build"/>, before the package's <c>.install</c> file is followed.</summary>
    public ImmutableArray<ImmutableArray<string>> Install { get; private init; }

    /// <summary><c>build-env</c>: what is changed in the environment of both, values expanded.</summary>
    public ImmutableArray<VariableUpdate> BuildEnvironment { get; private init; }

    /// <summary>The installed packages that it depends on, in the order in which <c>depends</c> and then <c>depopts</c> name them.</summary>
    public ImmutableArray<OpamPackage> Dependencies { get; private init; }

    /// <summary>Evaluates a package.</summary>
    /// <param name="package">The package, where it is to be installed and where it is built.</param>
    /// <param name="variables">The switch that it is built in.</param>
    /// <exception cref="HillingarException">HIL4024: a file of <c>extra-files</c> is missing, or is not what its checksum says. Of the 1000s: the opam file cannot be read.</exception>
    public static PackageSteps Of(SwitchPackage package, SwitchVariables variables)
    {
        ArgumentNullException.ThrowIfNull(package);
        ArgumentNullException.ThrowIfNull(variables);
        var file = package.Description.Read();
        var commands = variables.For(package, commands: true);
        var files = variables.For(package, commands: false);
        return new PackageSteps(package, files)
        {
            Source = file.Url,
            Preparation = Preparation.Of(package.Description, package.Package.Name.Text),
            Patches = [.. file.Patches.Where(patch => patch.Filter.Holds(files)).Select(patch => patch.Value)],
            Build = Evaluate(file.Build, commands),
            Install = Evaluate(file.Install, commands),
            BuildEnvironment = Evaluate(file.BuildEnv, files),
            Dependencies = variables.Dependencies(package),
        };
    }

    /// <summary>What its files see: its patches' filters, its <c>substs</c>.</summary>
    internal IVariables Files { get; }

    /// <summary>A text with its <c>%{variables}%</c> replaced as <c>substs</c> does: one that is not defined leaves nothing.</summary>
    /// <param name="text">The text.</param>
    public string Expand(string text) => Files.Expand(text);

    static ImmutableArray<ImmutableArray<string>> Evaluate(ImmutableArray<Opam.Files.OpamCommand> commands, IVariables variables) =>
        [.. commands.Select(command => command.Evaluate(variables)).Where(words => words is not null).Select(words => words!.Value)];

    internal static ImmutableArray<VariableUpdate> Evaluate(ImmutableArray<VariableUpdate> updates, IVariables variables) =>
        [.. updates.Select(update => update with { Value = variables.Expand(update.Value) })];
}
