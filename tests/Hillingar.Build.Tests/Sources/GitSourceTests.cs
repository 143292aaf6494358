using Hillingar.Build.Processes;
using Hillingar.Build.Sources;
using Hillingar.Opam.Diagnostics;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

public sealed class GitSourceTests : IDisposable
{
    readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    async Task<string> Git(params string[] arguments)
    {
        var result = await ProcessRunner.Run(new Command("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", "-C", _folder["repo"], .. arguments]), Cancellation);
        Assert.True(result.ExitCode == 0, result.Error);
        return result.Output.Trim();
    }

    async Task<string> Repository()
    {
        _folder.Write("repo/lib/a.ml", "let a = 1\n");
        _folder.Write("repo/.gitattributes", "lib export-ignore\n");
        await Git("init", "--quiet", "-b", "main");
        await Git("add", ".");
        await Git("commit", "--quiet", "-m", "one");
        await Git("tag", "-a", "v1", "-m", "v1");
        _folder.Write("repo/lib/a.ml", "let a = 2\n");
        await Git("commit", "--quiet", "-am", "two");
        return "git+file://" + _folder["repo"];
    }

    [Fact]
    public async Task A_tag_is_resolved_to_its_commit_and_unpacked_whole()
    {
        var url = await Repository();
        var commit = await GitSource.Resolve(url + "#v1", Cancellation);
        Assert.Equal(await Git("rev-parse", "v1^{commit}"), commit);
        await GitSource.Unpack($"{url}#{commit}", _folder["out"], _folder["store"], offline: false, Cancellation);
        Assert.Equal("let a = 1\n", await File.ReadAllTextAsync(_folder["out/lib/a.ml"], Cancellation));
        Assert.False(Directory.Exists(_folder["out/.git"]));
    }

    [Fact]
    public async Task What_is_in_the_store_needs_no_repository()
    {
        var url = await Repository();
        var head = await GitSource.Resolve(url, Cancellation);
        await GitSource.Unpack($"{url}#{head}", _folder["one"], _folder["store"], offline: false, Cancellation);
        Directory.Delete(_folder["repo"], recursive: true);
        await GitSource.Unpack($"{url}#{head}", _folder["two"], _folder["store"], offline: true, Cancellation);
        Assert.Equal("let a = 2\n", await File.ReadAllTextAsync(_folder["two/lib/a.ml"], Cancellation));
    }

    [Theory]
    [InlineData("no-such-branch")]
    [InlineData("--upload-pack=touch pwned")]
    public async Task An_unknown_reference_is_told(string reference)
    {
        var url = await Repository();
        Assert.Equal("HIL1009", (await Assert.ThrowsAsync<HillingarException>(() => GitSource.Resolve($"{url}#{reference}", Cancellation))).Diagnostic.Code);
    }

    [Fact]
    public async Task An_address_that_names_a_program_runs_none()
    {
        var marker = _folder["pwned"];
        await Assert.ThrowsAsync<HillingarException>(() => GitSource.Resolve($"git+ext::touch {marker}", Cancellation));
        Assert.False(File.Exists(marker));
    }
}
