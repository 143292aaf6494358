using System.Management.Automation;
using Hillingar.Build.Repositories;
using Hillingar.PowerShell.Completers;
using Hillingar.PowerShell.Hosting;

namespace Hillingar.PowerShell.Commands;

/// <summary>Takes names of opam repositories away; the repositories stay as they are.</summary>
[Cmdlet(VerbsLifecycle.Unregister, "OpamRepository", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class UnregisterOpamRepositoryCommand : HillingarCmdlet
{
    /// <summary>The names.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RepositoryCompleter))]
    public string[] Name { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var name in Name)
            For(
                name,
                () =>
                {
                    var registry = RepositoryRegistry.Default;
                    if (ShouldProcess(registry.Get(name).Location, $"Unregister {name}"))
                        Await(cancellation => registry.Unregister(name, cancellation));
                }
            );
    }
}
