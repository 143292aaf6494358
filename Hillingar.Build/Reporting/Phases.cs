using System.Diagnostics;

namespace Hillingar.Build.Reporting;

/// <summary>Measures the phases of work, for whoever wants to know what took how long.</summary>
static class Phases
{
    /// <summary>Does a phase of the work, tells that it begins, and how long it took, however it ended.</summary>
    public static async Task<T> Timed<T>(this IReporter reporter, string phase, Func<Task<T>> work)
    {
        reporter.Begins(phase);
        var watch = Stopwatch.StartNew();
        try
        {
            return await work().ConfigureAwait(false);
        }
        finally
        {
            reporter.Took(phase, watch.Elapsed);
        }
    }

    /// <inheritdoc cref="Timed{T}"/>
    public static Task Timed(this IReporter reporter, string phase, Func<Task> work) =>
        reporter.Timed(
            phase,
            async () =>
            {
                await work().ConfigureAwait(false);
                return true;
            }
        );
}
