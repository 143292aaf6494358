using Hillingar.Build.Publishing;
using Hillingar.Build.Sources;
using Hillingar.Build.Storage;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

public sealed class PackagePublisherTests : IDisposable
{
    readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    string Archive(string name, params (string Name, string Text)[] files) =>
        Tarball.Write(_folder, Tarball.Gzip(Tarball.Tar(files.Select(file => Tarball.File("lib/" + file.Name, file.Text)))), name);

    IReadOnlyList<string> Publish(string archive, string? url = null, string? version = null) =>
        PackagePublisher.Publish(new Publication(archive, _folder["repository"], url, version), TestContext.Current.CancellationToken);

    string Refused(string archive, string? version = null) => Assert.Throws<HillingarException>(() => Publish(archive, null, version)).Diagnostic.Code;

    [Fact]
    public async Task Every_opam_file_at_the_top_becomes_a_package_that_its_mirror_serves()
    {
        var archive = Archive("lib-1.2.tar.gz", ("lib.opam", "opam-version: \"2.0\"\nname: \"lib\"\nurl { src: \"https://old.example\" }\ndepends: [\"dune\"]\n"), ("lib-unix.opam", "opam-version: \"2.0\"\nversion: \"1.3\"\n"), ("deep/other.opam", ""));
        Assert.Equal(2, Publish(archive).Count);
        var repository = new FolderRepository(_folder["repository"]);
        Assert.NotNull(repository.Find(OpamPackage.Parse("lib-unix.1.3")));
        var lib = repository.Find(OpamPackage.Parse("lib.1.2"))!;
        Assert.Equal("\"dune\"", lib.Depends.ToString());
        Assert.DoesNotContain("old.example", lib.Url!.Url, StringComparison.Ordinal);

        using var fetcher = new SourceFetcher(new SourceStore(_folder["store"]), new ReporterFake()) { Offline = true };
        var source = new Source("file:///nowhere", lib.Url.Checksums, [], [.. repository.ArchiveMirrors.Select(mirror => new Uri(mirror).AbsoluteUri)]);
        var fetched = await fetcher.Fetch(source, "lib", TestContext.Current.CancellationToken);
        Assert.Equal(await File.ReadAllBytesAsync(archive, TestContext.Current.CancellationToken), await File.ReadAllBytesAsync(fetched, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_url_is_written_as_given_and_no_copy_is_kept()
    {
        Publish(Archive("lib-v2.0.tbz", ("lib.opam", "")), "https://example.org/lib-v2.0.tbz");
        var lib = new FolderRepository(_folder["repository"]).Find(OpamPackage.Parse("lib.2.0"))!;
        Assert.Equal("https://example.org/lib-v2.0.tbz", lib.Url!.Url);
        Assert.Equal(["sha256", "sha512"], lib.Url.Checksums.Select(checksum => checksum.KindText));
        Assert.False(Directory.Exists(_folder["repository/cache"]));
    }

    [Fact]
    public void Publishing_again_changes_nothing_and_other_contents_are_refused()
    {
        Publish(Archive("lib-1.tar.gz", ("lib.opam", "")));
        Publish(_folder["lib-1.tar.gz"]);
        Assert.Equal("HIL4043", Refused(Archive("lib-1.tar.gz", ("lib.opam", "synopsis: \"changed\""))));
        Assert.Null(new FolderRepository(_folder["repository"]).Find(OpamPackage.Parse("lib.1"))!.Read().Synopsis);
    }

    [Fact]
    public void Mirrors_that_a_repository_names_already_stay()
    {
        _folder.Write("repository/repo", "opam-version: \"2.0\"\narchive-mirrors: \"https://example.org/cache\"\n");
        Assert.Equal("HIL4044", Refused(Archive("lib-1.tar.gz", ("lib.opam", ""))));
        _folder.Write("repository/repo", "opam-version: \"2.0\"\nbrowse: \"https://example.org\"\n");
        Publish(_folder["lib-1.tar.gz"]);
        var info = new FolderRepository(_folder["repository"]).Info;
        Assert.Equal(["cache"], info.ArchiveMirrors);
        Assert.Equal("https://example.org", info.Browse);
    }

    [Fact]
    public void What_cannot_be_published_is_told()
    {
        Assert.Equal("HIL4040", Refused(_folder["nowhere"]));
        Assert.Equal("HIL4041", Refused(Archive("lib-1.tar.gz", ("a.ml", ""))));
        Assert.Equal("HIL4042", Refused(Archive("lib.tar.gz", ("lib.opam", ""))));
        Assert.Equal("HIL4042", Refused(Archive("lib.tar.gz", ("lib.opam", "")), "../../pwned"));
        Assert.Equal("HIL1001", Refused(Archive("lib-1.tar.gz", ("lib.opam", "depends: ["))));
        Assert.False(Directory.Exists(_folder["repository"]));
    }
}
