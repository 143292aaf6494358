using Hillingar.Build.Files;

namespace Hillingar.Build.Sandboxes;

/// <summary>Hands lines on to a log until it has had enough, and then says so.</summary>
/// <param name="limit">How many characters go into it.</param>
/// <param name="log">Where they go.</param>
sealed class LimitedLog(long limit, Action<string> log)
{
    // What a line costs whoever keeps it, however short it is.
    const int Overhead = 64;

    readonly Lock _gate = new();
    long _written;

    bool IsFull => _written > limit;

    /// <summary>Adds a line.</summary>
    public void Add(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        lock (_gate)
        {
            if (IsFull)
                return;
            _written += line.Length + Overhead;
            log(IsFull ? $"… what follows is left out of this log, as it holds {ByteSize.Show(limit)} already" : line);
        }
    }
}
