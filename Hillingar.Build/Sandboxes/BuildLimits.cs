namespace Hillingar.Build.Sandboxes;

/// <summary>How much the build of a package, or a run of dune, may take.</summary>
/// <param name="Time">From its first command to its last.</param>
/// <param name="Processes">Processes and threads at once.</param>
public sealed record BuildLimits(TimeSpan Time, int Processes)
{
    /// <summary>What no honest package needs: two hours, 1,000 processes and threads, three quarters of the machine's memory.</summary>
    public static BuildLimits Default { get; } = new(TimeSpan.FromHours(2), 1000);

    /// <summary>What dune may take, which builds as long as there is something to build.</summary>
    internal static BuildLimits Dune { get; } = Default with { Time = TimeSpan.FromDays(7) };

    /// <summary>The memory and swap of all processes together, in bytes.</summary>
    public long Memory { get; init; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4 * 3;

    /// <summary>How many characters a command may write before it is ended.</summary>
    public long Output { get; init; } = 1L << 30;

    /// <summary>How many characters of what is written go into logs; a line counts as 64 more than it has.</summary>
    public long Log { get; init; } = 16L << 20;
}
