using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;

namespace Hillingar.Tests;

/// <summary>Evaluation against the real opam: its universe as CUDF names every available version, its dependencies and conflicts evaluated.</summary>
public class OpamComparisonTests
{
    static readonly (string Name, (string, string)[] Variables)[] Platforms =
    [
        ("debian 12 x86_64", [("arch", "x86_64"), ("os", "linux"), ("os-distribution", "debian"), ("os-family", "debian"), ("os-version", "12"), ("sys-ocaml-version", "4.13.1")]),
        ("macos arm64", [("arch", "arm64"), ("os", "macos"), ("os-distribution", "homebrew"), ("os-family", "homebrew"), ("os-version", "14.5")]),
        ("alpine", [("arch", "x86_64"), ("os", "linux"), ("os-distribution", "alpine"), ("os-family", "alpine"), ("os-version", "3.20")]),
    ];

    [Fact]
    public void Available_versions_dependencies_and_conflicts_are_those_of_opam()
    {
        var folder = Corpus.Folder(Corpus.Repository);
        using var part = new TestFolder();
        if (!TestData.Full)
            folder = Part(folder, part);
        using var opam = new RealOpam(folder);
        var repository = new FolderRepository(folder);
        foreach (var (name, variables) in Platforms)
        {
            opam.SetVariables(variables);
            var environment = variables.Aggregate(OpamEnvironment.Empty.With("opam-version", RealOpam.Version), (e, variable) => e.With(variable.Item1, variable.Item2));
            var theirs = Cudf(opam.Run("config", "cudf-universe"));
            var ours = repository.Names.SelectMany(repository.Versions).Where(package => package.IsAvailable(environment)).ToDictionary(package => package.Package);
            // Of two versions that compare equal opam keeps one (ocaml-variants 5.5.0+introcaml and 5.5.0+introcaml0).
            Assert.Empty(theirs.Keys.Except(ours.Keys).Select(package => $"{name}: only opam has {package}"));
            Assert.Empty(ours.Keys.Except(theirs.Keys).Where(package => !theirs.Keys.Any(other => other.CompareTo(package) == 0)).Select(package => $"{name}: only we have {package}"));
            var universe = new Universe(theirs);
            var classes = ours.Values.SelectMany(package => package.ConflictClass, (package, of) => (of, package.Package.Name)).ToLookup(pair => pair.of, pair => pair.Name);
            foreach (var (package, stanza) in theirs)
            {
                var scope = environment.For(package);
                var options = DependencyOptions.For(package) with { Dev = false };
                Assert.Equal($"{name}: {package} depends on {universe.Show(stanza.Depends)}", $"{name}: {package} depends on {Universe.Show(universe.Clauses(ours[package].Depends.Select(scope, options)))}");
                // opam adds the package itself and the names of its conflict classes.
                var conflicts = ours[package].Conflicts.Select(scope, options).Atoms().SelectMany(atom => universe.Versions(atom.Name).Where(other => atom.Versions.Holds(other.Version)))
                    .Concat(ours[package].ConflictClass.SelectMany(of => classes[of]).Append(package.Name).SelectMany(universe.Versions));
                Assert.Equal($"{name}: {package} conflicts {universe.Show([stanza.Conflicts])}", $"{name}: {package} conflicts {Universe.Show([conflicts])}");
            }
            TestContext.Current.SendDiagnosticMessage($"{name}: {theirs.Count} available versions, their dependencies and conflicts are opam's");
            Assert.True(theirs.Count >= 500);
        }
    }

    // A fifth of the names, and what decides for the others.
    static string Part(string folder, TestFolder to)
    {
        Directory.CreateDirectory(to["packages"]);
        File.Copy(Path.Combine(folder, "repo"), to["repo"]);
        foreach (var name in Directory.EnumerateDirectories(Path.Combine(folder, "packages")))
            if (Path.GetFileName(name) is ['c' or 'l' or 'o' or '0', ..])
                foreach (var file in Directory.EnumerateFiles(name, "*", SearchOption.AllDirectories))
                {
                    var copy = to[Path.GetRelativePath(folder, file)];
                    Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                    File.Copy(file, copy);
                }
        return to.Path;
    }

    /// <summary>A version in opam's universe: its number there, and clauses of atoms, of which one must be met.</summary>
    sealed record Stanza(int Number, List<List<CudfAtom>> Depends, List<CudfAtom> Conflicts);

    sealed record CudfAtom(string Name, string Operator, int Number)
    {
        public bool Holds(int number) => Operator switch
        {
            "" => true,
            "=" => number == Number,
            "!=" => number != Number,
            ">=" => number >= Number,
            ">" => number > Number,
            "<=" => number <= Number,
            "<" => number < Number,
            _ => throw new InvalidDataException(Operator),
        };
    }

    static Dictionary<OpamPackage, Stanza> Cudf(string text)
    {
        var found = new Dictionary<OpamPackage, Stanza>();
        foreach (var paragraph in text.Split("\n\n"))
        {
            var fields = paragraph.Split('\n').Select(line => line.Split(": ", 2)).Where(parts => parts.Length == 2).ToDictionary(parts => parts[0], parts => parts[1]);
            if (fields.TryGetValue("opam-name", out var name))
                found.Add(new(new(name), new(fields["opam-version"])), new(int.Parse(fields["version"]), fields.TryGetValue("depends", out var depends) ? Clauses(depends) : [], fields.TryGetValue("conflicts", out var conflicts) ? [.. Clauses(conflicts).SelectMany(clause => clause)] : []));
        }
        return found;
    }

    static List<List<CudfAtom>> Clauses(string text) => [.. text.Split(" , ").Select(clause => clause.Split(" | ").Select(atom =>
    {
        var words = atom.Trim().Split(' ');
        return new CudfAtom(Uri.UnescapeDataString(words[0]), words.Length > 1 ? words[1] : "", words.Length > 1 ? int.Parse(words[2]) : 0);
    }).ToList())];

    /// <summary>Shows formulas by the available versions that they mean, so that two that mean the same are shown alike.</summary>
    sealed class Universe(Dictionary<OpamPackage, Stanza> stanzas)
    {
        readonly ILookup<string, OpamPackage> packages = stanzas.Keys.ToLookup(package => package.Name.Text);

        public IEnumerable<OpamPackage> Versions(PackageName name) => packages[name.Text];

        public string Show(List<List<CudfAtom>> clauses) =>
            Show(clauses.Select(clause => clause.SelectMany(atom => packages[atom.Name].Where(package => atom.Holds(stanzas[package].Number)))));

        public static string Show(IEnumerable<IEnumerable<OpamPackage>> clauses) =>
            string.Join(" , ", clauses.Select(clause => string.Join(" | ", clause.Distinct().Order())).Distinct().Order(StringComparer.Ordinal));

        /// <summary>The formula as a conjunction of disjunctions, as CUDF wants it: a range is two clauses.</summary>
        public IEnumerable<IEnumerable<OpamPackage>> Clauses(Formula<PackageAtom> formula) => formula switch
        {
            Formula<PackageAtom>.Atom { Value: var atom } => Clauses(atom.Name, atom.Versions),
            Formula<PackageAtom>.Block block => Clauses(block.Inner),
            Formula<PackageAtom>.And and => Clauses(and.Left).Concat(Clauses(and.Right)),
            Formula<PackageAtom>.Or or => Either(Clauses(or.Left), Clauses(or.Right)),
            _ => [],
        };

        IEnumerable<IEnumerable<OpamPackage>> Clauses(PackageName name, Formula<VersionConstraint> versions) => versions switch
        {
            Formula<VersionConstraint>.Block block => Clauses(name, block.Inner),
            Formula<VersionConstraint>.And and => Clauses(name, and.Left).Concat(Clauses(name, and.Right)),
            Formula<VersionConstraint>.Or or => Either(Clauses(name, or.Left), Clauses(name, or.Right)),
            _ => [packages[name.Text].Where(package => versions.Holds(package.Version))],
        };

        static IEnumerable<IEnumerable<OpamPackage>> Either(IEnumerable<IEnumerable<OpamPackage>> left, IEnumerable<IEnumerable<OpamPackage>> right) =>
            from l in left from r in right select l.Concat(r);
    }
}
