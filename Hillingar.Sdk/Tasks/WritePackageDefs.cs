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
        var project = Read().Project();
        var path = Path.GetFullPath(File, project.Folder);
        var changed = await new PackageDefsWriter(project.Stores, this)
            .Write(project.Request, ReadLock(project.LockFile), path, project.Offline, cancellation)
            .ConfigureAwait(false);
        Step($"{(changed ? "Wrote" : "Nothing has changed in")} {path}");
    }
}
