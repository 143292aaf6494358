using System.Collections;
using System.Management.Automation;
using Hillingar.Build.Projects;
using Hillingar.Build.Running;
using Hillingar.PowerShell.Completers;
using Hillingar.PowerShell.Hosting;

namespace Hillingar.PowerShell.Commands;

/// <summary>Starts unikernels on this machine.</summary>
[Cmdlet(VerbsLifecycle.Start, "Unikernel", DefaultParameterSetName = ByPath, SupportsShouldProcess = true)]
[OutputType(typeof(RunningUnikernel))]
public sealed class StartUnikernelCommand : PathCmdlet
{
    const string ByImage = "Image";
    const string ByProject = "Project";

    /// <summary>Images, project files, or folders that hold a project; wildcards are taken.</summary>
    [Parameter(Position = 0, ParameterSetName = ByPath, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public override string[] Path { get; set; } = ["."];

    /// <summary>Images that <c>Invoke-HillingarBuild</c> built.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByImage, ValueFromPipeline = true)]
    [FromOtherShell(typeof(BuiltUnikernel))]
    [ValidateNotNullOrEmpty]
    public BuiltUnikernel[] Image { get; set; } = [];

    /// <summary>Projects that were read.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByProject, ValueFromPipeline = true)]
    [FromOtherShell(typeof(HillingarProject))]
    [ValidateNotNullOrEmpty]
    public HillingarProject[] Project { get; set; } = [];

    /// <summary>MSBuild's configuration that projects at a path are read for.</summary>
    [Parameter(ParameterSetName = ByPath)]
    [Parameter(ParameterSetName = ByLiteralPath)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ConfigurationCompleter))]
    public string? Configuration { get; set; }

    /// <summary>Properties that MSBuild reads projects at a path with.</summary>
    [Parameter(ParameterSetName = ByPath)]
    [Parameter(ParameterSetName = ByLiteralPath)]
    [ValidateNotNull]
    public IDictionary? Property { get; set; }

    /// <summary>The target.</summary>
    [Parameter(ParameterSetName = ByPath)]
    [Parameter(ParameterSetName = ByLiteralPath)]
    [Parameter(ParameterSetName = ByProject)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TargetCompleter))]
    public string? Target { get; set; }

    /// <summary>The name by which it is known from now on.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>What the unikernel is told.</summary>
    [Parameter]
    [Alias("Args", "ArgumentList")]
    [ArgumentCompleter(typeof(UnikernelArgumentCompleter))]
    public string[] Argument { get; set; } = [];

    /// <summary>The tap interfaces behind its networks, by the networks' names.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? Network { get; set; }

    /// <summary>The files behind its block devices, by the devices' names.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? Block { get; set; }

    /// <summary>The memory in MiB.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? Memory { get; set; }

    /// <summary>The program that starts it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Tender { get; set; }

    /// <summary>Whether tap interfaces that are missing are made, and removed when it has ended.</summary>
    [Parameter]
    public SwitchParameter CreateTap { get; set; }

    /// <summary>This machine's own address, with its prefix, on interfaces that are made, by the networks' names.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? TapAddress { get; set; }

    /// <summary>The file that what it writes is appended to.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? LogPath { get; set; }

    /// <summary>Whether it waits for gdb before it begins.</summary>
    [Parameter]
    public SwitchParameter Debugger { get; set; }

    /// <summary>Whether to wait for its end; Ctrl+C stops it then.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var image in ParameterSetName == ByImage ? Image : [])
            For(image, () => Start(image.Name, image.Project.Start(image.Target, image.Path), image.IsPlanned));
        foreach (var project in ParameterSetName == ByProject ? Project : [])
            For(project, () => Start(project));
        if (ParameterSetName is ByPath or ByLiteralPath)
            ForPaths(path =>
            {
                if (ProjectReader.IsProject(path))
                    Start(Await(cancellation => ProjectReader.Read(path, Configuration, Pairs(Property), cancellation)));
                else
                    Start(
                        System.IO.Path.GetFileNameWithoutExtension(path),
                        new UnikernelStart(Target ?? UnikernelStart.TargetOf(path), path)
                    );
            });
    }

    void Start(HillingarProject project)
    {
        var start = Await(cancellation => ProjectWork.Start(project, Target, cancellation));
        Start(project.Name, start, project.IsPlanned);
    }

    void Start(string name, UnikernelStart start, bool isPlanned = false)
    {
        name = Name ?? name;
        start = start.With(Pairs(Network), Pairs(Block).ToDictionary(pair => pair.Key, pair => Full(pair.Value)), Pairs(TapAddress)) with
        {
            Arguments = Argument,
            Memory = Memory ?? start.Memory,
            Tender =
                Tender is null ? start.Tender
                : Tender.Contains('/') ? Full(Tender)
                : Tender,
            CreateTaps = CreateTap || start.CreateTaps,
        };
        if (Debugger)
            start = start.WithDebugger();
        if (Ask(start.Image, $"Start {name} for {start.Target}", isPlanned) != Consent.Yes)
            return;
        var runs = UnikernelRuns.Of(Stores, this);
        var started = Await(cancellation => runs.Start(name, start, LogPath is null ? null : Full(LogPath), cancellation));
        WriteObject(Wait ? Await(cancellation => runs.WaitOrStop(name, cancellation)) : started);
    }
}
