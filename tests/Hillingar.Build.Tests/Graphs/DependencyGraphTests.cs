using System.Text.RegularExpressions;
using Hillingar.Build.Auditing;
using Hillingar.Build.Graphs;
using Hillingar.Build.Locks;
using Hillingar.Build.Processes;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;
using Hillingar.Opam.Universe;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

public sealed partial class DependencyGraphTests
{
    readonly ReporterFake _reporter = new();

    static MemoryRepository World { get; } = new MemoryRepository("world")
        .Add("dune.3.0", "").Add("ocaml.5.0", "")
        .Add("web.2.0", "depends: [\"dune\" {>= \"2\"} \"io\" {>= \"1\" & < \"2\"} \"base\" \"ocaml\"]\ndev-repo: \"git+https://example.org/us/web.git\"")
        .Add("io.1.0", "depends: [\"base\" \"dune\" \"late\" {post}]\ndev-repo: \"git+https://example.org/us/io.git\"")
        .Add("io-unix.1.0", "depends: [\"io\" {= version} | \"nothing\"]\ndev-repo: \"git+https://example.org/us/io.git\"")
        .Add("base.1.0", "depends: [\"ocaml\"]")
        .Add("late.1.0", "depends: [\"web\"]");

    static LockFile Lock(params IEnumerable<string> packages) => new()
    {
        Folder = "/project",
        Packages = [.. packages.Select(package => new LockedPackage(OpamPackage.Parse(package), !package.StartsWith("dune", StringComparison.Ordinal) && !package.StartsWith("ocaml", StringComparison.Ordinal)))],
        Duniverse = [],
        Request = ["target unix", "app depends \"web\" {>= \"2\"} & \"io-unix\" & \"dune\""],
        Provided = [OpamPackage.Parse("ocaml.5.0")],
    };

    DependencyGraph Graph(LockFile? locked = null, GraphMarks? marks = null) =>
        LockGraph.Of("app", locked ?? Lock("web.2.0", "io.1.0", "io-unix.1.0", "base.1.0", "dune.3.0", "ocaml.5.0"), World, marks ?? new GraphMarks(), _reporter);

    static IEnumerable<string> Edges(DependencyGraph graph) => graph.Edges.Select(edge => $"{edge.From}>{edge.To}").Order(StringComparer.Ordinal);

    [Fact]
    public void The_project_its_packages_and_who_needs_whom_come_from_lock_and_repositories()
    {
        var graph = Graph();
        Assert.Equal(["app>dune", "app>io-unix", "app>web", "base>ocaml", "io-unix>io", "io>base", "io>dune", "web>base", "web>dune", "web>io", "web>ocaml"], Edges(graph));
        Assert.Equal(GraphRole.Root, graph.Nodes[0].Role);
        Assert.Equal(GraphRole.Vendored, graph.Nodes.Single(node => node.Name == "web").Role);
        Assert.Equal(GraphRole.Host, graph.Nodes.Single(node => node.Name == "ocaml").Role);
        Assert.Equal("us/io", graph.Nodes.Single(node => node.Name == "io-unix").Group);
        Assert.Equal(">= 1 & < 2", graph.Edges.Single(edge => edge is { From: "web", To: "io" }).Constraint);
        Assert.Empty(_reporter.Told);
    }

    [Fact]
    public void What_follows_from_others_is_left_out_and_everybody_still_reaches_what_they_did()
    {
        var (whole, reduced) = (Graph(), Graph().Reduce());
        Assert.Equal(["app>io-unix", "app>web", "base>ocaml", "io-unix>io", "io>base", "io>dune", "web>io"], Edges(reduced));
        foreach (var node in whole.Nodes)
            Assert.Equal(Reached(whole, node.Name), Reached(reduced, node.Name));
    }

    [Fact]
    public void A_circle_stays_one()
    {
        var graph = new DependencyGraph("circle", [], [new("a", "b", ""), new("b", "a", ""), new("c", "a", ""), new("c", "b", "")]);
        Assert.Equal(Reached(graph, "c"), Reached(graph.Reduce(), "c"));
        Assert.Equal(3, graph.Reduce().Edges.Count);
    }

    static SortedSet<string> Reached(DependencyGraph graph, string from)
    {
        var seen = new SortedSet<string>(StringComparer.Ordinal);
        var rest = new Stack<string>([from]);
        while (rest.TryPop(out var name))
            foreach (var edge in graph.Edges.Where(edge => edge.From == name))
                if (seen.Add(edge.To))
                    rest.Push(edge.To);
        return seen;
    }

    [Fact]
    public void A_package_that_no_repository_has_is_told_of()
    {
        Graph(Lock("web.9.9", "dune.3.0"));
        Assert.Contains("HIL7008", Assert.Single(_reporter.Told), StringComparison.Ordinal);
    }

    [Fact]
    public void Vendored_host_new_and_vulnerable_packages_look_different()
    {
        var finding = new Finding("OSEC-2026-01", [], AuditLevel.High, "7.5", "bad", OpamPackage.Parse("io.1.0"), "< 2", null, false);
        var graph = Graph(marks: new GraphMarks { Older = Lock("web.1.0", "io.1.0", "io-unix.1.0", "base.1.0", "dune.3.0", "ocaml.5.0"), Findings = [finding] });
        var mermaid = GraphText.Mermaid(graph);
        Assert.Matches(@"\[""web 2\.0""\]:::fresh", mermaid);
        Assert.Matches(@"\[""io 1\.0<br/>OSEC-2026-01""\]:::vulnerable", mermaid);
        Assert.Matches(@"\[""base 1\.0""\]:::vendored", mermaid);
        Assert.Matches(@"\[""ocaml 5\.0""\]:::host", mermaid);
        Assert.Matches(@"subgraph \w+\[""us/io""\]", mermaid);
        foreach (var name in new[] { "root", "vendored", "host", "fresh", "vulnerable" })
            Assert.Contains($"classDef {name} ", mermaid, StringComparison.Ordinal);
        Assert.Equal(4, GraphText.Dot(graph).Split("fillcolor=").Select(part => part.Split('"')[1]).Skip(1).Distinct().Count() - 1);
    }

    [Fact]
    public void Names_and_titles_cannot_break_out_of_the_text()
    {
        var graph = new DependencyGraph("a\"]\nclick n0 \"javascript:1\"", [new("x", new OpamVersion("1"), GraphRole.Vendored, "g\"]\n", false, []), new("y", new OpamVersion("1"), GraphRole.Vendored, "g\"]\n", false, [])], []);
        Assert.DoesNotContain("\nclick", GraphText.Mermaid(graph), StringComparison.Ordinal);
        Assert.DoesNotContain("\nclick", GraphText.Dot(graph), StringComparison.Ordinal);
        Assert.Equal(0, GraphText.Dot(graph).Replace("\\\"", "").Count(c => c == '"') % 2);
    }

    [Fact]
    public void Why_a_package_is_there_is_told_nearest_first()
    {
        var direct = Dependents.Of(Graph(), "base", recurse: false);
        Assert.Equal(["io", "web"], direct.Select(dependent => dependent.Name).Order(StringComparer.Ordinal));
        var all = Dependents.Of(Graph(), "base", recurse: true);
        Assert.Equal(["app", "io", "io-unix", "web"], all.Select(dependent => dependent.Name).Order(StringComparer.Ordinal));
        Assert.Equal(all.Select(dependent => dependent.Depth).Order(), all.Select(dependent => dependent.Depth));
        Assert.Equal("app > io-unix > io > base", all.Single(dependent => dependent.Name == "io-unix").ToString());
        Assert.Equal("HIL7006", Assert.Throws<HillingarException>(() => Dependents.Of(Graph(), "nothing", false)).Diagnostic.Code);
    }

    [Fact]
    public void A_real_lock_of_a_hundred_packages_gives_a_graph_one_can_read()
    {
        var repository = new OverlayRepository([RealRepository.Overlays, RealRepository.Main]);
        var path = Directory.EnumerateFiles(TestData.Require("monorepo-cases"), "*.opam.locked", SearchOption.AllDirectories).MaxBy(file => new FileInfo(file).Length)!;
        var locked = LockFile.Read(path);
        var whole = LockGraph.Of("case", locked, repository, new GraphMarks(), _reporter);
        var reduced = whole.Reduce();
        Assert.Equal(locked.Packages.Count, whole.Nodes.Count);
        Assert.True(reduced.Edges.Count * 2 < whole.Edges.Count, $"{reduced.Edges.Count} of {whole.Edges.Count} edges");
        var text = GraphText.Mermaid(reduced);
        Assert.Equal(locked.Packages.Count, Node().Count(text));
        Assert.Contains("subgraph", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Graphviz_draws_it()
    {
        var svg = Graphviz.Svg(GraphText.Dot(Graph()), TestContext.Current.CancellationToken);
        if (ProcessRunner.Find("dot") is null)
        {
            Assert.Equal("HIL7005", (await Assert.ThrowsAsync<HillingarException>(() => svg)).Diagnostic.Code);
            return;
        }

        // Graphviz writes some letters as entities.
        var text = System.Net.WebUtility.HtmlDecode(await svg);
        Assert.Contains("<svg", text, StringComparison.Ordinal);
        Assert.Contains("io-unix 1.0", text, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^ +n\d+\[", RegexOptions.Multiline)]
    private static partial Regex Node();
}
