using Hillingar.Build.Nix;
using Microsoft.Build.Framework;

namespace Hillingar.Sdk.Tasks;

/// <summary>Writes a project's lock as the file that opam-nix reads.</summary>
public sealed class WritePackageDefs : ProjectTask
{
    /// <summary>The file, relative to the project.</summary>
    [Required]
    public string File { get; set; } = "";

    private protected override async Task Run(CancellationToken cancellation)
    {
        var path = Path.GetFullPath(File, Path.GetDirectoryName(ProjectFile)!);
        var changed = await new PackageDefsWriter(Stores, this).Write(Request(), ReadLock(LockFile), path, Offline, cancellation).ConfigureAwait(false);
        Step($"{(changed ? "Wrote" : "Nothing has changed in")} {path}");
    }
}
