using System.Globalization;
using Hillingar.Build.Confinement;
using Hillingar.Build.Processes;

namespace Hillingar.Build.Sandboxes;

/// <summary>How the number of processes and threads of a command is bounded.</summary>
enum ProcessBound
{
    /// <summary>By a control group of version 2.</summary>
    Cgroup2,

    /// <summary>By a control group of version 1.</summary>
    Cgroup1,

    /// <summary>By the highest number that a process can have in the command's own namespace (Linux 6.14). It bounds root as well.</summary>
    PidNamespace,

    /// <summary>By the limit of the user's processes, which bounds anyone but root.</summary>
    UserLimit,

    /// <summary>By nothing of the kernel's: they are counted from time to time.</summary>
    Counting,
}

/// <summary>What this machine's kernel bounds commands with: the first that works.</summary>
sealed class Bounds
{
    // kernel.pid_max: the kernel keeps the first 300 numbers for itself once it has counted through.
    const int Reserved = 300;
    static readonly Version s_pidNamespaces = new(6, 14);
    static readonly Version s_userNamespaces = new(5, 14);

    readonly string? _bubblewrap;
    readonly string? _limiter;

    Bounds(ProcessBound processes, IReadOnlyList<CgroupPlace> places, string? bubblewrap, string? limiter) =>
        (Processes, Places, _bubblewrap, _limiter) = (processes, places, bubblewrap, limiter);

    /// <summary>Nothing of the kernel's.</summary>
    public static Bounds None { get; } = new(ProcessBound.Counting, [], null, null);

    /// <summary>How processes and threads are bounded.</summary>
    public ProcessBound Processes { get; }

    /// <summary>Whether the memory of a whole tree is bounded.</summary>
    public bool HoldsMemory => Places.Any(place => place.Memory);

    /// <summary>The folders that hold the groups of commands.</summary>
    public IReadOnlyList<CgroupPlace> Places { get; }

    /// <summary>What bounds, for a log.</summary>
    public override string ToString() =>
        (
            Processes switch
            {
                ProcessBound.Cgroup2 => "a control group bounds how many processes and threads each has",
                ProcessBound.Cgroup1 => "a control group (version 1) bounds how many processes and threads each has",
                ProcessBound.PidNamespace =>
                    "the highest number of a process (kernel.pid_max) bounds how many processes and threads each has",
                ProcessBound.UserLimit => "the limit of a user's processes (RLIMIT_NPROC) bounds how many processes and threads each has",
                _ => "nothing of the kernel's bounds how many processes each has: they are counted ten times a second",
            }
        )
        + (
            HoldsMemory
                ? ", and a control group their memory"
                : ". There is no control group for their memory, so nothing bounds the memory of all processes of a build together"
        );

    /// <summary>Finds out what works here.</summary>
    /// <param name="bubblewrap">The program that makes the sandbox; null for none.</param>
    /// <param name="cancellation">Stops.</param>
    /// <param name="only">The one to try, where it is not the first that works.</param>
    public static async Task<Bounds> Probe(string? bubblewrap, CancellationToken cancellation, ProcessBound? only = null)
    {
        var places = new List<CgroupPlace>();
        foreach (var place in CgroupPlace.Find(unified: only is null or ProcessBound.Cgroup2, own: only is null or ProcessBound.Cgroup1))
            if (await Takes(place, cancellation).ConfigureAwait(false))
                places.Add(place);
        if (places.Find(place => place.Processes) is { } group)
            return new Bounds(group.IsUnified ? ProcessBound.Cgroup2 : ProcessBound.Cgroup1, places, bubblewrap, null);
        // Before these versions the number is one for the whole machine, and root would change it.
        if (
            only is null or ProcessBound.PidNamespace
            && bubblewrap is not null
            && OperatingSystem.IsLinux()
            && Environment.OSVersion.Version >= s_pidNamespaces
            && await Works(new Command(bubblewrap, Numbered(bubblewrap, BuildLimits.Default.Processes, ["true"])), cancellation)
                .ConfigureAwait(false)
        )
            return new Bounds(ProcessBound.PidNamespace, places, bubblewrap, null);
        if (
            only is null or ProcessBound.UserLimit
            && bubblewrap is not null
            && !Environment.IsPrivilegedProcess
            && Environment.OSVersion.Version >= s_userNamespaces
            && VisibleSystem.Find("prlimit") is { } limiter
        )
            return new Bounds(ProcessBound.UserLimit, places, bubblewrap, limiter);
        return new Bounds(ProcessBound.Counting, places, null, null);
    }

    /// <summary>Opens the bounds for one command.</summary>
    /// <param name="limits">How much it may take.</param>
    public Bound Open(BuildLimits limits)
    {
        var groups = new List<Cgroup>();
        foreach (var place in Places)
            groups.Add(Cgroup.Make(place, limits));
        return new Bound(this, groups, limits);
    }

    /// <summary>What runs a command inside its sandbox.</summary>
    internal IReadOnlyList<string> Inside(BuildLimits limits) =>
        Processes == ProcessBound.UserLimit ? [_limiter!, $"--nproc={limits.Processes}:{limits.Processes}", "--"] : [];

    /// <summary>A command, started within a namespace of numbers where these bound it.</summary>
    internal Command Outside(Command command, BuildLimits limits) =>
        Processes != ProcessBound.PidNamespace || !command.HoldsAll
            ? command
            : command with
            {
                Program = _bubblewrap!,
                Arguments = Numbered(_bubblewrap!, limits.Processes, [command.Program, .. command.Arguments]),
            };

    // The namespace is of a user's own, in whose name the sandbox makes another: what is in there can raise its own number only.
    static IReadOnlyList<string> Numbered(string bubblewrap, int processes, IEnumerable<string> words) =>
        [
            "--dev-bind",
            "/",
            "/",
            "--unshare-user",
            "--unshare-pid",
            "--uid",
            "0",
            "--gid",
            "0",
            "--cap-drop",
            "ALL",
            "--cap-add",
            "CAP_SETFCAP",
            "--die-with-parent",
            "--new-session",
            "--",
            "/bin/sh",
            "-c",
            "echo \"$0\" > /proc/sys/kernel/pid_max && exec \"$@\"",
            (processes + Reserved).ToString(CultureInfo.InvariantCulture),
            .. words,
        ];

    static async Task<bool> Takes(CgroupPlace place, CancellationToken cancellation)
    {
        try
        {
            Cgroup.RemoveLeftovers(place);
            using var group = Cgroup.Make(place, BuildLimits.Default);
            return await Works(Bound.Enter([group], new Command("/bin/sh", ["-c", ":"])), cancellation).ConfigureAwait(false);
        }
        catch (Exception exception) when (FileFault.Is(exception))
        {
            return false;
        }
    }

    static async Task<bool> Works(Command command, CancellationToken cancellation) =>
        (await ProcessRunner.Run(command with { Folder = "/", HoldsAll = true }, cancellation).ConfigureAwait(false)).ExitCode == 0;
}
