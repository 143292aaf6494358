using Hillingar.Build.Requests;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Sandboxes;

/// <summary>How dune and <c>mirage configure</c> run, which run what packages and the project itself say.</summary>
public sealed record BuildIsolation
{
    /// <summary>Whether they run in a sandbox (<c>HillingarBuildSandbox</c>).</summary>
    public SandboxMode Sandbox { get; init; }

    /// <summary>The variables that they get besides those that every build gets (<c>HillingarBuildEnvironment</c>).</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>The same with names that were looked at.</summary>
    /// <param name="sandbox">Whether they run in a sandbox.</param>
    /// <param name="names">The names.</param>
    /// <param name="projectFile">The project that sets them.</param>
    /// <exception cref="HillingarException">HIL6004: one is no name of a variable.</exception>
    public static BuildIsolation Of(SandboxMode sandbox, IReadOnlyList<string> names, string projectFile)
    {
        ArgumentNullException.ThrowIfNull(names);
        // On a command line a list is written with %3B, which MSBuild leaves in one piece.
        names = [.. names.SelectMany(name => name.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];
        return
            names.FirstOrDefault(name =>
                !name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_') || char.IsAsciiDigit(name[0])
            )
                is { } wrong
            ? throw new HillingarException(
                "HIL6004",
                $"HillingarBuildEnvironment has '{wrong}', which is no name of a variable. It can be names of letters, digits and '_', separated by ';'; their values are those that the build itself is given.",
                new ProjectPlaces(projectFile).OfProperty("HillingarBuildEnvironment")
            )
            : new BuildIsolation { Sandbox = sandbox, Environment = names };
    }
}
