using System.Management.Automation;
using Hillingar.Build.Sources;
using Hillingar.Build.Vendoring;
using Hillingar.PowerShell.Hosting;

namespace Hillingar.PowerShell.Commands;

/// <summary>Writes all sources of a lock into one archive.</summary>
[Cmdlet(VerbsData.Save, "HillingarSource", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class SaveHillingarSourceCommand : LockCmdlet
{
    /// <summary>The archive to write.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <inheritdoc/>
    protected override void ProcessRecord() =>
        For(
            Lock,
            () =>
            {
                var locked = ReadLock();
                var path = Full(Path);
                if (!ShouldProcess(path, "Write the sources of the lock"))
                    return;
                var count = Await(async cancellation =>
                {
                    using var fetcher = new SourceFetcher(Stores.Sources, this) { Offline = Offline };
                    return await SourceArchive
                        .Export(SourceArchive.SourcesOf(locked), path, Stores.Sources, fetcher, cancellation)
                        .ConfigureAwait(false);
                });
                WriteVerbose($"{path} holds {count} sources");
                WriteObject(new FileInfo(path));
            }
        );
}
