using System.Management.Automation;
using Hillingar.Build.Locks;
using Hillingar.PowerShell.Completers;
using Hillingar.PowerShell.Hosting;

namespace Hillingar.PowerShell.Commands;

/// <summary>Tells what differs between two locks.</summary>
[Cmdlet(VerbsData.Compare, "HillingarLock")]
[OutputType(typeof(LockDifference))]
public sealed class CompareHillingarLockCommand : HillingarCmdlet
{
    /// <summary>The earlier lock: a file, a folder that holds one, or a git revision.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RevisionCompleter))]
    public string Reference { get; set; } = "";

    /// <summary>The later lock, named likewise; the one that <see cref="Lock"/> names where nothing is given.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RevisionCompleter))]
    public string? Difference { get; set; }

    /// <summary>The lock whose revisions are meant: a file, or a folder that holds one.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("LockFile")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(LockCompleter))]
    public string Lock { get; set; } = ".";

    /// <inheritdoc/>
    protected override void ProcessRecord() =>
        For(
            Reference,
            () =>
            {
                var before = Read(Reference);
                WriteObject(LockComparison.Of(before, Read(Difference ?? Lock)), enumerateCollection: true);
            }
        );

    LockFile Read(string what) => Await(cancellation => LockLocation.Read(what, Lock, Full("."), cancellation));
}
