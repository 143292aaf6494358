using System.Management.Automation;
using Hillingar.Build.Repositories;
using Hillingar.PowerShell.Completers;
using Hillingar.PowerShell.Hosting;

namespace Hillingar.PowerShell.Commands;

/// <summary>Finds packages by name.</summary>
[Cmdlet(VerbsCommon.Find, "OpamPackage")]
[OutputType(typeof(FoundPackage))]
public sealed class FindOpamPackageCommand : RepositoryCmdlet
{
    /// <summary>Names, with wildcards; all packages where none is given.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(PackageCompleter))]
    public string[] Name { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord() =>
        For(
            string.Join(", ", Name),
            () =>
            {
                foreach (var found in Index.Find(Name))
                    WriteObject(found);
            }
        );
}
