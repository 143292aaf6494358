using Hillingar.Build.Machines;
using Hillingar.Build.Repositories;
using Hillingar.Build.Requests;

namespace Hillingar.Build.Tests;

/// <summary>What a conflict says: the cause first, in the user's own terms, and fixes that can be pasted.</summary>
public sealed class ConflictReportTests
{
    [Fact]
    public async Task The_machines_OCaml_is_named_as_the_machines_and_its_fixes_are_offered()
    {
        var machine = await Toolchain.TryProbe(TestContext.Current.CancellationToken);
        Assert.SkipWhen(machine is null || !machine.OCaml.StartsWith('4'), "needs a compiler of OCaml 4 (Debian 12: ocaml)");
        using var report = ReportCase.Of("02-machine-ocaml-as-a-wish");
        var lines = await report.Conflict();
        Assert.StartsWith($"This machine has OCaml {machine.OCaml}, and eio", lines[0], StringComparison.Ordinal);
        Assert.Contains("needs ocaml >= 5.0", lines[0], StringComparison.Ordinal);
        Assert.DoesNotContain(lines, line => line.Contains("you ask for ocaml", StringComparison.Ordinal) || line.Contains("widen ocaml", StringComparison.Ordinal));
        Assert.Contains("  - set HillingarHostSwitch to locked: <HillingarHostSwitch>locked</HillingarHostSwitch> (builds ocaml-base-compiler 5.5.0)", lines);
        Assert.Contains("  - install OCaml 5.0 or later", lines);
        // The fix is one.
        report.Write("case.csproj", report.Read("case.csproj").Replace("</UnikernelName>", "</UnikernelName><HillingarHostSwitch>locked</HillingarHostSwitch>", StringComparison.Ordinal));
        Assert.NotNull((await report.Lock()).Version("eio"));
    }

    [Fact]
    public async Task A_port_of_an_overlay_that_is_offered_does_not_hide_the_cause()
    {
        using var report = ReportCase.Of("03-offered-overlay-hides-the-cause");
        var lines = await report.Conflict();
        Assert.StartsWith("There is no package lwt_unixx. Did you mean lwt?", lines[0], StringComparison.Ordinal);
        var overlay = Assert.Single(lines, line => line.StartsWith("The repository ", StringComparison.Ordinal));
        Assert.Contains("<OpamRepository Include=\"file://", overlay, StringComparison.Ordinal);
        Assert.DoesNotContain("  - leave out case", lines);

        report.Opam("depends: [\"dune\" \"fmt\" \"lwt\"]");
        lines = await report.Conflict();
        Assert.StartsWith("fmt does not build with dune.", lines[0], StringComparison.Ordinal);
        Assert.EndsWith("there is a solution", lines[0], StringComparison.Ordinal);
        Assert.Contains(lines, line => line.Contains("  - add the repository ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_repository_that_is_to_be_added_does_not_take_the_place_of_opams_own()
    {
        using var report = ReportCase.Of("04-add-the-repository-loses-the-default");
        var lines = await report.Conflict();
        Assert.Equal("logs cannot be had: logs needs lwt, and there is no such package.", lines[0]);
        Assert.Contains("<OpamRepository Include=\"https://opam.ocaml.org\" />", lines[^1], StringComparison.Ordinal);
        var request = report.Request;
        Assert.Equal("<OpamRepository Include=\"git+https://example.org/ports.git\" />", RepositoryOpener.Items("git+https://example.org/ports.git", request, new SourceConfig()));
        Assert.Equal("<OpamRepository Include=\"git+https://example.org/ports.git\" /><OpamRepository Include=\"https://opam.ocaml.org\" />",
            RepositoryOpener.Items("git+https://example.org/ports.git", request with { Repositories = [] }, new SourceConfig()));
    }

    [Fact]
    public async Task What_is_asked_for_on_two_platforms_is_one_wish_with_the_fixes_of_one()
    {
        using var two = ReportCase.Of("05-two-platforms-no-fixes");
        var lines = await two.Conflict();
        Assert.Equal("There is no lwt >= 7 & < 8: its versions are 4.2.0 to 6.1.2.", lines[0]);
        Assert.DoesNotContain(lines, line => line.Contains("(x86_64-linux)", StringComparison.Ordinal));
        two.Write("case.csproj", two.Read("case.csproj").Replace("x86_64-linux;arm64-macos", "", StringComparison.Ordinal));
        Assert.Equal(lines, await two.Conflict());
        Assert.Contains("<OpamDependency Include=\"lwt\" />", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_platform_is_named_where_only_it_has_no_solution()
    {
        using var report = new ReportCase("<HillingarHostSwitch>locked</HillingarHostSwitch><HillingarBuildPlatforms>x86_64-linux;arm64-macos</HillingarBuildPlatforms>").Opam("depends: [\"dune\" \"eio_linux\"]");
        var lines = await report.Conflict();
        Assert.StartsWith("On arm64-macos: ", lines[0], StringComparison.Ordinal);
        Assert.Contains("  - leave out eio_linux in case", lines);
    }

    [Fact]
    public async Task All_packages_that_do_not_exist_are_named_at_once_and_the_project_is_never_left_out()
    {
        using var report = ReportCase.Of("06-leave-out-the-project");
        var lines = await report.Conflict();
        Assert.Equal("There is no package nosuchaaa and none nosuchbbb.", lines[0]);
        Assert.Contains("  - leave out nosuchaaa in case, and leave out nosuchbbb in case", lines);
        Assert.DoesNotContain("  - leave out case", lines);
        Assert.DoesNotContain("  - leave out case-project", lines);
    }

    [Fact]
    public async Task A_fix_of_the_field_conflicts_says_so()
    {
        using var report = ReportCase.Of("12-conflicts-called-a-bound");
        var lines = await report.Conflict();
        Assert.Equal("case needs yojson >= 2.0 and conflicts with it.", lines[0]);
        Assert.Contains("  - take yojson out of the conflicts of case", lines);
        report.Opam("depends: [\"dune\" \"cohttp-lwt\"]\nconflicts: [\"lwt\"]");
        Assert.StartsWith("case conflicts with lwt, and cohttp-lwt", (await report.Conflict())[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"zarith\" {= \"1.13\"}", "zarith 1.13 does not build with dune; 1.14+dune+mirage1 does.", "x-opam-monorepo-opam-provided: [\"zarith\"]")]
    [InlineData("(\"nosuch1\" | \"nosuch2\")", "There is no package nosuch1 and none nosuch2.", "leave out nosuch1 or nosuch2 in case")]
    [InlineData("\"ocaml-system\"", "ocaml-system needs HillingarHostSwitch=machine", "leave out ocaml-system in case")]
    [InlineData("\"z3\"", "z3 does not build with dune.", "let the host switch provide z3: x-opam-monorepo-opam-provided: [\"z3\"]")]
    [InlineData("\"z3\" \"camlp5\"", "z3 does not build with dune.", "x-opam-monorepo-opam-provided: [\"z3\" \"camlp5\"]")]
    [InlineData("(\"z3\" | \"nosuch\")", "z3 does not build with dune and there is no package nosuch.", "leave out z3 or nosuch in case")]
    [InlineData("\"lwt\" {>= \"7\"} \"yojson\" {>= \"9\"}", "There is no lwt >= 7", "drop the bound of lwt >= 7 in case: \"lwt\" (lwt 6.1.2 is selected then), and drop the bound of yojson >= 9 in case: \"yojson\"")]
    public async Task The_first_line_names_the_cause_and_a_fix_is_offered(string depends, string cause, string fix)
    {
        using var report = new ReportCase().Opam($"depends: [\"dune\" {depends}]");
        var lines = await report.Conflict();
        Assert.StartsWith(cause, lines[0], StringComparison.OrdinalIgnoreCase);
        Assert.Contains(lines, line => line.StartsWith("  - ", StringComparison.Ordinal) && line.Contains(fix, StringComparison.Ordinal));
    }
}
