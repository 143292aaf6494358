using System.Collections.Immutable;
using Hillingar.Opam.Language;
using Hillingar.Solver;

namespace Hillingar.Opam.Universe;

/// <summary>The packages of one or several contexts. In several, a package has the same version wherever it is selected.</summary>
sealed class OpamUniverse(ImmutableArray<Catalog> catalogs, ImmutableArray<SolveContext> contexts) : IUniverse
{
    readonly Dictionary<(OpamNode, int), ImmutableArray<Dependency>> _linked = [];
    readonly Dictionary<OpamNode, int> _places = [];

    /// <summary>What the contexts ask for.</summary>
    public ImmutableArray<Dependency> Wanted()
    {
        var wanted = ImmutableArray.CreateBuilder<Dependency>();
        foreach (var (catalog, context) in catalogs.Zip(contexts))
        foreach (var root in context.Roots)
            wanted.Add(catalog.Require(root));
        foreach (var (catalog, context) in catalogs.Zip(contexts))
        foreach (var constraint in context.Constraints)
            wanted.Add(catalog.Bound(constraint));
        return wanted.DrainToImmutable();
    }

    /// <summary>The context of a node.</summary>
    public int Place(OpamNode node)
    {
        if (catalogs.Length == 1)
            return 0;
        if (!_places.TryGetValue(node, out var place))
        {
            while (catalogs[place][node.Opam] != node)
                place++;
            _places[node] = place;
        }
        return place;
    }

    Catalog CatalogOf(OpamNode node) => catalogs[Place(node)];

    public ImmutableArray<int> Candidates(Package package)
    {
        var node = (OpamNode)package;
        return CatalogOf(node).Candidates(node);
    }

    public ImmutableArray<Dependency> Dependencies(Package package, int version)
    {
        var node = (OpamNode)package;
        var place = Place(node);
        var own = catalogs[place].Dependencies(node, version, contexts[place].Tests.Contains(node.Opam));
        if (catalogs.Length == 1)
            return own;
        if (!_linked.TryGetValue((node, version), out var all))
        {
            // Written in one direction for each pair, a rule would be found late: the other side would be tried in all its versions.
            var same = new Formula<VersionConstraint>.Atom(new(RelationalOperator.Equal, node.Described[version].Package.Version));
            all = _linked[(node, version)] = own.AddRange(
                catalogs.Where((_, other) => other != place).Select(other => other.Bound(new(node.Opam, same)))
            );
        }
        return all;
    }

    public ImmutableArray<ConflictClass> Classes(Package package, int version)
    {
        var node = (OpamNode)package;
        return CatalogOf(node).Classes(node, version);
    }

    public string Rejection(Package package, int version) =>
        ((OpamNode)package).Rejections.GetValueOrDefault(version, "cannot be had here");

    public string? Hint(Package package)
    {
        var node = (OpamNode)package;
        return CatalogOf(node).Hint(node.Opam);
    }

    public bool IsUsers(Package package)
    {
        var node = (OpamNode)package;
        return CatalogOf(node).IsLocal(node.Opam);
    }

    // Where an opam file has the project's name, the project file goes by another that nobody wrote.
    public string Label(Package package)
    {
        var node = (OpamNode)package;
        if (!node.Opam.Text.EndsWith(ProjectFields.Suffix, StringComparison.Ordinal) || !IsUsers(node))
            return node.Opam.Text;
        var file = node.Described[^1].Read();
        return ProjectFields.IsProject(file) ? Path.GetFileName(file.Document.Path) : node.Opam.Text;
    }

    // One of several opam files may go; the project cannot.
    public bool IsOptional(Package package)
    {
        var node = (OpamNode)package;
        var catalog = CatalogOf(node);
        return IsFile(node) && contexts[Place(node)].Roots.Count(root => catalog.IsLocal(root.Name) && IsFile(catalog[root.Name])) > 1;
    }

    public string? Removal(Package package) =>
        (OpamNode)package is var node
        && IsUsers(node)
        && Path.GetFileName(node.Described[^1].Read().Document.Path) is var file
        && file.EndsWith(".opam", StringComparison.Ordinal)
            ? $"take {file} out of the project's folder"
            : null;

    static bool IsFile(OpamNode node) => node.Described[^1].Read().Document.Path.EndsWith("opam", StringComparison.Ordinal);

    public string? Given(Package? subject, Dependency wish)
    {
        var target = wish switch
        {
            Requirement needed => needed.Package,
            Prohibition other => other.Package,
            _ => null,
        };
        if (target is not OpamNode node)
            return null;
        if (subject is not OpamNode owner)
            return contexts[Place(node)].Given.GetValueOrDefault(node.Opam);
        var isImplied = IsUsers(owner) && ProjectFields.Implied(owner.Described[^1].Read()).Contains(node.Opam.Text);
        return isImplied ? $"every project needs {node.Opam}" : null;
    }

    public string? Spell(Package? subject, Package package, string bound) =>
        subject is OpamNode owner ? FixText.Of(owner.Described[^1].Read(), ((OpamNode)package).Opam, bound) : null;
}
