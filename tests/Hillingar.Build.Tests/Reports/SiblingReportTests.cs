using Hillingar.Build.Machines;
using Hillingar.Opam.Diagnostics;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>The same complaints at other places: other fields, other formats, two at once.</summary>
public sealed class SiblingReportTests
{
    const string Machine = "<HillingarHostSwitch>machine</HillingarHostSwitch>";

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("name: \"other\"\ndepends: [\"dune\"]", "HIL1003", 2)]
    [InlineData("version: \"1 0\"\ndepends: [\"dune\"]", "HIL1003", 2)]
    [InlineData("version: 1\ndepends: [\"dune\"]", "HIL1003", 2)]
    [InlineData("depends: [\"dune\"]\nx-opam-monorepo-opam-provide: [\"z3\"]", "HIL1003", 3)]
    [InlineData("depends: [\"dune\"]\nx-opam-monorepo-opam-provided: [\"a b\"]", "HIL6018", 3)]
    [InlineData("depends: [\"dune\" \"lwt\" {with-tets}]", "HIL1003", 2)]
    [InlineData("depends: [\"dune\" \"lwt\" {with_test & >= \"5\"}]", "HIL1003", 2)]
    [InlineData("depends: [\"dune\"]\nurl { src: \"https://x/y.tgz\" checksums: \"md5=d41d8cd98f00b204e9800998ecf8427e\" }", "HIL1003", 3)]
    [InlineData("depends: [\"dune\"]\nextra-source { src: \"https://x/y.tgz\" }", "HIL1003", 3)]
    public async Task What_would_be_left_out_is_an_error_at_its_line(string fields, string code, int line)
    {
        using var report = new ReportCase().Opam(fields);
        var error = await report.Refused();
        Assert.Equal((code, line), (error.Code, error.Place!.Value.Line));
    }

    [Fact]
    public async Task Variables_of_the_users_own_are_no_slips()
    {
        using var report = new ReportCase().Opam("depends: [\"dune\" \"fmt\" {mine} \"yojson\" {os = \"linux\" | ?monorepo}]\nx-mine: 1\nx-opam-monorepo-global-opam-vars: [[\"mine\" true]]");
        Assert.NotNull((await report.Lock()).Version("fmt"));
    }

    [Fact]
    public async Task A_slip_in_a_field_of_a_dune_project_is_an_error_at_its_place()
    {
        using var report = new ReportCase().Write("dune-project", "(lang dune 3.0)\r\n(package\r\n (name case)\r\n (depend lwt))\r\n");
        var error = await report.Refused();
        Assert.Equal(("HIL6029", 4, 2), (error.Code, error.Place!.Value.Line, error.Place.Value.Column));
        Assert.Contains("'depends'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("(lang dune 3.0)\n<<<<<<< HEAD\n(name a)\n=======\n(name b)\n>>>>>>> other\n", 2)]
    [InlineData("(lang dune 3.0)\n(package\n (name case)\n (depends\n<<<<<<< HEAD\n lwt\n=======\n fmt\n>>>>>>> other\n))\n", 5)]
    [InlineData("(lang dune 3.0)\n<<<<<<< HEAD\n(package (name case)\n=======\n(package (name other)\n>>>>>>> other\n (depends lwt))\n", 2)]
    public async Task The_marks_of_a_merge_in_a_dune_project_are_the_fault_whatever_they_led_to(string text, int line)
    {
        using var report = new ReportCase().Write("dune-project", text);
        var error = await report.Refused();
        Assert.Equal(("HIL6029", line, 1), (error.Code, error.Place!.Value.Line, error.Place.Value.Column));
        Assert.Contains("the marks of a merge", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_folder_where_the_lock_is_to_be_is_no_lock_of_dunes(bool forceEvaluate)
    {
        using var report = new ReportCase().Write("some.lock/file", "").Opam("depends: [\"dune\"]");
        var error = (await Assert.ThrowsAnyAsync<HillingarException>(() => report.Lock(report.Options() with { LockFile = Path.Combine(report.Folder, "some.lock"), ForceEvaluate = forceEvaluate }))).Diagnostic;
        Assert.Equal("HIL6004", error.Code);
        Assert.True(File.Exists(Path.Combine(report.Folder, "some.lock", "file")));
    }

    [Theory]
    [InlineData("\"ocaml\" {= \"4.14.1\"}", "case needs ocaml = 4.14.1.", "install OCaml 4.14.1")]
    [InlineData("\"ocaml-base-compiler\" {>= \"5.0\"}", "ocaml-base-compiler >= 5.0 cannot be had with it.", "install OCaml 5.0 or later")]
    [InlineData("\"base-domains\"", "base-domains cannot be had with it.", "install OCaml 5.0 or later")]
    [InlineData("\"fmt\" \"eio\"", "eio >= 0.4 needs ocaml >= 5.0.0.", "set HillingarHostSwitch to locked")]
    public async Task What_the_machine_has_is_told_with_a_compiler_that_would_do(string depends, string cause, string fix)
    {
        var machine = await Toolchain.TryProbe(Cancellation);
        Assert.SkipWhen(machine is null || !machine.OCaml.StartsWith("4.13", StringComparison.Ordinal), "needs OCaml 4.13 (Debian 12: ocaml)");
        // The port of fmt is in an overlay that is offered only: what remains with it is the cause.
        using var report = new ReportCase(Machine, "<OpamRepository Include=\"REPO\" /><OpamOverlay Include=\"OVERLAYS\" />").Opam($"depends: [\"dune\" {depends}]");
        var lines = await report.Conflict();
        Assert.StartsWith($"This machine has OCaml {machine.OCaml}, and ", lines[0], StringComparison.Ordinal);
        Assert.EndsWith(cause, lines[0], StringComparison.Ordinal);
        Assert.Contains(lines, line => line.StartsWith($"  - {fix}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_compiler_is_offered_where_none_would_do()
    {
        Assert.SkipWhen(await Toolchain.TryProbe(Cancellation) is null, "needs a compiler (Debian 12: ocaml)");
        using var report = new ReportCase(Machine).Opam("depends: [\"dune\" \"ocaml\" {< \"4.02\"}]");
        Assert.DoesNotContain(await report.Conflict(), line => line.Contains("install OCaml", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_compiler_of_the_machine_is_named_where_ocaml_system_is_asked_for()
    {
        var machine = await Toolchain.TryProbe(Cancellation);
        Assert.SkipWhen(machine is null || !machine.OCaml.StartsWith('4'), "needs a compiler of OCaml 4 (Debian 12: ocaml)");
        using var report = new ReportCase(Machine).Opam("depends: [\"dune\" \"ocaml-system\" {>= \"5\"}]");
        var lines = await report.Conflict();
        Assert.StartsWith($"ocaml-system >= 5 is not this machine's OCaml, which is {machine.OCaml}", lines[0], StringComparison.Ordinal);
        Assert.Contains("  - install OCaml 5.0 or later", lines);
    }

    [Fact]
    public async Task A_port_that_is_offered_counts_although_something_else_has_none()
    {
        using var report = new ReportCase(items: "<OpamRepository Include=\"REPO\" /><OpamOverlay Include=\"OVERLAYS\" />").Opam("depends: [\"dune\" \"z3\" \"fmt\"]");
        var lines = await report.Conflict();
        Assert.StartsWith("z3 does not build with dune.", lines[0], StringComparison.Ordinal);
        Assert.Contains(lines, line => line.StartsWith("The repository ", StringComparison.Ordinal) && line.Contains("is needed as well", StringComparison.Ordinal));
        Assert.Contains("  - let the host switch provide z3: x-opam-monorepo-opam-provided: [\"z3\"] in an opam file of the project", lines);
    }

    [Fact]
    public async Task The_project_file_goes_by_its_own_name()
    {
        using var report = new ReportCase(items: ReportCase.Repositories + "<OpamDependency Include=\"nosuchaaa\" />").Opam("depends: [\"nosuchbbb\" {>= \"2\"}]");
        var lines = await report.Conflict();
        Assert.Contains("  case.csproj needs nosuchaaa, which does not exist", lines);
        Assert.DoesNotContain(lines, line => line.Contains("case-project", StringComparison.Ordinal));
        // Each is told once.
        Assert.Single(lines, line => line.Contains("needs nosuchbbb", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("conflicts: [\"ocaml\" {< \"6\"}]", "Every project needs ocaml, and case conflicts with ocaml < 6.")]
    [InlineData("conflicts: [\"second\"]", "second is a package of the project, and case conflicts with it.")]
    public async Task A_conflict_with_what_nobody_asked_for_names_no_wish(string conflicts, string cause)
    {
        using var report = new ReportCase().Opam($"depends: [\"dune\"]\n{conflicts}").Opam("depends: [\"dune\"]", "second");
        Assert.Equal(cause, (await report.Conflict())[0]);
    }

    [Fact]
    public async Task A_lock_of_opam_lock_that_was_edited_is_still_one()
    {
        using var report = new ReportCase().Opam("depends: [\"dune\" \"fmt\"]").Write("case.opam.locked", "opam-version: \"2.0\"\r\ndepends: [\"dune\" {= \"3.17.2\"} \"fmt\"]\r\n");
        var before = report.Read("case.opam.locked");
        Assert.Equal("HIL3006", (await report.Refused(report.Options(force: true))).Code);
        Assert.Equal(before, report.Read("case.opam.locked"));
    }

    [Fact]
    public async Task A_lock_of_a_newer_opam_monorepo_is_named_and_one_with_a_missing_version_restored()
    {
        using var report = ReportCase.Of("10-opam-monorepo-lock-is-not-taken");
        var written = report.Read("case.opam.locked");
        report.Write("case.opam.locked", written.Replace("\"0.3\"", "\"9.0\"", StringComparison.Ordinal));
        var error = await report.Refused();
        Assert.Equal("HIL3003", error.Code);
        Assert.Contains("opam-monorepo", error.Message, StringComparison.Ordinal);
        report.Write("case.opam.locked", written.Replace("\"ocaml-base-compiler\" {= \"4.14.0\"}", "\"ocaml-base-compiler\"", StringComparison.Ordinal));
        Assert.True((await report.Lock()).IsForeign);
    }

    [Theory]
    [InlineData("dune.lock/lwt.pkg")]
    [InlineData("dune.lock/lwt.5.6.1.pkg")]
    [InlineData("dune.linux.lock/lwt.pkg")]
    public async Task Versions_of_dunes_locks_are_kept_whatever_their_layout(string file)
    {
        using var report = new ReportCase().Opam("depends: [\"dune\" \"lwt\"]");
        var other = Corpus.Folder(Corpus.Repository);
        var old = new DirectoryInfo(Path.Combine(other, "packages", "lwt")).EnumerateDirectories("lwt.5.*").OrderBy(folder => new Opam.Language.OpamVersion(folder.Name[4..])).Last().Name[4..];
        report.Write(file.Replace("5.6.1", old, StringComparison.Ordinal), $"(version {old})\n(dune)\n");
        Assert.Equal(old, (await report.Lock()).Version("lwt")!.Value.Text);
    }

    [Fact]
    public async Task A_path_that_a_pinned_repository_pins_is_one_of_its_own()
    {
        using var report = new ReportCase();
        using var sources = new TestFolder();
        sources.Write("outer.opam", "opam-version: \"2.0\"\r\ndepends: [\"dune\" \"inner\"]\r\npin-depends: [\"inner.dev\" \"./sub\"]\r\n");
        sources.Write("sub/inner.opam", "opam-version: \"2.0\"\ndepends: [\"dune\"]\n");
        sources.Write("dune-project", "(lang dune 2.0)");
        await PinReportTests.Commit(sources.Path);
        report.Opam($"depends: [\"outer\"]\npin-depends: [\"outer.dev\" \"git+file://{sources.Path}#main\"]");
        var locked = await report.Restore();
        Assert.Equal("dev", locked.Version("inner")!.Value.Text);
        Assert.True(File.Exists(Path.Combine(report.Folder, "obj/duniverse", Assert.Single(locked.Duniverse).Folder, "sub/inner.opam")));
    }

    [Theory]
    [InlineData("./vendor/b")]
    [InlineData(@".\\vendor\\b")]
    [InlineData("file://./vendor/b")]
    public async Task A_folder_of_the_project_may_pin_the_one_beside_it(string address)
    {
        using var report = new ReportCase().Opam($"depends: [\"b\"]\npin-depends: [\"b.dev\" \"{address}\"]");
        report.Write("vendor/b/b.opam", "opam-version: \"2.0\"\ndepends: [\"c\"]\npin-depends: [\"c.dev\" \"../c\"]\n").Write("vendor/c/c.opam", "opam-version: \"2.0\"\ndepends: [\"fmt\"]\n");
        var locked = await report.Lock();
        Assert.NotNull(locked.Version("fmt"));
        Assert.Contains("c", locked.RootPackages);
    }

    [Fact]
    public async Task A_pin_that_cannot_be_fetched_is_named_with_its_file()
    {
        using var report = new ReportCase().Opam("depends: [\"b\"]\npin-depends: [\"b.dev\" \"git+file:///nonexistent/x#main\"]");
        var error = await report.Refused();
        Assert.EndsWith("case.opam", error.Place!.Value.File, StringComparison.Ordinal);
        Assert.Contains("'b.dev' is pinned to", error.Message, StringComparison.Ordinal);
    }
}
