using System.Management.Automation;
using Hillingar.Build.Graphs;
using Hillingar.Build.Health;
using Hillingar.Build.Locks;
using Hillingar.Build.Packages;
using Hillingar.Build.Projects;
using Hillingar.Build.Repositories;
using Hillingar.PowerShell.Completers;
using Hillingar.PowerShell.Hosting;

namespace Hillingar.PowerShell.Commands;

/// <summary>How a graph is written.</summary>
public enum GraphFormat
{
    /// <summary>As Mermaid, which code hosts and wikis show.</summary>
    Mermaid,

    /// <summary>As Graphviz's DOT.</summary>
    Dot,

    /// <summary>As SVG, drawn by Graphviz.</summary>
    Svg,
}

/// <summary>Draws what a lock, or a package, is made of.</summary>
[Cmdlet(VerbsCommon.Show, "OpamDependency", DefaultParameterSetName = ByPackage)]
[OutputType(typeof(string))]
public sealed class ShowOpamDependencyCommand : RepositoryCmdlet
{
    const string ByPackage = "Package";
    const string ByLock = "Lock";
    const string ByProject = "Project";

    /// <summary>Packages: each is solved for and drawn by itself.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByPackage, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PackageCompleter))]
    public string[] Name { get; set; } = [];

    /// <summary>The package's version; the solver's choice where none is given.</summary>
    [Parameter(ParameterSetName = ByPackage, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(VersionCompleter))]
    public string? Version { get; set; }

    /// <summary>The mirage targets that a package is solved for.</summary>
    [Parameter(ParameterSetName = ByPackage)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TargetCompleter))]
    public string[] Target { get; set; } = ["unix"];

    /// <summary>The version of OCaml that a package is solved for.</summary>
    [Parameter(ParameterSetName = ByPackage)]
    [ValidateNotNullOrEmpty]
    public string? OCaml { get; set; }

    /// <summary>How long a solve may take: seconds, or with a unit; 0 for no limit.</summary>
    [Parameter(ParameterSetName = ByPackage)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public string? SolveTimeout { get; set; }

    /// <summary>The lock: its file, or a folder that holds one.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByLock)]
    [ArgumentCompleter(typeof(LockCompleter))]
    public string Lock { get; set; } = ".";

    /// <summary>A project, whose lock is drawn.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByProject, ValueFromPipeline = true)]
    [FromOtherShell(typeof(HillingarProject))]
    public HillingarProject? Project { get; set; }

    /// <summary>An older lock, or a git revision of this one: what it does not have is marked as new.</summary>
    [Parameter(ParameterSetName = ByLock)]
    [Parameter(ParameterSetName = ByProject)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RevisionCompleter))]
    public string? Since { get; set; }

    /// <summary>Whether to mark packages with known vulnerabilities.</summary>
    [Parameter]
    public SwitchParameter Audit { get; set; }

    /// <summary>Where the security advisories are.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Advisory { get; set; }

    /// <summary>How the graph is written.</summary>
    [Parameter]
    public GraphFormat Format { get; set; }

    /// <summary>Whether to draw also what follows from other dependencies.</summary>
    [Parameter]
    public SwitchParameter All { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName != ByPackage)
            For(
                (object?)Project ?? Lock,
                () =>
                {
                    var path = LockLocation.Find(Project?.LockFile ?? Full(Lock));
                    var locked = LockFile.Read(path);
                    var older = Since is null ? null : Await(cancellation => LockLocation.Read(Since, path, Full("."), cancellation));
                    Draw(
                        System.IO.Path.GetFileName(path),
                        locked,
                        Await(cancellation => LockGraph.Open(locked, Locations(Repository), Stores, this, Offline, cancellation)),
                        older
                    );
                }
            );
        else
            foreach (var name in Name)
                For(
                    name,
                    () =>
                    {
                        var wanted = PackageQuery.Parse(name);
                        // "latest" is what the solver takes anyway, unless something forbids it.
                        var dependency = Version is { Length: > 0 } and not "latest"
                            ? PackageQuery.Parse($"{wanted.Name}.{Version}")
                            : wanted;
                        var request = new ResolveRequest([dependency], Locations(Repository))
                        {
                            Targets = Target,
                            OCaml = OCaml,
                            Offline = Offline,
                            SolveTimeout = Build.Requests.SolveTimeout.Parse(SolveTimeout ?? ""),
                        };
                        var resolved = Await(cancellation => new Resolver(Stores, this).Resolve(request, cancellation));
                        Draw(name, resolved.Lock, resolved.Repository, null);
                    }
                );
    }

    void Draw(string title, LockFile locked, Opam.Repositories.Repository repository, LockFile? older)
    {
        var findings =
            Audit || Advisory is not null
                ? Await(cancellation =>
                    new LockDoctor(Stores, this).Findings(
                        locked,
                        Project,
                        Advisory is null ? null : Locations([Advisory])[0],
                        Offline,
                        cancellation
                    )
                )
                : [];
        var graph = Await(cancellation =>
            Task.FromResult(LockGraph.Of(title, locked, repository, new GraphMarks { Older = older, Findings = findings }, this))
        );
        var drawn = All ? graph : graph.Reduce();
        WriteObject(
            Format switch
            {
                GraphFormat.Mermaid => GraphText.Mermaid(drawn),
                GraphFormat.Dot => GraphText.Dot(drawn),
                _ => Await(cancellation => Graphviz.Svg(GraphText.Dot(drawn), cancellation)),
            }
        );
    }
}
