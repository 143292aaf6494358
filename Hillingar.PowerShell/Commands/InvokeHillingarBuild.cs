using System.Management.Automation;
using Hillingar.Build.Nix;
using Hillingar.Build.Projects;
using Hillingar.PowerShell.Hosting;

namespace Hillingar.PowerShell.Commands;

/// <summary>Builds projects from what was restored.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "HillingarBuild", DefaultParameterSetName = ByPath, SupportsShouldProcess = true)]
[OutputType(typeof(BuiltUnikernel))]
public sealed class InvokeHillingarBuildCommand : TargetCmdlet
{
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

    private protected override HillingarProject Chosen(HillingarProject project) =>
        project.With(
            "nix",
            options =>
                options
                    .With(nameof(NixOptions.Nixpkgs), One(Nixpkgs))
                    .With(nameof(NixOptions.System), One(NixSystem))
                    .With(nameof(NixOptions.Builders), NixBuilder is null ? null : One(string.Join(" ; ", NixBuilder)))
                    .With(nameof(NixOptions.Store), One(NixStore))
                    .With(nameof(NixOptions.Substituters), NixSubstituter)
                    .With(nameof(NixOptions.TrustedKeys), NixTrustedKey)
                    .With(nameof(NixOptions.CopyTo), One(NixCopyTo))
                    .With(nameof(NixOptions.Settings), NixSetting)
        );

    static string[]? One(string? value) => value is null ? null : [value];

    private protected override void Process(HillingarProject project, string target)
    {
        var consent = Ask(project.Name, $"Build for {target}", project.IsPlanned);
        if (consent == Consent.Plan)
            Plan(Await(cancellation => new ProjectWork(project, this).Plan(target, cancellation)));
        if (consent != Consent.Yes)
            return;
        var (image, errors) = Await(cancellation => new ProjectWork(project, this).Build(target, cancellation));
        Give(image, errors, project);
    }
}
