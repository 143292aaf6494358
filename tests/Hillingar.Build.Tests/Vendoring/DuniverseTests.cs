using Hillingar.Build.Files;
using Hillingar.Build.Locks;
using Hillingar.Build.Sources;
using Hillingar.Build.Storage;
using Hillingar.Build.Vendoring;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

public sealed class DuniverseTests : IDisposable
{
    readonly TestFolder _folder = new();
    readonly ReporterFake _reporter = new();

    public void Dispose() => _folder.Dispose();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    SourceStore Store => new(_folder["store"]);

    DuniverseEntry Entry(string folder, string text)
    {
        var archive = Tarball.Write(_folder, Tarball.Gzip(Tarball.Tar(Tarball.File($"{folder}-1/a.ml", text))), $"upstream/{folder}-{text}.tar.gz");
        return new DuniverseEntry(folder, new Source("file://" + archive, Hashes.OfFile(archive, Hashes.Kinds), [], []), [folder]);
    }

    async Task Vendor(params DuniverseEntry[] entries)
    {
        using var fetcher = new SourceFetcher(Store, _reporter);
        await Duniverse.Vendor(_folder["duniverse"], entries, fetcher, Store, _reporter, Cancellation);
    }

    string Read(string file) => File.ReadAllText(_folder["duniverse/" + file]);

    [Fact]
    public async Task It_holds_what_was_asked_and_tells_dune()
    {
        await Vendor(Entry("lwt", "1"), Entry("re", "1"));
        Assert.Equal("1", Read("lwt/a.ml"));
        Assert.Equal("1", Read("re/a.ml"));
        Assert.Equal("(vendored_dirs *)\n", Read("dune"));
    }

    [Fact]
    public async Task What_did_not_change_is_left_alone_and_what_is_not_wanted_goes()
    {
        await Vendor(Entry("lwt", "1"), Entry("re", "1"));
        File.WriteAllText(_folder["duniverse/re/local-change"], "mine");
        await Vendor(Entry("lwt", "2"), Entry("re", "1"));
        Assert.Equal("2", Read("lwt/a.ml"));
        Assert.Equal("mine", Read("re/local-change"));
        await Vendor(Entry("lwt", "2"));
        Assert.False(Directory.Exists(_folder["duniverse/re"]));
    }

    [Fact]
    public async Task A_refused_archive_leaves_all_of_it_as_it_was()
    {
        await Vendor(Entry("lwt", "1"), Entry("re", "1"));
        var bad = Tarball.Write(_folder, Tarball.Gzip(Tarball.Tar(Tarball.File("../pwned"))), "upstream/bad.tar.gz");
        var hostile = new DuniverseEntry("re", new Source("file://" + bad, Hashes.OfFile(bad, Hashes.Kinds), [], []), ["re"]);
        await Assert.ThrowsAsync<HillingarException>(() => Vendor(Entry("lwt", "2"), hostile));
        Assert.Equal("1", Read("lwt/a.ml"));
        Assert.Equal("1", Read("re/a.ml"));
        Assert.False(Directory.Exists(_folder["duniverse/.hillingar/staging"]));
    }

    [Fact]
    public async Task A_folder_that_a_kill_left_without_stamp_is_made_again()
    {
        await Vendor(Entry("lwt", "1"));
        File.Delete(_folder["duniverse/.hillingar/lwt.stamp"]);
        File.WriteAllText(_folder["duniverse/lwt/a.ml"], "half");
        Directory.CreateDirectory(_folder["duniverse/.hillingar/staging/lwt"]);
        Directory.CreateDirectory(_folder["duniverse/.lwt.0123.tmp"]);
        Assert.False(Duniverse.IsCurrent(_folder["duniverse"], [Entry("lwt", "1")]));
        await Vendor(Entry("lwt", "1"));
        Assert.Equal("1", Read("lwt/a.ml"));
        Assert.True(Duniverse.IsCurrent(_folder["duniverse"], [Entry("lwt", "1")]));
        Assert.False(Directory.Exists(_folder["duniverse/.lwt.0123.tmp"]));
    }

    [Theory]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("")]
    [InlineData(".hillingar")]
    [InlineData("dune")]
    public async Task A_folder_that_leads_elsewhere_is_refused(string folder) =>
        Assert.Equal("HIL4030", (await Assert.ThrowsAsync<HillingarException>(() => Vendor(Entry("lwt", "1") with { Folder = folder }))).Diagnostic.Code);

    [Fact]
    public async Task Two_sources_of_one_folder_are_refused() =>
        Assert.Equal("HIL4031", (await Assert.ThrowsAsync<HillingarException>(() => Vendor(Entry("lwt", "1"), Entry("LWT", "2")))).Diagnostic.Code);

    [Fact]
    public async Task Two_restores_of_one_project_at_once_both_succeed()
    {
        var entries = Enumerable.Range(0, 6).Select(n => Entry($"lib{n}", "1")).ToArray();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Vendor(entries)));
        Assert.All(entries, entry => Assert.Equal("1", Read(entry.Folder + "/a.ml")));
    }

    [Fact]
    public async Task Archives_that_only_md5_vouches_for_are_warned_of_once()
    {
        var weak = new[] { Entry("lwt", "1"), Entry("re", "1") }.Select(entry => entry with { Source = entry.Source with { Checksums = [.. entry.Source.Checksums.Where(checksum => checksum.Kind == ChecksumKind.Md5)] } });
        await Vendor([.. weak, Entry("fmt", "1")]);
        var warning = Assert.Single(_reporter.Told, told => told.Contains("HIL4006", StringComparison.Ordinal));
        Assert.Contains("lwt, re.", warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_archive_of_the_store_is_found_before_anything_is_replaced()
    {
        var entry = Entry("lwt", "2");
        await Vendor(Entry("lwt", "1"));
        Store.Import(new Uri(entry.Source.Url).LocalPath);
        var stored = Path.Combine(_folder["store"], entry.Source.Checksums[0].CachePath);
        File.WriteAllBytes(stored, Tarball.Gzip(Tarball.Tar(Tarball.File("lwt-1/a.ml", "forged"))));
        Assert.Equal("HIL4003", (await Assert.ThrowsAsync<HillingarException>(() => Vendor(entry))).Diagnostic.Code);
        Assert.Equal("1", Read("lwt/a.ml"));
    }
}
