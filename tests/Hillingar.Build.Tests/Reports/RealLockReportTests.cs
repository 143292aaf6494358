namespace Hillingar.Build.Tests;

/// <summary>What real locks of opam-monorepo and of its predecessor hold that cannot be restored: the line is named.</summary>
public sealed class RealLockReportTests
{
    const string Begin = "opam-version: \"2.0\"\nsynopsis: \"opam-monorepo generated lockfile\"\ndepends: [\n  \"dune\" {= \"2.7.1\"}\n  \"one\" {= \"1\"}\n  \"two\" {= \"2\"}\n]\n";

    [Fact]
    public async Task Archives_without_a_checksum_are_refused_together_at_the_first_of_them()
    {
        using var report = new ReportCase().Write("case.opam.locked", Begin + "x-opam-monorepo-duniverse-dirs: [\n  [\"https://example.org/one.tbz\" \"one\" []]\n  [\"https://example.org/two.tbz\" \"two\"]\n  [\"git+https://example.org/three.git#0123456789012345678901234567890123456789\" \"three\"]\n]\nx-opam-monorepo-version: \"0.1.0\"\n");
        // Reading it is one thing, fetching what it names another.
        Assert.Equal(3, (await report.Lock(report.Options(locked: true))).Entries.Count);
        var error = (await Assert.ThrowsAnyAsync<Hillingar.Opam.Diagnostics.HillingarException>(() => report.Restore(report.Options(locked: true)))).Diagnostic;
        Assert.Equal(("HIL4002", 9), (error.Code, error.Place!.Value.Line));
        Assert.StartsWith("2 archives of the lock have no checksum", error.Message, StringComparison.Ordinal);
        Assert.Contains("--force-evaluate", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("dune")]
    public async Task A_folder_that_there_cannot_be_is_refused_at_its_line(string folder)
    {
        using var report = new ReportCase().Write("case.opam.locked", Begin + $"x-opam-monorepo-duniverse-dirs: [\n  [\n    \"https://example.org/one.tbz\"\n    \"{folder}\"\n    [\"md5=d41d8cd98f00b204e9800998ecf8427e\"]\n  ]\n]\nx-opam-monorepo-version: \"0.3\"\n");
        var error = await report.Refused(report.Options(locked: true));
        Assert.Equal(("HIL4030", 11), (error.Code, error.Place!.Value.Line));
    }

    [Fact]
    public async Task A_lock_of_duniverse_is_named_and_left_as_it_is()
    {
        using var report = new ReportCase().Opam("depends: [\"dune\" \"fmt\"]")
            .Write("case.opam.locked", "opam-version: \"2.0\"\nsynopsis: \"duniverse generated lockfile\"\ndepends: [\"fmt\" {= \"0.8.9+dune\"}]\nx-duniverse-duniverse: [[[\"dir\" \"fmt\"] [\"upstream\" \"git://example.org/fmt.git\"]]]\n");
        var before = report.Read("case.opam.locked");
        var error = await report.Refused(report.Options(force: true));
        Assert.Equal("HIL3006", error.Code);
        Assert.Contains("is a lock of duniverse", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("opam lock", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, report.Read("case.opam.locked"));
        Assert.Equal("0.8.9+dune", (await report.Lock(report.Options() with { LockFile = Path.Combine(report.Folder, "hillingar.opam.locked") })).Version("fmt")!.Value.Text);
    }
}
