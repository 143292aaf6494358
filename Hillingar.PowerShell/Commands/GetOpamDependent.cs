using System.Management.Automation;
using Hillingar.Build.Graphs;
using Hillingar.Build.Locks;
using Hillingar.PowerShell.Completers;
using Hillingar.PowerShell.Hosting;

namespace Hillingar.PowerShell.Commands;

/// <summary>Tells why packages are in a lock.</summary>
[Cmdlet(VerbsCommon.Get, "OpamDependent")]
[OutputType(typeof(Dependent))]
public sealed class GetOpamDependentCommand : LockCmdlet
{
    DependencyGraph? _graph;

    /// <summary>The packages that are asked about.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(LockedPackageCompleter))]
    public string[] Name { get; set; } = [];

    /// <summary>Repositories to read dependencies from; the lock's where none is named.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RepositoryCompleter))]
    public string[]? Repository { get; set; }

    /// <summary>Whether also to tell who needs those that need it, and so on.</summary>
    [Parameter]
    public SwitchParameter Recurse { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var name in Name)
            For(name, () => WriteObject(Dependents.Of(_graph ??= Graph(), name, Recurse), enumerateCollection: true));
    }

    DependencyGraph Graph()
    {
        var locked = ReadLock();
        return Await(async cancellation =>
            LockGraph.Of(
                System.IO.Path.GetFileName(LockLocation.Find(Full(Lock))),
                locked,
                await LockGraph.Open(locked, Locations(Repository), Stores, this, Offline, cancellation).ConfigureAwait(false),
                new GraphMarks(),
                this
            )
        );
    }
}
