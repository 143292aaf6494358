using Hillingar.Build.Machines;

namespace Hillingar.Build.Tests;

/// <summary>What conflicts of real projects did not tell, in small: where it stands, and changes that help only together.</summary>
public sealed class RealProjectReportTests
{
    const string Machine = "<HillingarHostSwitch>machine</HillingarHostSwitch>";
    const string Offered = "<OpamRepository Include=\"REPO\" /><OpamOverlay Include=\"OVERLAYS\" />";

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_compiler_of_the_lock_is_offered_together_with_the_ports_that_the_machines_one_made_needless()
    {
        await RequireOld();
        // The machine has an ocamlfind of its own; a locked switch needs the port, as base-bytes asks for it.
        using var report = new ReportCase(Machine, Offered).Opam("depends: [\"dune\" \"ocaml\" {>= \"4.14\"} \"lwt\" {>= \"5.6.0\"}]");
        var fix = Assert.Single(await report.Conflict(), line => line.Contains("HillingarHostSwitch", StringComparison.Ordinal));
        Assert.Contains("<HillingarHostSwitch>locked</HillingarHostSwitch>", fix, StringComparison.Ordinal);
        Assert.Contains(", and add the repository ", fix, StringComparison.Ordinal);
        Assert.Contains("<OpamRepository Include=", fix, StringComparison.Ordinal);

        using var mended = new ReportCase().Opam("depends: [\"dune\" \"ocaml\" {>= \"4.14\"} \"lwt\" {>= \"5.6.0\"}]");
        Assert.NotNull((await mended.Lock()).Version("lwt"));
    }

    [Fact]
    public async Task A_compiler_of_the_lock_is_offered_together_with_what_the_host_switch_has_to_provide()
    {
        await RequireOld();
        using var report = new ReportCase(Machine).Opam("depends: [\"dune\" \"ocaml\" {>= \"4.14\"} \"z3\"]");
        Assert.Contains(await report.Conflict(), line => line.Contains("<HillingarHostSwitch>locked</HillingarHostSwitch>", StringComparison.Ordinal)
            && line.Contains("and let the host switch provide z3: x-opam-monorepo-opam-provided: [\"z3\"]", StringComparison.Ordinal));

        using var mended = new ReportCase().Opam("depends: [\"dune\" \"ocaml\" {>= \"4.14\"} \"z3\"]\nx-opam-monorepo-opam-provided: [\"z3\"]");
        Assert.Contains("z3", (await mended.Lock()).OpamProvided);
    }

    [Fact]
    public async Task Where_one_change_is_enough_none_is_offered_together_with_more()
    {
        Assert.SkipWhen(await Toolchain.TryProbe(Cancellation) is null, "needs a compiler (Debian 12: ocaml)");
        using var report = new ReportCase(Machine, Offered).Opam("depends: [\"dune\" \"astring\"]");
        var lines = await report.Conflict();
        Assert.Contains(lines, line => line.StartsWith("  - add the repository ", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains("HillingarHostSwitch", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_missing_is_shown_where_it_is_asked_for_whatever_else_is_in_the_way()
    {
        await RequireOld();
        using var report = new ReportCase(Machine).Opam("depends: [\n  \"dune\"\n  \"ocaml\" {>= \"4.14\"}\n]", "first").Opam("depends: [\n  \"dune\"\n  \"lwt\"\n  \"nosuchpackage\"\n]", "second");
        var error = await report.Refused();
        Assert.StartsWith("There is no package nosuchpackage.", error.Message, StringComparison.Ordinal);
        Assert.Equal(("second.opam", 5), (Path.GetFileName(error.Place!.Value.File), error.Place.Value.Line));
        // What is left out with its package is not left out of it as well.
        Assert.DoesNotContain(error.Message.Split('\n'), line => line.Contains("leave out nosuchpackage in second", StringComparison.Ordinal) && line.Contains("leave out second", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Where_nothing_that_was_tried_helps_a_missing_package_still_has_advice()
    {
        using var report = new ReportCase().Opam("depends: [\"dune\" \"nosuchpackage\" \"z3\" \"camlp5\" {= \"99\"} \"lablgtk3\" {= \"99\"}]");
        var lines = await report.Conflict();
        Assert.DoesNotContain(lines, line => line.StartsWith("  - ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("pin it (pin-depends), or add the repository that has it", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_of_several_alternatives_is_told_with_what_is_missing_and_at_its_line()
    {
        await RequireOld();
        using var report = new ReportCase(Machine).Opam("depends: [\n  \"dune\"\n  (\"ocaml\" {>= \"5.0\"} & \"yojson\")\n    | (\"ocaml\" {< \"5.0\"} & \"yojson\" {= \"9\"})\n]");
        var error = await report.Refused();
        Assert.Equal(4, error.Place!.Value.Line);
        Assert.Contains(", and case needs ocaml >= 5.0 or yojson = 9 (no such version).", error.Message.Split('\n')[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_range_is_widened_at_the_end_where_it_is_too_narrow()
    {
        await RequireOld();
        using var report = new ReportCase(Machine).Opam("depends: [\"dune\" \"ocaml\" {>= \"4.14\" & < \"5.2\"}]");
        Assert.Contains(await report.Conflict(), line => line.Contains("to ocaml >= 4.13.1 & <= 5.1", StringComparison.Ordinal) && line.Contains("\"ocaml\" {>= \"4.13.1\" & <= \"5.1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task All_packages_of_a_project_are_never_left_out_together()
    {
        using var report = new ReportCase().Opam("depends: [\"dune\" \"z3\"]", "first").Opam("depends: [\"dune\" \"camlp5\"]", "second");
        var lines = await report.Conflict();
        Assert.DoesNotContain(lines, line => line.Contains("leave out first", StringComparison.Ordinal) && line.Contains("leave out second:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_package_of_the_project_is_left_out_by_its_file()
    {
        using var report = new ReportCase().Opam("depends: [\"dune\" \"lwt\"]", "first").Opam("depends: [\"dune\" \"z3\"]", "second");
        Assert.Contains("  - leave out second: take second.opam out of the project's folder", await report.Conflict());
    }

    [Fact]
    public async Task A_version_that_is_a_word_is_told_with_its_package()
    {
        using var report = new ReportCase().Opam("depends: [\"dune\" \"ocurl\" {= \"0.9.1\"}]");
        Assert.StartsWith("ocurl 0.9.1 does not build with dune; ocurl transition does.", (await report.Conflict())[0], StringComparison.Ordinal);
    }

    static async Task RequireOld()
    {
        var machine = await Toolchain.TryProbe(Cancellation);
        Assert.SkipWhen(machine is null || !machine.OCaml.StartsWith("4.13", StringComparison.Ordinal), "needs OCaml 4.13 (Debian 12: ocaml)");
    }
}
