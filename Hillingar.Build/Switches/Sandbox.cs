namespace Hillingar.Build;

/// <summary>Whether packages of the host switch are built in a sandbox.</summary>
public enum SandboxMode
{
    /// <summary>Where this machine can.</summary>
    Auto,

    /// <summary>Always; a machine that cannot builds nothing.</summary>
    Required,

    /// <summary>Never.</summary>
    Off,
}

/// <summary>
/// Runs strangers' build steps by bubblewrap: without network, without the user's files, with a system that is only read, and with
/// nothing left running. Where it is off, they run as any program of the user's.
/// </summary>
public sealed class Sandbox
{
    // What a build needs of the system; a link, such as Debian's /bin, is made again.
    static readonly string[] s_system = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/opt", "/nix", "/gnu"];
    static readonly string[] s_secrets = ["/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/gshadow-"];
    static readonly string[] s_paths = ["/usr/local/bin", "/opt/homebrew/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"];

    // Inside there may be nothing of what the user's own PATH names.
    static readonly Dictionary<string, string?> s_plain = new() { ["PATH"] = string.Join(Path.PathSeparator, s_paths.Where(Directory.Exists)) };

    readonly string? _program;

    Sandbox(string? program) => _program = program;

    /// <summary>Whether steps are shut in.</summary>
    public bool IsOn => _program is not null;

    /// <summary>The system's own programs, as <c>PATH</c> has them in every build: the user's is not looked at.</summary>
    public static string SystemPath => s_plain["PATH"]!;

    /// <summary>Whether a path is below what every build sees of the system.</summary>
    internal static bool IsSystem(string path) => s_system.Any(folder => path == folder || path.StartsWith(folder + "/", StringComparison.Ordinal));

    /// <summary>No sandbox.</summary>
    public static Sandbox Off { get; } = new(null);

    /// <summary>Finds out what this machine can do, and says it.</summary>
    /// <param name="mode">What is asked for.</param>
    /// <param name="reporter">Is told.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="HillingarException">HIL5062: a sandbox is required, and there is none.</exception>
    public static async Task<Sandbox> Probe(SandboxMode mode, IReporter reporter, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(reporter);
        if (mode == SandboxMode.Off)
        {
            reporter.Detail("Packages of the host switch are built without a sandbox, as HillingarSandbox is off");
            return Off;
        }

        var (program, fault) = await Try(cancellation).ConfigureAwait(false);
        if (program is null && mode == SandboxMode.Required)
            throw new HillingarException("HIL5062", $"Packages of the host switch are to be built in a sandbox, and there is none: {fault} Install bubblewrap and allow user namespaces, or set HillingarSandbox to auto.");
        reporter.Detail(program is null ? $"Packages of the host switch are built without a sandbox: {fault}" : $"Packages of the host switch are built in a sandbox ({program})");
        return new Sandbox(program);
    }

    static async Task<(string? Program, string Fault)> Try(CancellationToken cancellation)
    {
        if (!OperatingSystem.IsLinux())
            return (null, "bubblewrap is for Linux.");
        if (ProcessRunner.Find("bwrap") is not { } program)
            return (null, "bubblewrap (bwrap) is not installed.");
        var result = await Run(new Sandbox(program).Enter(new Command("true", [], "/", s_plain), "/", Path.GetTempPath(), [], []), cancellation).ConfigureAwait(false);
        return result.ExitCode == 0 ? (program, "") : (null, $"bubblewrap does not work here ({result.Error.Trim()}).");
    }

    /// <summary>
    /// Runs a command of <see cref="Enter"/> to its end. bubblewrap ends when its parent does, and takes the thread that started it for
    /// that, so the thread waits.
    /// </summary>
    /// <inheritdoc cref="ProcessRunner.Run"/>
    public static Task<ProcessResult> Run(Command command, CancellationToken cancellation, Action<string>? line = null) => Task.Factory.StartNew(
        () => ProcessRunner.Run(command, cancellation, line).GetAwaiter().GetResult(), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>The command that runs another one inside.</summary>
    /// <param name="command">The command, with paths as they are inside.</param>
    /// <param name="folder">The folder it runs in, as it is inside.</param>
    /// <param name="temporary">A folder of its own for <c>/tmp</c>.</param>
    /// <param name="readable">Folders beside the system's that it may read.</param>
    /// <param name="writable">The folders that it may write, where they are and where they are seen; where the sandbox is off, both are the same.</param>
    public Command Enter(Command command, string folder, string temporary, IReadOnlyList<string> readable, IReadOnlyList<(string Real, string Seen)> writable)
    {
        ArgumentNullException.ThrowIfNull(command);
        return _program is null ? command with
        {
            // .NET would look for the program in this process's folder and PATH, not in those of the command.
            Program = "/bin/sh",
            Arguments = ["-c", "exec \"$0\" \"$@\"", command.Program, .. command.Arguments],
            Folder = folder,
        } : command with
        {
            Program = _program,
            Arguments =
            [
                "--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try",
                // Not root inside: tar would try to give files away.
                "--uid", "1000", "--gid", "1000", "--cap-drop", "ALL", "--hostname", "localhost", "--die-with-parent", "--new-session",
                .. s_system.Where(Path.Exists).SelectMany<string, string>(path => new DirectoryInfo(path).LinkTarget is { } target ? ["--symlink", target, path] : ["--ro-bind", path, path]),
                .. s_secrets.Where(File.Exists).SelectMany<string, string>(path => ["--ro-bind", "/dev/null", path]),
                "--proc", "/proc", "--dev", "/dev", "--bind", temporary, "/tmp",
                .. readable.SelectMany<string, string>(path => ["--ro-bind", path, path]),
                .. writable.SelectMany<(string Real, string Seen), string>(pair => ["--bind", pair.Real, pair.Seen]),
                "--remount-ro", "/", "--chdir", folder, "--", command.Program, .. command.Arguments,
            ],
            Folder = "/",
        };
    }

    /// <summary>The command that runs another one as the user, with a folder seen at another place, and only read there.</summary>
    /// <param name="command">The command.</param>
    /// <param name="real">Where the folder is.</param>
    /// <param name="seen">Where it is seen: a folder that is there.</param>
    public Command Mount(Command command, string real, string seen)
    {
        ArgumentNullException.ThrowIfNull(command);
        return real == seen || _program is null ? command : command with
        {
            Program = _program,
            Arguments = ["--dev-bind", "/", "/", "--ro-bind", real, seen, "--", command.Program, .. command.Arguments],
        };
    }
}
