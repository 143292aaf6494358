using System.Management.Automation;
using Hillingar.Build;

namespace Hillingar.PowerShell;

/// <summary>Builds projects from what was restored.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "HillingarBuild", DefaultParameterSetName = ByPath, SupportsShouldProcess = true)]
[OutputType(typeof(BuiltUnikernel))]
public sealed class InvokeHillingarBuildCommand : ProjectCmdlet
{
    /// <summary>The targets; all of the project's where none is named.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TargetCompleter))]
    public string[] Target { get; set; } = [];

    private protected override void Process(HillingarProject project)
    {
        // One target that cannot be built is no reason not to build the next.
        foreach (var target in Target.Length > 0 ? Target : project.Targets)
            For(project, () =>
            {
                if (!ShouldProcess(project.Name, $"Build for {target}"))
                    return;
                var (image, errors) = Await(cancellation => new ProjectWork(project, this).Build(target, cancellation));
                foreach (var error in errors)
                    WriteError(Errors.Of(error, project));
                if (image is not null)
                    WriteObject(image);
            });
    }
}
