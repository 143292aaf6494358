using System.Management.Automation;
using Hillingar.Build.Projects;
using Hillingar.PowerShell.Completers;
using Hillingar.PowerShell.Hosting;

namespace Hillingar.PowerShell.Commands;

/// <summary>Takes packages that a project depends on out of its file.</summary>
[Cmdlet(VerbsCommon.Remove, "OpamDependency", SupportsShouldProcess = true)]
[OutputType(typeof(DependencyEdit))]
public sealed class RemoveOpamDependencyCommand : DependencyCmdlet
{
    /// <inheritdoc/>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(LockedPackageCompleter))]
    public override string[] Name { get; set; } = [];

    private protected override void Process(string projectFile, string name)
    {
        if (ShouldProcess(projectFile, $"No longer depend on {name}"))
            WriteObject(DependencyEditor.Remove(projectFile, name));
    }
}
