using System.Management.Automation;
using Hillingar.Build.Nix;
using Hillingar.Build.Projects;
using Hillingar.PowerShell.Hosting;

namespace Hillingar.PowerShell.Commands;

/// <summary>Writes the flakes that build projects with Nix alone.</summary>
[Cmdlet(VerbsCommon.New, "HillingarFlake", DefaultParameterSetName = ByPath, SupportsShouldProcess = true)]
[OutputType(typeof(WrittenFlake))]
public sealed class NewHillingarFlakeCommand : ProjectCmdlet
{
    /// <summary>The folder to write into: the project's own, or one above it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Destination { get; set; }

    /// <summary>The address of nixpkgs, as a flake's input; the project's where none is given.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Nixpkgs { get; set; }

    private protected override void Process(HillingarProject project)
    {
        var folder = Destination is null ? project.Folder : Full(Destination);
        var told = Nixpkgs is null ? project : project.With("nix", options => options.With(nameof(NixOptions.Nixpkgs), Nixpkgs));
        if (Ask(folder, $"Write the flake of {project.Name}", project.IsPlanned) == Consent.Yes)
            WriteObject(Await(cancellation => new ProjectWork(told, this).WriteFlake(folder, cancellation)));
    }
}
