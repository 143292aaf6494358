using System.Management.Automation;
using Hillingar.Build.Depext;
using Hillingar.PowerShell.Completers;
using Hillingar.PowerShell.Hosting;

namespace Hillingar.PowerShell.Commands;

/// <summary>Installs the system packages that a lock needs.</summary>
[Cmdlet(VerbsLifecycle.Install, "HillingarSystemPackage", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(SystemPackages))]
public sealed class InstallHillingarSystemPackageCommand : LockCmdlet
{
    /// <inheritdoc/>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("LockFile", "FullName", "PSPath")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(LockCompleter))]
    public override string Lock { get; set; } = ".";

    /// <inheritdoc/>
    protected override void ProcessRecord() =>
        For(
            Lock,
            () =>
            {
                var locked = ReadLock();
                var packages = Await(cancellation => Depexts.Check(locked, cancellation));
                if (packages.Missing.Count > 0 && ShouldProcess("this machine", $"Install {string.Join(", ", packages.Missing)}"))
                {
                    Await(cancellation => Depexts.Install(packages, this, cancellation));
                    packages = Await(cancellation => Depexts.Check(locked, cancellation));
                }

                WriteObject(packages);
            }
        );
}
