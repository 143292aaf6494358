using System.Management.Automation;
using Hillingar.Build.Repositories;
using Hillingar.PowerShell.Completers;
using Hillingar.PowerShell.Hosting;

namespace Hillingar.PowerShell.Commands;

/// <summary>Tells what repositories say of packages.</summary>
[Cmdlet(VerbsCommon.Get, "OpamPackage")]
[OutputType(typeof(PackageDetails))]
public sealed class GetOpamPackageCommand : RepositoryCmdlet
{
    /// <summary>Names of packages.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PackageCompleter))]
    public string[] Name { get; set; } = [];

    /// <summary>Which versions: one, <c>latest</c>, a pattern, a constraint, a NuGet range; all where nothing is given.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(VersionCompleter))]
    public string? Version { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var name in Name)
            For(name, () => WriteObject(Index.Get(name, Version), enumerateCollection: true));
    }
}
