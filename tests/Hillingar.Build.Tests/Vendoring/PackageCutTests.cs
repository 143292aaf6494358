using Hillingar.Build.Confinement;
using Hillingar.Build.Files;
using Hillingar.Build.Locks;
using Hillingar.Build.Machines;
using Hillingar.Build.Processes;
using Hillingar.Build.Realising;
using Hillingar.Build.Sandboxes;
using Hillingar.Build.Sources;
using Hillingar.Build.Storage;
using Hillingar.Build.Switches;
using Hillingar.Build.Vendoring;
using Hillingar.Opam.Diagnostics;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>Two archives of one source repository, vendored side by side and built by the real dune.</summary>
public sealed class PackageCutTests : IDisposable
{
    readonly TestFolder _folder = new();
    readonly ReporterFake _reporter = new();

    public void Dispose() => _folder.Dispose();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // One repository of three packages at two versions. Everything says its version, so that a program tells which archive it came from.
    static IEnumerable<(string Name, string Text)> Repository(int version) =>
    [
        ("dune-project", $"""
            (lang dune 2.8)
            (name pair)
            (generate_opam_files true) ; made from this
            (package (name core) (deprecated_package_names older))
            (package
             (name extra)
             (synopsis "its ) parenthesis"))
            (package (name spare))
            """),
        ("core.opam", "opam-version: \"2.0\"\n"),
        ("extra.opam", "opam-version: \"2.0\"\n"),
        ("spare.opam", "opam-version: \"2.0\"\n"),
        ("core/dune", """
            (library
             (name pair_core)
             (public_name core)
             (modules pair_core)
             (libraries common))
            (deprecated_library_name (old_public_name older.thing) (new_public_name core))
            (executable (name tool) (public_name core-tool) (package core) (modules tool) (libraries pair_core))
            (documentation (package core))
            (rule (alias runtest) (package core) (action (run ./tool.exe)))
            (install (package core) (section etc) (files settings))
            """),
        ("core/settings", ""),
        ("core/pair_core.ml", $"let version = \"core {version}, \" ^ Common.said\n"),
        ("core/tool.ml", "let () = print_string Pair_core.version\n"),
        ("common/dune", "(library (name common) (package core))\n"),
        ("common/common.ml", $"let said = \"common {version}\"\n"),
        ("extra/dune", """
            ; extra is made of a private library of core, and of core under its private name
            (subdir lib
             (library (name extra) (public_name extra) (libraries pair_core common_too (re_export glue)))
             (include stanzas.inc))
            (rule (with-stdout-to greeting.txt (echo "hello\n")))
            """),
        ("extra/lib/extra.ml", $"let version = \"extra {version} over \" ^ Pair_core.version ^ \" and \" ^ Common_too.said ^ Glue.glue\n"),
        ("extra/lib/stanzas.inc", "(alias (name nothing))\n(rule (package spare) (alias runtest) (action (progn)))\n"),
        ("extra/common_too/dune", "(library (name common_too) (package core))\n"),
        ("extra/common_too/common_too.ml", $"let said = \"own copy {version}\"\n"),
        ("extra/glue/dune", "(library (name glue) (package extra))\n"),
        ("extra/glue/glue.ml", "let glue = \"\"\n"),
        ("spare/dune", "(library (name spare) (public_name spare) (libraries nowhere.to.be.found))\n(test (name t) (package spare) (modules t))\n"),
        ("spare/spare.ml", ""),
        ("spare/t.ml", ""),
        ("examples/data/dune", "(this is (not closed\n"),
        ("examples/dune", "(data_only_dirs d?ta)\n"),
    ];

    DuniverseEntry Entry(string folder, int version, params string[] only)
    {
        var archive = Tarball.Write(_folder, Tarball.Gzip(Tarball.Tar(Repository(version).Select(file => Tarball.File($"pair-{version}/{file.Name}", file.Text)))), $"upstream/pair-{version}.tar.gz");
        return new DuniverseEntry(folder, new Source("file://" + archive, Hashes.OfFile(archive, Hashes.Kinds), [], []), [.. only.DefaultIfEmpty(folder)]) { OnlyPackages = only };
    }

    async Task Vendor(params DuniverseEntry[] entries)
    {
        var store = new SourceStore(_folder["store"]);
        using var fetcher = new SourceFetcher(store, _reporter);
        await Duniverse.Vendor(_folder["obj/duniverse"], entries, fetcher, store, _reporter, Cancellation);
    }

    // The machine's dune, and the one that locks ask for, which the SDK builds into its store.
    async Task<string> Dune(bool locked)
    {
        Assert.SkipWhen(ProcessRunner.Find("dune") is null, "needs dune (Debian: ocaml-dune)");
        if (!locked)
            return ProcessRunner.Find("dune")!;
        var archive = Directory.Exists(TestData.Sources) ? Directory.GetFiles(TestData.Sources, "ocaml-dune_3*.tar.*").FirstOrDefault() : null;
        Assert.SkipWhen(archive is null, "needs dune's archive (HILLINGAR_TEST_SOURCES)");
        var cache = Path.Combine(TestData.Root, "artifacts", "test-cache");
        var version = Path.GetFileName(archive)!.Split('_')[1].Split(".orig")[0];
        return await new DuneTool(new Stores(cache), new SwitchOptions { Offline = true }, _reporter).Provide(
            version, new Source("file://" + archive, Hashes.OfFile(archive!, Hashes.Kinds), [], []), await Toolchain.Probe(Cancellation), own => own == version, Cancellation);
    }

    async Task<ProcessResult> Build(string dune)
    {
        _folder.Write("app/dune-project", "(lang dune 2.0)\n");
        _folder.Write("app/dune", "(executable (name main) (libraries core extra))\n");
        _folder.Write("app/main.ml", "let () = print_endline Pair_core.version; print_endline Extra.version\n");
        var workspace = new Workspace(_folder["obj"]);
        workspace.Mirror([.. Directory.EnumerateFiles(_folder["app"]).Select(file => (Path.GetFileName(file), file))], Cancellation);
        return await ProcessRunner.Run(new Command(dune, ["build", "--root", ".", "--profile", "release", "--display", "quiet", "--", "src/main.exe"], workspace.Root, DuneEnvironment.Variables), Cancellation);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Dune_builds_two_archives_of_one_repository_side_by_side(bool locked)
    {
        var dune = await Dune(locked);
        // Whole, they are what dune refuses: that is why they are cut.
        await Vendor(Entry("pair", 1), Entry("pair-extra", 2));
        Assert.Matches("package \"(core|extra|spare)\" is defined more than once|Too many opam files for package", (await Build(dune)).Error);

        await Vendor(Entry("pair", 1, "core"), Entry("pair-extra", 2, "extra"));
        var built = await Build(dune);
        Assert.True(built.ExitCode == 0, built.Error);
        Assert.Equal(
            "core 1, common 1\nextra 2 over core 1, common 1 and own copy 2\n",
            (await ProcessRunner.Run(new Command(_folder["obj/_build/default/src/main.exe"], []), Cancellation)).Output);
        // What each of them installs is whole as well: programs, documentation, files.
        var all = await ProcessRunner.Run(new Command(dune, ["build", "--root", ".", "--profile", "release", "--display", "quiet", "duniverse/pair/core.install", "duniverse/pair-extra/extra.install"], _folder["obj"], DuneEnvironment.Variables), Cancellation);
        Assert.True(all.ExitCode == 0, all.Error);
        Assert.Contains("core-tool", await File.ReadAllTextAsync(_folder["obj/_build/default/duniverse/pair/core.install"], Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_what_belongs_to_other_packages_goes()
    {
        await Vendor(Entry("pair", 1, "core"), Entry("pair-extra", 2, "extra"));
        string Read(string name) => File.ReadAllText(_folder["obj/duniverse/" + name]);
        string Original(string name) => Repository(1).Single(file => file.Name == name).Text;
        Assert.Equal(["core.opam"], Directory.GetFiles(_folder["obj/duniverse/pair"], "*.opam").Select(Path.GetFileName));
        Assert.Equal(["extra.opam"], Directory.GetFiles(_folder["obj/duniverse/pair-extra"], "*.opam").Select(Path.GetFileName));
        Assert.Equal("(lang dune 2.8)\n(name core)\n(generate_opam_files true) ; made from this\n(package (name core) (deprecated_package_names older))\n\n\n\n", Read("pair/dune-project"));
        Assert.Equal(Original("core/dune"), Read("pair/core/dune"));
        Assert.Equal(Original("common/dune"), Read("pair/common/dune"));
        Assert.Equal("", Read("pair-extra/core/dune").Trim());
        Assert.Equal("", Read("pair-extra/spare/dune").Trim());
        Assert.Equal("(alias (name nothing))", Read("pair-extra/extra/lib/stanzas.inc").Trim());
        Assert.Contains("(libraries core common_too (re_export glue))", Read("pair-extra/extra/dune"), StringComparison.Ordinal);
        Assert.Contains("(with-stdout-to greeting.txt", Read("pair-extra/extra/dune"), StringComparison.Ordinal);
        Assert.Equal("(library (name common_too) (package extra))\n", Read("pair-extra/extra/common_too/dune"));
        Assert.Equal("", Read("pair-extra/common/dune").Trim());
    }

    [Fact]
    public async Task Whatever_has_no_package_is_that_of_a_project_with_one()
    {
        _folder.Write("lib/dune-project", "(lang dune 2.0)\n");
        _folder.Write("lib/kept.opam", "");
        _folder.Write("lib/dune", "(install (section etc) (files a))\n(executable (name e) (public_name e))\n");
        _folder.Write("lib/inner/dune-project", "(lang dune 2.0)\n");
        _folder.Write("lib/inner/opam/other.opam", "");
        _folder.Write("lib/inner/dune", "(documentation)\n(executables (names a b) (public_names a -))\n(executables (names c) (public_names -))\n");
        using (var lib = ConfinedFolder.Open(_folder["lib"], (path, why) => new HillingarException("HIL4023", $"{path}: {why}")))
            await Task.Run(() => new PackageCut(lib, "lib", ["kept"]).Cut(), Cancellation);
        Assert.Equal("(install (section etc) (files a))\n(executable (name e) (public_name e))\n", await File.ReadAllTextAsync(_folder["lib/dune"], Cancellation));
        Assert.Equal("\n\n(executables (names c) (public_names -))\n", await File.ReadAllTextAsync(_folder["lib/inner/dune"], Cancellation));
        Assert.False(File.Exists(_folder["lib/inner/opam/other.opam"]));
    }

    [Fact]
    public async Task A_folder_is_current_only_with_its_cut()
    {
        await Vendor(Entry("pair", 1, "core"));
        Assert.True(Duniverse.IsCurrent(_folder["obj/duniverse"], [Entry("pair", 1, "core")]));
        Assert.False(Duniverse.IsCurrent(_folder["obj/duniverse"], [Entry("pair", 1)]));
        Assert.False(Duniverse.IsCurrent(_folder["obj/duniverse"], [Entry("pair", 1, "core", "extra")]));
        await Vendor(Entry("pair", 1, "core", "extra"));
        Assert.True(File.Exists(_folder["obj/duniverse/pair/extra.opam"]));
    }

    [Fact]
    public async Task Packages_that_come_from_another_repository_are_cut_out_as_long_as_they_do()
    {
        var pair = Entry("pair", 2) with { Packages = ["core.2", "spare.2"] };
        var archive = Tarball.Write(_folder, Tarball.Gzip(Tarball.Tar(Tarball.File("extra/extra.opam", ""), Tarball.File("extra/dune-project", "(lang dune 2.8)\n"))), "upstream/extra.tar.gz");
        var extra = new DuniverseEntry("extra", new Source("file://" + archive, Hashes.OfFile(archive, Hashes.Kinds), [], []), ["extra.9"]);
        var place = _folder["obj/duniverse"];
        IEnumerable<string?> Held() => Directory.GetFiles(Path.Combine(place, "pair"), "*.opam").Select(Path.GetFileName).Order(StringComparer.Ordinal);

        await Vendor(pair);
        Assert.Equal(["core.opam", "extra.opam", "spare.opam"], Held());
        Assert.True(Duniverse.IsCurrent(place, [pair]));
        await Vendor(pair, extra);
        Assert.Equal(["core.opam", "spare.opam"], Held());
        Assert.DoesNotContain("extra", await File.ReadAllTextAsync(Path.Combine(place, "pair", "dune-project"), Cancellation), StringComparison.Ordinal);
        Assert.True(Duniverse.IsCurrent(place, [pair, extra]));
        Assert.False(Duniverse.IsCurrent(place, [pair]));
        await Vendor(pair);
        Assert.Equal(["core.opam", "extra.opam", "spare.opam"], Held());
    }

    [Fact]
    public async Task What_cannot_be_cut_leaves_the_duniverse_as_it_was()
    {
        await Vendor(Entry("pair", 1, "core"));
        var archive = Tarball.Write(_folder, Tarball.Gzip(Tarball.Tar([.. Repository(2).Select(file => Tarball.File("p/" + file.Name, file.Text)), Tarball.File("p/z/dune", "(* -*- tuareg -*- *)")])), "upstream/script.tar.gz");
        var script = new DuniverseEntry("pair", new Source("file://" + archive, Hashes.OfFile(archive, Hashes.Kinds), [], []), ["core"]) { OnlyPackages = ["core"] };
        var told = (await Assert.ThrowsAsync<HillingarException>(() => Vendor(script))).Diagnostic;
        Assert.Equal(("HIL4032", new Place("duniverse/pair/z/dune", 1, 1)), (told.Code, told.Place));
        Assert.True(Duniverse.IsCurrent(_folder["obj/duniverse"], [Entry("pair", 1, "core")]));
    }
}
