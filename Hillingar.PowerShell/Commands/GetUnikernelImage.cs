using System.Management.Automation;
using Hillingar.Build.Graphs;
using Hillingar.Build.Images;
using Hillingar.Build.Projects;
using Hillingar.PowerShell.Hosting;

namespace Hillingar.PowerShell.Commands;

/// <summary>Tells what images say of themselves, and what they are made of.</summary>
[Cmdlet(VerbsCommon.Get, "UnikernelImage", DefaultParameterSetName = ByPath)]
[OutputType(typeof(ImageFile), typeof(string))]
public sealed class GetUnikernelImageCommand : PathCmdlet
{
    const string ByImage = "Image";

    /// <summary>The images' files. Wildcards are taken.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByPath, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public override string[] Path { get; set; } = [];

    /// <summary>Images that <c>Invoke-HillingarBuild</c> built.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByImage, ValueFromPipeline = true)]
    [FromOtherShell(typeof(BuiltUnikernel))]
    [ValidateNotNullOrEmpty]
    public BuiltUnikernel[] Image { get; set; } = [];

    /// <summary>The folder of dune's context that the images were built in, whose libraries tell what takes up how much.</summary>
    [Parameter(ParameterSetName = ByPath, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = ByLiteralPath, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? BuildFolder { get; set; }

    /// <summary>Draws what the images are made of by size, instead of giving objects.</summary>
    [Parameter]
    public GraphFormat? Format { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == ByImage)
            foreach (var image in Image)
                For(
                    image,
                    () =>
                    {
                        // What was only planned has nothing to show.
                        if (!image.IsPlanned)
                            Show(image.Path, image.BuildFolder);
                    }
                );
        else
            ForPaths(path => Show(path, BuildFolder is null ? null : Full(BuildFolder)));
    }

    void Show(string path, string? buildFolder)
    {
        var image = Await(cancellation => Task.FromResult(ImageFile.Read(path, buildFolder, cancellation)));
        WriteObject(
            Format switch
            {
                null => image,
                GraphFormat.Mermaid => ImagePicture.Mermaid(image),
                GraphFormat.Dot => ImagePicture.Dot(image),
                _ => Await(cancellation => Graphviz.Svg(ImagePicture.Dot(image), cancellation)),
            }
        );
    }
}
