using System.Management.Automation;
using Hillingar.Build.Projects;
using Hillingar.PowerShell.Completers;
using Hillingar.PowerShell.Hosting;

namespace Hillingar.PowerShell.Commands;

/// <summary>Writes packages that a project is to depend on into its file.</summary>
[Cmdlet(VerbsCommon.Add, "OpamDependency", SupportsShouldProcess = true)]
[OutputType(typeof(DependencyEdit))]
public sealed class AddOpamDependencyCommand : DependencyCmdlet
{
    /// <summary>The version: an opam constraint, or a NuGet range; any where nothing is given.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(VersionCompleter))]
    public string? Version { get; set; }

    /// <inheritdoc/>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PackageCompleter))]
    public override string[] Name { get; set; } = [];

    private protected override void Process(string projectFile, string name)
    {
        if (ShouldProcess(projectFile, $"Depend on {name}{(string.IsNullOrEmpty(Version) ? "" : $" {Version}")}"))
            WriteObject(DependencyEditor.Add(projectFile, name, Version));
    }
}
