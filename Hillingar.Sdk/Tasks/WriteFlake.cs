using Hillingar.Build.Nix;
using Hillingar.Build.Realising;
using Microsoft.Build.Framework;

namespace Hillingar.Sdk.Tasks;

/// <summary>Writes the flake that builds a project with Nix alone.</summary>
public sealed class WriteFlake : ProjectTask
{
    /// <summary>All targets with what dune is asked for and the image's name.</summary>
    [Required]
    public ITaskItem[] AllTargets { get; set; } = [];

    /// <summary>The address of nixpkgs.</summary>
    [Required]
    public string Nixpkgs { get; set; } = "";

    /// <summary>The folder that the flake is written into.</summary>
    [Required]
    public string Folder { get; set; } = "";

    private protected override async Task Run(CancellationToken cancellation)
    {
        var project = Path.GetDirectoryName(ProjectFile)!;
        var written = await new FlakeWriter(Stores, this)
            .Write(new FlakeSubject(Request(), ReadLock(LockFile), new Workspace(Workspace), Laid, NixItem.Targets(AllTargets)), Path.GetFullPath(Folder, project), Nixpkgs, Offline, cancellation).ConfigureAwait(false);
        foreach (var file in written)
            Step($"Wrote {file}");
    }
}
