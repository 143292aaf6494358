using System.Net;
using System.Net.Sockets;
using Hillingar.Tests;

namespace Hillingar.AzurePipelines.Tests;

/// <summary>The update bot's script, on a clone of a local remote whose opam repository has moved on.</summary>
public sealed class UpdateBotTests(PackedSdk sdk) : IDisposable
{
    const string Advisory = "```\nid: OSEC-2026-90\nseverity_score: \"7.5\"\naffected: \"cppo\" {< \"1.7\"}\n```\n\n# It overflows\n";

    readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    string Clone => _folder["clone"];

    string Output => _folder["out"];

    async Task<(int Code, string Output)> Run(string folder, string program, params IEnumerable<string> arguments)
    {
        using var process = sdk.Start("/usr/bin/env", [$"GITHUB_OUTPUT={_folder["outputs"]}", $"GITHUB_STEP_SUMMARY={_folder["step.md"]}", program, .. arguments], folder);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output + await error);
    }

    async Task<string> Git(string folder, params IEnumerable<string> arguments)
    {
        var (code, output) = await Run(folder, "git", ["-c", "user.name=Bot", "-c", "user.email=bot@example.org", .. arguments]);
        Assert.True(code == 0, output);
        return output.TrimEnd();
    }

    Task<(int Code, string Output)> Bot(params IEnumerable<string> arguments) =>
        Run(Clone, Path.Combine(TestData.Root, "samples", "update-bot", "update-bot.sh"), ["--output", Output, .. arguments]);

    // A remote whose main branch has a project, its opam repository without the newest cppo, and the lock.
    async Task Publish(string project, string folder)
    {
        File.WriteAllText(Path.Combine(folder, ".gitignore"), "bin/\nobj/\n");
        File.Delete(Path.Combine(folder, "Directory.Build.props"));
        File.WriteAllText(Path.Combine(folder, "Directory.Build.props"), """
            <Project>
              <PropertyGroup><HillingarAuditSource>../advisories</HillingarAuditSource></PropertyGroup>
            </Project>
            """);
        Directory.CreateDirectory(Path.Combine(folder, "advisories"));
        File.WriteAllText(Path.Combine(folder, "advisories", "OSEC-2026-90.md"), Advisory);
        Move(Path.Combine(folder, "opam-repository", "packages", "cppo", "cppo.1.8.0"), _folder["cppo.1.8.0"]);
        (await sdk.Dotnet(folder, ["restore", project])).Succeeded();
        await Git(folder, "init", "-q", "-b", "main");
        await Git(folder, "add", "-A");
        await Git(folder, "commit", "-q", "-m", "A server");
        await Git(folder, "clone", "-q", "--bare", folder, _folder["remote.git"]);
        await Git(_folder.Path, "clone", "-q", _folder["remote.git"], Clone);
        foreach (var (name, value) in new[] { ("user.name", "Bot"), ("user.email", "bot@example.org") })
            await Git(Clone, "config", name, value);
    }

    // Folders of temporary files may lie on a file system of their own.
    static void Move(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from))
            File.Move(file, Path.Combine(to, Path.GetFileName(file)));
        Directory.Delete(from);
    }

    // Somebody else adds the version to the remote's repository.
    async Task MoveOn()
    {
        await Git(_folder.Path, "clone", "-q", _folder["remote.git"], _folder["other"]);
        Move(_folder["cppo.1.8.0"], _folder["other/opam-repository/packages/cppo/cppo.1.8.0"]);
        await Git(_folder["other"], "add", "-A");
        await Git(_folder["other"], "commit", "-q", "-m", "cppo 1.8.0");
        await Git(_folder["other"], "push", "-q");
    }

    [Fact]
    public async Task A_new_version_is_locked_built_booted_asked_and_pushed_with_what_it_changes()
    {
        using var project = new SampleProject(sdk);
        await Publish("dns/dns.csproj", project.Parent);
        await MoveOn();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        File.WriteAllText(Path.Combine(Clone, "stray"), "not to be committed");
        var check = $"dig @127.0.0.1 -p {port} +time=10 +tries=1 +short example.org SOA | grep -q ns1";
        var (code, output) = await Bot("--project", "dns/dns.csproj", "--run", $"--port {port}", "--check", check);
        Assert.True(code == 0, output);

        // The branch: one commit on main, which changes the lock alone.
        Assert.Equal("dns/dns.opam.locked", await Git(_folder["remote.git"], "diff", "--name-only", "main", "hillingar/update-dns"));
        Assert.Equal("1", await Git(_folder["remote.git"], "rev-list", "--count", "main..hillingar/update-dns"));
        Assert.Contains("\"cppo\" {= \"1.8.0\"", await Git(_folder["remote.git"], "show", "hillingar/update-dns:dns/dns.opam.locked"), StringComparison.Ordinal);

        // The commit and the text.
        var message = await Git(_folder["remote.git"], "log", "-1", "--format=%B", "hillingar/update-dns");
        var body = File.ReadAllText(Path.Combine(Output, "body.md"));
        Assert.Equal("Update a package of dns\n", File.ReadAllText(Path.Combine(Output, "title.txt")));
        Assert.StartsWith("Update a package of dns\n\n## dns\n", message, StringComparison.Ordinal);
        Assert.Contains("| cppo | 1.6.9 | 1.8.0 | upgraded |", message, StringComparison.Ordinal);
        Assert.Contains("| cppo | 1.6.9 | 1.8.0 | upgraded |", body, StringComparison.Ordinal);
        Assert.Matches(@"\| unix \| dns \| [0-9.]+ MB \| [0-9.]+ MB \| (none|[+-][0-9.]+ K?B \(.*\)) \| `[0-9a-f]{64}` \|", body);
        Assert.Contains("| high | cppo.1.6.9 | It overflows | gone |", body, StringComparison.Ordinal);
        Assert.Contains($"The new image was started and answered `{check}`.", body, StringComparison.Ordinal);
        Assert.DoesNotContain("mermaid", body, StringComparison.Ordinal);
        Assert.Contains("mermaid", File.ReadAllText(_folder["step.md"]), StringComparison.Ordinal);
        Assert.Equal(["updated=true", "branch=hillingar/update-dns"], File.ReadAllLines(_folder["outputs"]));

        // The clone is as it was, and nothing runs.
        Assert.Equal("?? stray", await Git(Clone, "status", "--porcelain"));
        Assert.Equal("main", await Git(Clone, "branch", "--show-current"));
        Assert.Single((await Git(Clone, "worktree", "list")).Split('\n'));
        Assert.Empty(FailureTests.Running("dns", $"{port}"));
    }

    [Fact]
    public async Task Without_news_there_is_no_branch_and_an_image_that_does_not_stay_up_is_not_pushed()
    {
        using var project = await TemplateProject.Make(sdk);
        project.Edit("hello.csproj", text => text.Replace("<ItemGroup>", "<ItemGroup><OpamRepository Include=\"../opam-repository\" /><OpamDependency Include=\"cppo\" />", StringComparison.Ordinal));
        Copy(Path.Combine(TestData.Root, "samples", "opam-repository"), Path.Combine(project.Solution, "opam-repository"));
        await Publish("hello/hello.csproj", project.Solution);

        var (none, said) = await Bot("--project", "hello/hello.csproj");
        Assert.True(none == 0, said);
        Assert.Contains("everything is up to date", said, StringComparison.Ordinal);
        Assert.Equal(["updated=false"], File.ReadAllLines(_folder["outputs"]));

        await MoveOn();
        var (fails, why) = await Bot("--project", "hello/hello.csproj", "--check", "false", "--patience", "2");
        Assert.Equal(1, fails);
        Assert.Contains("the new image does not do what --check asks for", why, StringComparison.Ordinal);
        Assert.Equal("main", await Git(_folder["remote.git"], "branch", "--format=%(refname:short)"));

        var (done, log) = await Bot("--project", "hello/hello.csproj", "--package", "cppo", "--branch", "bot/hello", "--limit", "200");
        Assert.True(done == 0, log);
        Assert.Equal("bot/hello\nmain", await Git(_folder["remote.git"], "branch", "--format=%(refname:short)"));
        var body = File.ReadAllText(Path.Combine(Output, "body.md"));
        Assert.InRange(body.Length, 50, 201);
        Assert.EndsWith("… the rest is on the page of the run.\n", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--project is missing")]
    [InlineData("there is no option --evil", "--evil")]
    [InlineData("--base needs a value", "--base")]
    public async Task A_wrong_call_says_what_is_wrong(string message, params string[] arguments)
    {
        Directory.CreateDirectory(Clone);
        var (code, output) = await Bot(arguments);
        Assert.Equal(1, code);
        Assert.Contains(message, output, StringComparison.Ordinal);
    }

    static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
