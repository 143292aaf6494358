using Hillingar.Build.Depext;
using Hillingar.Build.Nix;
using Hillingar.Build.Sandboxes;

namespace Hillingar.Build.Restoring;

/// <summary>How to build.</summary>
/// <param name="LockFile">The lock's path.</param>
/// <param name="StampFile">The file that the restore left: it says of which lock the vendored sources are.</param>
/// <param name="Offline">Whether the network may not be used.</param>
public sealed record BuildOptions(string LockFile, string StampFile, bool Offline)
{
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

    /// <summary>Who builds.</summary>
    public Backend Backend { get; init; }

    /// <summary>How Nix builds, where it does.</summary>
    public NixOptions Nix { get; init; } = new();

    /// <summary>Whether what was built before is built anew all the same, to be compared with.</summary>
    public bool Again { get; init; }
}
