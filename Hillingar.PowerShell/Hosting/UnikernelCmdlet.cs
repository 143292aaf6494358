using System.Management.Automation;
using Hillingar.Build.Running;
using Hillingar.PowerShell.Completers;

namespace Hillingar.PowerShell.Hosting;

/// <summary>What cmdlets share that work on unikernels that were started here.</summary>
public abstract class UnikernelCmdlet : HillingarCmdlet
{
    /// <summary>Their names; wildcards are taken.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(UnikernelCompleter))]
    public virtual string[] Name { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var runs = UnikernelRuns.Of(Stores, this);
        foreach (var name in Name)
            For(
                name,
                () =>
                {
                    // A name without wildcards that nobody has is told by whoever looks for it.
                    var pattern = new WildcardPattern(name, WildcardOptions.IgnoreCase);
                    foreach (
                        var found in WildcardPattern.ContainsWildcardCharacters(name)
                            ? runs.List().Select(unikernel => unikernel.Name).Where(pattern.IsMatch).ToList()
                            : [name]
                    )
                        For(found, () => Process(runs, found));
                }
            );
    }

    /// <summary>Works on one.</summary>
    private protected abstract void Process(UnikernelRuns runs, string name);
}
