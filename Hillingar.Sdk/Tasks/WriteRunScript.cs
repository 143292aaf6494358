using Hillingar.Build.Realising;
using Hillingar.Build.Running;
using Microsoft.Build.Framework;

namespace Hillingar.Sdk.Tasks;

/// <summary>Writes the script by which <c>dotnet run</c> starts an image that does not start by itself.</summary>
public sealed class WriteRunScript : HillingarTask
{
    /// <summary>The mirage target.</summary>
    [Required]
    public string Target { get; set; } = "";

    /// <summary>The image.</summary>
    [Required]
    public string Image { get; set; } = "";

    /// <summary><c>@(UnikernelNet)</c>, with <c>Tap</c> and <c>Address</c>.</summary>
    public ITaskItem[] Networks { get; set; } = [];

    /// <summary><c>@(UnikernelBlock)</c>, with <c>File</c>.</summary>
    public ITaskItem[] Blocks { get; set; } = [];

    /// <summary>The memory in MiB.</summary>
    public int Memory { get; set; }

    /// <summary>The tender, or empty for the target's usual one.</summary>
    public string Tender { get; set; } = "";

    /// <summary>Whether tap interfaces that are missing are made for the run.</summary>
    public bool CreateTaps { get; set; }

    /// <summary>The folder that dune builds in.</summary>
    [Required]
    public string Workspace { get; set; } = "";

    /// <summary>Where to write the script.</summary>
    [Required]
    public string ScriptFile { get; set; } = "";

    private protected override Task Run(CancellationToken cancellation)
    {
        var start = new UnikernelStart(Target, Image)
        {
            Devices = UnikernelStart.TakesDevices(Target) ? [.. DeviceItems.Of(Networks, Blocks).Select(device => device.In(Path.GetDirectoryName(ProjectFile)!))] : [],
            Memory = Memory,
            Tender = Tender.Length > 0 ? Tender : null,
            HostSwitch = new Workspace(Workspace).HostSwitch,
            CreateTaps = CreateTaps,
        };
        var script = StartPlan.Of(start).Script();
        Directory.CreateDirectory(Path.GetDirectoryName(ScriptFile)!);
        File.WriteAllText(ScriptFile, script);
        return Task.CompletedTask;
    }
}
