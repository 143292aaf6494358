using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;

namespace Hillingar.Build.Graphs;

/// <summary>A package that needs another.</summary>
/// <param name="Name">The package that needs.</param>
/// <param name="Version">Its version.</param>
/// <param name="DependsOn">What it needs, on the way to the package that was asked about.</param>
/// <param name="Constraint">The bound that it puts on that; empty for none.</param>
/// <param name="Depth">How far it is from the package that was asked about: 1 needs it itself.</param>
/// <param name="Chain">The shortest way from the project to the package that was asked about, through this one.</param>
public sealed record Dependent(string Name, string Version, string DependsOn, string Constraint, int Depth, IReadOnlyList<string> Chain)
{
    /// <summary>The chain.</summary>
    public override string ToString() => string.Join(" > ", Chain);
}

/// <summary>Why a package is in a lock.</summary>
public static class Dependents
{
    /// <summary>Who needs a package, the nearest first.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="package">The package.</param>
    /// <param name="recurse">Whether also who needs those that need it, and so on.</param>
    /// <exception cref="HillingarException">HIL7006: the graph has no such package.</exception>
    public static IReadOnlyList<Dependent> Of(DependencyGraph graph, string package, bool recurse)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var nodes = graph.Nodes.ToDictionary(node => node.Name);
        if (!nodes.ContainsKey(package))
            throw new HillingarException(
                "HIL7006",
                $"{graph.Title} has no package '{package}'. {(Spelling.Nearest(package, graph.Nodes.Select(node => node.Name)) is { } near ? $"Did you mean {near}?" : "Get-HillingarLock lists those that it has.")}"
            );
        var needers = graph.Edges.ToLookup(edge => edge.To);
        var ways = FromRoots(graph);
        var found = new List<Dependent>();
        var tails = new Dictionary<string, IReadOnlyList<string>> { [package] = [package] };
        var rest = new Queue<string>([package]);
        while (rest.TryDequeue(out var needed))
            foreach (var edge in needers[needed])
                if (!tails.ContainsKey(edge.From))
                {
                    tails[edge.From] = [edge.From, .. tails[needed]];
                    found.Add(
                        new Dependent(
                            edge.From,
                            nodes[edge.From].Version.Text,
                            needed,
                            edge.Constraint,
                            tails[needed].Count,
                            [.. ways.GetValueOrDefault(edge.From, []), .. tails[edge.From]]
                        )
                    );
                    if (recurse)
                        rest.Enqueue(edge.From);
                }

        return found;
    }

    /// <summary>The shortest way from a root to each package, itself left out.</summary>
    static Dictionary<string, IReadOnlyList<string>> FromRoots(DependencyGraph graph)
    {
        var needs = graph.Edges.ToLookup(edge => edge.From);
        // Where the roots are not known, whoever nobody needs is one.
        var needed = graph.Edges.Select(edge => edge.To).ToHashSet();
        var roots = graph.Nodes.Where(node => node.Role == GraphRole.Root).ToList() is { Count: > 0 } known
            ? known
            : graph.Nodes.Where(node => !needed.Contains(node.Name)).ToList();
        var ways = roots.ToDictionary(root => root.Name, _ => (IReadOnlyList<string>)[]);
        var rest = new Queue<string>(ways.Keys);
        while (rest.TryDequeue(out var name))
            foreach (var edge in needs[name])
                if (ways.TryAdd(edge.To, [.. ways[name], name]))
                    rest.Enqueue(edge.To);
        return ways;
    }
}
