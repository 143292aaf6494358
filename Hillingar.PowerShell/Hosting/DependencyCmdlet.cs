using System.Management.Automation;
using Hillingar.Build.Projects;

namespace Hillingar.PowerShell.Hosting;

/// <summary>What cmdlets share that write a project's dependencies.</summary>
public abstract class DependencyCmdlet : HillingarCmdlet
{
    /// <summary>The packages.</summary>
    public abstract string[] Name { get; set; }

    /// <summary>The project: its file, or a folder that holds one. It is taken as it is, without wildcards.</summary>
    [Parameter]
    [Alias("LiteralPath", "PSPath", "ProjectPath")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = ".";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var name in Name)
            For(name, () => Process(ProjectReader.Find(Full(Path)), name));
    }

    /// <summary>Writes one.</summary>
    private protected abstract void Process(string projectFile, string name);
}
