using System.Management.Automation;
using Hillingar.Build.Health;
using Hillingar.Build.Projects;
using Hillingar.PowerShell.Completers;
using Hillingar.PowerShell.Hosting;

namespace Hillingar.PowerShell.Commands;

/// <summary>Looks whether locks are current, and what is known of their packages.</summary>
[Cmdlet(VerbsDiagnostic.Test, "HillingarLock", DefaultParameterSetName = ByPath)]
[OutputType(typeof(LockHealth), typeof(bool))]
public sealed class TestHillingarLockCommand : ProjectCmdlet
{
    const string ByLock = "Lock";

    /// <summary>A lock without its project: a file, or a folder that holds one. Whether it is current is not told then.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByLock)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(LockCompleter))]
    public string Lock { get; set; } = "";

    /// <summary>Whether to look for known vulnerabilities.</summary>
    [Parameter]
    public SwitchParameter Audit { get; set; }

    /// <summary>Whether to look for later versions.</summary>
    [Parameter]
    public SwitchParameter Outdated { get; set; }

    /// <summary>Where the security advisories are.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Advisory { get; set; }

    /// <summary>Repositories to look for later versions in; the lock's where none is named.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RepositoryCompleter))]
    public string[]? Repository { get; set; }

    /// <summary>Whether to give only whether all is well.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == ByLock)
            For(Lock, () => Examine(Full(Lock), null));
        else
            base.ProcessRecord();
    }

    private protected override void Process(HillingarProject project) => Examine(project.LockFile, project);

    void Examine(string path, HillingarProject? project)
    {
        var options = new LockHealthOptions(Audit || Advisory is not null, Outdated)
        {
            Advisories = Advisory is null ? null : Locations([Advisory])[0],
            Repositories = Locations(Repository),
            Offline = Offline,
        };
        var health = Await(cancellation => new LockDoctor(project?.Stores ?? Stores, this).Examine(path, project, options, cancellation));
        WriteObject(Quiet ? health.IsOk : health);
    }
}
