using Hillingar.Build.Files;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;

namespace Hillingar.Build.Requests;

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
    IReadOnlyList<string> OpamFiles
)
{
    /// <summary>The platforms that the lock is to serve (<see cref="Platform.Name"/>); none: this machine's.</summary>
    public IReadOnlyList<string> Platforms { get; init; } = [];

    /// <summary>Whether a server of the internet may send on to an address of this machine or of a private network.</summary>
    public bool AllowPrivateRedirects { get; init; }

    /// <summary>Repositories that are tried, and named, where there is no solution without them.</summary>
    public IReadOnlyList<string> Overlays { get; init; } = ["git+https://github.com/dune-universe/opam-overlays.git"];

    /// <summary>Who writes the dune files.</summary>
    public MirageConfigure Configure { get; init; } = MirageConfigure.Auto;

    /// <summary>Whether what the tests of the project's packages depend on is locked as well.</summary>
    public bool Tests { get; init; }

    /// <summary>Whether archives without a checksum may be locked: nobody could tell whether the same comes again.</summary>
    public bool AllowNoChecksum { get; init; }

    /// <summary>The repository that has versions which others dropped: an address, <c>none</c>, or empty for the usual one where a lock of opam-monorepo is renewed.</summary>
    public string ArchiveRepository { get; init; } = "";

    /// <summary>The keys that <c>config.ml</c> is configured with.</summary>
    public IReadOnlyList<MirageKey> Keys { get; init; } = [];

    /// <summary>Where the tools that build come from.</summary>
    public HostSwitchSource HostSwitch { get; init; }

    /// <summary>The opam switch, by name or by the folder that it is local to, that is used where it satisfies the lock; null for none. The lock is one of <see cref="HostSwitchSource.Locked"/>.</summary>
    public string? OpamSwitch { get; init; }

    /// <summary>How long a solve may take, and once more the reasons where there is no solution.</summary>
    public TimeSpan SolveTimeout { get; init; } = Build.Requests.SolveTimeout.Default;

    /// <summary>The path of mirage's configuration below the project's folder (<c>MirageConfigFile</c>), with <c>/</c> between its parts.</summary>
    public string Config { get; init; } = DefaultConfig;

    /// <summary>What mirage's configuration is called where the project does not say.</summary>
    public const string DefaultConfig = "config.ml";

    /// <summary>The project's files, which mirage sees when it configures: the path below the project's folder and where the file is.</summary>
    public IReadOnlyCollection<(string Path, string File)> Sources { get; init; } = [];

    /// <summary>The <c>config.ml</c>, which may not be there.</summary>
    public string ConfigFile => Path.GetFullPath(Config, Folder);

    /// <summary>The folder of the <c>config.ml</c> below the project's, with a slash at its end; empty for the project's own.</summary>
    internal string ConfigFolder => Config[..(Config.LastIndexOf('/') + 1)];

    /// <summary>The SHA-256 of the <c>config.ml</c>.</summary>
    internal Checksum ConfigSum => Hashes.OfFile(ConfigFile, [ChecksumKind.Sha256])[0];

    /// <summary>Whether mirage says what is to be built, and from which packages.</summary>
    public bool IsConfigured => Configure == MirageConfigure.Auto && File.Exists(ConfigFile);

    /// <summary>The path of mirage's configuration that a project's property says.</summary>
    /// <param name="property">The property's value; empty for the usual one.</param>
    /// <param name="projectFile">The project that sets it.</param>
    /// <exception cref="HillingarException">HIL6004: it is outside the project's folder.</exception>
    public static string PathOf(string property, string projectFile)
    {
        if (property.Length == 0)
            return DefaultConfig;
        var folder = Path.GetDirectoryName(Path.GetFullPath(projectFile))!;
        var path = Path.GetRelativePath(folder, Path.GetFullPath(property.Replace('\\', '/'), folder)).Replace('\\', '/');
        return path is not ("." or "..") && !path.StartsWith("../", StringComparison.Ordinal) && !Path.IsPathRooted(path)
            ? path
            : throw new HillingarException(
                "HIL6004",
                $"MirageConfigFile is '{property}', which is outside the project's folder. Put the project into a folder that holds it and the sources around it.",
                new ProjectPlaces(projectFile).OfProperty("MirageConfigFile")
            );
    }

    /// <summary>The request with what a project's property says of the tools: <c>machine</c>, <c>locked</c>, or an opam switch.</summary>
    /// <param name="property">The property's value.</param>
    public Request WithTools(string property) =>
        Enum.TryParse<HostSwitchSource>(property, ignoreCase: true, out var source) && !char.IsAsciiDigit(property[0])
            ? this with
            {
                HostSwitch = source,
                OpamSwitch = null,
            }
            : this with
            {
                HostSwitch = HostSwitchSource.Locked,
                OpamSwitch = property,
            };

    /// <summary>The project's folder.</summary>
    public string Folder => Path.GetDirectoryName(Path.GetFullPath(ProjectFile))!;
}
