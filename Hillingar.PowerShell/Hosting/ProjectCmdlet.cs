using System.Management.Automation;
using Hillingar.Build.Projects;
using Hillingar.PowerShell.Completers;

namespace Hillingar.PowerShell.Hosting;

/// <summary>What cmdlets share that work on projects: those at a path, or those that come through the pipeline.</summary>
public abstract class ProjectCmdlet : HillingarCmdlet
{
    /// <summary>The parameter set of paths.</summary>
    private protected const string ByPath = "Path";

    /// <summary>The parameter set of projects.</summary>
    private protected const string ByProject = "Project";

    /// <summary>Project files, or folders that hold one; wildcards are taken.</summary>
    [Parameter(Position = 0, ParameterSetName = ByPath, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName", "PSPath")]
    [SupportsWildcards]
    public string[] Path { get; set; } = ["."];

    /// <summary>Projects that were read, and what has one.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByProject, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    public HillingarProject[] Project { get; set; } = [];

    /// <summary>MSBuild's configuration that projects at a path are read for.</summary>
    [Parameter(ParameterSetName = ByPath)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ConfigurationCompleter))]
    public string? Configuration { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == ByProject)
            foreach (var project in Project)
                For(project, () => Process(project));
        else
            foreach (var path in Path)
                For(path, () =>
                {
                    foreach (var found in Files(path))
                        Process(Await(cancellation => ProjectReader.Read(found, Configuration, cancellation)));
                });
    }

    /// <summary>Works on one project.</summary>
    private protected abstract void Process(HillingarProject project);
}
