using System.Text;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Graphs;

/// <summary>Graphs as text: Mermaid (https://mermaid.js.org/syntax/flowchart.html) and Graphviz's DOT (https://graphviz.org/doc/info/lang.html).</summary>
public static class GraphText
{
    // What a package is, and how it looks: fill and border, told apart without colours by the border's dashes and width as well.
    static readonly (string Class, string Meaning, string Fill, string Line, bool Dashed, int Width)[] s_styles =
    [
        ("root", "asked for", "#dbeafe", "#1d4ed8", false, 2),
        ("vendored", "vendored", "#ffffff", "#64748b", false, 1),
        ("host", "the host's", "#f1f5f9", "#94a3b8", true, 1),
        ("fresh", "new", "#dcfce7", "#15803d", false, 2),
        ("vulnerable", "has a known vulnerability", "#fee2e2", "#b91c1c", false, 3),
    ];

    /// <summary>A graph as a Mermaid flowchart; packages of one source repository are framed together.</summary>
    public static string Mermaid(DependencyGraph graph)
    {
        var (groups, ids) = Layout(graph);
        var text = new StringBuilder($"---\ntitle: \"{Plain(graph.Title)}\"\n---\nflowchart LR\n");
        foreach (var (group, nodes) in groups)
        {
            var indent = group is null ? "  " : "    ";
            if (group is not null)
                text.Append($"  subgraph {ids[nodes[0].Name]}g[\"{Plain(group)}\"]\n");
            foreach (var node in nodes)
                text.Append($"{indent}{ids[node.Name]}[\"{string.Join("<br/>", Label(node).Select(Plain))}\"]:::{Class(node)}\n");
            if (group is not null)
                text.Append("  end\n");
        }

        foreach (var edge in graph.Edges)
            text.Append($"  {ids[edge.From]} --> {ids[edge.To]}\n");
        foreach (var (name, _, fill, line, dashed, width) in Used(graph))
            text.Append(
                $"  classDef {name} fill:{fill},stroke:{line},stroke-width:{width}px,color:#0f172a{(dashed ? ",stroke-dasharray:4 3" : "")}\n"
            );
        return text.ToString();

        // Mermaid takes entities with '#' for '&'; of what else it could read as its own, nothing is in names and versions.
        static string Plain(string value) =>
            Printable
                .Line(value.ReplaceLineEndings(" "))
                .Replace("#", "#35;")
                .Replace("\"", "#quot;")
                .Replace("<", "#lt;")
                .Replace(">", "#gt;");
    }

    /// <summary>A graph in DOT; packages of one source repository are clustered, and a legend says what the colours mean.</summary>
    public static string Dot(DependencyGraph graph)
    {
        var (groups, ids) = Layout(graph);
        var text = new StringBuilder(
            $"digraph {Quote(graph.Title)} {{\n  rankdir=LR;\n  label={Quote(graph.Title + "  (" + string.Join(", ", Used(graph).Select(style => $"{Colour(style.Class)}: {style.Meaning}")) + ")")};\n"
                + "  fontname=\"Helvetica\";\n  node [shape=box, fontname=\"Helvetica\", fontsize=10];\n  edge [color=\"#64748b\", arrowsize=0.6];\n"
        );
        foreach (var (group, nodes) in groups)
        {
            var indent = group is null ? "  " : "    ";
            if (group is not null)
                text.Append($"  subgraph cluster_{ids[nodes[0].Name]} {{\n    label={Quote(group)}; color=\"#cbd5e1\"; fontsize=10;\n");
            foreach (var node in nodes)
            {
                var style = s_styles.First(style => style.Class == Class(node));
                text.Append(
                    $"{indent}{ids[node.Name]} [label={Quote(string.Join('\n', Label(node)))}, style=\"filled{(style.Dashed ? ",dashed" : "")}\", fillcolor=\"{style.Fill}\", color=\"{style.Line}\", penwidth={style.Width}];\n"
                );
            }

            if (group is not null)
                text.Append("  }\n");
        }

        foreach (var edge in graph.Edges)
            text.Append(
                $"  {ids[edge.From]} -> {ids[edge.To]}{(edge.Constraint.Length > 0 ? $" [tooltip={Quote(edge.Constraint)}]" : "")};\n"
            );
        return text.Append("}\n").ToString();

        static string Quote(string value) => $"\"{value.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n")}\"";
    }

    static string Colour(string name) =>
        name switch
        {
            "root" => "blue",
            "host" => "dashed",
            "fresh" => "green",
            "vulnerable" => "red",
            _ => "white",
        };

    static IEnumerable<string> Label(GraphNode node)
    {
        yield return node.Role == GraphRole.Root ? node.Name : $"{node.Name} {node.Version}";
        if (node.Vulnerabilities.Count > 0)
            yield return string.Join(", ", node.Vulnerabilities);
    }

    // What one should look at first comes first.
    static string Class(GraphNode node) =>
        node switch
        {
            { Vulnerabilities.Count: > 0 } => "vulnerable",
            { IsNew: true } => "fresh",
            { Role: GraphRole.Root } => "root",
            { Role: GraphRole.Host } => "host",
            _ => "vendored",
        };

    static IEnumerable<(string Class, string Meaning, string Fill, string Line, bool Dashed, int Width)> Used(DependencyGraph graph) =>
        s_styles.Where(style => graph.Nodes.Any(node => Class(node) == style.Class));

    // A frame around a single package says nothing.
    static (IReadOnlyList<(string? Group, List<GraphNode> Nodes)> Groups, Dictionary<string, string> Ids) Layout(DependencyGraph graph) =>
        (
            [
                .. graph
                    .Nodes.GroupBy(node => node.Group is { } group && graph.Nodes.Count(other => other.Group == group) > 1 ? group : null)
                    .OrderBy(group => group.Key is null ? 0 : 1)
                    .ThenBy(group => group.Key, StringComparer.Ordinal)
                    .Select(group => (group.Key, group.ToList())),
            ],
            graph.Nodes.Select((node, place) => (node.Name, Id: $"n{place}")).ToDictionary(pair => pair.Name, pair => pair.Id)
        );
}
