using System.Management.Automation;
using Hillingar.Build.Locks;
using Hillingar.PowerShell.Completers;
using Hillingar.PowerShell.Hosting;

namespace Hillingar.PowerShell.Commands;

/// <summary>Tells what is in locks.</summary>
[Cmdlet(VerbsCommon.Get, "HillingarLock")]
[OutputType(typeof(LockContents))]
public sealed class GetHillingarLockCommand : HillingarCmdlet
{
    /// <summary>The locks: files, or folders that hold one.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("LockFile", "FullName", "PSPath")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(LockCompleter))]
    public string[] Lock { get; set; } = ["."];

    /// <inheritdoc/>
    protected override void ProcessRecord() => ForPaths(Lock, literal: true, path => WriteObject(LockContents.Read(path)));
}
