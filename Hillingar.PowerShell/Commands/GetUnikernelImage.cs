using System.Management.Automation;
using Hillingar.Build.Graphs;
using Hillingar.Build.Images;
using Hillingar.PowerShell.Hosting;

namespace Hillingar.PowerShell.Commands;

/// <summary>Tells what images say of themselves, and what they are made of.</summary>
[Cmdlet(VerbsCommon.Get, "UnikernelImage")]
[OutputType(typeof(ImageFile), typeof(string))]
public sealed class GetUnikernelImageCommand : HillingarCmdlet
{
    /// <summary>The images' files. Wildcards are taken.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName", "PSPath")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary>The folder of dune's context that the images were built in, whose libraries tell what takes up how much.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? BuildFolder { get; set; }

    /// <summary>Draws what the images are made of by size, instead of giving objects.</summary>
    [Parameter]
    public GraphFormat? Format { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var path in Files(Path))
            For(path, () =>
            {
                var image = Await(cancellation => Task.FromResult(ImageFile.Read(path, BuildFolder is null ? null : Full(BuildFolder), cancellation)));
                WriteObject(Format switch
                {
                    null => image,
                    GraphFormat.Mermaid => ImagePicture.Mermaid(image),
                    GraphFormat.Dot => ImagePicture.Dot(image),
                    _ => Await(cancellation => Graphviz.Svg(ImagePicture.Dot(image), cancellation)),
                });
            });
    }
}
