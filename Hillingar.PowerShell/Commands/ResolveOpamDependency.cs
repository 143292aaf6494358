using System.Management.Automation;
using Hillingar.Build.Packages;
using Hillingar.Build.Repositories;
using Hillingar.PowerShell.Completers;
using Hillingar.PowerShell.Hosting;

namespace Hillingar.PowerShell.Commands;

/// <summary>Solves for packages without a project.</summary>
[Cmdlet(VerbsDiagnostic.Resolve, "OpamDependency")]
[OutputType(typeof(ResolvedPackage))]
public sealed class ResolveOpamDependencyCommand : RepositoryCmdlet
{
    readonly List<string> _names = [];

    /// <summary>Packages, with versions where wanted; they are solved together.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PackageCompleter))]
    public string[] Name { get; set; } = [];

    /// <summary>The mirage targets that they are to serve.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TargetCompleter))]
    public string[] Target { get; set; } = ["unix"];

    /// <summary>The version of OCaml; any where none is given.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? OCaml { get; set; }

    /// <summary>How long a solve may take: seconds, or with a unit; 0 for no limit.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public string? SolveTimeout { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => _names.AddRange(Name);

    /// <inheritdoc/>
    protected override void EndProcessing() =>
        For(
            _names.ToArray(),
            () =>
            {
                var request = new ResolveRequest(_names.ConvertAll(PackageQuery.Parse), Locations(Repository))
                {
                    Targets = Target,
                    OCaml = OCaml,
                    Offline = Offline,
                    SolveTimeout = Build.Requests.SolveTimeout.Parse(SolveTimeout ?? ""),
                };
                WriteObject(
                    Await(cancellation => new Resolver(Stores, this).Resolve(request, cancellation)).Packages,
                    enumerateCollection: true
                );
            }
        );
}
