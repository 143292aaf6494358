using System.Management.Automation;
using Hillingar.Build.Projects;
using Hillingar.Build.Restoring;
using Hillingar.Opam.Diagnostics;
using Hillingar.PowerShell.Completers;

namespace Hillingar.PowerShell.Hosting;

/// <summary>What cmdlets share that build targets of projects.</summary>
public abstract class TargetCmdlet : ProjectCmdlet
{
    /// <summary>The targets; all of the project's where none is named.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TargetCompleter))]
    public string[] Target { get; set; } = [];

    /// <summary>Who builds; the project's own choice where none is named.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(BackendCompleter))]
    public string? Backend { get; set; }

    private protected sealed override void Process(HillingarProject project)
    {
        var chosen = Chosen(
            Backend is { } backend ? project with { Backend = OneOf.Of("-Backend", backend, Backends.Names, project.Path) } : project
        );
        // One target that cannot be built is no reason not to build the next.
        foreach (var target in Target.Length > 0 ? Target : project.Targets)
            For(chosen, () => Process(chosen, target));
    }

    /// <summary>The project with what the cmdlet's own parameters say.</summary>
    private protected virtual HillingarProject Chosen(HillingarProject project) => project;

    /// <summary>Works on one target.</summary>
    private protected abstract void Process(HillingarProject project, string target);

    /// <summary>Gives what came of a target, after the errors of the sources.</summary>
    private protected void Give(object? result, IReadOnlyList<Diagnostic> errors, HillingarProject project)
    {
        foreach (var error in errors)
            WriteError(Errors.Of(error, project));
        if (result is not null)
            WriteObject(result);
    }
}
