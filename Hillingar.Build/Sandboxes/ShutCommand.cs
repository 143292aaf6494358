using Hillingar.Build.Processes;

namespace Hillingar.Build.Sandboxes;

/// <summary>A command as it runs in a sandbox.</summary>
/// <param name="With">The command, with words before its own: a program that runs it, inside the sandbox, with its options.</param>
public sealed record ShutCommand(Func<IReadOnlyList<string>, Command> With);
