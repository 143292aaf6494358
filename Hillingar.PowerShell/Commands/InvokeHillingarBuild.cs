using System.Management.Automation;
using Hillingar.Build;

namespace Hillingar.PowerShell;

/// <summary>Builds projects from what was restored.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "HillingarBuild", DefaultParameterSetName = ByPath, SupportsShouldProcess = true)]
[OutputType(typeof(BuiltUnikernel))]
public sealed class InvokeHillingarBuildCommand : ProjectCmdlet
{
    /// <summary>The targets; all of the project's where none is named.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TargetCompleter))]
    public string[] Target { get; set; } = [];

    /// <summary>Who builds; the project's own choice where none is named, as with all that follows.</summary>
    [Parameter]
    public Backend? Backend { get; set; }

    /// <summary>The address of nixpkgs, as a flake's input.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Nixpkgs { get; set; }

    /// <summary>The system that Nix builds on, such as aarch64-linux.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? NixSystem { get; set; }

    /// <summary>Remote builders, as nix.conf writes them.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? NixBuilder { get; set; }

    /// <summary>The store that Nix builds in.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? NixStore { get; set; }

    /// <summary>Binary caches besides the machine's.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? NixSubstituter { get; set; }

    /// <summary>The public keys of those caches.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? NixTrustedKey { get; set; }

    /// <summary>The store or cache that results are copied to.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? NixCopyTo { get; set; }

    /// <summary>Other settings of Nix, NAME=VALUE.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? NixSetting { get; set; }

    private protected override void Process(HillingarProject given)
    {
        var nix = given.Nix;
        var project = given with
        {
            Backend = Backend ?? given.Backend,
            Nix = nix with
            {
                Nixpkgs = Nixpkgs ?? nix.Nixpkgs,
                System = NixSystem ?? nix.System,
                Builders = NixBuilder is null ? nix.Builders : string.Join(" ; ", NixBuilder),
                Store = NixStore ?? nix.Store,
                Substituters = NixSubstituter ?? nix.Substituters,
                TrustedKeys = NixTrustedKey ?? nix.TrustedKeys,
                CopyTo = NixCopyTo ?? nix.CopyTo,
                Settings = NixSetting ?? nix.Settings,
            },
        };
        // One target that cannot be built is no reason not to build the next.
        foreach (var target in Target.Length > 0 ? Target : project.Targets)
            For(project, () =>
            {
                if (!ShouldProcess(project.Name, $"Build for {target}"))
                    return;
                var (image, errors) = Await(cancellation => new ProjectWork(project, this).Build(target, cancellation));
                foreach (var error in errors)
                    WriteError(Errors.Of(error, project));
                if (image is not null)
                    WriteObject(image);
            });
    }
}
