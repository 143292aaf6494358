using System.Globalization;

namespace Hillingar.Build;

/// <summary>How much a package's build may take.</summary>
/// <param name="Time">From its first command to its last.</param>
/// <param name="Processes">At once.</param>
public sealed record BuildLimits(TimeSpan Time, int Processes)
{
    /// <summary>What no honest package needs: two hours, 1,000 processes.</summary>
    public static BuildLimits Default { get; } = new(TimeSpan.FromHours(2), 1000);
}

/// <summary>Runs the commands of one package and keeps what they say, and ends those that take too much.</summary>
/// <param name="limits">How much they may take.</param>
/// <param name="log">Where each line goes that they say.</param>
sealed class StepRunner(BuildLimits limits, Action<string> log)
{
    static readonly TimeSpan s_glance = TimeSpan.FromMilliseconds(100);
    static readonly string[] s_outside = ["Read-only file system"];
    static readonly string[] s_network = ["Network is unreachable", "name resolution", "Could not resolve", "Name or service not known", "Network unreachable"];

    readonly DateTime _end = DateTime.UtcNow + limits.Time;
    string? _hint;

    /// <summary>Runs a command.</summary>
    /// <returns>Why it failed, or null when it did not.</returns>
    public async Task<string?> Run(Command command, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var watching = Task.CompletedTask;
        string? excess = null;
        try
        {
            var result = await Sandbox.Run(command with { Started = process => watching = Watch(process) }, stop.Token, Heard).ConfigureAwait(false);
            return result.ExitCode == 0 ? null : _hint is null ? $"ended with {result.ExitCode}" : $"ended with {result.ExitCode}: {_hint}";
        }
        catch (OperationCanceledException) when (excess is not null && !cancellation.IsCancellationRequested)
        {
            return excess;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await watching.ConfigureAwait(false);
        }

        async Task Watch(int process)
        {
            while (!stop.IsCancellationRequested)
            {
                if (DateTime.UtcNow > _end)
                    excess = $"was ended, as the package took longer than {limits.Time}";
                else if (Count(process, limits.Processes) > limits.Processes)
                    excess = $"was ended, as it started more than {limits.Processes} processes";
                if (excess is not null)
                    await stop.CancelAsync().ConfigureAwait(false);
                else
                    await Task.Delay(s_glance, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    // What programs say when the sandbox refuses them something.
    void Heard(string line)
    {
        log(line);
        if (s_outside.Any(words => line.Contains(words, StringComparison.Ordinal)))
            _hint ??= "the package wrote outside its own folders, which the sandbox does not let it";
        else if (s_network.Any(words => line.Contains(words, StringComparison.OrdinalIgnoreCase)))
            _hint ??= "the package wanted the network, which it has none of while it is built";
    }

    // The process and all below it. Where the system does not tell (only Linux does), the time is the only limit.
    static int Count(int process, int enough)
    {
        var found = new List<int> { process };
        for (var i = 0; i < found.Count && found.Count <= enough; i++)
            try
            {
                foreach (var thread in Directory.EnumerateDirectories($"/proc/{found[i]}/task"))
                    found.AddRange(File.ReadAllText(thread + "/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(child => int.Parse(child, CultureInfo.InvariantCulture)));
            }
            catch (Exception exception) when (FileFault.Is(exception))
            {
                // It ended while we looked.
                continue;
            }

        return found.Count;
    }
}
