using System.Management.Automation;
using Hillingar.Build.Locks;
using Hillingar.PowerShell.Completers;

namespace Hillingar.PowerShell.Hosting;

/// <summary>What cmdlets share that work on a lock.</summary>
public abstract class LockCmdlet : HillingarCmdlet
{
    /// <summary>The lock: its file, or a folder that holds one.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("LockFile", "FullName", "PSPath")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(LockCompleter))]
    public virtual string Lock { get; set; } = ".";

    /// <summary>Whether the network may not be used.</summary>
    [Parameter]
    public SwitchParameter Offline { get; set; }

    /// <summary>The lock, read.</summary>
    private protected LockFile ReadLock() => LockFile.Read(LockLocation.Find(Full(Lock)));
}
