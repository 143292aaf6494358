using Hillingar.Build.Depext;
using Hillingar.Build.Requests;
using Hillingar.Build.Sandboxes;

namespace Hillingar.Build.Realising;

/// <summary>The build of one target, as data: all that a backend has to know, whichever it is and wherever it builds.</summary>
/// <param name="Request">What the project asks for.</param>
/// <param name="Target">The target.</param>
/// <param name="Build">What dune builds, and where the image goes.</param>
/// <param name="LockFile">The lock's path.</param>
/// <param name="StampFile">The file that the restore left: it says of which lock the vendored sources are.</param>
public sealed record BuildPlan(Request Request, string Target, DuneBuild Build, string LockFile, string StampFile)
{
    /// <summary>All targets of the project, for backends that compile those of one dune context together; empty where nobody asks.</summary>
    public IReadOnlyList<PlannedTarget> Targets { get; init; } = [];

    /// <summary>Whether the network may not be used.</summary>
    public bool Offline { get; init; }

    /// <summary>What to do about missing system packages before the first compile.</summary>
    public SystemPackageCheck SystemPackages { get; init; } = SystemPackageCheck.Warn;

    /// <summary>Whether tools that the machine lacks are built in a sandbox.</summary>
    public SandboxMode Sandbox { get; init; }

    /// <summary>How dune and mirage run.</summary>
    public BuildIsolation Isolation { get; init; } = new();

    /// <summary>The folder that <c>mirage configure</c> writes into; null for the workspace's.</summary>
    public string? ConfiguredFolder { get; init; }

    /// <summary>The <c>RuntimeIdentifier</c> of the machine that the image is for; empty for this one's.</summary>
    public string Runtime { get; init; } = "";

    /// <summary>The project's folder, whose sources an editor is told of; null for no editor's sake.</summary>
    public string? EditorFolder { get; init; }

    /// <summary>Whether what was built before is built anew all the same, to be compared with.</summary>
    public bool Again { get; init; }

    /// <summary>Whether the image is built to be compared only, so that nothing of it goes to others.</summary>
    public bool Comparing { get; init; }

    /// <summary>Who builds, by name; <c>auto</c> for the first backend that nothing stands in the way of.</summary>
    public string Backend { get; init; } = "local";

    /// <summary>What the project says of backends, by the backend's name.</summary>
    public IReadOnlyDictionary<string, BackendOptions> Options { get; init; } = new Dictionary<string, BackendOptions>();
}
