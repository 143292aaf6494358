using Hillingar.Build.Files;
using Hillingar.Build.Locking;
using Hillingar.Build.Locks;
using Hillingar.Build.Requests;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Syntax;
using Hillingar.Opam.Universe;

namespace Hillingar.Build.Tests;

/// <summary>Where our rules give what opam-monorepo's do not, over a small world.</summary>
public sealed class LockSolverTests
{
    static MemoryRepository World(params (string Package, string Fields)[] packages)
    {
        var world = new MemoryRepository("world").Add("dune.3.0", "").Add("ocaml-base-compiler.5.3.0", "flags: compiler");
        foreach (var (package, fields) in packages)
            world.Add(package, $"build: [\"dune\"]\nurl {{ src: \"https://example.org/{package}.tbz\" checksum: \"md5={Hashes.OfText(package)[..32]}\" }}\n{fields}");
        return world;
    }

    static LockOutcome Solve(LockRules rules, MemoryRepository world, string app)
    {
        var file = new PackageFile(Document.Parse(app, "app.opam"), OpamPackage.Parse("app.zdev"));
        return LockSolver.Solve(new LockProblem
        {
            Folder = Path.GetTempPath(),
            Targets = [file],
            Config = SourceConfig.Of([file]),
            Repositories = [new("world", world)],
            Platforms = [Platform.Parse("x86_64-linux")],
            Rules = rules,
        }, TestContext.Current.CancellationToken);
    }

    static string Packages(LockOutcome outcome) => outcome.Lock is { } locked ? string.Join(' ', locked.Packages.Select(item => $"{item.Package}{(item.Vendored ? "" : "!")}")) : "none";

    [Fact]
    public void A_package_keeps_its_own_conflicts()
    {
        var world = World(
            ("a.2", "depends: \"dune\"\nconflicts: \"b\"\ndev-repo: \"git+https://example.org/a.git\""), ("a.1", "depends: \"dune\"\ndev-repo: \"git+https://example.org/a.git\""),
            ("b.1", "depends: \"dune\"\ndev-repo: \"git+https://example.org/b.git\""));
        const string App = """depends: ["a" "b"]""";
        Assert.Equal("a.2 b.1 dune.3.0! ocaml-base-compiler.5.3.0!", Packages(Solve(LockRules.OpamMonorepo, world, App)));
        Assert.Equal("a.1 b.1 dune.3.0! ocaml-base-compiler.5.3.0!", Packages(Solve(LockRules.Hillingar, world, App)));
    }

    [Fact]
    public void Monorepo_and_switch_agree_where_opam_monorepos_two_solves_do_not()
    {
        var world = World(("lib.2", "depends: \"dune\""), ("lib.1", "depends: \"dune\""), ("tool.1", """depends: ["lib" {= "1"} "make"]"""), ("make.1", ""));
        const string App = "depends: [\"lib\" \"tool\"]\nx-opam-monorepo-opam-provided: \"tool\"";
        Assert.Equal("none", Packages(Solve(LockRules.OpamMonorepo, world, App)));
        var ours = Solve(LockRules.Hillingar, world, App);
        Assert.Equal("dune.3.0! lib.1 make.1! ocaml-base-compiler.5.3.0! tool.1!", Packages(ours));
        Assert.Equal("dune.3.0 lib.1 make.1 tool.1", string.Join(' ', ours.Lock!.HostSwitch));
    }

    [Fact]
    public void One_archive_is_taken_where_it_can_be_and_two_where_it_cannot()
    {
        const string One = "dev-repo: \"git+https://example.org/one.git\"\n";
        var world = World(("a.2", "depends: \"dune\"\n" + One), ("b.1", "depends: \"dune\"\n" + One)).Add("a.1", """
            depends: "dune"
            build: ["dune"]
            dev-repo: "git+https://example.org/one.git"
            """ + $"\nurl {{ src: \"https://example.org/b.1.tbz\" checksum: \"md5={Hashes.OfText("b.1")[..32]}\" }}");
        Assert.Empty(Solve(LockRules.Hillingar, world, """depends: ["a" "b"]""").Lock!.Partial);
        Assert.Equal("none", Packages(Solve(LockRules.OpamMonorepo, world, """depends: ["a" {= "2"} "b"]""")));
        Assert.Equal(["one", "one-b"], Solve(LockRules.Hillingar, world, """depends: ["a" {= "2"} "b"]""").Lock!.Partial);
    }

    [Fact]
    public void A_package_without_source_repository_is_vendored()
    {
        var world = World(("a.1", "depends: \"dune\""));
        Assert.Empty(Solve(LockRules.OpamMonorepo, world, """depends: "a" """).Lock!.Duniverse);
        Assert.Equal("a", Assert.Single(Solve(LockRules.Hillingar, world, """depends: "a" """).Lock!.Duniverse).Folder);
    }

    [Fact]
    public void Packages_that_share_any_checksum_share_an_archive()
    {
        const string Same = "depends: \"dune\"\ndev-repo: \"git+https://example.org/a.git\"\n";
        var world = World().Add("a.1", Same + Archive("md5=d41d8cd98f00b204e9800998ecf8427e")).Add("b.1", Same + Archive("sha256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\" \"md5=d41d8cd98f00b204e9800998ecf8427e"));
        foreach (var rules in new[] { LockRules.OpamMonorepo, LockRules.Hillingar })
            Assert.Equal(["a.1", "b.1"], Assert.Single(Solve(rules, world, """depends: ["a" "b"]""").Lock!.Entries).Packages);

        static string Archive(string checksums) => $"build: [\"dune\"]\nurl {{ src: \"https://example.org/a.tbz\" checksum: [\"{checksums}\"] }}\n";
    }

    [Fact]
    public void A_local_package_that_is_no_target_is_not_locked_and_a_pin_is()
    {
        var world = World(("a.1", "depends: \"dune\""), ("p.9", "depends: \"dune\""));
        PackageFile File(string text, string package) => new(Document.Parse(text, "x.opam"), OpamPackage.Parse(package));
        var (locked, _) = LockSolver.Solve(new LockProblem
        {
            Folder = Path.GetTempPath(),
            Targets = [File("""depends: ["a" "near" "p"]""", "app.zdev")],
            Others = [File("""depends: "dune" """, "near.zdev")],
            Pinned = [File("depends: \"dune\"\nbuild: [\"dune\"]\nurl { src: \"git+https://example.org/p.git#" + new string('a', 40) + "\" }", "p.dev")],
            Repositories = [new("world", world)],
            Platforms = [Platform.Parse("x86_64-linux")],
        }, TestContext.Current.CancellationToken);
        Assert.Equal("a.1 dune.3.0 ocaml-base-compiler.5.3.0 p.dev", string.Join(' ', locked!.Packages.Select(item => item.Package)));
        Assert.Contains(locked.Duniverse, source => source.Folder == "p" && source.Url.StartsWith("git+", StringComparison.Ordinal));
    }
}
