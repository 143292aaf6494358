using System.Collections.Immutable;
using Hillingar.Opam.Language;
using Hillingar.Opam.Universe;

namespace Hillingar.Tests;

/// <summary>Several platforms, targets and switches in one solve; what the machine provides; preferences.</summary>
public class ContextTests
{
    static readonly OpamEnvironment Linux = OpamEnvironment.Platform("x86_64", "linux", "debian", "debian", "12");
    static readonly OpamEnvironment Mac = OpamEnvironment.Platform("arm64", "macos", "homebrew", "homebrew", "14.0");

    static readonly MemoryRepository World = new MemoryRepository("world")
        .Add("lib.1.0", Text("""depends: ["dune"]"""))
        .Add("lib.1.1", Text("""depends: ["dune"]"""))
        .Add("lib.2.0", Text("""depends: ["dune" "gtk" {os = "linux"} "cocoa" {os = "macos"}]"""))
        .Add("lib.3.0", Text("""depends: ["dune"] available: os = "linux" """))
        .Add("gtk.1.0", Text("""available: os = "linux" """))
        .Add("cocoa.1.0", Text("""available: os = "macos" """))
        .Add("dune.2.0", Text(""))
        .Add("dune.3.0", Text("flags: avoid-version"))
        .Add("tool.1.0", Text("""depends: ["lib" {< "2"} "make"]"""))
        .Add("tool.2.0", Text("""depends: ["lib" {< "1.1"} "make"]"""))
        .Add("make.1.0", Text("""build: [make] url { src: "https://example.org/make.tgz" }"""))
        .Add("ocaml.4.14.2", Text("""depends: ["ocaml-base-compiler" {= "4.14.2"} | "ocaml-system" {= "4.14.2"}]"""))
        .Add("ocaml-base-compiler.4.14.2", Text("""flags: compiler conflict-class: "ocaml-core-compiler" """))
        .Add("ocaml-system.4.14.2", Text("""flags: compiler conflict-class: "ocaml-core-compiler" available: sys-ocaml-version = "4.14.2" """))
        .Add("split-a.1.0", Text("""depends: ["dune"] dev-repo: "git+https://example.org/split.git" build: ["dune"] url { src: "https://example.org/a1.tgz" checksum: "md5=00000000000000000000000000000001" }"""))
        .Add("split-b.1.0", Text("""depends: ["dune"] dev-repo: "git+https://example.org/split.git" build: ["dune"] url { src: "https://example.org/a1.tgz" checksum: "md5=00000000000000000000000000000001" }"""))
        .Add("split-b.2.0", Text("""depends: ["dune"] dev-repo: "git+https://example.org/split.git" build: ["dune"] url { src: "https://example.org/b2.tgz" checksum: "md5=00000000000000000000000000000002" }"""))
        .Add("cross.1.0", Text("""depends: ["dune"] tags: "cross-compile" """))
        .Add("cross.2.0", Text("""depends: ["dune"]"""));

    static string Text(string fields) => $"opam-version: \"2.0\" {fields}";

    static SolveContext Context(string name, OpamEnvironment environment, params string[] roots) => new(name, environment)
    {
        Roots = [.. roots.Select(root => new PackageAtom(PackageName.Parse(root), Formula<VersionConstraint>.Empty))],
    };

    static string Solve(OpamSolver solver, params ImmutableArray<SolveContext> contexts) => solver.Solve(contexts, TestContext.Current.CancellationToken) is OpamSolution solution
        ? string.Join(" / ", solution.Contexts.Select(context => string.Join(' ', context.Packages.Select(selected => $"{selected.Package}{(selected.IsProvided ? "!" : "")}"))))
        : "none";

    [Fact]
    public void Platforms_share_versions_and_keep_their_own_packages()
    {
        Assert.Equal("dune.3.0 lib.3.0", Solve(new(World), Context("linux", Linux, "lib")));
        Assert.Equal("dune.3.0 gtk.1.0 lib.2.0 / cocoa.1.0 dune.3.0 lib.2.0", Solve(new(World), Context("linux", Linux, "lib"), Context("macos", Mac, "lib")));
    }

    [Fact]
    public void The_monorepo_and_its_switch_are_solved_jointly()
    {
        // Alone, the monorepo would take lib.3.0, with which the switch has no tool.
        var locals = new MemoryRepository("project").Add("app.zdev", Text("""depends: ["dune" "lib" "tool"]"""));
        var contexts = MonorepoRequest.Create(Linux, locals, locals.Names, new() { OpamProvided = [PackageName.Parse("tool")] }, compiler: "dune");
        Assert.Equal("app.zdev dune.2.0 lib.1.1 / app.zdev dune.2.0 lib.1.1 make.1.0 tool.1.0", Solve(new(World, locals), contexts));
    }

    [Fact]
    public void What_the_machine_provides_is_preferred_and_need_not_be_in_the_repository()
    {
        var machine = new MemoryRepository("machine").Add("dune.2.9.1", Text("")).Add("ocaml-system.4.14.2", Text("""conflict-class: "ocaml-core-compiler" """));
        var solver = new OpamSolver(World, provided: machine);
        Assert.Equal("dune.2.9.1! ocaml.4.14.2 ocaml-system.4.14.2!", Solve(solver, Context("switch", Linux, "ocaml-system", "ocaml", "dune")));
    }

    [Fact]
    public void A_version_to_be_avoided_comes_last_and_a_preferred_one_first()
    {
        var context = Context("switch", Linux, "lib");
        Assert.Equal("dune.2.0 lib.3.0", Solve(new(World), context with { AvoidLast = true }));
        Assert.Equal("dune.3.0 lib.1.1", Solve(new(World), context with { Preferred = context.Preferred.Add(PackageName.Parse("lib"), OpamVersion.Parse("1.1")) }));
        Assert.Equal("dune.2.0 lib.1.0", Solve(new(World), context with { PreferOldest = true }));
    }

    [Fact]
    public void Packages_of_one_source_come_from_one_archive_if_asked_for()
    {
        SolveContext With(bool one) => Context("monorepo", Linux, "split-a", "split-b") with { Monorepo = new() { OneArchive = one } };
        Assert.Equal("dune.3.0 split-a.1.0 split-b.1.0", Solve(new(World), With(true)));
        Assert.Equal("dune.3.0 split-a.1.0 split-b.2.0", Solve(new(World), With(false)));
    }

    [Fact]
    public void Only_versions_that_cross_compile_where_there_are_any()
    {
        Assert.Equal("cross.1.0 dune.3.0", Solve(new(World), Context("monorepo", Linux, "cross") with { Monorepo = new() { RequireCrossCompile = true } }));
        Assert.Equal("cross.2.0 dune.3.0", Solve(new(World), Context("monorepo", Linux, "cross") with { Monorepo = new() }));
    }

    [Fact]
    public void A_solver_may_be_asked_again()
    {
        var solver = new OpamSolver(World);
        var context = Context("switch", Linux, "tool");
        Assert.Equal(Solve(solver, context), Solve(solver, context with { Tests = [PackageName.Parse("tool")] }));
        Assert.Equal("dune.3.0 lib.3.0", Solve(solver, context with { Roots = Context("switch", Linux, "lib").Roots }));
    }
}
