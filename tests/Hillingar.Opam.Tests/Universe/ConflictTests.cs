using System.Collections.Immutable;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;
using Hillingar.Opam.Syntax;
using Hillingar.Opam.Universe;

namespace Hillingar.Tests;

/// <summary>What users read when there is no solution: a golden text for each kind of conflict.</summary>
public class ConflictTests
{
    static readonly OpamEnvironment Linux = OpamEnvironment.Platform("x86_64", "linux", "debian", "debian", "12");
    static readonly OpamEnvironment Mac = OpamEnvironment.Platform("arm64", "macos", "homebrew", "homebrew", "14.0");

    /// <summary>A small world of packages like the real ones.</summary>
    static readonly MemoryRepository World = Repository("""
        ocaml.4.14.2: depends: ["ocaml-base-compiler" {= "4.14.2"} | "ocaml-system" {= "4.14.2"}]
        ocaml.5.3.0: depends: ["ocaml-base-compiler" {= "5.3.0"} | "ocaml-system" {= "5.3.0"}]
        ocaml-base-compiler.4.14.2: conflict-class: ["ocaml-core-compiler"] flags: compiler
        ocaml-base-compiler.5.3.0: conflict-class: ["ocaml-core-compiler"] flags: compiler
        ocaml-system.4.14.2: conflict-class: ["ocaml-core-compiler"] flags: compiler available: sys-ocaml-version = "4.14.2"
        ocaml-system.5.3.0: conflict-class: ["ocaml-core-compiler"] flags: compiler available: sys-ocaml-version = "5.3.0"
        base-unix.base:
        dune.2.9.3: depends: ["ocaml" {>= "4.08"}]
        dune.3.17.0: depends: ["ocaml" {>= "4.08"}]
        lwt.4.5.0: depends: ["dune" "ocaml" {< "5"}]
        lwt.5.7.0: depends: ["dune" {>= "3"} "ocaml"]
        lwt.5.9.0: depends: ["dune" {>= "3"} "ocaml" {>= "4.14"}]
        cohttp.2.5.0: depends: ["dune" "lwt" {< "5"}]
        cohttp.6.0.0: depends: ["dune" "lwt" {>= "5.7"}]
        eio_windows.1.0: depends: ["dune"] available: os = "win32"
        zlib.1.0: depends: ["ocaml"] build: [make] url { src: "https://example.org/zlib.tgz" }
        camlzip.1.1: depends: ["dune" "zlib"] build: ["dune"] url { src: "https://example.org/camlzip.tgz" }
        tls-openssl.1.0: depends: ["dune"] conflict-class: ["tls"]
        tls-native.1.0: depends: ["dune"] conflict-class: ["tls"]
        mirage-xen.1.0: depends: ["dune" "ocaml" {< "5"}]
        mirage-solo5.1.0: depends: ["dune" "ocaml" {>= "5"}]
        old-api.1.0: depends: ["dune"] conflicts: ["lwt" {>= "5"}]
        ring-a.1.0: depends: ["dune" "ring-b"]
        ring-b.1.0: depends: ["dune" "ring-a" "no-such-thing"]
        pick.1.0: depends: ["dune" ("cohttp" {< "3"} | "eio_windows")]
        test-only.1.0: depends: ["dune" "alcotest" {with-test & >= "9"}]
        alcotest.1.8.0: depends: ["dune"]
        """);

    static MemoryRepository Repository(string lines, string location = "world")
    {
        var repository = new MemoryRepository(location);
        foreach (var line in lines.Split('\n'))
            repository.Add(line[..line.IndexOf(':')], $"opam-version: \"2.0\" {line[(line.IndexOf(':') + 1)..]}");
        return repository;
    }

    static MemoryRepository Project(params string[] files)
    {
        var project = new MemoryRepository("project");
        foreach (var file in files)
            project.Add($"{file[..file.IndexOf(':')]}.zdev", $"opam-version: \"2.0\" depends: [ {file[(file.IndexOf(':') + 1)..]} ]");
        return project;
    }

    static ImmutableArray<PackageAtom> Atoms(params string[] atoms) => [.. atoms.SelectMany(atom =>
        new PackageFile(Document.Parse($"opam-version: \"2.0\" depends: [ {atom} ]")).Depends.Evaluate(OpamEnvironment.Empty).Atoms())];

    static OpamConflict Conflict(SolveContext context, Repository? locals = null, Repository? provided = null) =>
        Assert.IsType<OpamConflict>(new OpamSolver(World, locals, provided).Solve(context, TestContext.Current.CancellationToken));

    static SolveContext Switch(params string[] roots) => new("switch", Linux) { Roots = Atoms(roots) };

    static ImmutableArray<SolveContext> Monorepo(Repository locals, string? ocaml = null, bool tests = false) =>
        MonorepoRequest.Create(Linux, locals, locals.Names, new() { OneArchive = true }, ocaml is null ? null : OpamVersion.Parse(ocaml), tests);

    static OpamConflict Locking(Repository locals, string? ocaml = null, bool tests = false) =>
        Assert.IsType<OpamConflict>(new OpamSolver(World, locals).Solve(Monorepo(locals, ocaml, tests), TestContext.Current.CancellationToken));

    [Fact]
    public void A_package_that_does_not_exist() => Reads(Locking(Project("app: \"dune\" \"cohtpp\"")), """
        There is no package cohtpp. Did you mean cohttp?
          app needs cohtpp, which does not exist
        Any of these helps, as was tried:
          - leave out cohtpp in app
        """);

    [Fact]
    public void A_library_of_the_compiler() => Reads(Locking(Project("app: \"dune\" \"unix\"")), """
        There is no package unix. It is a library that comes with OCaml: leave it out of depends, or ask for base-unix.
          app needs unix, which does not exist
        Any of these helps, as was tried:
          - leave out unix in app
        """);

    [Fact]
    public void A_dependency_that_does_not_exist() => Reads(Conflict(Switch("\"ring-a\"")), """
        ring-a cannot be had: ring-b needs no-such-thing, and there is no such package.
          you ask for ring-a
          ring-a needs ring-b
          ring-b needs no-such-thing, which does not exist
        """);

    [Fact]
    public void No_version_that_is_new_enough() => Reads(Locking(Project("app: \"dune\" \"lwt\" {>= \"6\"}")), """
        There is no lwt >= 6: its versions are 4.5.0 to 5.9.0.
          app needs lwt >= 6 (no such version)
        Any of these helps, as was tried:
          - drop the bound of lwt >= 6 in app: "lwt" (lwt 5.9.0 is selected then)
        """);

    [Fact]
    public void A_dependency_that_is_not_built_by_dune() => Reads(Locking(Project("app: \"dune\" \"camlzip\""), "4.14.2"), """
        camlzip cannot be had: zlib does not build with dune. Add a repository that has a port of it to dune, or name it in x-opam-monorepo-opam-provided.
          zlib does not build with dune
          app needs camlzip
          camlzip needs zlib
        Any of these helps, as was tried:
          - leave out camlzip in app
        """);

    [Fact]
    public void Two_roots_that_need_different_majors() => Reads(Locking(Project("app: \"dune\" \"lwt\" {>= \"5\"} \"cohttp\" {< \"3\"}")), """
        lwt >= 5 and cohttp < 3 cannot be had together.
          app needs lwt >= 5
          app needs cohttp < 3
          cohttp = 2.5.0 needs lwt < 5
        Any of these helps, as was tried:
          - widen lwt >= 5 to lwt >= 4.5.0 in app: "lwt" {>= "4.5.0"} (lwt 4.5.0 is selected then)
          - widen cohttp < 3 to cohttp <= 6.0.0 in app: "cohttp" {<= "6.0.0"} (cohttp 6.0.0 is selected then)
        """);

    [Fact]
    public void An_upper_bound_on_OCaml() => Reads(Locking(Project("app: \"dune\" \"cohttp\" {< \"3\"}"), "5.3.0"), """
        ocaml = 5.3.0 and cohttp < 3 cannot be had together.
          you ask for ocaml = 5.3.0
          app needs cohttp < 3
          cohttp = 2.5.0 needs lwt < 5
          lwt = 4.5.0 needs ocaml < 5
        Any of these helps, as was tried:
          - widen ocaml = 5.3.0 to ocaml >= 4.14.2 (ocaml 4.14.2 is selected then)
          - widen cohttp < 3 to cohttp <= 6.0.0 in app: "cohttp" {<= "6.0.0"} (cohttp 6.0.0 is selected then)
        """);

    [Fact]
    public void A_platform_where_it_is_not_available() => Reads(Locking(Project("app: \"dune\" \"eio_windows\"")), """
        eio_windows is not available where os is linux.
          eio_windows is not available where os is linux
          app needs eio_windows
        Any of these helps, as was tried:
          - leave out eio_windows in app
        """);

    [Fact]
    public void A_conflict_class() => Reads(Locking(Project("app: \"dune\" \"tls-openssl\" \"tls-native\"")), """
        tls-openssl and tls-native cannot be had together.
          app needs tls-openssl
          app needs tls-native
          tls-openssl conflicts with tls-native (both are tls)
        Any of these helps, as was tried:
          - leave out tls-openssl in app
          - leave out tls-native in app
        """);

    [Fact]
    public void A_prohibition() => Reads(Locking(Project("app: \"dune\" \"old-api\" \"lwt\" {>= \"5\"}")), """
        old-api and lwt >= 5 cannot be had together.
          app needs old-api
          app needs lwt >= 5
          old-api conflicts with lwt >= 5
        Any of these helps, as was tried:
          - widen lwt >= 5 to lwt >= 4.5.0 in app: "lwt" {>= "4.5.0"} (lwt 4.5.0 is selected then)
          - leave out old-api in app
        """);

    [Fact]
    public void Targets_that_exclude_each_other() => Reads(Locking(Project("hello-spt: \"dune\" \"mirage-solo5\"", "hello-xen: \"dune\" \"mirage-xen\"")), """
        mirage-solo5 of hello-spt and mirage-xen of hello-xen cannot be had together: they disagree on ocaml.
          you ask for hello-spt
          you ask for hello-xen
          hello-spt needs mirage-solo5
          hello-xen needs mirage-xen
          mirage-solo5 needs ocaml >= 5
          mirage-xen needs ocaml < 5
        Any of these helps, as was tried:
          - leave out hello-spt
          - leave out hello-xen
          - leave out mirage-solo5 in hello-spt
          - leave out mirage-xen in hello-xen
        """);

    [Fact]
    public void A_target_that_alone_makes_it_impossible() => Reads(
        Locking(Project("hello-spt: \"dune\" \"mirage-solo5\"", "hello-unix: \"dune\" \"lwt\"", "hello-xen: \"dune\" \"mirage-xen\""), "5.3.0"), """
        ocaml = 5.3.0 and mirage-xen of hello-xen cannot be had together.
          you ask for hello-xen
          you ask for ocaml = 5.3.0
          hello-xen needs mirage-xen
          mirage-xen needs ocaml < 5
        Any of these helps, as was tried:
          - leave out hello-xen
          - leave out mirage-xen in hello-xen
        """);

    [Fact]
    public void A_choice_none_of_whose_alternatives_can_be() => Reads(Locking(Project("app: \"dune\" \"pick\" \"lwt\" {>= \"5.7\"}")), """
        pick and lwt >= 5.7 cannot be had together: pick needs eio_windows or cohttp < 3, but eio_windows is not available where os is linux and cohttp = 2.5.0 needs lwt < 5.
          eio_windows is not available where os is linux
          app needs pick
          app needs lwt >= 5.7
          pick needs eio_windows or cohttp < 3
          cohttp = 2.5.0 needs lwt < 5
        Any of these helps, as was tried:
          - widen lwt >= 5.7 to lwt >= 4.5.0 in app: "lwt" {>= "4.5.0"} (lwt 4.5.0 is selected then)
          - leave out pick in app
        """);

    [Fact]
    public void A_dependency_of_the_tests() => Reads(Locking(Project("app: \"dune\" \"alcotest\" {with-test & >= \"9\"}"), tests: true), """
        There is no alcotest >= 9: its only version is 1.8.0.
          app needs alcotest >= 9 (no such version)
        Any of these helps, as was tried:
          - drop the bound of alcotest >= 9 in app: "alcotest" {with-test} (alcotest 1.8.0 is selected then)
        """);

    [Fact]
    public void The_compiler_of_the_machine_is_too_old()
    {
        var provided = Repository("ocaml-system.4.14.2: conflict-class: \"ocaml-core-compiler\"", "machine");
        var locals = Project("app: \"dune\" \"mirage-solo5\"");
        var contexts = MonorepoRequest.Create(Linux, locals, locals.Names, new(), compiler: "ocaml-system");
        Reads(Assert.IsType<OpamConflict>(new OpamSolver(World, locals, provided).Solve(contexts, TestContext.Current.CancellationToken)), """
            ocaml-system and mirage-solo5 cannot be had together: they disagree on ocaml-base-compiler.
              you ask for ocaml-system
              ocaml-system >= 5.3.0 needs HillingarHostSwitch=machine, which takes this machine's OCaml
              app needs mirage-solo5
              mirage-solo5 needs ocaml >= 5
              ocaml >= 5.3.0 needs ocaml-system = 5.3.0 or ocaml-base-compiler = 5.3.0
              ocaml-system conflicts with ocaml-base-compiler (both are ocaml-core-compiler)
            Any of these helps, as was tried:
              - build ocaml-base-compiler.5.3.0 instead of using the machine's OCaml
              - leave out ocaml-system
              - leave out mirage-solo5 in app
            """);
    }

    [Fact]
    public void A_version_that_only_an_overlay_has()
    {
        var conflict = Locking(Project("app: \"dune\" \"camlzip\""));
        conflict.Offer("https://example.org/overlay", Repository("zlib.1.0+dune: depends: [\"dune\"] build: [\"dune\"]", "overlay"));
        Reads(conflict, """
            camlzip cannot be had: zlib does not build with dune. Add a repository that has a port of it to dune, or name it in x-opam-monorepo-opam-provided.
              zlib does not build with dune
              app needs camlzip
              camlzip needs zlib
            Any of these helps, as was tried:
              - add the repository https://example.org/overlay
              - leave out camlzip in app
            """);
    }

    [Fact]
    public void Platforms_that_cannot_agree()
    {
        var locals = Project("app: \"dune\" (\"lwt\" {os = \"linux\" & >= \"5.9\"} & \"ocaml\" {os = \"macos\" & < \"5\"})", "lib: \"dune\" \"lwt\" {os = \"macos\" & < \"5\"}");
        ImmutableArray<SolveContext> contexts =
        [
            .. MonorepoRequest.Create(Linux, locals, locals.Names, new(), name: "linux"),
            .. MonorepoRequest.Create(Mac, locals, locals.Names, new(), name: "macos"),
        ];
        Reads(Assert.IsType<OpamConflict>(new OpamSolver(World, locals).Solve(contexts, TestContext.Current.CancellationToken)), """
            lwt >= 5.9 of app and lwt < 5 of lib cannot be had together.
              you ask for app (linux)
              you ask for lib (macos)
              app (linux) needs lwt (linux) >= 5.9
              lib (macos) needs lwt (macos) < 5
              lwt (linux) >= 5.9.0 needs lwt (macos) = 5.9.0
            Any of these helps, as was tried:
              - widen lwt >= 5.9 to lwt >= 4.5.0 in app: "lwt" {os = "linux" & >= "4.5.0"} (lwt 4.5.0 is selected then)
              - widen lwt < 5 to lwt <= 5.9.0 in lib: "lwt" {os = "macos" & <= "5.9.0"} (lwt 5.9.0 is selected then)
              - leave out app
              - leave out lib
            """);
    }

    static void Reads(OpamConflict conflict, string expected)
    {
        var text = conflict.ToString();
        Assert.InRange(text.Split('\n').Length, 1, 24);
        Assert.Equal(expected, text);
    }
}
