using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Hillingar.Build.Locks;
using Hillingar.Build.Processes;
using Hillingar.Build.Sources;
using Hillingar.Build.Storage;
using Hillingar.Opam.Addresses;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>Addresses that strangers wrote into opam files and locks, servers that mean no good, and the passwords that neither gets.</summary>
public sealed class HostileAddressTests : IDisposable
{
    const string Commit = "0123456789abcdef0123456789abcdef01234567";

    static readonly Checksum s_checksum = new(ChecksumKind.Sha256, new string('1', 64));

    readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    Task Unpack(string url) => GitSource.Unpack(url, _folder["out"], _folder["store"], offline: false, Cancellation);

    async Task<string> Refused(string url)
    {
        using var fetcher = new SourceFetcher(new SourceStore(_folder["store"]), new ReporterFake(), pause: TimeSpan.FromMilliseconds(1)) { StallTimeout = TimeSpan.FromSeconds(2) };
        var error = (await Assert.ThrowsAsync<HillingarException>(() => fetcher.Fetch(new Source(url, [s_checksum], [], []), "evil", Cancellation))).Diagnostic;
        Assert.Equal("HIL4005", error.Code);
        Assert.Empty(Directory.EnumerateFiles(_folder["store"], "*.part", SearchOption.AllDirectories));
        return error.Message;
    }

    async Task<string> Git(string repository, params string[] arguments)
    {
        var result = await ProcessRunner.Run(new Command("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "protocol.file.allow=always", "-C", _folder[repository], .. arguments]), Cancellation);
        Assert.True(result.ExitCode == 0, result.Error);
        return result.Output.Trim();
    }

    async Task<string> Repository(string name, string attributes = "")
    {
        _folder.Write($"{name}/a.ml", "let a = 1\n");
        if (attributes.Length > 0)
            _folder.Write($"{name}/.gitattributes", attributes);
        await Git(name, "init", "--quiet", "-b", "main");
        await Git(name, "add", ".");
        await Git(name, "commit", "--quiet", "-m", "one");
        return await Git(name, "rev-parse", "HEAD");
    }

    [Theory]
    [InlineData("git+foo::bar#")]
    [InlineData("git+foo://bar#")]
    [InlineData("git+ext::sh -c touch% RAN#")]
    [InlineData("git+--upload-pack=touch RAN#")]
    [InlineData("git+ssh://-oProxyCommand=touch${IFS}RAN/x#")]
    [InlineData("git+ftp://host/x#")]
    public async Task A_lock_names_no_program_of_gits(string url)
    {
        var bin = Directory.CreateDirectory(_folder["bin"]).FullName;
        _folder.Program("bin/git-remote-foo", $"touch '{_folder["RAN"]}'\n");
        _folder.Program("bin/git-remote-ftp", $"touch '{_folder["RAN"]}'\n");
        var error = (await Assert.ThrowsAsync<HillingarException>(() => Unpack(url.Replace("RAN", _folder["RAN"], StringComparison.Ordinal) + Commit))).Diagnostic;
        Assert.Equal("HIL1009", error.Code);
        // Nor would git itself take it.
        var command = GitSource.Git(null, "ls-remote", "--", "foo::bar");
        var ran = await ProcessRunner.Run(command with { Environment = new Dictionary<string, string?>(command.Environment!) { ["PATH"] = $"{bin}:{Environment.GetEnvironmentVariable("PATH")}" } }, Cancellation);
        Assert.Contains("transport 'foo' not allowed", ran.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["RAN"]));
    }

    [Fact]
    public async Task A_file_address_is_a_regular_file_of_this_machine()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("needs a POSIX system");
        Assert.Equal(0, (await ProcessRunner.Run(new Command("mkfifo", [_folder["fifo"]]), Cancellation)).ExitCode);
        Directory.CreateDirectory(_folder["folder"]);
        File.CreateSymbolicLink(_folder["link"], "/dev/zero");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_folder["socket"]));
        Assert.Contains("is no file", await Refused("file:///dev/zero"), StringComparison.Ordinal);
        Assert.Contains("is no file", await Refused("file://" + _folder["fifo"]), StringComparison.Ordinal);
        Assert.Contains("is no file", await Refused("file://" + _folder["link"]), StringComparison.Ordinal);
        Assert.Contains("is no file", await Refused("file://" + _folder["folder"]), StringComparison.Ordinal);
        Assert.Contains("cannot be opened", await Refused("file://" + _folder["socket"]), StringComparison.Ordinal);
        Assert.Contains("there is no file", await Refused("file://" + _folder["none"]), StringComparison.Ordinal);
        Assert.Contains("another machine", await Refused("file://host/share/x"), StringComparison.Ordinal);
        Assert.Contains("is not used", await Refused("ftp://host/x"), StringComparison.Ordinal);
        Assert.Contains("is not used", await Refused("ssh://host/x"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_download_without_end_or_progress_ends_and_leaves_nothing()
    {
        using var declared = new SourceServer((_, _, stream) => SourceServer.Send(stream, $"HTTP/1.1 200 OK\nContent-Length: {3L << 30}\nConnection: close"));
        Assert.Contains("more than 2048 MiB", await Refused(declared.Url()), StringComparison.Ordinal);
        Assert.Single(declared.Requests);
        using var slow = new SourceServer(async (_, _, stream) =>
        {
            await SourceServer.Send(stream, "HTTP/1.1 200 OK\nConnection: close");
            for (; ; await Task.Delay(100, Cancellation))
                await stream.WriteAsync("x"u8.ToArray(), Cancellation);
        });
        Assert.Contains("next to nothing came", await Refused(slow.Url()), StringComparison.Ordinal);
        using var loop = new SourceServer((_, _, stream) => SourceServer.Send(stream, "HTTP/1.1 302 Found\nLocation: /loop\nContent-Length: 0\nConnection: close"));
        Assert.Contains("more than 10 times", await Refused(loop.Url()), StringComparison.Ordinal);
        // To ask again would change nothing.
        Assert.Equal(11, loop.Requests.Count);
        using var file = new SourceServer((_, _, stream) => SourceServer.Send(stream, "HTTP/1.1 302 Found\nLocation: file:///etc/passwd\nContent-Length: 0\nConnection: close"));
        Assert.Contains("no address of http or https", await Refused(file.Url()), StringComparison.Ordinal);
        Assert.Single(file.Requests);
    }

    [Fact]
    public async Task A_git_server_that_sends_on_is_followed_by_hand_and_a_fetch_that_brings_too_much_ends()
    {
        // A server that sends all requests on, and one that has nothing.
        using var last = new SourceServer((_, _, stream) => SourceServer.Send(stream, "HTTP/1.1 404 No\nContent-Length: 0\nConnection: close"));
        using var first = new SourceServer((_, head, stream) => SourceServer.Send(stream, $"HTTP/1.1 301 Moved\nLocation: {last.Url(head.Split(' ')[1][1..].Replace("old", "new", StringComparison.Ordinal))}\nContent-Length: 0\nConnection: close"));
        await Assert.ThrowsAsync<HillingarException>(() => GitSource.Resolve($"git+{first.Url("old.git")}#main", Cancellation));
        // By git, once to each, and by us in between.
        Assert.Equal(2, first.Requests.Count);
        Assert.All(last.Requests, request => Assert.StartsWith("GET /new.git/info/refs?service=git-upload-pack ", request, StringComparison.Ordinal));
        using var elsewhere = new SourceServer((_, _, stream) => SourceServer.Send(stream, "HTTP/1.1 301 Moved\nLocation: file:///etc/passwd\nContent-Length: 0\nConnection: close"));
        Assert.Contains("no address of http or https", (await Assert.ThrowsAsync<HillingarException>(() => GitSource.Resolve($"git+{elsewhere.Url("x.git")}#main", Cancellation))).Message, StringComparison.Ordinal);

        Directory.CreateDirectory(_folder["bare/objects/pack"]);
        var error = await Assert.ThrowsAsync<HillingarException>(() => Opam.Repositories.Git.BoundedAsync<int>(_folder["bare"], async stop =>
        {
            using (var pack = File.Create(_folder["bare/objects/pack/tmp_pack_x"]))
                pack.SetLength(WebFetcher.MaxBytes + 1);
            await Task.Delay(Timeout.Infinite, stop);
            return 0;
        }, Cancellation));
        Assert.Contains("more than 2048 MiB", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder["bare/objects/pack"]));
    }

    [Fact]
    public async Task Passwords_reach_their_server_and_no_command_line_message_or_file()
    {
        using var server = new SourceServer((_, _, stream) => SourceServer.Send(stream, "HTTP/1.1 403 No\nContent-Length: 0\nConnection: close"));
        var url = server.Url("x.git").Replace("http://", "http://me:s3cret@", StringComparison.Ordinal);
        var argv = _folder["argv"];
        _folder.Program("bin/git", $"echo \"$@\" >> '{argv}'\nexec {ProcessRunner.Find("git")} \"$@\"\n");
        Network.Current = Network.Current.With([$"git+{url}#main"]);
        var messages = new StringBuilder();
        foreach (var address in new[] { $"git+{url}#{Commit}", $"git+{server.Url("x.git")}#{Commit}" })
            messages.Append(await Assert.ThrowsAsync<HillingarException>(() => Unpack(address)));
        messages.Append(await Assert.ThrowsAsync<HillingarException>(() => GitSource.Resolve($"git+{url}#main", Cancellation)));
        messages.Append(await Assert.ThrowsAsync<HillingarException>(() => new RepositoryCache(_folder["cache"]).OpenAsync(url.Replace("x.git", "r", StringComparison.Ordinal), Cancellation)));
        messages.Append(await Refused(url));
        using (var fetcher = new SourceFetcher(new SourceStore(_folder["store"]), new ReporterFake()))
            messages.Append((await Assert.ThrowsAsync<HillingarException>(() => fetcher.Fetch(new Source(url, [], [], []), "x", Cancellation))).Message);
        Assert.DoesNotContain("s3cret", messages.ToString(), StringComparison.Ordinal);
        Assert.True(server.Requests.Count >= 6);
        Assert.All(server.Requests, request => Assert.Contains($"Authorization: Basic {Convert.ToBase64String("me:s3cret"u8)}", request, StringComparison.OrdinalIgnoreCase));
        foreach (var file in Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories))
            Assert.DoesNotContain("s3cret", File.ReadAllText(file), StringComparison.Ordinal);
        Assert.DoesNotContain(GitSource.Git(null, "x").Arguments, argument => argument.Contains("s3cret", StringComparison.Ordinal));
        Assert.Contains(Opam.Repositories.Git.Settings(server.Url("x.git")).Values, value => value == "Authorization: Basic " + Convert.ToBase64String("me:s3cret"u8));
        Assert.DoesNotContain(Opam.Repositories.Git.Settings("http://127.0.0.1:1/x.git").Values, value => value?.StartsWith("Authorization", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task No_filter_of_the_users_runs_on_sources_such_as_LFS()
    {
        var commit = await Repository("repo", "*.ml filter=lfs\n");
        _folder.Write("config", $"[filter \"lfs\"]\n\tsmudge = touch '{_folder["RAN"]}'\n\tprocess = touch '{_folder["RAN"]}'\n\trequired = true\n");
        var before = Environment.GetEnvironmentVariable("GIT_CONFIG_GLOBAL");
        Environment.SetEnvironmentVariable("GIT_CONFIG_GLOBAL", _folder["config"]);
        try
        {
            await Unpack($"git+file://{_folder["repo"]}#{commit}");
            Assert.False(File.Exists(_folder["RAN"]));
            Assert.Equal("let a = 1\n", await File.ReadAllTextAsync(_folder["out/a.ml"], Cancellation));
            // git alone does run it: what is tested here is there.
            var start = new ProcessStartInfo("git", ["-C", _folder["repo"], "archive", "--format=tar", "-o", _folder["x.tar"], commit]) { RedirectStandardError = true };
            using var git = Process.Start(start)!;
            await git.WaitForExitAsync(Cancellation);
            Assert.True(File.Exists(_folder["RAN"]));
        }
        finally
        {
            Environment.SetEnvironmentVariable("GIT_CONFIG_GLOBAL", before);
        }
    }

    [Fact]
    public void A_lock_holds_no_password_wherever_one_was()
    {
        const string Secret = "https://me:s3cret@host/x";
        var package = OpamPackage.Parse("x.1");
        var locked = new LockFile
        {
            Folder = _folder.Path,
            Packages = [new LockedPackage(package, Vendored: true)],
            Duniverse = [new LockedSource($"git+{Secret}.git#{Commit}", "x", [])],
            Pins = [new Pin(package, $"git+{Secret}.git#{Commit}")],
            Repositories = [Secret],
            Contents = [(Secret, "sha256=1")],
            Advisories = ($"git+{Secret}", Commit),
            Request = [$"repository {Secret}"],
            Mirrors = [Secret + "/cache"],
            Tools = [new LockedSource(Secret, "dune.3", [s_checksum])],
            NarHashes = [($"git+{Secret}.git#{Commit}", "sha256-x")],
            Arguments = [Secret],
        };
        Assert.DoesNotContain("s3cret", locked.ToString(), StringComparison.Ordinal);
        var read = LockFile.Read(_folder.Write("x.opam.locked", locked.ToString()));
        Assert.Equal($"git+https://host/x.git#{Commit}", read.Duniverse[0].Url);
        Assert.Equal(["x.1"], read.Entries[0].Packages);
    }
}
