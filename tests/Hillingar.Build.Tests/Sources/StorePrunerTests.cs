using Hillingar.Build.Health;
using Hillingar.Build.Sources;
using Hillingar.Build.Storage;
using Hillingar.Opam.Files;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

public sealed class StorePrunerTests : IDisposable
{
    readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    SourceStore Store => new(_folder["store"]);

    // Sources of 1000 bytes, the first one used the longest ago.
    List<IReadOnlyList<Checksum>> Fill(int count)
    {
        var sources = Enumerable.Range(0, count).Select(n => Store.Import(_folder.Write($"{n}.tar", n.ToString("D1000")))).ToList();
        for (var n = 0; n < count; n++)
        {
            var path = Path.Combine(_folder["store"], sources[n][0].CachePath);
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddDays(n - 100));
            File.SetLastAccessTimeUtc(path, DateTime.UtcNow.AddDays(n - 100));
        }

        return sources;
    }

    Task<Pruning> Prune(long limit) => StorePruner.Prune(Store, limit, Cancellation);

    [Fact]
    public async Task The_least_recently_used_go_first_with_all_their_names()
    {
        var sources = Fill(4);
        Assert.NotNull(Store.Find(sources[0]));
        Assert.Equal(new Pruning(2, 2000, 2000), await Prune(2500));
        Assert.NotNull(Store.Find(sources[0]));
        Assert.NotNull(Store.Find(sources[3]));
        foreach (var checksum in sources[1].Concat(sources[2]))
            Assert.False(Path.Exists(_folder[$"store/{checksum.CachePath}"]) || new FileInfo(_folder[$"store/{checksum.CachePath}"]).LinkTarget is not null);
    }

    [Fact]
    public async Task What_was_not_used_for_long_goes_whatever_the_size()
    {
        var sources = Fill(4);
        Assert.Equal(new Pruning(2, 2000, 2000), await StorePruner.Prune(Store, long.MaxValue, DateTime.UtcNow.AddDays(-98.5), Cancellation));
        Assert.Null(Store.Find(sources[1]));
        Assert.NotNull(Store.Find(sources[2]));
    }

    [Fact]
    public async Task A_git_repository_counts_like_an_archive()
    {
        var commit = await GitRepository.Make(_folder, "repo", "a.ml", "1");
        await GitSource.Unpack($"git+file://{_folder["repo"]}#{commit}", _folder["out"], Store.Folder, offline: false, Cancellation);
        var pruning = await Prune(0);
        Assert.Equal(1, pruning.Removed);
        Assert.Empty(Directory.EnumerateDirectories(_folder["store/git"]));
    }

    [Fact]
    public async Task Leftovers_of_kills_go_after_a_day()
    {
        foreach (var name in new[] { "incoming/old.part", "incoming/.x.1.tmp", "sha256/ab/.y.2.tmp", "git/.z.3.tmp/objects/o" })
        {
            _folder.Write("store/" + name, "left");
            foreach (var path in new[] { "store/" + name, "store/git/.z.3.tmp" }.Select(path => _folder[path]).Where(Path.Exists))
                File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddDays(-2));
        }

        _folder.Write("store/incoming/new.part", "running");
        Assert.Equal(new Pruning(0, 16, 0), await Prune(1000));
        Assert.Equal(["new.part"], Directory.EnumerateFiles(_folder["store"], "*", SearchOption.AllDirectories).Select(path => Path.GetFileName(path)).Where(name => name != "use.lock"));
    }

    [Fact]
    public async Task A_running_restore_keeps_its_sources_until_it_ends()
    {
        var sources = Fill(1);
        Task<Pruning> pruning;
        using (var fetcher = new SourceFetcher(Store, new ReporterFake()))
        {
            var path = await fetcher.Fetch(new Source("file:///nowhere", sources[0], [], []), "lib", Cancellation);
            pruning = Prune(0);
            await Task.WhenAny(pruning, Task.Delay(300, Cancellation));
            Assert.False(pruning.IsCompleted);
            Assert.True(File.Exists(path));
        }

        Assert.Equal(1, (await pruning).Removed);
    }

    [Fact]
    public async Task An_empty_store_needs_no_pruning() => Assert.Equal(new Pruning(0, 0, 0), await Prune(0));
}
