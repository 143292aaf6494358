using System.Management.Automation;
using Hillingar.Build.Vendoring;
using Hillingar.PowerShell.Hosting;

namespace Hillingar.PowerShell.Commands;

/// <summary>Takes archives into the source store.</summary>
[Cmdlet(VerbsData.Import, "HillingarSource", SupportsShouldProcess = true)]
[OutputType(typeof(ImportedSource))]
public sealed class ImportHillingarSourceCommand : HillingarCmdlet
{
    /// <summary>Archives that <c>Save-HillingarSource</c> wrote, or single ones of packages.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName", "PSPath")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var path in Files(Path))
            For(path, () =>
            {
                if (ShouldProcess(path, "Take into the source store"))
                    WriteObject(Await(cancellation => ImportedSource.Take(path, Stores.Sources, cancellation)));
            });
    }
}
