using System.Management.Automation;
using Hillingar.Build.Repositories;
using Hillingar.PowerShell.Completers;

namespace Hillingar.PowerShell.Hosting;

/// <summary>What cmdlets share that look packages up.</summary>
public abstract class RepositoryCmdlet : HillingarCmdlet
{
    PackageIndex? _index;

    /// <summary>opam repositories: registered names, folders, or addresses; opam's own where none is named.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RepositoryCompleter))]
    public string[]? Repository { get; set; }

    /// <summary>Whether the network may not be used.</summary>
    [Parameter]
    public SwitchParameter Offline { get; set; }

    /// <summary>The repositories, opened once.</summary>
    private protected PackageIndex Index =>
        _index ??= Await(cancellation => PackageIndex.Open(Locations(Repository), Stores, this, Offline, cancellation));
}
