using Hillingar.Build.Publishing;
using Hillingar.Build.Realising;
using Microsoft.Build.Framework;

namespace Hillingar.Sdk.Tasks;

/// <summary>Publishes images with what a stranger needs to run them, to rebuild them and to compare.</summary>
public sealed class PublishUnikernel : HillingarTask
{
    /// <summary>The unikernel's name.</summary>
    [Required]
    public string UnikernelName { get; set; } = "";

    /// <summary>The project's version.</summary>
    public string Version { get; set; } = "";

    /// <summary><c>@(UnikernelImage)</c>, with <c>MirageTarget</c> and <c>BuildFolder</c>.</summary>
    [Required]
    public ITaskItem[] Images { get; set; } = [];

    /// <summary><c>@(UnikernelNet)</c>, with <c>Tap</c>.</summary>
    public ITaskItem[] Networks { get; set; } = [];

    /// <summary><c>@(UnikernelBlock)</c>, with <c>File</c>.</summary>
    public ITaskItem[] Blocks { get; set; } = [];

    /// <summary>The memory in MiB.</summary>
    public int Memory { get; set; }

    /// <summary>The lock.</summary>
    [Required]
    public string LockFile { get; set; } = "";

    /// <summary>The folder that dune builds in.</summary>
    [Required]
    public string Workspace { get; set; } = "";

    /// <summary>The folder to publish into.</summary>
    [Required]
    public string Destination { get; set; } = "";

    private protected override async Task Run(CancellationToken cancellation)
    {
        var published = await UnikernelPublisher.Publish(new UnikernelPublication
        {
            Name = UnikernelName,
            Version = Version.Length > 0 ? Version : null,
            Folder = Path.GetDirectoryName(ProjectFile)!,
            Images = [.. Images.Select(image => new PublishedImage(image.GetMetadata("MirageTarget"), image.ItemSpec, image.GetMetadata("BuildFolder") is var build && Directory.Exists(build) ? build : null))],
            LockFile = LockFile,
            Duniverse = new Workspace(Workspace).DuniverseFolder,
            Destination = Path.GetFullPath(Destination),
            Devices = DeviceItems.Of(Networks, Blocks),
            Memory = Memory,
        }, cancellation).ConfigureAwait(false);
        Detail($"Published {string.Join(", ", published.Files)}");
    }
}
