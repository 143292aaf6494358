using System.Management.Automation;
using Hillingar.Build.Health;
using Hillingar.PowerShell.Hosting;

namespace Hillingar.PowerShell.Commands;

/// <summary>Tells what lies in the store, and how much.</summary>
[Cmdlet(VerbsCommon.Get, "HillingarStore")]
[OutputType(typeof(StoreContents))]
public sealed class GetHillingarStoreCommand : HillingarCmdlet
{
    /// <inheritdoc/>
    protected override void ProcessRecord() =>
        For(Opam.Repositories.UserCache.Folder, () => WriteObject(Await(cancellation => StoreContents.Of(Stores, cancellation))));
}
