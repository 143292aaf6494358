using Hillingar.Build.Projects;
using Microsoft.Build.Framework;

namespace Hillingar.Sdk.Tasks;

/// <summary>Publishes images with what belongs to them.</summary>
public sealed class PublishUnikernel : ProjectTask
{
    /// <summary><c>@(UnikernelImage)</c>.</summary>
    [Required]
    public ITaskItem[] Images { get; set; } = [];

    /// <summary>The folder to publish into.</summary>
    [Required]
    public string Destination { get; set; } = "";

    private protected override async Task Run(CancellationToken cancellation)
    {
        var project = Read().Project();
        var images = Images
            .Select(image => new BuiltUnikernel(
                project,
                image.GetMetadata("MirageTarget"),
                image.ItemSpec,
                0,
                image.GetMetadata("BuildFolder")
            ))
            .ToList();
        var published = await new ProjectWork(project, this).Publish(images, Destination, cancellation).ConfigureAwait(false);
        Detail($"Published {string.Join(", ", published.Files)}");
    }
}
