using Hillingar.Build.Depext;
using Hillingar.Opam.Diagnostics;
using Microsoft.Build.Framework;

namespace Hillingar.Sdk.Tasks;

/// <summary>Tells which system packages a lock needs on this machine and which are missing, as <c>opam monorepo depext</c> does; installs them when told to.</summary>
public sealed class EnsureSystemPackages : HillingarTask
{
    /// <summary>The lock.</summary>
    [Required]
    public string LockFile { get; set; } = "";

    /// <summary>Whether to install what is missing.</summary>
    public bool Install { get; set; }

    private protected override async Task Run(CancellationToken cancellation)
    {
        var packages = await Depexts.Check(ReadLock(LockFile), cancellation).ConfigureAwait(false);
        if (packages.Needed.Count == 0)
            Step("none: the lock needs no system packages on this machine");
        foreach (var name in packages.Needed)
            Step(packages.Missing.Contains(name) ? $"{name} (missing)" : name);
        if (Install)
            await Depexts.Install(packages, this, cancellation).ConfigureAwait(false);
        else
            Depexts.Report(packages, new Place(LockFile), this);
    }
}
