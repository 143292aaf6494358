using System.Collections.Immutable;
using NuGet.Versioning;

namespace Hillingar.Solver.NuGet;

/// <summary>
/// NuGet's packages, of which the lowest applicable version is taken. A package's version answers to all that depend on it and to
/// nothing below it, so the packages are decided dependents first; «not there» is a version of its own, and the most preferred one.
/// <para>
/// The answer is that of <c>dotnet restore</c> wherever it reports no downgrade (NU1605), no conflict (NU1107) and no version outside
/// of a constraint (NU1608): in those NuGet does not solve but lets the nearest win, as it does silently in a few more. Stable versions only.
/// </para>
/// </summary>
public sealed class NuGetUniverse : IUniverse
{
    const string Absent = "(absent)";

    readonly Dictionary<string, Node> _nodes = new(StringComparer.OrdinalIgnoreCase);
    readonly List<Node> _order = [];

    /// <summary>Makes the universe of some packages.</summary>
    /// <param name="packages">The packages of a feed.</param>
    public NuGetUniverse(IEnumerable<FeedPackage> packages)
    {
        foreach (
            var versions in packages
                .Where(package => !package.Version.IsPrerelease)
                .GroupBy(package => package.Id, StringComparer.OrdinalIgnoreCase)
        )
            _nodes.Add(versions.Key, new(versions.Key, [.. versions.OrderBy(package => package.Version)]));
        foreach (
            var id in _nodes
                .Values.SelectMany(node => node.Described)
                .SelectMany(package => package.Dependencies)
                .Select(dependency => dependency.Key)
                .Distinct(StringComparer.OrdinalIgnoreCase)
                .ToList()
        )
            _nodes.TryAdd(id, new(id, []));

        var seen = new HashSet<Node>();
        void Visit(Node node)
        {
            if (!seen.Add(node))
                return;
            foreach (var dependency in node.Described.SelectMany(package => package.Dependencies))
                Visit(_nodes[dependency.Key]);
            _order.Add(node);
        }
        foreach (var node in _nodes.Values)
            Visit(node);
        _order.Reverse();
    }

    /// <summary>A package; rank 0 stands for its absence, the ranks after it for its versions.</summary>
    sealed class Node(string id, FeedPackage[] described)
        : Package(id, [Absent, .. described.Select(package => package.Version.ToNormalizedString())])
    {
        public FeedPackage[] Described => described;

        /// <summary>That the package is there, in the range.</summary>
        public Prohibition In(VersionRange range) =>
            new(
                this,
                VersionSet.Where(Versions.Count, rank => rank == 0 || !range.Satisfies(described[rank - 1].Version)),
                range.PrettyPrint(),
                bound: true
            );
    }

    /// <summary>Selects versions for a project.</summary>
    /// <param name="references">Its package references.</param>
    /// <param name="cancellation">Stops the search.</param>
    /// <returns>A solution, of which <see cref="Packages"/> gives the packages, or a conflict.</returns>
    public Outcome Solve(IEnumerable<KeyValuePair<string, VersionRange>> references, CancellationToken cancellation = default)
    {
        var wanted = ImmutableArray.CreateBuilder<Dependency>();
        foreach (var (id, range) in references)
        {
            if (!_nodes.TryGetValue(id, out var node))
                _nodes[id] = node = new(id, []);
            wanted.Add(node.In(range));
        }
        foreach (var node in _order)
            wanted.Add(new Requirement(node, VersionSet.All(node.Versions.Count)));
        return this.Solve(wanted.ToImmutable(), cancellation);
    }

    /// <summary>The packages of a solution, by identity.</summary>
    /// <param name="solution">The solution.</param>
    public static IReadOnlyDictionary<string, string> Packages(Solution solution) =>
        solution.Selected.Where(pair => pair.Value > 0).ToDictionary(pair => pair.Key.Name, pair => pair.Key.Versions[pair.Value]);

    /// <inheritdoc/>
    public ImmutableArray<int> Candidates(Package package) => [.. Enumerable.Range(0, package.Versions.Count)];

    /// <inheritdoc/>
    public ImmutableArray<Dependency> Dependencies(Package package, int version) =>
        version == 0
            ? []
            :
            [
                .. ((Node)package)
                    .Described[version - 1]
                    .Dependencies.Select(dependency => (Dependency)_nodes[dependency.Key].In(dependency.Value)),
            ];

    /// <inheritdoc/>
    public ImmutableArray<ConflictClass> Classes(Package package, int version) => [];
}
