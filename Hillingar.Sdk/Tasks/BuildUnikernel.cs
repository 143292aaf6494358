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

    /// <summary>dune's context.</summary>
    [Required]
    public string Context { get; set; } = "";

    /// <summary>dune's profile.</summary>
    [Required]
    public string Profile { get; set; } = "";

    /// <summary>Where the image goes.</summary>
    [Required]
    public string Image { get; set; } = "";

    /// <summary>Where to write what later targets say of the image: its size in bytes, SHA-256 and ABI.</summary>
    [Required]
    public string FactsFile { get; set; } = "";

    /// <summary>Whether the network may not be used.</summary>
    public bool Offline { get; set; }

    /// <summary>What to do about missing system packages: <c>off</c>, <c>warn</c> or <c>install</c>.</summary>
    public string SystemPackages { get; set; } = nameof(SystemPackageCheck.Warn);

    /// <summary>What the restore left: it says which lock it was of.</summary>
    [Required]
    public string StampFile { get; set; } = "";

    /// <summary>Whether merlin and ocaml-lsp are told of the sources.</summary>
    public bool EditorFiles { get; set; }

    private protected override async Task Run(CancellationToken cancellation)
    {
        var folder = Path.GetDirectoryName(ProjectFile)!;
        var sources = ProjectSources.Of(folder,
            Sources.Select(source => (source.GetMetadata("FullPath"), source.GetMetadata("Link"))), Zones.Select(zone => zone.GetMetadata("FullPath")));
        var build = new LocalBuild(new Workspace(Workspace), sources, DuneTarget, Context, Profile, Image);
        var options = new BuildOptions(LockFile, StampFile, Offline)
        {
            SystemPackages = OneOf<SystemPackageCheck>("HillingarSystemPackages", SystemPackages),
            EditorFolder = EditorFiles ? folder : null,
        };
        var errors = await new Builder(Stores, this).Build(build, options, cancellation).ConfigureAwait(false);
        foreach (var error in errors)
            Report(error);
        if (errors.Count == 0)
            File.WriteAllText(FactsFile, ImageFacts.Of(Image));
    }
}
