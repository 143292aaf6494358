using Hillingar.Build.Files;
using Hillingar.Build.Processes;

namespace Hillingar.Build.Sandboxes;

/// <summary>The bounds of one command that runs.</summary>
/// <param name="bounds">What this machine bounds with.</param>
/// <param name="groups">The control groups that were made for it.</param>
/// <param name="limits">How much it may take.</param>
sealed class Bound(Bounds bounds, IReadOnlyList<Cgroup> groups, BuildLimits limits) : IDisposable
{
    /// <summary>The command that runs another one within the bounds.</summary>
    /// <param name="command">The command, of whatever may stand before the program.</param>
    public Command Enter(ShutCommand command) => Enter(groups, bounds.Outside(command.With(bounds.Inside(limits)), limits));

    /// <summary>The command that runs another one in groups.</summary>
    internal static Command Enter(IReadOnlyList<Cgroup> groups, Command command) =>
        groups.Count == 0
            ? command
            : command with
            {
                Program = "/bin/sh",
                Arguments =
                [
                    "-c",
                    $"{string.Concat(groups.Select((_, i) => $"echo 0 > \"${i + 1}\" && "))}shift {groups.Count} && exec \"$@\"",
                    "sh",
                    .. groups.Select(group => group.Members),
                    command.Program,
                    .. command.Arguments,
                ],
            };

    /// <summary>What it took too much of, in words that follow “it”; null for nothing.</summary>
    /// <param name="process">The number of the command's process.</param>
    public string? Excess(int process) =>
        groups.Any(group => group.IsTooMany) || (bounds.Processes == ProcessBound.Counting && ProcessTree.Count(process) > limits.Processes)
            ? $"started more than {limits.Processes} processes and threads"
        : groups.Any(group => group.IsTooLarge) ? $"took more than {ByteSize.Show(limits.Memory)} of memory"
        : null;

    /// <summary>Ends what is left of it.</summary>
    public void Dispose()
    {
        foreach (var group in groups)
            group.Dispose();
    }
}
