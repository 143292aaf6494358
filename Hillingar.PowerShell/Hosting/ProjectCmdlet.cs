using System.Collections;
using System.Management.Automation;
using Hillingar.Build.Projects;
using Hillingar.PowerShell.Completers;

namespace Hillingar.PowerShell.Hosting;

/// <summary>What cmdlets share that work on projects: those at a path, or those that come through the pipeline.</summary>
public abstract class ProjectCmdlet : PathCmdlet
{
    /// <summary>The parameter set of projects.</summary>
    private protected const string ByProject = "Project";

    /// <summary>Project files, or folders that hold one; wildcards are taken.</summary>
    [Parameter(Position = 0, ParameterSetName = ByPath, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public override string[] Path { get; set; } = ["."];

    /// <summary>Projects that were read, and what has one.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByProject, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [FromOtherShell(typeof(HillingarProject))]
    [ValidateNotNullOrEmpty]
    public HillingarProject[] Project { get; set; } = [];

    /// <summary>MSBuild's configuration that projects at a path are read for.</summary>
    [Parameter(ParameterSetName = ByPath)]
    [Parameter(ParameterSetName = ByLiteralPath)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ConfigurationCompleter))]
    public string? Configuration { get; set; }

    /// <summary>Properties that MSBuild reads projects at a path with.</summary>
    [Parameter(ParameterSetName = ByPath)]
    [Parameter(ParameterSetName = ByLiteralPath)]
    [ValidateNotNull]
    public IDictionary? Property { get; set; }

    /// <summary>Whether the network may not be used, whatever the project says.</summary>
    [Parameter]
    public SwitchParameter Offline { get; set; }

    /// <summary>Whether nobody looks for known vulnerabilities, whatever the project says.</summary>
    [Parameter]
    public SwitchParameter NoAudit { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == ByProject)
            foreach (var project in Project)
                For(project, () => Process(Wanted(project)));
        else
            ForPaths(path => Process(Read(path)));
    }

    /// <summary>Reads a project as the parameters want it.</summary>
    private protected HillingarProject Read(string path) =>
        Wanted(Await(cancellation => ProjectReader.Read(path, Configuration, Pairs(Property), cancellation)));

    HillingarProject Wanted(HillingarProject project) =>
        project with
        {
            Offline = project.Offline || Offline,
            Audit = NoAudit ? null : project.Audit,
        };

    /// <summary>Works on one project.</summary>
    private protected abstract void Process(HillingarProject project);
}
