using System.Diagnostics;

namespace Hillingar.Build.Reporting;

/// <summary>What took how long, of work that a user has waited for.</summary>
public sealed class PhaseTimes
{
    // A build that takes less is not waited for.
    static readonly TimeSpan s_short = TimeSpan.FromSeconds(10);

    readonly Stopwatch _watch = Stopwatch.StartNew();
    readonly List<(string Phase, TimeSpan Time)> _phases = [];

    /// <summary>Adds a phase; one that comes again is added to what there is of it.</summary>
    /// <param name="phase">Its name.</param>
    /// <param name="time">How long it took.</param>
    public void Add(string phase, TimeSpan time)
    {
        lock (_phases)
        {
            if (_phases.FindIndex(each => each.Phase == phase) is >= 0 and var at)
                _phases[at] = (phase, _phases[at].Time + time);
            else
                _phases.Add((phase, time));
        }
    }

    /// <summary>One line, such as <c>Took 34 s: versions 2 s, sources 20 s, dune 12 s</c>; null where it was short.</summary>
    /// <param name="whole">How long all of it took; null for the time since this was made.</param>
    public string? Line(TimeSpan? whole = null)
    {
        var all = whole ?? _watch.Elapsed;
        lock (_phases)
            return all < s_short || _phases.Count == 0
                ? null
                : $"Took {Show(all)}: {string.Join(", ", _phases.Where(each => each.Time.TotalSeconds >= 0.5).Select(each => $"{each.Phase} {Show(each.Time)}"))}";
    }

    /// <summary>A time for people: <c>14 s</c>, <c>3 min 5 s</c>.</summary>
    public static string Show(TimeSpan time) =>
        time.TotalSeconds < 90 ? $"{time.TotalSeconds:0} s" : $"{(int)time.TotalMinutes} min {time.Seconds} s";
}
