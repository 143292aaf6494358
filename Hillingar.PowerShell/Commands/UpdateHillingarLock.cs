using System.Management.Automation;
using Hillingar.Build.Locking;
using Hillingar.Build.Projects;
using Hillingar.Opam.Diagnostics;
using Hillingar.PowerShell.Completers;
using Hillingar.PowerShell.Hosting;

namespace Hillingar.PowerShell.Commands;

/// <summary>Brings locks up to date with their projects.</summary>
[Cmdlet(VerbsData.Update, "HillingarLock", DefaultParameterSetName = ByPath, SupportsShouldProcess = true)]
[OutputType(typeof(HillingarProject))]
public sealed class UpdateHillingarLockCommand : ProjectCmdlet
{
    const string ByFix = "Fix";

    readonly List<LockFix> _fixes = [];

    /// <summary>Packages to take anew while all others keep their versions where they can.</summary>
    [Parameter(ParameterSetName = ByPath)]
    [Parameter(ParameterSetName = ByLiteralPath)]
    [Parameter(ParameterSetName = ByProject)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(LockedPackageCompleter))]
    public string[] Package { get; set; } = [];

    /// <summary>Whether to take the newest of everything.</summary>
    [Parameter(ParameterSetName = ByPath)]
    [Parameter(ParameterSetName = ByLiteralPath)]
    [Parameter(ParameterSetName = ByProject)]
    public SwitchParameter Force { get; set; }

    /// <summary>Fixes of a conflict: of several for one project the first that can be written into its file is.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByFix, ValueFromPipeline = true)]
    [FromOtherShell(typeof(LockFix))]
    public LockFix[] Fix { get; set; } = [];

    /// <summary>How long a solve may take: seconds, or with a unit; 0 for no limit.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public string? SolveTimeout { get; set; }

    /// <summary>Whether to give the projects back, for the next cmdlet.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == ByFix)
            _fixes.AddRange(Fix);
        else
            base.ProcessRecord();
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        foreach (var alternatives in _fixes.GroupBy(fix => fix.ProjectFile))
            For(alternatives.Key, () => Apply(alternatives.Key, [.. alternatives]));
    }

    void Apply(string projectFile, List<LockFix> alternatives)
    {
        if (!File.Exists(projectFile))
            throw new HillingarException(
                "HIL7004",
                $"'{alternatives[0].Description}' is for no project that is here: packages were solved for without one, or its file is gone. Make the change where they are asked for."
            );
        var project = Await(cancellation => ProjectReader.Read(projectFile, null, cancellation));
        // Where the file can say none of them, the error tells why of the first.
        var fix = alternatives.Find(fix => ProjectEditor.CanApply(fix, project.Name)) ?? alternatives[0];
        if (!ShouldProcess(projectFile, fix.Description))
            return;
        ProjectEditor.Apply(fix, project.Name);
        foreach (var other in alternatives.Where(other => other != fix))
            WriteVerbose($"One fix is enough; not made: {other.Description}");
        Process(Await(cancellation => ProjectReader.Read(projectFile, null, cancellation)));
    }

    private protected override void Process(HillingarProject project)
    {
        var consent = Ask(
            project.LockFile,
            Package.Length > 0 ? $"Update {string.Join(", ", Package)}"
                : Force ? "Take the newest of everything"
                : "Bring up to date",
            project.IsPlanned
        );
        if (consent == Consent.Yes)
            foreach (
                var change in Await(cancellation => new ProjectWork(project.Within(SolveTimeout), this).Lock(Package, Force, cancellation))
            )
                WriteInformation(change, ["Hillingar"]);
        if (PassThru && consent == Consent.Plan)
            Plan(project with { IsPlanned = true });
        else if (PassThru)
            WriteObject(project);
    }
}
