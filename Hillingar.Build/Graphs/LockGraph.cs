using Hillingar.Build.Auditing;
using Hillingar.Build.Locks;
using Hillingar.Build.Reporting;
using Hillingar.Build.Repositories;
using Hillingar.Build.Requests;
using Hillingar.Build.Storage;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;

namespace Hillingar.Build.Graphs;

/// <summary>What a graph of a lock marks.</summary>
public sealed record GraphMarks
{
    /// <summary>A lock against which packages are new; null for none.</summary>
    public LockFile? Older { get; init; }

    /// <summary>What is known of the packages.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];
}

/// <summary>The graph of a lock. A lock only lists packages; who needs whom, the repositories know that it names.</summary>
public static class LockGraph
{
    /// <summary>Opens the repositories that a lock names, or the given ones.</summary>
    /// <param name="locked">The lock.</param>
    /// <param name="repositories">Repositories to take instead; none: the lock's.</param>
    /// <param name="stores">Where indexes are kept.</param>
    /// <param name="reporter">Is told what did not go as wished.</param>
    /// <param name="offline">Whether the network may not be used.</param>
    /// <param name="cancellation">Stops.</param>
    public static async Task<Repository> Open(
        LockFile locked,
        IReadOnlyList<string> repositories,
        Stores stores,
        IReporter reporter,
        bool offline,
        CancellationToken cancellation
    )
    {
        ArgumentNullException.ThrowIfNull(locked);
        var named =
            repositories.Count > 0 ? repositories
            : locked.Contents.Count > 0 ? [.. locked.Contents.Select(Pinned)]
            : locked.Repositories;
        return (
            await PackageIndex
                .Open(
                    [.. named.Select(address => RepositoryOpener.Expand(address, locked.Folder))],
                    stores,
                    reporter,
                    offline,
                    cancellation
                )
                .ConfigureAwait(false)
        ).Repository;

        // As it was when the lock was made, where it has commits.
        static string Pinned((string Address, string Content) repository) =>
            Git.IsCommit(repository.Content) ? $"{repository.Address.Split('#')[0]}#{repository.Content}" : repository.Address;
    }

    /// <summary>The graph.</summary>
    /// <param name="title">What it is of.</param>
    /// <param name="locked">The lock.</param>
    /// <param name="repository">The repositories that have its packages.</param>
    /// <param name="marks">What to mark.</param>
    /// <param name="reporter">Is told of packages that the repositories do not have: what they need is not known.</param>
    public static DependencyGraph Of(string title, LockFile locked, Repository repository, GraphMarks marks, IReporter reporter)
    {
        ArgumentNullException.ThrowIfNull(locked);
        var packages = locked.Packages.ToDictionary(item => item.Package.Name);
        var environment = Variables(locked);
        var (edges, late) = (new List<GraphEdge>(), new List<GraphEdge>());
        var groups = new Dictionary<PackageName, string?>();
        // opam-monorepo's locks only have their names.
        var own = locked.Roots;
        var roots = own.Select(root => new OpamPackage(root.Name, Roots.Version)).ToList();
        foreach (var (package, root) in roots.Zip(own))
            Add(edges, package.Name.Text, root.Depends.Select(environment.For(package), DependencyOptions.For(package)));
        foreach (var item in locked.Packages)
        {
            if (locked.Provided.Contains(item.Package))
                continue;
            if (repository.Find(item.Package) is not { } found)
            {
                reporter.Report(
                    new Diagnostic(
                        Severity.Warning,
                        "HIL7008",
                        $"{item.Package} is not in {repository.Location}, so what it needs is not known. Name the repository that has it, or lock again."
                    )
                );
                continue;
            }

            groups[item.Package.Name] = Group(found.DevRepo);
            // A package that is wanted after another is built (post) is no part of it.
            Add(
                edges,
                item.Package.Name.Text,
                found.Depends.Select(environment.For(item.Package), DependencyOptions.For(item.Package) with { Post = false })
            );
            Add(late, item.Package.Name.Text, found.Depends.Select(environment.For(item.Package), DependencyOptions.For(item.Package)));
        }

        // Nothing stands alone: where a package is wanted afterwards only, that is why it is here; else the lock itself asked for it.
        var needed = edges.Select(edge => edge.To).ToHashSet();
        edges.AddRange(late.Where(edge => !needed.Contains(edge.To)));
        var connected = edges.SelectMany(edge => new[] { edge.From, edge.To }).ToHashSet();
        if (roots.Count > 0)
            edges.AddRange(
                locked
                    .Packages.Select(item => item.Package.Name.Text)
                    .Where(name => !connected.Contains(name) && !roots.Exists(root => root.Name.Text == name))
                    .Select(name => new GraphEdge(roots[0].Name.Text, name, ""))
            );
        var older = marks.Older?.Packages.Select(item => item.Package).ToHashSet();
        var findings = marks.Findings.ToLookup(finding => finding.Package.Name);
        return new DependencyGraph(
            title,
            [
                .. roots.Select(root => new GraphNode(root.Name.Text, root.Version, GraphRole.Root, null, false, [])),
                .. locked
                    .Packages.Select(item => item.Package)
                    .Order()
                    .Where(package => !roots.Exists(root => root.Name == package.Name))
                    .Select(package => new GraphNode(
                        package.Name.Text,
                        package.Version,
                        packages[package.Name].Vendored ? GraphRole.Vendored : GraphRole.Host,
                        groups.GetValueOrDefault(package.Name),
                        older is not null && !older.Contains(package),
                        [.. findings[package.Name].Select(finding => finding.Id).Distinct()]
                    )),
            ],
            [.. edges.DistinctBy(edge => (edge.From, edge.To))]
        );

        void Add(List<GraphEdge> into, string from, Formula<PackageAtom> needs) =>
            into.AddRange(
                needs
                    .Atoms()
                    .Where(atom => atom.Name.Text != from && packages.TryGetValue(atom.Name, out var item) && atom.Holds(item.Package))
                    .Select(atom => new GraphEdge(from, atom.Name.Text, atom.Versions.IsEmpty ? "" : atom.Versions.ToString()))
            );
    }

    // The lock says for what it was made; a lock of opam-monorepo's says less than ours, and then this machine's variables serve.
    static OpamEnvironment Variables(LockFile locked) =>
        locked
            .Variables.Aggregate(HostPlatform.Current, (environment, pair) => environment.With(pair.Name, pair.Value))
            .With("monorepo", true);

    // git+https://github.com/mirage/ocaml-dns.git: the last two parts tell repositories apart, and are short.
    static string? Group(string? devRepo)
    {
        if (string.IsNullOrEmpty(devRepo))
            return null;
        var parts = devRepo.Split('#')[0].TrimEnd('/').Split('/', ':');
        var name = string.Join('/', parts.Where(part => part.Length > 0).TakeLast(2));
        return name.EndsWith(".git", StringComparison.Ordinal) ? name[..^4] : name;
    }
}
