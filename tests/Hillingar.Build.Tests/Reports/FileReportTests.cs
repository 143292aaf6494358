using Hillingar.Build.Processes;
using Hillingar.Build.Requests;
using Hillingar.Opam.Files;

namespace Hillingar.Build.Tests;

/// <summary>Nothing that a project's own files say is dropped in silence.</summary>
public sealed class FileReportTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_bad_item_of_depends_is_an_error_at_its_place()
    {
        using var report = ReportCase.Of("01-depends-silently-dropped");
        var error = await report.Refused();
        Assert.Equal(("HIL1003", 2, 28), (error.Code, error.Place!.Value.Line, error.Place.Value.Column));
        Assert.EndsWith("case.opam", error.Place.Value.File, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("depends: [\"dune\" \"yojson >= 2.0\"]", 2, 18)]
    [InlineData("depends: [\"dune\" \"yojson.2.0\"]", 2, 18)]
    [InlineData("depends: [\"dune\" yojson]", 2, 18)]
    [InlineData("depends: [\"dune\" \"yojson\" {>= 2}]", 2, 31)]
    [InlineData("depends: [\"dune\" \"yojson\" {>= \"2\"} {build}]", 2, 18)]
    [InlineData("depends: [\"dune\"]\npin-depends: [[\"x\" \"y\" \"z\"]]", 3, 15)]
    [InlineData("depends: [\"dune\"]\nconflicts: [yojson]", 3, 13)]
    [InlineData("depends: [\"dune\"]\navailable: [os arch]", 3, 12)]
    [InlineData("depends: [\"dune\"]\nbuild: [[1]]", 3, 10)]
    [InlineData("depends: [\"dune\"]\ndepends: [\"yojson\"]", 3, 1)]
    [InlineData("depends: [\"dune\"]\ndepend: [\"yojson\"]", 3, 1)]
    [InlineData("depends: [\"dune\"]\nurls { src: \"x\" }", 3, 1)]
    public async Task Whatever_field_is_not_taken_as_meant_is_an_error_at_its_place(string fields, int line, int column)
    {
        using var report = new ReportCase().Opam(fields);
        var error = await report.Refused();
        Assert.Equal(("HIL1003", line, column), (error.Code, error.Place!.Value.Line, error.Place.Value.Column));
        Assert.False(File.Exists(report.Options().LockFile));
    }

    [Fact]
    public async Task A_byte_order_mark_is_skipped_and_an_unknown_format_refused()
    {
        using var report = ReportCase.Of("17-small-ones");
        var error = await report.Refused();
        Assert.Equal("HIL1013", error.Code);
        Assert.EndsWith("three.opam", error.Place!.Value.File, StringComparison.Ordinal);
        File.Delete(Path.Combine(report.Folder, "three.opam"));
        report.Write("case.csproj", report.Read("case.csproj").Replace("</UnikernelName>", "</UnikernelName><HillingarHostSwitch>locked</HillingarHostSwitch>", StringComparison.Ordinal));
        await File.WriteAllBytesAsync(Path.Combine(report.Folder, "case.opam"), [0xEF, 0xBB, 0xBF, .. "opam-version: \"2.0\"\ndepends: [\"dune\" \"fmt\"]\n"u8], Cancellation);
        Assert.NotNull((await report.Lock()).Version("fmt"));
    }

    [Fact]
    public async Task A_dune_project_without_opam_file_is_read()
    {
        using var report = ReportCase.Of("16-dune-project-without-opam-file");
        var locked = await report.Lock();
        Assert.NotNull(locked.Version("lwt"));
        Assert.NotNull(locked.Version("yojson"));
        Assert.Contains(locked.Request, line => line.Contains("\"lwt\" {>= \"5.6\"}", StringComparison.Ordinal));

        report.Write("dune-project", "(lang dune 3.0)\n(package (name case) (depends (lwt (>= 9))))\n");
        Assert.StartsWith("There is no lwt >= 9", (await report.Conflict())[0], StringComparison.Ordinal);
        report.Write("dune-project", "(lang dune 3.0)\n(package (name case) (depends\n (lwt (newer 9))))\n");
        var error = await report.Refused();
        Assert.Equal(("HIL6029", 3, 7), (error.Code, error.Place!.Value.Line, error.Place.Value.Column));
    }

    [Fact]
    public async Task A_dune_project_says_what_dune_would_write_into_the_opam_file()
    {
        Assert.SkipWhen(ProcessRunner.Find("dune") is null, "needs dune");
        using var report = new ReportCase();
        report.Write("dune-project", """
            (lang dune 2.9)
            (name case)
            (generate_opam_files true)
            (package
             (name case)
             (depends
              ocaml
              (lwt (and (>= 5.6) (< 6)))
              (alcotest :with-test)
              (odoc (and :with-doc (>= 2)))
              (base (= v0.16.0))
              (yojson (or (= 1.7.0) (>= 2.0)))
              (case-lib (= :version)))
             (conflicts (fmt (< 0.8))))
            (package (name case-lib))
            """);
        Directory.CreateDirectory(Path.Combine(report.Folder, "run"));
        foreach (var name in new[] { "dune-project" })
            File.Copy(Path.Combine(report.Folder, name), Path.Combine(report.Folder, "run", name));
        var run = await ProcessRunner.Run(new Command("dune", ["build", "--root", ".", "case.opam"], Path.Combine(report.Folder, "run")), Cancellation);
        Assert.True(File.Exists(Path.Combine(report.Folder, "run", "case.opam")), run.Output + run.Error);
        var theirs = PackageFile.Read(Path.Combine(report.Folder, "run", "case.opam"));
        var ours = DuneProject.Read(name => File.Exists(Path.Combine(report.Folder, name)) ? File.ReadAllBytes(Path.Combine(report.Folder, name)) : null, report.Folder)!.Packages[0];
        var doc = theirs.Depends.Atoms().Count() - ours.Depends.Atoms().Count();
        Assert.Equal(theirs.Depends.Atoms().Select(atom => atom.ToString()).Order(StringComparer.Ordinal).Take(100).Except(ours.Depends.Atoms().Select(atom => atom.ToString())), []);
        Assert.Equal(0, doc);
        Assert.Equal(theirs.Conflicts.ToString(), ours.Conflicts.ToString());
    }

    [Fact]
    public async Task A_template_and_pins_of_a_dune_project_count()
    {
        using var report = new ReportCase();
        report.Write("dune-project", "(lang dune 3.0)\n(package (name case) (depends here))\n(pin (url \"file://./vendor/here\") (package (name here) (version 2)))\n")
            .Write("case.opam.template", "x-opam-monorepo-opam-provided: [\"z3\"]\n").Write("vendor/here/here.opam", "opam-version: \"2.0\"\ndepends: [\"yojson\" \"z3\"]\n");
        var locked = await report.Lock();
        Assert.NotNull(locked.Version("yojson"));
        Assert.Equal(["z3"], locked.OpamProvided);
    }
}
