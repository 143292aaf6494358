using System.Collections.Immutable;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;
using Hillingar.Solver;

namespace Hillingar.Opam.Universe;

/// <summary>The packages of a <see cref="SolveContext"/> as the solver sees them, computed when they are asked for and kept.</summary>
sealed class Catalog(SolveContext context, Repository repository, Repository? locals, Repository? provided, bool named)
{
    readonly Dictionary<PackageName, OpamNode> _nodes = [];
    readonly Dictionary<(string Source, Checksum Checksum), string> _archives = [];
    readonly Dictionary<string, string> _spellings = [];

    public SolveContext Context => context;

    /// <summary>Whether the catalog serves another context: all is the same but what is asked for.</summary>
    public bool Serves(SolveContext other) =>
        other with { Roots = context.Roots, Constraints = context.Constraints, Tests = context.Tests, Given = context.Given } == context;

    public OpamNode this[PackageName name]
    {
        get
        {
            if (!_nodes.TryGetValue(name, out var node))
                _nodes[name] = node = new(name, named ? $"{name} ({context.Name})" : name.Text, Describe(name));
            return node;
        }
    }

    public bool IsLocal(PackageName name) => locals?.Versions(name) is { Count: > 0 };

    bool IsProvided(RepositoryPackage package) => provided is not null && package.Repository == provided;

    RepositoryPackage[] Describe(PackageName name)
    {
        // A project's own package hides those of the repository; what the machine provides hides the same versions only.
        if (IsLocal(name))
            return [.. locals!.Versions(name).Reverse()];
        var versions = repository.Versions(name);
        var extra = provided?.Versions(name) ?? [];
        var all = new List<RepositoryPackage>(extra);
        all.AddRange(
            extra.Count == 0 ? versions : versions.Where(version => !extra.Any(other => other.Package.Version == version.Package.Version))
        );
        if (extra.Count > 0)
            all.Sort((left, right) => Repository.NewestFirst(left.Package.Version, right.Package.Version));
        all.Reverse();
        return [.. all];
    }

    public ImmutableArray<int> Candidates(OpamNode node) =>
        node.Candidates is { IsDefault: false } known
            ? known
            : node.Candidates = IsLocal(node.Opam) ? [node.Described.Length - 1] : Choose(node);

    ImmutableArray<int> Choose(OpamNode node)
    {
        var chosen = new List<int>();
        for (var version = 0; version < node.Described.Length; version++)
            if (Fault(node.Described[version]) is { } fault)
                node.Unreadable[version] = fault;
        bool IsReadable(int version) => node.Unreadable.Count == 0 || !node.Unreadable.ContainsKey(version);
        var crossing = false;
        if (context.Monorepo?.RequireCrossCompile == true)
            for (var version = 0; version < node.Described.Length; version++)
                crossing |= IsReadable(version) && Crosses(node.Described[version]);
        for (var at = 0; at < node.Described.Length; at++)
        {
            var version = context.PreferOldest ? at : node.Described.Length - 1 - at;
            if (IsReadable(version) && Reject(node.Described[version], crossing) is { } reason)
                node.Rejections[version] = reason;
            else
                chosen.Add(version);
        }

        // Stable: within a rank the order stays.
        var described = node.Described.ToArray();
        context.Preferred.TryGetValue(node.Opam, out var preferred);
        int Rank(int version) => !IsReadable(version) ? 4 : Order(described[version]);
        int Order(RepositoryPackage package) =>
            package.Package.Version == preferred ? 0
            : IsProvided(package) ? 1
            : context.AvoidLast && (package.AvoidVersion || StandsForAvoided(package)) ? 3
            : 2;
        return context.AvoidLast || provided is not null || !context.Preferred.IsEmpty || node.Unreadable.Count > 0
            ? [.. chosen.OrderBy(Rank)]
            : [.. chosen];
    }

    static Diagnostic? Fault(RepositoryPackage package)
    {
        try
        {
            _ = package.Flags;
            return null;
        }
        catch (HillingarException exception)
        {
            return exception.Diagnostic;
        }
    }

    /// <summary>
    /// Whether a package without sources can only be had by versions that are to be avoided: <c>ocaml</c> of a compiler that is not
    /// released.
    /// </summary>
    bool StandsForAvoided(RepositoryPackage package)
    {
        if (!context.AvoidWhatStandsForAvoided || package.HasUrl)
            return false;
        var rest = new Stack<Formula<PackageAtom>>([
            package.Depends.Select(context.Environment.For(package.Package), DependencyOptions.For(package.Package)),
        ]);
        while (rest.TryPop(out var next))
            switch (next)
            {
                case Formula<PackageAtom>.And and:
                    rest.Push(and.Right);
                    rest.Push(and.Left);
                    break;
                case Formula<PackageAtom>.Block block:
                    rest.Push(block.Inner);
                    break;
                case Formula<PackageAtom>.Or choice when IsAvoided(choice) == true:
                    return true;
            }
        return false;
    }

    // Null where none of its versions can be had at all, avoided or not.
    bool? IsAvoided(Formula<PackageAtom> formula)
    {
        switch (formula)
        {
            case Formula<PackageAtom>.Block block:
                return IsAvoided(block.Inner);
            case Formula<PackageAtom>.Or or:
                return (IsAvoided(or.Left), IsAvoided(or.Right)) switch
                {
                    (null, var right) => right,
                    (var left, null) => left,
                    var (left, right) => left.Value && right.Value,
                };
            case Formula<PackageAtom>.And and:
                return (IsAvoided(and.Left), IsAvoided(and.Right)) is ({ } first, { } second) ? first || second : null;
            case Formula<PackageAtom>.Atom { Value: var atom }:
                bool? avoided = null;
                foreach (var other in this[atom.Name].Described)
                    if (atom.Versions.Holds(other.Package.Version) && Fault(other) is null && other.IsAvailable(context.Environment))
                    {
                        if (!other.AvoidVersion)
                            return false;
                        avoided = true;
                    }
                return avoided;
            default:
                return false;
        }
    }

    /// <summary>Why most versions are no candidates.</summary>
    internal const string NoDune = "does not build with dune";

    const string MachineCompiler = "sys-ocaml-version";

    static bool Crosses(RepositoryPackage package) => package.Tags.Contains("cross-compile");

    /// <summary>Why a version is no candidate, or null where it is one.</summary>
    string? Reject(RepositoryPackage package, bool crossing)
    {
        if (IsProvided(package))
            return null;
        if (!package.IsAvailable(context.Environment))
            return package.Package.Name.Text == "ocaml-system"
                && context.Environment.Variables.TryGetValue(MachineCompiler, out var machine)
                    ? $"is not this machine's OCaml, which is {machine}"
                : Describe(package.Available) is { } where ? $"is not available {where}"
                : "needs HillingarHostSwitch=machine, which takes this machine's OCaml";
        if (context.Monorepo is not { } rules)
            return null;
        return rules.RequireDune && !package.UsesDune && !(rules.AllowJbuilder && package.UsesJbuilder) && !MonorepoRules.IsSafe(package)
                ? NoDune
            : crossing && !Crosses(package) ? "does not cross-compile"
            : null;
    }

    /// <summary>
    /// What the environment says of the variables of a filter: the same for all versions that ask for their own version of something.
    /// </summary>
    string? Describe(Filter filter)
    {
        var names = filter.Idents().Select(variable => variable.Name).Distinct().ToList();
        if (names.Count > 1)
            names.Remove("opam-version");
        // It is set where the machine's compiler is taken.
        if (names.Contains(MachineCompiler) && !context.Environment.Variables.ContainsKey(MachineCompiler))
            return null;
        return names.Count == 0
            ? "anywhere"
            : $"where {string.Join(" and ", names.Select(name =>
            context.Environment.Variables.TryGetValue(name, out var value) ? $"{name} is {value}" : $"{name} is not set"))}";
    }

    public ImmutableArray<Dependency> Dependencies(OpamNode node, int version, bool test)
    {
        ref var known = ref node.Dependencies(version, test);
        if (known.IsDefault)
        {
            var package = node.Described[version];
            var result = ImmutableArray.CreateBuilder<Dependency>();
            if (!IsProvided(package) && !node.Unreadable.ContainsKey(version))
            {
                var environment = context.Environment.For(package.Package);
                var options = DependencyOptions.For(package.Package, test);
                Require(Without(package.Depends).Select(environment, options), result);
                if (!ForgetsConflicts(package))
                    foreach (var atom in package.Conflicts.Select(environment, options).Atoms())
                        result.Add(Forbid(atom));
            }
            known = result.DrainToImmutable();
        }
        return known;
    }

    Formula<FilteredPackage> Without(Formula<FilteredPackage> formula) =>
        context.Monorepo?.OpamProvided is { IsEmpty: false } provided
            ? formula.Map(package =>
                provided.Contains(package.Name) ? Formula<FilteredPackage>.Empty : new Formula<FilteredPackage>.Atom(package)
            )
            : formula;

    /// <summary>A dependency formula as the solver's dependencies (<c>model.ml</c>, <c>list_deps</c>).</summary>
    void Require(Formula<PackageAtom> formula, ImmutableArray<Dependency>.Builder result)
    {
        // A long list is a deep conjunction, so it is not walked by recursion.
        var rest = new Stack<Formula<PackageAtom>>([formula]);
        while (rest.TryPop(out var next))
            switch (next)
            {
                case Formula<PackageAtom>.And and:
                    rest.Push(and.Right);
                    rest.Push(and.Left);
                    break;
                case Formula<PackageAtom>.Block block:
                    rest.Push(block.Inner);
                    break;
                case Formula<PackageAtom>.Atom atom:
                    result.Add(Require(atom.Value));
                    break;
                case Formula<PackageAtom>.Or:
                    var alternatives = ImmutableArray.CreateBuilder<ImmutableArray<Dependency>>();
                    var ways = new Stack<Formula<PackageAtom>>([next]);
                    while (ways.TryPop(out var way))
                        if (way is Formula<PackageAtom>.Or or)
                        {
                            ways.Push(or.Right);
                            ways.Push(or.Left);
                        }
                        else
                        {
                            var alternative = ImmutableArray.CreateBuilder<Dependency>();
                            Require(way, alternative);
                            alternatives.Add(alternative.DrainToImmutable());
                        }
                    result.Add(new Choice(alternatives.DrainToImmutable()));
                    break;
            }
    }

    /// <summary>The package, in a version that the atom allows.</summary>
    public Requirement Require(PackageAtom atom)
    {
        var node = this[atom.Name];
        return new(node, node.Where(atom.Versions), Terms(atom));
    }

    Prohibition Forbid(PackageAtom atom)
    {
        var node = this[atom.Name];
        return new(node, node.Where(atom.Versions), Terms(atom));
    }

    /// <summary>If the package, then in a version that the atom allows.</summary>
    public Prohibition Bound(PackageAtom atom)
    {
        var node = this[atom.Name];
        return new(node, node.Where(atom.Versions).Complement(node.Versions.Count), atom.Versions, bound: true);
    }

    // Without a condition there is nothing to be told.
    static Formula<VersionConstraint>? Terms(PackageAtom atom) => atom.Versions.IsEmpty ? null : atom.Versions;

    public ImmutableArray<ConflictClass> Classes(OpamNode node, int version)
    {
        if (node.Unreadable.ContainsKey(version))
            return [];
        var package = node.Described[version];
        var classes = package
            .ConflictClass.Select(name => new ConflictClass(named ? $"{name} ({context.Name})" : name.Text))
            .ToImmutableArray();
        // Two packages of one source repository are to come from one archive, so that one folder of the duniverse holds both.
        return
            context.Monorepo is { OneArchive: true }
            && !IsLocal(node.Opam)
            && !MonorepoRules.IsVirtual(package)
            && package is { DevRepo: { Length: > 0 } source, Url.Checksums: { IsEmpty: false } checksums }
            ? classes.Add(new($"the sources of {Shown(source)}", Archive(DevRepo.Key(source), checksums)))
            : classes;
    }

    // The first spelling that was seen stands for all.
    string Shown(string source)
    {
        var key = DevRepo.Key(source);
        return _spellings.TryGetValue(key, out var first) ? first : _spellings[key] = source;
    }

    // Archives that have any checksum in common are one: a package may list md5 only, where its sibling lists sha256 as well.
    string Archive(string source, ImmutableArray<Checksum> checksums)
    {
        var archive =
            checksums.Select(checksum => _archives.GetValueOrDefault((source, checksum))).FirstOrDefault(known => known is not null)
            ?? checksums.MaxBy(checksum => checksum.Kind)!.ToString();
        foreach (var checksum in checksums)
            _archives.TryAdd((source, checksum), archive);
        return archive;
    }

    bool ForgetsConflicts(RepositoryPackage package) =>
        context.Monorepo is { KeepConflicts: false }
        && !IsLocal(package.Package.Name)
        && package.DevRepo is { Length: > 0 }
        && !MonorepoRules.IsVirtual(package);

    /// <summary>What may be meant by the name of a package that does not exist, or how one may be had that is not.</summary>
    public string? Hint(PackageName name)
    {
        if (this[name] is { Versions.Count: > 0 } node)
            return node.Rejections.ContainsValue(NoDune)
                ? "Add a repository that has a port of it to dune, or name it in x-opam-monorepo-opam-provided."
                : null;
        if (s_libraries.TryGetValue(name.Text, out var instead))
            return $"It is a library that comes with OCaml: leave it out of depends{(instead is null ? "" : $", or ask for {instead}")}.";
        // To compare long names with a million others would take minutes, and none of opam's is so long.
        if (name.Text.Length > 64)
            return null;
        var most = Math.Max(1, name.Text.Length / 4);
        // A library is often asked for where the package that brings it is meant: lwt_unix, lwt.unix.
        var near = repository
            .Names.Concat(locals?.Names ?? [])
            .Select(other =>
                (
                    Name: other.Text,
                    Distance: name.Text.StartsWith(other.Text, StringComparison.Ordinal)
                    && name.Text[other.Text.Length..] is ['_' or '-', ..]
                        ? 1
                    : Math.Abs(other.Text.Length - name.Text.Length) <= most ? Spelling.Distance(name.Text, other.Text)
                    : int.MaxValue
                )
            )
            .Where(other => other.Distance <= most)
            .OrderBy(other => other.Distance)
            .ThenBy(other => other.Name, StringComparer.Ordinal)
            .Take(3)
            .Select(other => other.Name)
            .ToList();
        return near.Count == 0 ? null : $"Did you mean {string.Join(" or ", near)}?";
    }

    static readonly Dictionary<string, string?> s_libraries = new()
    {
        ["unix"] = "base-unix",
        ["threads"] = "base-threads",
        ["bigarray"] = "base-bigarray",
        ["bytes"] = "base-bytes",
        ["str"] = null,
        ["dynlink"] = null,
        ["stdlib"] = null,
        ["compiler-libs"] = null,
        ["runtime_events"] = null,
    };
}
