using Hillingar.Build.Processes;
using Hillingar.Build.Sources;
using Hillingar.Build.Storage;
using Hillingar.Build.Vendoring;
using Hillingar.Opam.Diagnostics;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

public sealed class GitSubmoduleTests : IDisposable
{
    readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    string Url(string name, string commit) => $"git+file://{_folder[name]}#{commit}";

    // lib has the submodule vendor/inner by a relative address, and that has deep by a whole one.
    async Task<string> Make()
    {
        await GitRepository.Make(_folder, "deep", "d.ml", "deep\n");
        await GitRepository.Make(_folder, "inner", "i.ml", "inner\n");
        await GitRepository.Make(_folder, "lib", "l.ml", "lib\n");
        await Add("inner", "file://" + _folder["deep"], "deep");
        await Add("lib", "../inner", "vendor/inner");
        // What came later in a submodule is not what the commit says.
        _folder.Write("inner/i.ml", "newer\n");
        await GitRepository.Run(_folder, "inner", "commit", "--quiet", "-am", "newer");
        return await GitRepository.Run(_folder, "lib", "rev-parse", "HEAD");
    }

    async Task Add(string name, string url, string path)
    {
        await GitRepository.Run(_folder, name, "remote", "add", "origin", "file://" + _folder[name]);
        await GitRepository.Run(_folder, name, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", url, path);
        await GitRepository.Run(_folder, name, "commit", "--quiet", "-m", "submodule");
    }

    // A commit whose .gitmodules says what git itself would not write.
    async Task<string> Pretend(string url, string path = "sub")
    {
        var commit = await GitRepository.Make(_folder, "odd", ".gitmodules", $"[submodule \"x\"]\n\tpath = {path}\n\turl = {url}\n");
        await GitRepository.Run(_folder, "odd", "update-index", "--add", "--cacheinfo", $"160000,{commit},{path}");
        await GitRepository.Run(_folder, "odd", "commit", "--quiet", "-m", "two");
        return await GitRepository.Run(_folder, "odd", "rev-parse", "HEAD");
    }

    Task Unpack(string url, string folder, bool offline = false) => GitSource.Unpack(url, _folder[folder], _folder["store"], offline, Cancellation);

    IEnumerable<string> Files(string folder) => Directory.EnumerateFiles(_folder[folder], "*", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(_folder[folder], path)).Where(path => !path.Split('/', '\\').Contains(".git")).Select(path => $"{path}: {File.ReadAllText(Path.Combine(_folder[folder], path))}").Order(StringComparer.Ordinal);

    [Fact]
    public async Task Submodules_are_unpacked_at_their_commits_and_again_without_the_network()
    {
        var url = Url("lib", await Make());
        await Unpack(url, "one");
        Assert.Equal("lib\n", await File.ReadAllTextAsync(_folder["one/l.ml"], Cancellation));
        Assert.Equal("inner\n", await File.ReadAllTextAsync(_folder["one/vendor/inner/i.ml"], Cancellation));
        Assert.Equal("deep\n", await File.ReadAllTextAsync(_folder["one/vendor/inner/deep/d.ml"], Cancellation));
        foreach (var name in new[] { "lib", "inner", "deep" })
            Directory.Move(_folder[name], _folder[name + "-gone"]);
        await Unpack(url, "two", offline: true);
        Assert.Equal(Files("one"), Files("two"));
    }

    [Fact]
    public async Task Opam_has_the_same_files()
    {
        Assert.SkipWhen(ProcessRunner.Find("opam") is null, "needs opam");
        var url = Url("lib", await Make());
        _folder.Write("repository/repo", "opam-version: \"2.0\"\n");
        _folder.Write("repository/packages/lib/lib.1/opam", $"opam-version: \"2.0\"\nurl {{ src: \"{url}\" }}\n");
        var opam = new OpamRoot(_folder);
        await opam.Make();
        await opam.Accepted("source", "lib.1", "--switch=test", "--dir", _folder["theirs"]);
        await Unpack(url, "ours");
        // opam source adds the package's description.
        Assert.Equal(Files("theirs").Where(file => !file.StartsWith("opam: ", StringComparison.Ordinal) && !file.StartsWith("lib.opam: ", StringComparison.Ordinal)), Files("ours"));
    }

    [Fact]
    public async Task An_archive_of_sources_holds_submodules_too()
    {
        var url = Url("lib", await Make());
        var store = new SourceStore(_folder["store"]);
        using var fetcher = new SourceFetcher(store, new ReporterFake());
        Assert.Equal(3, await SourceArchive.Export([new Source(url, [], [], [])], _folder["sources.tar"], store, fetcher, Cancellation));
        foreach (var name in new[] { "lib", "inner", "deep" })
            Directory.Move(_folder[name], _folder[name + "-gone"]);
        await SourceArchive.Import(_folder["sources.tar"], new SourceStore(_folder["other"]), Cancellation);
        await GitSource.Unpack(url, _folder["out"], _folder["other"], offline: true, Cancellation);
        Assert.Equal("deep\n", await File.ReadAllTextAsync(_folder["out/vendor/inner/deep/d.ml"], Cancellation));
    }

    [Theory]
    [InlineData("ext::touch pwned")]
    [InlineData("--upload-pack=touch pwned")]
    [InlineData("../../../../../../../../../../../../no")]
    [InlineData("https://-oProxyCommand=touch/x")]
    public async Task An_address_that_must_not_be_read_is_refused_and_nothing_is_left(string address)
    {
        var url = Url("odd", await Pretend(address));
        Assert.Equal("HIL4020", (await Assert.ThrowsAsync<HillingarException>(() => Unpack(url, "out"))).Diagnostic.Code);
        Assert.False(Directory.Exists(_folder["out"]));
    }

    [Fact]
    public async Task A_repository_of_the_network_brings_nothing_of_this_machine()
    {
        var commit = await Pretend("file://" + _folder["deep"]);
        Assert.Equal("HIL4020", (await Assert.ThrowsAsync<HillingarException>(() =>
            GitSubmodules.Of(_folder["odd/.git"], "https://example.org/odd.git", commit, Cancellation))).Diagnostic.Code);
    }

    [Theory]
    [InlineData("https://example.org/a/odd.git", "../b.git", "https://example.org/a/b.git")]
    [InlineData("https://example.org/a/odd.git/", "./b", "https://example.org/a/odd.git/b")]
    [InlineData("https://example.org/a/odd.git", "../../c/b.git", "https://example.org/c/b.git")]
    [InlineData("https://example.org/a/odd.git", "git@host.org:x/b.git", "ssh://git@host.org/x/b.git")]
    public async Task Addresses_are_as_git_has_them(string address, string written, string expected)
    {
        var commit = await Pretend(written);
        var module = Assert.Single(await GitSubmodules.Of(_folder["odd/.git"], address, commit, Cancellation));
        Assert.Equal(("sub", expected), (module.Path, module.Url.Split('#')[0]));
    }
}
