using System.Globalization;

namespace Hillingar.Build.Reporting;

/// <summary>What is being done now, in a few words for one line of a terminal: the phase, how far it is, and the step. May be told from several threads at once.</summary>
public sealed class WorkLabel(TimeProvider? time = null)
{
    const int Longest = 64;

    readonly TimeProvider _time = time ?? TimeProvider.System;
    readonly Lock _lock = new();
    long _begun;
    string? _phase;
    string? _step;
    Progress? _whole;

    /// <summary>A phase begins, such as <c>dune</c>.</summary>
    public void Begin(string phase)
    {
        lock (_lock)
            (_phase, _step, _whole, _begun) = (phase, null, null, _time.GetTimestamp());
    }

    /// <summary>A step begins.</summary>
    public void Step(string message)
    {
        lock (_lock)
        {
            _step = message;
            // Without a phase a step is what there is to measure.
            if (_phase is null)
                _begun = _time.GetTimestamp();
        }
    }

    /// <summary>Work has come on. What counts things first in a phase is the whole of it, all else is a step.</summary>
    public void Progress(Progress progress)
    {
        ArgumentNullException.ThrowIfNull(progress);
        lock (_lock)
            if (
                progress.Unit == ProgressUnit.Items
                && progress.Total > 0
                && (_whole is null || _whole.Activity == progress.Activity || _whole.IsDone)
            )
                (_whole, _step) = (progress, progress.Item);
            else
                _step =
                    progress.Unit == ProgressUnit.Items
                        ? $"{progress.Item}, {At(progress)}/{progress.Total}"
                        : $"{progress.Item}, {progress.Counts}";
    }

    /// <summary>The words; null while there is nothing to say. After a minute they say how long the phase has taken, so that no line stands still.</summary>
    public string? Text
    {
        get
        {
            lock (_lock)
            {
                if ((_phase ?? _step) is null)
                    return null;
                var minutes = (int)_time.GetElapsedTime(_begun).TotalMinutes;
                var head = _whole is null ? _phase : $"{_phase ?? _whole.Activity} {At(_whole)} of {_whole.Total}";
                var text =
                    head is null ? _step!
                    : _step is null ? head
                    : $"{head}: {_step}";
                var tail = minutes == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", {minutes} min");
                return text.Length + tail.Length <= Longest ? text + tail : $"{text[..(Longest - tail.Length - 1)]}…{tail}";
            }
        }
    }

    // What is being done is the next one.
    static long At(Progress progress) => Math.Min(progress.Done + 1, progress.Total);
}
