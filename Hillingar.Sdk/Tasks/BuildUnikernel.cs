using Hillingar.Build;
using Microsoft.Build.Framework;

namespace Hillingar.Sdk;

/// <summary>The build of one target from what was restored.</summary>
public sealed class BuildUnikernel : HillingarTask
{
    /// <summary>The project's own files, <c>@(DuneSource)</c>.</summary>
    public ITaskItem[] Sources { get; set; } = [];

    /// <summary><c>@(DnsZone)</c>: they come to lie in <c>zones/</c> beside the sources.</summary>
    public ITaskItem[] Zones { get; set; } = [];

    /// <summary>The lock.</summary>
    [Required]
    public string LockFile { get; set; } = "";

    /// <summary>The folder that dune builds in.</summary>
    [Required]
    public string Workspace { get; set; } = "";

    /// <summary>What dune is asked for, such as <c>dns.exe</c>.</summary>
    [Required]
    public string DuneTarget { get; set; } = "";

    /// <summary>dune's profile.</summary>
    [Required]
    public string Profile { get; set; } = "";

    /// <summary>Where the image goes.</summary>
    [Required]
    public string Image { get; set; } = "";

    /// <summary>Whether the network may not be used.</summary>
    public bool Offline { get; set; }

    private protected override async Task Run(CancellationToken cancellation)
    {
        var folder = Path.GetDirectoryName(ProjectFile)!;
        var zones = Zones.Select(zone => (Path: "zones/" + Path.GetFileName(zone.ItemSpec), File: zone.GetMetadata("FullPath"))).ToList();
        var sources = Sources
            .Select(source => (Path: Inside(folder, source), File: source.GetMetadata("FullPath")))
            .Where(source => zones.TrueForAll(zone => zone.Path != source.Path));
        var build = new LocalBuild(new Workspace(Workspace), [.. sources, .. zones], DuneTarget, Profile, Image);
        foreach (var error in await new Builder(Stores, this).Build(build, LockFile, Offline, cancellation).ConfigureAwait(false))
            Report(error);
    }

    // As with Content and Compile items, Link says where a file from elsewhere is to be.
    static string Inside(string folder, ITaskItem source) =>
        source.GetMetadata("Link") is { Length: > 0 } link ? link : Path.GetRelativePath(folder, source.GetMetadata("FullPath"));
}
