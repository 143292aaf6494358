using System.Management.Automation;
using Hillingar.Build.Repositories;
using Hillingar.PowerShell.Completers;
using Hillingar.PowerShell.Hosting;

namespace Hillingar.PowerShell.Commands;

/// <summary>Lists the opam repositories that have names.</summary>
[Cmdlet(VerbsCommon.Get, "OpamRepository")]
[OutputType(typeof(RegisteredRepository))]
public sealed class GetOpamRepositoryCommand : HillingarCmdlet
{
    /// <summary>Names; wildcards are taken. All where none is given.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(RepositoryCompleter))]
    public string[] Name { get; set; } = ["*"];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var registry = RepositoryRegistry.Default;
        foreach (var name in Name)
            For(
                name,
                () =>
                {
                    var pattern = new WildcardPattern(name, WildcardOptions.IgnoreCase);
                    WriteObject(
                        WildcardPattern.ContainsWildcardCharacters(name)
                            ? registry.List().Where(repository => pattern.IsMatch(repository.Name))
                            : [registry.Get(name)],
                        enumerateCollection: true
                    );
                }
            );
    }
}
