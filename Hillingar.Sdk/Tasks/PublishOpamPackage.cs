using Hillingar.Build.Publishing;
using Microsoft.Build.Framework;

namespace Hillingar.Sdk.Tasks;

/// <summary>Publishes the packages of an archive into an opam repository folder.</summary>
public sealed class PublishOpamPackage : HillingarTask
{
    /// <summary>The archive.</summary>
    [Required]
    public string Archive { get; set; } = "";

    /// <summary>Where others will find the archive, or empty to keep it in the repository itself.</summary>
    public string Url { get; set; } = "";

    /// <summary>The repository's folder.</summary>
    [Required]
    public string Repository { get; set; } = "";

    /// <summary>The version, where neither the opam files nor the archive's name say it.</summary>
    public string Version { get; set; } = "";

    private protected override Task Run(CancellationToken cancellation)
    {
        var publication = new Publication(
            Path.GetFullPath(Archive),
            Path.GetFullPath(Repository),
            Url.Length > 0 ? Url : null,
            Version.Length > 0 ? Version : null
        );
        foreach (var file in PackagePublisher.Publish(publication, cancellation))
            Step($"Published {file}");
        return Task.CompletedTask;
    }
}
