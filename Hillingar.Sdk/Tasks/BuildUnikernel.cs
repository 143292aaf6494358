using Hillingar.Build.Depext;
using Hillingar.Build.Projects;
using Hillingar.Build.Realising;
using Hillingar.Build.Restoring;
using Hillingar.Build.Sandboxes;
using Microsoft.Build.Framework;

namespace Hillingar.Sdk.Tasks;

/// <summary>The build of one target from what was restored.</summary>
public sealed class BuildUnikernel : ProjectTask
{
    /// <summary>The target.</summary>
    [Required]
    public string Target { get; set; } = "";

    /// <summary>All targets with what dune is asked for (<c>DuneTarget</c>, <c>Context</c>, <c>Profile</c>) and the image's name (<c>Image</c>); none where Nix is not asked.</summary>
    public ITaskItem[] AllTargets { get; set; } = [];

    /// <summary>Who builds: <c>local</c>, <c>nix</c> or <c>auto</c>.</summary>
    public string Backend { get; set; } = nameof(Hillingar.Build.Restoring.Backend.Local);

    /// <summary>How Nix builds: <c>Nixpkgs</c>, <c>System</c>, <c>Builders</c>, <c>Store</c>, <c>Substituters</c>, <c>TrustedKeys</c>, <c>CopyTo</c> and <c>Settings</c> as metadata.</summary>
    public ITaskItem? Nix { get; set; }

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

    /// <summary>The <c>RuntimeIdentifier</c> of the machine that the image is for; empty for this one's.</summary>
    public string Runtime { get; set; } = "";

    /// <summary>Whether merlin and ocaml-lsp are told of the sources.</summary>
    public bool EditorFiles { get; set; }

    /// <summary>Whether OCaml's warnings are errors.</summary>
    public bool WarningsAreErrors { get; set; }

    private protected override async Task Run(CancellationToken cancellation)
    {
        var folder = Path.GetDirectoryName(ProjectFile)!;
        var missing = ProjectSources.Missing(ProjectFile, Zones.Select(zone => ("DnsZone", zone.ItemSpec, zone.GetMetadata("FullPath"))).Concat(Sources.Select(source => ("DuneSource", source.ItemSpec, source.GetMetadata("FullPath")))));
        foreach (var fault in missing)
            Report(fault);
        if (missing.Count > 0)
            return;
        var build = new LocalBuild(new Workspace(Workspace), Laid, DuneTarget, Context, Profile, Image) { WarningsAreErrors = WarningsAreErrors };
        var options = new BuildOptions(LockFile, StampFile, Offline)
        {
            SystemPackages = OneOf<SystemPackageCheck>("HillingarSystemPackages", SystemPackages),
            Sandbox = OneOf<SandboxMode>("HillingarSandbox", Sandbox),
            Isolation = Isolation,
            ConfiguredFolder = Configured,
            Runtime = Runtime,
            EditorFolder = EditorFiles ? folder : null,
            Backend = OneOf<Hillingar.Build.Restoring.Backend>("HillingarBackend", Backend),
            Nix = NixItem.Read(Nix),
        };
        var subject = new BuildSubject(Request(), Target, NixItem.Targets(AllTargets));
        WriteLinks(build.Sources);
        var errors = await new Builder(Stores, this).Build(subject, build, options, cancellation).ConfigureAwait(false);
        foreach (var error in errors)
            Report(error);
        if (errors.Count == 0)
            File.WriteAllText(FactsFile, ImageFacts.Of(Image));
    }

    // MSBuild compares the times of links, not of what they lead to; the next build adds these to its inputs.
    void WriteLinks(IEnumerable<(string Path, string File)> sources)
    {
        var targets = sources.Select(source => File.ResolveLinkTarget(source.File, returnFinalTarget: true)?.FullName).OfType<string>().Distinct().Order(StringComparer.Ordinal).ToList();
        if (targets.Count > 0)
            File.WriteAllText(Path.Combine(Workspace, "links"), string.Concat(targets.Select(target => target + "\n")));
        else
            File.Delete(Path.Combine(Workspace, "links"));
    }
}
