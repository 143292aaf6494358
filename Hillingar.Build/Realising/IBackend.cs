using Hillingar.Build.Locks;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Realising;

/// <summary>A way to build a target from a plan, such as this machine's own toolchain, or Nix.</summary>
public interface IBackend
{
    /// <summary>Whether it builds in a folder of its own each time, so that two of its builds of a plan are independent of each other.</summary>
    bool BuildsElsewhere { get; }

    /// <summary>What stands in the way of building a plan here, or makes another backend the better choice; null where nothing does. Asked where the project leaves the choice.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="locked">Its lock.</param>
    /// <param name="cancellation">Stops.</param>
    Task<string?> Obstacle(BuildPlan plan, LockFile locked, CancellationToken cancellation);

    /// <summary>Builds a plan.</summary>
    /// <param name="plan">The plan; its sources are those of its lock.</param>
    /// <param name="locked">Its lock.</param>
    /// <param name="cancellation">Stops what was started.</param>
    /// <returns>The errors of the sources: none when the image was built.</returns>
    /// <exception cref="HillingarException">It cannot be built.</exception>
    Task<IReadOnlyList<Diagnostic>> Build(BuildPlan plan, LockFile locked, CancellationToken cancellation);
}
