using System.Management.Automation;
using Hillingar.Build.Projects;
using Hillingar.PowerShell.Hosting;

namespace Hillingar.PowerShell.Commands;

/// <summary>Publishes built unikernels with what a stranger needs to run, rebuild and compare them.</summary>
[Cmdlet(VerbsData.Publish, "Unikernel", SupportsShouldProcess = true)]
[OutputType(typeof(ProjectPublication))]
public sealed class PublishUnikernelCommand : HillingarCmdlet
{
    readonly List<BuiltUnikernel> _images = [];

    /// <summary>Images that <c>Invoke-HillingarBuild</c> built; those of one project are published together.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [FromOtherShell(typeof(BuiltUnikernel))]
    [ValidateNotNullOrEmpty]
    public BuiltUnikernel[] Image { get; set; } = [];

    /// <summary>The folder to publish into; of several projects, each gets a folder of its name in it.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = "";

    /// <inheritdoc/>
    protected override void ProcessRecord() => _images.AddRange(Image);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var projects = _images.GroupBy(image => image.Project.Path).ToList();
        foreach (var images in projects.Select(group => group.ToList()))
        {
            var project = images[0].Project;
            var destination = projects.Count == 1 ? Full(Destination) : System.IO.Path.Combine(Full(Destination), project.Name);
            For(
                project,
                () =>
                {
                    if (
                        Ask(
                            destination,
                            $"Publish {project.Name} for {string.Join(", ", images.Select(image => image.Target))}",
                            images.Exists(image => image.IsPlanned)
                        ) == Consent.Yes
                    )
                        WriteObject(Await(cancellation => new ProjectWork(project, this).Publish(images, destination, cancellation)));
                }
            );
        }
    }
}
