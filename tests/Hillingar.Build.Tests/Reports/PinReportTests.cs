using Hillingar.Build.Processes;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>What can be pinned, and where its opam file may be.</summary>
public sealed class PinReportTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    internal static async Task Commit(string folder)
    {
        foreach (var arguments in new string[][] { ["init", "--quiet", "-b", "main"], ["add", "."], ["commit", "--quiet", "-m", "one"] })
            Assert.Equal(0, (await ProcessRunner.Run(new Command("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", "-C", folder, .. arguments]), Cancellation)).ExitCode);
    }

    [Theory]
    [InlineData("widget.opam")]
    [InlineData("widget.opam/opam")]
    [InlineData("opam/widget.opam")]
    [InlineData("opam/widget.opam/opam")]
    [InlineData("opam")]
    [InlineData("opam/opam")]
    public async Task An_opam_file_is_found_wherever_opam_looks(string place)
    {
        using var report = ReportCase.Of("07-pin-opam-files-elsewhere");
        using var sources = new TestFolder();
        sources.Write(place, "opam-version: \"2.0\"\ndepends: [\"dune\"]\n");
        sources.Write("dune-project", "(lang dune 2.0)");
        await Commit(sources.Path);
        report.Write("case.opam", report.Read("case.opam").Replace("/WIDGET", sources.Path, StringComparison.Ordinal));
        var locked = await report.Restore();
        Assert.Equal("dev", locked.Version("widget")!.Value.Text);
        Assert.True(File.Exists(Path.Combine(report.Folder, "obj/duniverse", Assert.Single(locked.Duniverse).Folder, place)));
    }

    [Fact]
    public async Task A_folder_of_the_project_is_a_source_of_its_own()
    {
        using var report = ReportCase.Of("08-pins-that-are-no-git");
        report.Write("vendor/b/b.opam", "opam-version: \"2.0\"\ndepends: [\"dune\" \"yojson\"]\n");
        var locked = await report.Lock();
        Assert.NotNull(locked.Version("yojson"));
        Assert.Null(locked.Version("b"));
        Assert.Contains("b", locked.RootPackages);
        report.Opam("depends: [\"b\"]\npin-depends: [\"b.dev\" \"./vendor/none\"]");
        var error = await report.Refused();
        Assert.Equal("HIL3012", error.Code);
        Assert.Contains("neither a folder nor an archive", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_folder_elsewhere_and_an_archive_are_locked_with_their_checksum(bool archive)
    {
        using var report = new ReportCase();
        using var other = new TestFolder();
        other.Write("b/b.opam", "opam-version: \"2.0\"\ndepends: [\"dune\"]\n");
        other.Write("b/b.ml", "let b = 1\n");
        var pinned = archive ? Tarball.Write(other, Tarball.Gzip(Tarball.Tar(Tarball.File("b-1/b.opam", "opam-version: \"2.0\"\ndepends: [\"dune\"]\n"), Tarball.File("b-1/b.ml", "let b = 1\n"))), "b.tar.gz") : other["b"];
        report.Opam($"depends: [\"b\"]\npin-depends: [\"b.dev\" \"file://{pinned}\"]");
        var locked = await report.Restore();
        var source = Assert.Single(locked.Duniverse);
        Assert.Equal($"file://{pinned}", source.Url);
        Assert.StartsWith("sha256=", Assert.Single(source.Checksums).ToString(), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(report.Folder, "obj/duniverse/b/b.ml")));
        // The same bytes the next time, and kept until the pin is taken anew.
        Assert.Equal(source.Checksums, Assert.Single((await report.Lock(report.Options(force: true))).Duniverse).Checksums);
    }

    [Fact]
    public async Task Pins_of_a_pinned_package_are_followed()
    {
        using var report = new ReportCase();
        using var outer = new TestFolder();
        using var inner = new TestFolder();
        inner.Write("thing.opam", "opam-version: \"2.0\"\ndepends: [\"dune\"]\n");
        await Commit(inner.Path);
        outer.Write("chain.opam", $"opam-version: \"2.0\"\ndepends: [\"dune\" \"thing\"]\npin-depends: [\"thing.dev\" \"git+file://{inner.Path}#main\"]\n");
        await Commit(outer.Path);
        report.Opam($"depends: [\"chain\"]\npin-depends: [\"chain.dev\" \"git+file://{outer.Path}#main\"]");
        Assert.Equal("dev", (await report.Lock()).Version("thing")!.Value.Text);
    }

    [Fact]
    public void Spellings_of_a_repository_at_GitHub_are_one()
    {
        Assert.Single(new[] { "git+ssh://git@github.com/u/proj.git", "git+https://github.com/u/proj", "https://github.com/u/proj.git" }.Select(Opam.Universe.DevRepo.Key).Distinct());
        Assert.Equal(2, new[] { "git+https://example.org/u/proj.git", "git+https://example.org/u/proj" }.Select(Opam.Universe.DevRepo.Key).Distinct().Count());
    }
}
