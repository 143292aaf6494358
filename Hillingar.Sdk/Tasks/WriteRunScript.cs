using Hillingar.Build;
using Microsoft.Build.Framework;

namespace Hillingar.Sdk;

/// <summary>Writes the script by which <c>dotnet run</c> starts an image that does not start by itself.</summary>
public sealed class WriteRunScript : HillingarTask
{
    /// <summary>The mirage target.</summary>
    [Required]
    public string Target { get; set; } = "";

    /// <summary>The image.</summary>
    [Required]
    public string Image { get; set; } = "";

    /// <summary><c>@(UnikernelNet)</c>, with <c>Tap</c>.</summary>
    public ITaskItem[] Networks { get; set; } = [];

    /// <summary><c>@(UnikernelBlock)</c>, with <c>File</c>.</summary>
    public ITaskItem[] Blocks { get; set; } = [];

    /// <summary>The memory in MiB.</summary>
    public int Memory { get; set; }

    /// <summary>The tender, or empty for the target's usual one.</summary>
    public string Tender { get; set; } = "";

    /// <summary>Where to write the script.</summary>
    [Required]
    public string ScriptFile { get; set; } = "";

    private protected override Task Run(CancellationToken cancellation)
    {
        var script = new TenderScript(Target, Image)
        {
            // As everywhere in a project, a file's path is relative to it.
            Devices = [.. DeviceItems.Of(Networks, Blocks).Select(device => device is { Kind: DeviceKind.Block, Host.Length: > 0 }
                ? device with { Host = Path.GetFullPath(device.Host, Path.GetDirectoryName(ProjectFile)!) } : device)],
            Memory = Memory,
            Tender = Tender.Length > 0 ? Tender : null,
        };
        Directory.CreateDirectory(Path.GetDirectoryName(ScriptFile)!);
        File.WriteAllText(ScriptFile, script.ToString());
        return Task.CompletedTask;
    }
}
