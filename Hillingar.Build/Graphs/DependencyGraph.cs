using Hillingar.Opam.Language;

namespace Hillingar.Build.Graphs;

/// <summary>What a package is to a lock.</summary>
public enum GraphRole
{
    /// <summary>The project, or what was asked for.</summary>
    Root,

    /// <summary>Its sources are in the duniverse.</summary>
    Vendored,

    /// <summary>The host's: a compiler, a tool, a virtual package.</summary>
    Host,
}

/// <summary>A package of a graph.</summary>
/// <param name="Name">The package.</param>
/// <param name="Version">Its version.</param>
/// <param name="Role">What it is to the lock.</param>
/// <param name="Group">The source repository that it is from, or null.</param>
/// <param name="IsNew">Whether an older lock has it in another version or not at all.</param>
/// <param name="Vulnerabilities">The advisories about it.</param>
public sealed record GraphNode(
    string Name,
    OpamVersion Version,
    GraphRole Role,
    string? Group,
    bool IsNew,
    IReadOnlyList<string> Vulnerabilities
);

/// <summary>That a package depends on another.</summary>
/// <param name="From">The package that needs.</param>
/// <param name="To">The package that is needed.</param>
/// <param name="Constraint">The bound on its version; empty for none.</param>
public sealed record GraphEdge(string From, string To, string Constraint);

/// <summary>The packages of a lock and who needs whom.</summary>
/// <param name="Title">What it is of.</param>
/// <param name="Nodes">The packages: the roots, then by name.</param>
/// <param name="Edges">The dependencies, in the order of the nodes.</param>
public sealed record DependencyGraph(string Title, IReadOnlyList<GraphNode> Nodes, IReadOnlyList<GraphEdge> Edges)
{
    /// <summary>
    /// The graph without the dependencies that follow from others (a needs b, b needs c: that a needs c too is left out). Who is needed by
    /// whom stays the same, and of a hundred packages one can see something.
    /// </summary>
    public DependencyGraph Reduce()
    {
        var kept = Edges.GroupBy(edge => edge.From).ToDictionary(group => group.Key, group => group.Select(edge => edge.To).ToHashSet());
        // One at a time, as in a circle each would be the other's reason to go.
        return this with { Edges = [.. Edges.Where(edge => !(IsImplied(edge) && kept[edge.From].Remove(edge.To)))] };

        bool IsImplied(GraphEdge edge)
        {
            var seen = new HashSet<string> { edge.From };
            var rest = new Stack<string>(kept[edge.From].Where(name => name != edge.To && seen.Add(name)));
            while (rest.TryPop(out var name))
                foreach (var next in kept.GetValueOrDefault(name, []))
                    if (next == edge.To)
                        return true;
                    else if (seen.Add(next))
                        rest.Push(next);
            return false;
        }
    }
}
