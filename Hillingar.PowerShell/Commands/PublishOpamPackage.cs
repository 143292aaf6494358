using System.Management.Automation;
using Hillingar.Build.Publishing;
using Hillingar.PowerShell.Hosting;

namespace Hillingar.PowerShell.Commands;

/// <summary>Publishes archives as packages of an opam repository folder.</summary>
[Cmdlet(VerbsData.Publish, "OpamPackage", DefaultParameterSetName = ByPath, SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class PublishOpamPackageCommand : PathCmdlet
{
    /// <summary>The archives; the <c>*.opam</c> files at the top of each are its packages.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByPath, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public override string[] Path { get; set; } = [];

    /// <summary>The repository's folder; it is made where it is missing.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Repository { get; set; } = "";

    /// <summary>Where others will find the archive; without it the repository keeps a copy.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public Uri? Url { get; set; }

    /// <summary>The version, where neither the opam files nor the archive's name say it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Version { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() =>
        ForPaths(path =>
        {
            var publication = new Publication(path, Full(Repository), Url?.OriginalString, Version);
            if (!ShouldProcess(publication.Repository, $"Publish {path}"))
                return;
            foreach (var file in Await(cancellation => Task.FromResult(PackagePublisher.Publish(publication, cancellation))))
                WriteObject(new FileInfo(file));
        });
}
