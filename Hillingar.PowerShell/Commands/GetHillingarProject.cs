using System.Management.Automation;
using Hillingar.Build.Projects;
using Hillingar.PowerShell.Hosting;

namespace Hillingar.PowerShell.Commands;

/// <summary>Reads projects of Hillingar.Sdk.</summary>
[Cmdlet(VerbsCommon.Get, "HillingarProject", DefaultParameterSetName = ByPath)]
[OutputType(typeof(HillingarProject))]
public sealed class GetHillingarProjectCommand : ProjectCmdlet
{
    private protected override void Process(HillingarProject project) => WriteObject(project);
}
