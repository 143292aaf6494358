using Hillingar.Build.Files;
using Hillingar.Build.Processes;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Sandboxes;

/// <summary>Runs commands and ends those that take too much.</summary>
/// <param name="bounds">What this machine bounds with.</param>
/// <param name="limits">How much they may take.</param>
sealed class LimitedRun(Bounds bounds, BuildLimits limits)
{
    static readonly TimeSpan s_glance = TimeSpan.FromMilliseconds(100);

    readonly DateTime _end = DateTime.UtcNow + limits.Time;

    /// <summary>Runs a command to its end.</summary>
    /// <param name="command">The command.</param>
    /// <param name="line">Is given each line.</param>
    /// <param name="cancellation">Stops it and all that it started.</param>
    /// <returns>What it left; and what it took too much of, in words that follow “it”, or null.</returns>
    public async Task<(ProcessResult? Result, string? Excess)> Run(
        ShutCommand command,
        Action<string>? line,
        CancellationToken cancellation
    )
    {
        using var bound = bounds.Open(limits);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var watching = Task.CompletedTask;
        string? excess = null;
        try
        {
            var result = await ProcessRunner
                .Run(bound.Enter(command) with { Most = limits.Output, Started = process => watching = Watch(process) }, stop.Token, line)
                .ConfigureAwait(false);
            // Whoever was refused something and ended well all the same has made something else than it would have made elsewhere.
            return (result, excess ?? bound.Excess(0));
        }
        catch (OperationCanceledException) when (excess is not null && !cancellation.IsCancellationRequested)
        {
            return (null, excess);
        }
        catch (HillingarException exception) when (exception.Diagnostic.Code == "HIL5008")
        {
            return (null, $"wrote more than {ByteSize.Show(limits.Output)}");
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
                excess = DateTime.UtcNow > _end ? $"took longer than {limits.Time}" : bound.Excess(process);
                if (excess is not null)
                    await stop.CancelAsync().ConfigureAwait(false);
                else
                    await Task.Delay(s_glance, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
