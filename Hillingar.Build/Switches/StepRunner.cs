using Hillingar.Build.Sandboxes;

namespace Hillingar.Build.Switches;

/// <summary>Runs the commands of one package and keeps what they say, and ends those that take too much.</summary>
/// <param name="bounds">What this machine bounds with.</param>
/// <param name="limits">How much they may take together.</param>
/// <param name="log">Where each line goes that they say.</param>
sealed class StepRunner(Bounds bounds, BuildLimits limits, Action<string> log)
{
    static readonly string[] s_outside = ["Read-only file system"];
    static readonly string[] s_network =
    [
        "Network is unreachable",
        "name resolution",
        "Could not resolve",
        "Name or service not known",
        "Network unreachable",
    ];
    static readonly string[] s_many = ["Resource temporarily unavailable", "Cannot fork", "can't start new thread"];

    readonly LimitedRun _run = new(bounds, limits);
    readonly LimitedLog _log = new(limits.Log, log);
    string? _hint;

    /// <summary>Runs a command.</summary>
    /// <returns>Why it failed, or null when it did not.</returns>
    public async Task<string?> Run(ShutCommand command, CancellationToken cancellation)
    {
        var (result, excess) = await _run.Run(command, Heard, cancellation).ConfigureAwait(false);
        return excess is not null ? $"was ended, as the package {excess}"
            : result!.ExitCode == 0 ? null
            : _hint is null ? $"ended with {result.ExitCode}"
            : $"ended with {result.ExitCode}: {_hint}";
    }

    // What programs say when the sandbox refuses them something.
    void Heard(string line)
    {
        _log.Add(line);
        if (s_outside.Any(words => line.Contains(words, StringComparison.Ordinal)))
            _hint ??= "the package wrote outside its own folders, which the sandbox does not let it";
        else if (s_network.Any(words => line.Contains(words, StringComparison.OrdinalIgnoreCase)))
            _hint ??= "the package wanted the network, which it has none of while it is built";
        else if (s_many.Any(words => line.Contains(words, StringComparison.Ordinal)))
            _hint ??= $"the package may have wanted more than {limits.Processes} processes and threads";
    }
}
