using System.Runtime.CompilerServices;
using Hillingar.Build.Processes;
using Hillingar.Build.Reporting;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Sandboxes;

/// <summary>Whether strangers' code is run in a sandbox.</summary>
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
/// Runs strangers' programs by bubblewrap: without network, without the user's files, with a system that is only read, without a way to the
/// terminal, and with nothing left running. Where it is off, they run as any program of the user's.
/// </summary>
public sealed class Sandbox
{
    /// <summary>The home of what runs inside: an empty folder of its own.</summary>
    internal const string Home = "/home/build";

    // Inside there may be nothing of what the user's own PATH names.
    static readonly Dictionary<string, string?> s_plain = new() { ["PATH"] = VisibleSystem.Programs };

    // Who was told already that there is none.
    static readonly ConditionalWeakTable<IReporter, HashSet<string>> s_told = [];

    readonly string? _program;

    Sandbox(string? program, Bounds bounds) => (_program, Bounds) = (program, bounds);

    /// <summary>Whether steps are shut in.</summary>
    public bool IsOn => _program is not null;

    /// <summary>What bounds the commands, inside and where the sandbox is off.</summary>
    internal Bounds Bounds { get; }

    /// <summary>No sandbox.</summary>
    public static Sandbox Off { get; } = new(null, Bounds.None);

    /// <summary>Finds out what this machine can do for packages of the host switch (<c>HillingarSandbox</c>), and says it.</summary>
    /// <inheritdoc cref="Probe(SandboxMode, string, string, IReporter, CancellationToken, Func{string, string?}?)"/>
    public static Task<Sandbox> Probe(SandboxMode mode, IReporter reporter, CancellationToken cancellation) =>
        Probe(mode, "HillingarSandbox", "Packages of the host switch", reporter, cancellation);

    /// <summary>Finds out what this machine can do, and says it: that there is no sandbox once only, where one can see it.</summary>
    /// <param name="mode">What is asked for.</param>
    /// <param name="property">The property that asks.</param>
    /// <param name="what">What is run, at the beginning of a sentence, in the plural.</param>
    /// <param name="reporter">Is told.</param>
    /// <param name="cancellation">Stops.</param>
    /// <param name="find">Finds programs; null for those on <c>PATH</c>.</param>
    /// <exception cref="HillingarException">HIL5062: a sandbox is required, and there is none.</exception>
    internal static async Task<Sandbox> Probe(
        SandboxMode mode,
        string property,
        string what,
        IReporter reporter,
        CancellationToken cancellation,
        Func<string, string?>? find = null
    )
    {
        ArgumentNullException.ThrowIfNull(reporter);
        var (program, fault) =
            mode == SandboxMode.Off
                ? (null, $"{property} is off.")
                : await Try(find ?? ProcessRunner.Find, cancellation).ConfigureAwait(false);
        if (program is null && mode == SandboxMode.Required)
            throw new HillingarException(
                "HIL5062",
                $"{what} are to run in a sandbox, and there is none: {fault} Install bubblewrap and allow user namespaces, or set {property} to auto."
            );
        var bounds = await Bounds.Probe(program, cancellation).ConfigureAwait(false);
        if (program is not null)
            Once(reporter.Detail, $"{what} run in a sandbox ({program}); {bounds}");
        else
            Once(
                mode == SandboxMode.Auto ? reporter.Step : reporter.Detail,
                $"{what} run without a sandbox, with your files and the network in reach: {fault}"
            );
        if (program is null)
            Once(reporter.Detail, $"Without a sandbox {bounds}");
        return new Sandbox(program, bounds);

        void Once(Action<string> tell, string message)
        {
            var told = s_told.GetOrCreateValue(reporter);
            lock (told)
                if (!told.Add(message))
                    return;
            tell(message);
        }
    }

    static async Task<(string? Program, string Fault)> Try(Func<string, string?> find, CancellationToken cancellation)
    {
        if (!OperatingSystem.IsLinux())
            return (null, "bubblewrap is for Linux.");
        if (find("bwrap") is not { } program)
            return (null, "bubblewrap (bwrap) is not installed.");
        var command = new Sandbox(program, Bounds.None)
            .Enter(new Command("true", [], "/", s_plain) { IsAlone = true }, "/", [], [])
            .With([]);
        var result = await ProcessRunner.Run(command, cancellation).ConfigureAwait(false);
        return result.ExitCode == 0 ? (program, "") : (null, $"bubblewrap does not work here ({result.Error.Trim()}).");
    }

    /// <summary>The command that runs another one inside.</summary>
    /// <param name="command">The command, with paths as they are inside.</param>
    /// <param name="folder">The folder it runs in, as it is inside.</param>
    /// <param name="temporary">A folder of its own for <c>/tmp</c>.</param>
    /// <param name="readable">Folders beside the system's that it may read.</param>
    /// <param name="writable">The folders that it may write, where they are and where they are seen; where the sandbox is off, both are the same.</param>
    public ShutCommand Enter(
        Command command,
        string folder,
        string temporary,
        IReadOnlyList<string> readable,
        IReadOnlyList<(string Real, string Seen)> writable
    ) => Enter(command, folder, [.. readable.Select(path => (path, path))], [(temporary, "/tmp"), .. writable]);

    /// <summary>The command that runs another one inside. What is neither written to <c>/tmp</c> nor to the home is in memory.</summary>
    /// <param name="command">The command, with paths as they are inside.</param>
    /// <param name="folder">The folder it runs in, as it is inside.</param>
    /// <param name="readable">What it may read beside the system's, where it is and where it is seen.</param>
    /// <param name="writable">The folders that it may write; they may lie in those that it may read.</param>
    internal ShutCommand Enter(
        Command command,
        string folder,
        IReadOnlyList<(string Real, string Seen)> readable,
        IReadOnlyList<(string Real, string Seen)> writable
    )
    {
        ArgumentNullException.ThrowIfNull(command);
        if (_program is null)
            return new(words =>
                command with
                {
                    // .NET would look for the program in this process's folder and PATH, not in those of the command.
                    Program = "/bin/sh",
                    Arguments = ["-c", "exec \"$0\" \"$@\"", .. words, command.Program, .. command.Arguments],
                    Folder = folder,
                }
            );

        var (own, inner) = Split(command);
        string[] options =
        [
            "--unshare-user",
            "--unshare-ipc",
            "--unshare-pid",
            "--unshare-net",
            "--unshare-uts",
            "--unshare-cgroup-try",
            // Not root inside: tar would try to give files away. No terminal of ours, into which it could type.
            "--uid",
            "1000",
            "--gid",
            "1000",
            "--cap-drop",
            "ALL",
            "--hostname",
            "localhost",
            "--die-with-parent",
            "--new-session",
            .. VisibleSystem.Mounts(),
            "--proc",
            "/proc",
            "--dev",
            "/dev",
            "--tmpfs",
            "/tmp",
            "--tmpfs",
            Home,
            .. readable.SelectMany<(string Real, string Seen), string>(pair => ["--ro-bind", pair.Real, pair.Seen]),
            .. writable.SelectMany<(string Real, string Seen), string>(pair => ["--bind", pair.Real, pair.Seen]),
            .. VisibleSystem.Covers(readable.Concat(writable)),
            // Where root builds, the kernel takes what is inside for root when it writes a setting: core_pattern names a program that runs outside.
            "--remount-ro",
            "/proc",
            "--remount-ro",
            "/",
            "--chdir",
            folder,
            "--",
        ];
        return new(words =>
            command with
            {
                Program = _program,
                Arguments = [.. options, .. words, "/usr/bin/env", "--", .. inner, command.Program, .. command.Arguments],
                Folder = "/",
                Environment = own,
                IsAlone = true,
                HoldsAll = true,
            }
        );
    }

    /// <summary>The command that runs another one as the user, with a folder seen at another place, and only read there.</summary>
    /// <param name="command">The command.</param>
    /// <param name="real">Where the folder is.</param>
    /// <param name="seen">Where it is seen: a folder that is there.</param>
    public Command Mount(Command command, string real, string seen)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (real == seen || _program is null)
            return command;
        var (own, inner) = Split(command);
        return command with
        {
            Program = _program,
            Arguments =
            [
                "--dev-bind",
                "/",
                "/",
                "--ro-bind",
                real,
                seen,
                "--unshare-pid",
                "--proc",
                "/proc",
                "--die-with-parent",
                "--new-session",
                "--",
                "/usr/bin/env",
                "--",
                .. inner,
                command.Program,
                .. command.Arguments,
            ],
            Environment = own,
            IsAlone = true,
            HoldsAll = true,
        };
    }

    // bubblewrap itself runs outside, so it gets nothing that a package says (such as LD_PRELOAD): only what this process has too. That also keeps
    // the user's own values off a command line, which others can read.
    static (Dictionary<string, string?> Own, IReadOnlyList<string> Inner) Split(Command command)
    {
        var ours = Environment
            .GetEnvironmentVariables()
            .Cast<System.Collections.DictionaryEntry>()
            .ToDictionary(pair => (string)pair.Key, pair => (string?)pair.Value);
        var wanted = command.IsAlone ? [] : new Dictionary<string, string?>(ours);
        foreach (var (name, value) in command.Environment ?? new Dictionary<string, string?>())
            wanted[name] = value;
        var set = wanted.Where(pair => pair.Value is not null).ToList();
        return (
            set.Where(pair => ours.GetValueOrDefault(pair.Key) == pair.Value).ToDictionary(),
            [.. set.Where(pair => ours.GetValueOrDefault(pair.Key) != pair.Value).Select(pair => $"{pair.Key}={pair.Value}")]
        );
    }
}
