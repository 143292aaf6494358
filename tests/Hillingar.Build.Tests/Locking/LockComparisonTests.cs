using Hillingar.Build.Files;
using Hillingar.Build.Locks;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

public sealed class LockComparisonTests : IDisposable
{
    readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    static LockFile Lock(params IEnumerable<(string Package, string Hash)> packages)
    {
        var all = packages.ToList();
        return new LockFile
        {
            Folder = "/project",
            Packages = [.. all.Select(item => new LockedPackage(OpamPackage.Parse(item.Package), item.Hash.Length > 0))],
            Pins = [.. all.Where(item => item.Hash.Length > 0).Select(item => new Pin(OpamPackage.Parse(item.Package), $"https://example.org/{item.Package}.tbz"))],
            Duniverse = [.. all.Where(item => item.Hash.Length > 0).Select(item => new LockedSource($"https://example.org/{item.Package}.tbz", item.Package.Split('.')[0], [Sum(item.Hash)]))],
        };
    }

    static Checksum Sum(string text) => Checksum.TryParse($"sha256={Hashes.OfText(text)}", out var sum) ? sum : throw new InvalidOperationException(text);

    static IEnumerable<string> Compare(LockFile? before, LockFile after) => LockComparison.Of(before, after).Select(change => $"{change.Change} {change}{(change.Reason.Length > 0 ? ": " + change.Reason : "")}");

    [Fact]
    public void Each_kind_of_difference_has_its_name() => Assert.Equal(
        ["Added a none -> 1", "Changed b 1 -> 1: another archive", "Downgraded c 2 -> 1", "Changed d 1 -> 1: now vendored", "Removed e 1 -> none", "Upgraded f 0.9 -> 0.10"],
        Compare(Lock(("b.1", "x"), ("c.2", "c"), ("d.1", ""), ("e.1", "e"), ("f.0.9", "f"), ("g.1", "g")), Lock(("a.1", "a"), ("b.1", "y"), ("c.1", "c"), ("d.1", "d"), ("f.0.10", "f"), ("g.1", "g"))));

    [Fact]
    public void An_archive_that_moved_is_the_same_archive()
    {
        var before = Lock(("a.1", "a"));
        var after = before with { Pins = [before.Pins[0] with { Url = "https://mirror.org/a" }], Duniverse = [before.Duniverse[0] with { Url = "https://mirror.org/a" }] };
        Assert.Empty(Compare(before, after));
    }

    [Fact]
    public void Against_no_lock_everything_is_added() => Assert.Equal(["Added a none -> 1"], Compare(null, Lock(("a.1", "a"))));

    [Fact]
    public async Task A_lock_is_read_as_it_was_at_a_revision()
    {
        await GitRepository.Make(_folder, "project", "app.opam.locked", Lock(("a.1", "a")).ToString());
        _folder.Write("project/app.opam.locked", Lock(("a.2", "a")).ToString());
        Assert.Equal("1", (await Read("HEAD")).Version("a")!.Value.Text);
        Assert.Equal("2", (await Read("app.opam.locked")).Version("a")!.Value.Text);
        Assert.Equal("2", (await Read(".")).Version("a")!.Value.Text);
        File.Delete(_folder["project/app.opam.locked"]);
        Assert.Equal("1", (await LockLocation.Read("HEAD", "app.opam.locked", _folder["project"], Cancellation)).Version("a")!.Value.Text);
    }

    [Theory]
    [InlineData("no-such-revision")]
    [InlineData("--output=stolen")]
    public async Task What_is_neither_a_file_nor_a_revision_is_told(string what)
    {
        await GitRepository.Make(_folder, "project", "app.opam.locked", Lock(("a.1", "a")).ToString());
        Assert.Equal("HIL7003", (await Assert.ThrowsAsync<HillingarException>(() => Read(what))).Diagnostic.Code);
        Assert.Empty(Directory.GetFiles(_folder["project"], "stolen*"));
    }

    [Fact]
    public void A_folder_with_no_lock_or_several_has_none_to_find()
    {
        _folder.Write("none/x", "");
        _folder.Write("two/a.opam.locked", "");
        _folder.Write("two/b.opam.locked", "");
        Assert.Contains("no lock", Assert.Throws<HillingarException>(() => LockLocation.Find(_folder["none"])).Message, StringComparison.Ordinal);
        Assert.Contains("several", Assert.Throws<HillingarException>(() => LockLocation.Find(_folder["two"])).Message, StringComparison.Ordinal);
    }

    Task<LockFile> Read(string what) => LockLocation.Read(what, ".", _folder["project"], Cancellation);
}
