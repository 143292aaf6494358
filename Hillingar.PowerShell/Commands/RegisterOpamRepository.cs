using System.Management.Automation;
using Hillingar.Build.Repositories;
using Hillingar.PowerShell.Hosting;

namespace Hillingar.PowerShell.Commands;

/// <summary>Gives an opam repository a name, by which cmdlets take it from then on.</summary>
[Cmdlet(VerbsLifecycle.Register, "OpamRepository", SupportsShouldProcess = true)]
[OutputType(typeof(RegisteredRepository))]
public sealed class RegisterOpamRepositoryCommand : HillingarCmdlet
{
    /// <summary>The name.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    /// <summary>A folder, or an address. A relative folder is that of where this is said.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName", "PSPath")]
    [ValidateNotNullOrEmpty]
    public string Location { get; set; } = "";

    /// <inheritdoc/>
    protected override void ProcessRecord() =>
        For(
            Name,
            () =>
            {
                var location = PackageIndex.IsAddress(Location) ? Location : Full(Location);
                if (ShouldProcess(location, $"Register as {Name}"))
                    WriteObject(Await(cancellation => RepositoryRegistry.Default.Register(Name, location, cancellation)));
            }
        );
}
