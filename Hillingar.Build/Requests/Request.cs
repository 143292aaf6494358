namespace Hillingar.Build;

/// <summary>Who writes the dune files that a project is built by.</summary>
public enum MirageConfigure
{
    /// <summary>mirage, where the project has a <c>config.ml</c>.</summary>
    Auto,

    /// <summary>The project itself, whatever it has.</summary>
    None,
}

/// <summary>Where the tools that build come from: the compiler, findlib, dune and others.</summary>
public enum HostSwitchSource
{
    /// <summary>The compiler and findlib are the machine's own, at the versions that it has.</summary>
    Machine,

    /// <summary>All of them are packages of the repositories, locked like the rest, and no tool of the machine counts.</summary>
    Locked,
}

/// <summary>What a project asks for: everything that decides its lock.</summary>
/// <param name="Name">The unikernel's name.</param>
/// <param name="ProjectFile">The project's file; relative paths are relative to its folder.</param>
/// <param name="Targets">Mirage targets, such as <c>unix</c> and <c>spt</c>.</param>
/// <param name="Repositories">opam repositories, the first one first: folders, <c>file</c> addresses, git or https.</param>
/// <param name="Dependencies">The dependencies that the project itself names.</param>
/// <param name="OpamFiles">Paths of <c>*.opam</c> files beside the project, whose dependencies count as well.</param>
public sealed record Request(
    string Name,
    string ProjectFile,
    IReadOnlyList<string> Targets,
    IReadOnlyList<string> Repositories,
    IReadOnlyList<Dependency> Dependencies,
    IReadOnlyList<string> OpamFiles)
{
    /// <summary>The platforms that the lock is to serve (<see cref="Platform.Name"/>); none: this machine's.</summary>
    public IReadOnlyList<string> Platforms { get; init; } = [];

    /// <summary>Repositories that are tried, and named, where there is no solution without them.</summary>
    public IReadOnlyList<string> Overlays { get; init; } = ["git+https://github.com/dune-universe/opam-overlays.git"];

    /// <summary>Who writes the dune files.</summary>
    public MirageConfigure Configure { get; init; } = MirageConfigure.Auto;

    /// <summary>Where the tools that build come from.</summary>
    public HostSwitchSource HostSwitch { get; init; }

    /// <summary>The project's folder.</summary>
    public string Folder => Path.GetDirectoryName(Path.GetFullPath(ProjectFile))!;
}
