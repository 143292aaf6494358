using Hillingar.Build.Files;
using Hillingar.Build.Health;
using Hillingar.Build.Locks;
using Hillingar.Build.Projects;
using Hillingar.Build.Restoring;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>Locks that others wrote, and what a lock may hold.</summary>
public sealed class LockReportTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_lock_of_opam_lock_is_named_and_left_as_it_is(bool force)
    {
        using var report = ReportCase.Of("09-opam-lock-told-to-be-deleted");
        var before = report.Read("case.opam.locked");
        var error = await report.Refused(report.Options(force: force));
        Assert.Equal("HIL3006", error.Code);
        Assert.Contains("case.opam.locked is a lock of 'opam lock'", error.Message, StringComparison.Ordinal);
        Assert.Contains("HillingarLockFile", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, report.Read("case.opam.locked"));
    }

    [Fact]
    public async Task Versions_of_the_locks_of_opam_and_of_dune_are_kept_by_the_first_lock()
    {
        using var report = ReportCase.Of("09-opam-lock-told-to-be-deleted");
        report.Write("case.csproj", report.Read("case.csproj").Replace("</UnikernelName>", "</UnikernelName><HillingarHostSwitch>locked</HillingarHostSwitch>", StringComparison.Ordinal));
        report.Write("case.opam.locked", report.Read("case.opam.locked").Replace("2.2.2", "2.2.1", StringComparison.Ordinal));
        var newest = await new ReportCaseAt(report).Lock("none.opam.locked", beside: false);
        var kept = await new ReportCaseAt(report).Lock("hillingar.opam.locked", beside: true);
        Assert.NotEqual("2.2.1", newest.Version("yojson")!.Value.Text);
        Assert.Equal("2.2.1", kept.Version("yojson")!.Value.Text);

        File.Delete(Path.Combine(report.Folder, "case.opam.locked"));
        File.Delete(Path.Combine(report.Folder, "hillingar.opam.locked"));
        File.Delete(Path.Combine(report.Folder, "none.opam.locked"));
        report.Write("dune.lock/lock.dune", "(lang package 0.1)\n").Write("dune.lock/yojson.pkg", "(version 2.2.1)\n(build (run dune build))\n");
        Assert.Equal("2.2.1", (await new ReportCaseAt(report).Lock("hillingar.opam.locked", beside: true)).Version("yojson")!.Value.Text);
        Assert.Equal("HIL3006", (await Assert.ThrowsAnyAsync<HillingarException>(() => new ReportCaseAt(report).Lock("dune.lock", beside: true))).Diagnostic.Code);
    }

    sealed class ReportCaseAt(ReportCase report)
    {
        public Task<LockFile> Lock(string name, bool beside)
        {
            if (!beside)
                File.Move(Path.Combine(report.Folder, "case.opam.locked"), Path.Combine(report.Folder, "aside"));
            try
            {
                return report.Lock(report.Options() with { LockFile = Path.Combine(report.Folder, name) });
            }
            finally
            {
                if (!beside)
                    File.Move(Path.Combine(report.Folder, "aside"), Path.Combine(report.Folder, "case.opam.locked"));
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_lock_of_opam_monorepo_is_taken_as_it_is(bool locked)
    {
        using var report = ReportCase.Of("10-opam-monorepo-lock-is-not-taken");
        var before = report.Read("case.opam.locked");
        var taken = await report.Lock(report.Options(locked: locked));
        Assert.Equal(("3.2.0", "3.4.0"), (taken.Version("dune")!.Value.Text, taken.Version("ocaml-version")!.Value.Text));
        var entry = Assert.Single(taken.Entries);
        Assert.Equal(("ocaml-version", "https://example.org/ocaml-version-3.4.0.tbz"), (entry.Folder, entry.Source.Url));
        Assert.Equal(before, report.Read("case.opam.locked"));
    }

    [Theory]
    [InlineData("\"ocaml-version\" {= \"3.4.0\" & ?vendor}", "\"ocaml-version\" {= \"3.4.0\"}", "\"0.1\"")]
    [InlineData("\"ocaml-version\" {= \"3.4.0\" & ?vendor}", "\"ocaml-version\" {= \"3.4.0\" & vendor}", "\"0.2\"")]
    [InlineData("ocaml-version.3.4.0\"", "ocaml-version.3.3.9\"", "\"0.3\"")]
    public async Task So_is_one_of_an_older_format_or_edited_by_hand(string before, string after, string format)
    {
        using var report = ReportCase.Of("10-opam-monorepo-lock-is-not-taken");
        report.Write("case.opam.locked", report.Read("case.opam.locked").Replace(before, after, StringComparison.Ordinal).Replace("\"0.3\"", format, StringComparison.Ordinal));
        Assert.Equal("ocaml-version", Assert.Single((await report.Lock(report.Options(locked: true))).Entries).Folder);
    }

    [Fact]
    public async Task What_a_lock_of_opam_monorepo_vendors_is_restored_without_a_solve()
    {
        using var report = ReportCase.Of("10-opam-monorepo-lock-is-not-taken");
        using var upstream = new TestFolder();
        var archive = Tarball.Write(upstream, Tarball.Gzip(Tarball.Tar(Tarball.File("v/file", "x"))), "v.tar.gz");
        report.Write("case.opam.locked", report.Read("case.opam.locked").Replace("https://example.org/ocaml-version-3.4.0.tbz", $"file://{archive}", StringComparison.Ordinal)
            .Replace("sha256=0000000000000000000000000000000000000000000000000000000000000001", Hashes.OfFile(archive, Hashes.Kinds)[0].ToString(), StringComparison.Ordinal));
        await report.Restore(report.Options(locked: true));
        Assert.True(File.Exists(Path.Combine(report.Folder, "obj/duniverse/ocaml-version/file")));
        Assert.DoesNotContain(report.Reporter.Told, told => told.StartsWith("Solving", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_first_change_solves_with_the_versions_of_the_lock_and_warns_of_those_that_are_gone()
    {
        using var report = ReportCase.Of("10-opam-monorepo-lock-is-not-taken");
        report.Write("case.opam.locked", report.Read("case.opam.locked").Replace("\"dune\" {= \"3.2.0\"}", "\"dune\" {= \"3.17.2\"}", StringComparison.Ordinal));
        report.Opam("depends: [\"dune\" \"ocaml-version\" \"fmt\"]");
        var refused = await report.Refused(report.Options(locked: true));
        Assert.Equal("HIL3002", refused.Code);
        Assert.Contains("opam-monorepo", refused.Message, StringComparison.Ordinal);
        Assert.Contains("case needs fmt", refused.Message, StringComparison.Ordinal);
        var locked = await report.Lock();
        Assert.False(locked.IsForeign);
        Assert.Equal("3.17.2", locked.Version("dune")!.Value.Text);
        Assert.Contains(report.Reporter.Told, told => told.Contains("HIL3007", StringComparison.Ordinal) && told.Contains("ocaml-version.3.4.0", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_repository_of_dropped_versions_is_asked_for_them()
    {
        using var report = ReportCase.Of("10-opam-monorepo-lock-is-not-taken");
        report.Write("archive/packages/ocaml-version/ocaml-version.3.4.0/opam", "opam-version: \"2.0\"\ndepends: [\"dune\"]\nbuild: [\"dune\"]\nurl { src: \"https://example.org/o.tbz\" checksum: \"md5=d41d8cd98f00b204e9800998ecf8427e\" }\n");
        report.Opam("depends: [\"dune\" \"ocaml-version\" \"fmt\"]");
        var locked = await report.Lock(request => request with { ArchiveRepository = "archive" });
        Assert.Equal("3.4.0", locked.Version("ocaml-version")!.Value.Text);
    }

    [Fact]
    public async Task What_keeps_a_package_from_its_newest_version_is_told()
    {
        using var report = new ReportCase().Opam("depends: [\"dune\" \"ppx_sexp_conv\" {< \"v0.15\"} \"lwt\" {< \"5.7\"} \"fmt\"]");
        await report.Lock();
        var project = new HillingarProject(report.Request, "Debug", report.Options().LockFile, report.Options().Workspace, "stamp") { Offline = true };
        var health = await new LockDoctor(ReportCase.Stores, report.Reporter).Examine(report.Options().LockFile, project, new LockHealthOptions(Audit: false, Outdated: true), TestContext.Current.CancellationToken);
        Assert.Equal("case needs lwt < 5.7", Held("lwt"));
        Assert.Contains("ppx_sexp_conv v0.14", Held("ppxlib"), StringComparison.Ordinal);
        Assert.DoesNotContain(health.Outdated!, package => package.Name == "fmt");
        string? Held(string name) => health.Outdated!.Single(package => package.Name == name).HeldBy;
    }

    [Fact]
    public async Task Dependencies_of_the_tests_are_locked_when_asked_for()
    {
        using var report = ReportCase.Of("11-test-dependencies");
        Assert.Null((await report.Lock()).Version("alcotest"));
        var locked = await report.Lock(request => request with { Tests = true });
        Assert.NotNull(locked.Version("alcotest"));
    }

    [Theory]
    [InlineData("\"ocaml-option-flambda\"", "5.5.0+options")]
    [InlineData("\"ocaml-option-flambda\" \"ocaml\" {< \"5.5\"}", "5.4.1+options")]
    [InlineData("\"ocaml-option-no-flat-float-array\"", "5.5.0+options")]
    public async Task A_compiler_option_selects_a_released_compiler(string depends, string compiler)
    {
        using var report = ReportCase.Of("13-trunk-compiler");
        report.Opam($"depends: [\"dune\" {depends}]");
        Assert.Equal(compiler, (await report.Lock()).Version("ocaml-variants")!.Value.Text);
    }

    [Fact]
    public async Task An_archive_of_a_branch_is_locked_only_where_that_is_allowed()
    {
        using var report = ReportCase.Of("13-trunk-compiler");
        report.Opam("depends: [\"dune\" \"ocaml-variants\" {= \"5.5.1+trunk\"}]");
        var refused = await report.Refused();
        Assert.Equal("HIL3014", refused.Code);
        Assert.Contains("HillingarAllowNoChecksum", refused.Message, StringComparison.Ordinal);
        Assert.EndsWith("case.csproj", refused.Place!.Value.File, StringComparison.Ordinal);
        var locked = await report.Lock(request => request with { AllowNoChecksum = true });
        Assert.Equal("5.5.1+trunk", locked.Version("ocaml-variants")!.Value.Text);
    }

    [Fact]
    public async Task What_such_an_archive_holds_when_it_is_locked_is_what_is_vendored()
    {
        using var report = new ReportCase(items: "<OpamRepository Include=\"mine\" />" + ReportCase.Repositories);
        using var upstream = new TestFolder();
        string Archive(string text) => Tarball.Write(upstream, Tarball.Gzip(Tarball.Tar(Tarball.File("branch/file", text))), "branch.tar.gz");
        report.Write("mine/repo", "opam-version: \"2.0\"\n").Write("mine/packages/branch/branch.1/opam", $"opam-version: \"2.0\"\ndepends: [\"dune\"]\nbuild: [\"dune\" \"build\"]\nurl {{ src: \"file://{Archive("today")}\" }}\n");
        report.Opam("depends: [\"dune\" \"branch\"]");
        async Task<(LockFile Lock, string Vendored)> Restore(RestoreOptions options, bool allowed = true) =>
            (await new Restorer(ReportCase.Stores, report.Reporter).Restore(report.Request with { AllowNoChecksum = allowed }, options, Path.Combine(report.Folder, "obj/stamp"), TestContext.Current.CancellationToken),
                File.ReadAllText(Path.Combine(report.Folder, "obj/duniverse/branch/file")));
        Assert.Equal("HIL3014", (await Assert.ThrowsAnyAsync<HillingarException>(() => Restore(report.Options(), allowed: false))).Diagnostic.Code);

        var (first, vendored) = await Restore(report.Options());
        Assert.Equal("today", vendored);
        Assert.Equal(Hashes.OfFile(upstream["branch.tar.gz"], [ChecksumKind.Sha256]), Assert.Single(first.Duniverse).Checksums);
        Archive("tomorrow");
        Directory.Delete(Path.Combine(report.Folder, "obj"), recursive: true);
        Assert.Equal("today", (await Restore(report.Options(locked: true))).Vendored);
        // A changed request keeps it as it keeps versions.
        report.Opam("depends: [\"dune\" {>= \"2.0\"} \"branch\"]");
        Assert.Equal(first.Duniverse[0].Checksums, (await Restore(report.Options())).Lock.Duniverse[0].Checksums);
        var (updated, taken) = await Restore(report.Options() with { Update = ["branch"] });
        Assert.Equal("tomorrow", taken);
        Assert.NotEqual(first.Duniverse[0].Checksums, updated.Duniverse[0].Checksums);
    }

    [Theory]
    [InlineData("opam-version: \"2.0\"\ndepends: [ \"dune\" \n")]
    [InlineData("opam-version: \"3.0\"\ndepends: [ \"dune\" ]\n")]
    public async Task A_version_that_cannot_be_read_is_passed_over(string text)
    {
        using var report = ReportCase.Of("14-one-broken-file-of-a-repository");
        report.Write("repo/packages/bad/bad.1.0/opam", text);
        Assert.Equal("0.9", (await report.Lock()).Version("bad")!.Value.Text);
        Assert.Contains(report.Reporter.Told, told => told.Contains("HIL1012", StringComparison.Ordinal) && told.Contains("bad.1.0", StringComparison.Ordinal));

        report.Opam("depends: [\"dune\" \"bad\" {>= \"1.0\"}]");
        Assert.StartsWith("HIL10", (await report.Refused()).Code, StringComparison.Ordinal);
    }
}
