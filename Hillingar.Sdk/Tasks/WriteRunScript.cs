using Hillingar.Build.Running;
using Microsoft.Build.Framework;

namespace Hillingar.Sdk.Tasks;

/// <summary>Writes the script by which <c>dotnet run</c> starts an image that does not start by itself.</summary>
public sealed class WriteRunScript : ProjectTask
{
    /// <summary>The mirage target.</summary>
    [Required]
    public string Target { get; set; } = "";

    /// <summary>The image.</summary>
    [Required]
    public string Image { get; set; } = "";

    /// <summary>Where to write the script.</summary>
    [Required]
    public string ScriptFile { get; set; } = "";

    private protected override Task Run(CancellationToken cancellation)
    {
        var script = StartPlan.Of(Read().Project().Start(Target, Image)).Script();
        Directory.CreateDirectory(Path.GetDirectoryName(ScriptFile)!);
        File.WriteAllText(ScriptFile, script);
        return Task.CompletedTask;
    }
}
