using System.Net;
using System.Net.Sockets;
using System.Text;
using Hillingar.Tests;

namespace Hillingar.AzurePipelines.Tests;

/// <summary>The update bot's scripts, on a clone of a local remote whose opam repository has moved on.</summary>
public sealed class UpdateBotTests(PackedSdk sdk) : IDisposable
{
    const string Advisory = "```\nid: OSEC-2026-90\nseverity_score: \"7.5\"\naffected: \"cppo\" {< \"1.7\"}\n```\n\n# It overflows\n";

    readonly TestFolder _folder = new();
    readonly List<string> _environment = [];

    public void Dispose() => _folder.Dispose();

    string Clone => _folder["clone"];

    string Output => _folder["out"];

    async Task<(int Code, string Output)> Run(string folder, string program, params IEnumerable<string> arguments)
    {
        using var process = sdk.Start("/usr/bin/env", [$"GITHUB_OUTPUT={_folder["outputs"]}", $"GITHUB_STEP_SUMMARY={_folder["step.md"]}", .. _environment, program, .. arguments], folder);
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

    // In a clone of its own, as another job has one, where whatever is run but git says so.
    async Task<(int Code, string Output)> Push(string from, params IEnumerable<string> arguments)
    {
        if (!Directory.Exists(_folder["second"]))
        {
            await Git(_folder.Path, "clone", "-q", _folder["remote.git"], _folder["second"]);
            foreach (var (name, value) in new[] { ("user.name", "Bot"), ("user.email", "bot@example.org"), ("core.hooksPath", _folder["hooks"]) })
                await Git(_folder["second"], "config", name, value);
            foreach (var program in new[] { "bin/dotnet", "bin/dune", "bin/dig", "hooks/pre-push", "hooks/reference-transaction", "hooks/post-index-change" })
                _folder.Program(program, $"touch '{_folder["ran"]}'\nexit 1\n");
        }

        var ran = await Run(_folder["second"], "env", [$"PATH={_folder["bin"]}:{Environment.GetEnvironmentVariable("PATH")}", Path.Combine(TestData.Root, "samples", "update-bot", "push.sh"), "--from", from, "--output", _folder["checked"], .. arguments]);
        Assert.False(File.Exists(_folder["ran"]), "something was run");
        return ran;
    }

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
        await Git(Clone, "pull", "-q");
        // The job that builds may do nothing but read what is checked out.
        await Git(Clone, "remote", "set-url", "origin", _folder["nowhere"]);
    }

    [Fact]
    public async Task A_new_version_is_locked_built_booted_and_asked_without_credentials_and_pushed_by_a_job_that_runs_nothing()
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
        Assert.Equal("main", await Git(_folder["remote.git"], "branch", "--format=%(refname:short)"));
        var (pushed, log) = await Push(Output, "--lock", "dns/dns.opam.locked");
        Assert.True(pushed == 0, log);

        // The branch: one commit on main, which changes the lock alone.
        Assert.Equal("dns/dns.opam.locked", await Git(_folder["remote.git"], "diff", "--name-only", "main", "hillingar/update-dns"));
        Assert.Equal("1", await Git(_folder["remote.git"], "rev-list", "--count", "main..hillingar/update-dns"));
        Assert.Contains("\"cppo\" {= \"1.8.0\"", await Git(_folder["remote.git"], "show", "hillingar/update-dns:dns/dns.opam.locked"), StringComparison.Ordinal);

        // The commit and the text.
        var message = await Git(_folder["remote.git"], "log", "-1", "--format=%B", "hillingar/update-dns");
        var body = File.ReadAllText(_folder["checked/body.md"]);
        Assert.Equal("Update a package of dns\n", File.ReadAllText(_folder["checked/title.txt"]));
        Assert.StartsWith("Update a package of dns\n\nUpdate a package of dns: what follows was written by the job that built it.\n\n## dns\n", message, StringComparison.Ordinal);
        Assert.Contains("| cppo | 1.6.9 | 1.8.0 | upgraded |", message, StringComparison.Ordinal);
        Assert.Contains("| cppo | 1.6.9 | 1.8.0 | upgraded |", body, StringComparison.Ordinal);
        Assert.Matches(@"\| unix \| dns \| [0-9.]+ MB \| [0-9.]+ MB \| (none|[+-][0-9.]+ K?B \(.*\)) \| `[0-9a-f]{64}` \|", body);
        Assert.Contains("| high | cppo.1.6.9 | It overflows | gone |", body, StringComparison.Ordinal);
        Assert.Contains($"The new image was started and answered `{check}`.", body, StringComparison.Ordinal);
        Assert.DoesNotContain("mermaid", body, StringComparison.Ordinal);
        Assert.Contains("mermaid", File.ReadAllText(_folder["step.md"]), StringComparison.Ordinal);
        Assert.Equal(["updated=true"], File.ReadAllLines(_folder["outputs"]));

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

        var (done, log) = await Bot("--project", "hello/hello.csproj", "--package", "cppo");
        Assert.True(done == 0, log);
        (done, log) = await Push(Output, "--lock", "hello/hello.opam.locked", "--branch", "bot/hello", "--limit", "300");
        Assert.True(done == 0, log);
        Assert.Equal("bot/hello\nmain", await Git(_folder["remote.git"], "branch", "--format=%(refname:short)"));
        var body = File.ReadAllText(_folder["checked/body.md"]);
        Assert.InRange(body.Length, 50, 301);
        Assert.EndsWith("… the rest is on the page of the run.\n", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--project is missing")]
    [InlineData("there is no option --evil", "--evil")]
    [InlineData("--check needs a value", "--check")]
    [InlineData("is no package", "--project", "a.csproj", "--package", "x;touch ran")]
    [InlineData("is no package", "--project", "a.csproj", "--package", "x%3B-p:Evil=1")]
    [InlineData("is no path below", "--project", "-t:Evil")]
    [InlineData("is no path below", "--project", "../x.csproj")]
    [InlineData("is no path below", "--project", "$(touch ran).csproj")]
    [InlineData("and no number", "--project", "a.csproj", "--patience", "$(touch ran)")]
    public async Task A_wrong_call_says_what_is_wrong(string message, params string[] arguments)
    {
        Directory.CreateDirectory(Clone);
        var (code, output) = await Bot(arguments);
        Assert.Equal(1, code);
        Assert.Contains(message, output, StringComparison.Ordinal);
    }

    // What a job leaves that strangers' code ran in.
    async Task<string> Left(Action<string>? change = null)
    {
        if (!Directory.Exists(_folder["remote.git"]))
        {
            await Git(_folder.Path, "init", "-q", "-b", "main", _folder["first"]);
            _folder.Write("first/hello/hello.opam.locked", "opam-version: \"2.0\"\nx-opam-monorepo-version: \"0.3\"\n");
            _folder.Write("first/.gitattributes", "* filter=evil\n");
            await Git(_folder["first"], "add", "-A");
            await Git(_folder["first"], "commit", "-q", "-m", "one");
            await Git(_folder.Path, "clone", "-q", "--bare", _folder["first"], _folder["remote.git"]);
        }

        Directory.CreateDirectory(_folder["left"]);
        foreach (var file in Directory.GetFileSystemEntries(_folder["left"]))
            File.Delete(file);
        _folder.Write("left/lock", "opam-version: \"2.0\"\ndepends: [\"x\" {= \"1;$(touch ran)`touch ran`\"}]\nx-opam-monorepo-version: \"0.3\"\n");
        _folder.Write("left/title.txt", "Update a package of hello\n");
        _folder.Write("left/body.md", "## hello\n");
        change?.Invoke(_folder["left"]);
        return _folder["left"];
    }

    [Theory]
    [InlineData("--branch", "--force")]
    [InlineData("--branch", "a;touch ran")]
    [InlineData("--branch", "$(touch ran)")]
    [InlineData("--branch", "a`touch ran`")]
    [InlineData("--branch", "a\n##vso[task.setvariable variable=x]y")]
    [InlineData("--branch", "a:refs/heads/main")]
    [InlineData("--branch", "../../x")]
    [InlineData("--branch", "a b")]
    [InlineData("--branch", "main")]
    [InlineData("--base", "-x")]
    [InlineData("--base", "main:evil")]
    [InlineData("--remote", "--upload-pack=touch")]
    [InlineData("--remote", "ext::sh")]
    [InlineData("--lock", "../x.opam.locked")]
    [InlineData("--lock", ".github/workflows/x.yml")]
    [InlineData("--lock", "-x.opam.locked")]
    [InlineData("--lock", "hello/other.opam.locked")]
    [InlineData("--limit", "1$(touch ran)")]
    public async Task The_job_that_pushes_takes_no_name_for_anything_else(string option, string value)
    {
        var (code, output) = await Push(await Left(), "--lock", "hello/hello.opam.locked", option, value);
        Assert.True(code == 1, output);
        Assert.False(HostileText.Commands(output), output);
        Assert.Equal("main", await Git(_folder["remote.git"], "branch", "--format=%(refname:short)"));
        Assert.Empty(Directory.EnumerateFiles(_folder.Path, "ran", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task The_job_that_pushes_takes_a_lock_and_texts_and_nothing_else()
    {
        foreach (var (change, why) in new (Action<string>, string)[]
        {
            (left => File.Delete(Path.Combine(left, "lock")), "lock is missing"),
            (left => { File.Delete(Path.Combine(left, "lock")); File.CreateSymbolicLink(Path.Combine(left, "lock"), "/etc/passwd"); }, "lock is missing"),
            (left => { File.Delete(Path.Combine(left, "body.md")); File.CreateSymbolicLink(Path.Combine(left, "body.md"), "/etc/passwd"); }, "body.md is missing"),
            (left => File.WriteAllText(Path.Combine(left, "lock"), "#!/bin/sh\ntouch ran\n"), "no lock"),
            (left => File.AppendAllText(Path.Combine(left, "lock"), "\u001b[2J"), "lock holds control characters"),
            (left => File.WriteAllText(Path.Combine(left, "body.md"), "a\rb"), "body.md holds control characters"),
            (left => File.WriteAllBytes(Path.Combine(left, "lock"), new byte[9_000_000]), "lock is larger"),
            (left => File.Copy(_folder["first/hello/hello.opam.locked"], Path.Combine(left, "lock"), overwrite: true), "the lock is as it was"),
        })
        {
            var (code, output) = await Push(await Left(change), "--lock", "hello/hello.opam.locked");
            Assert.True(code == 1 && output.Contains(why, StringComparison.Ordinal), $"{why}: {output}");
            Assert.Equal("main", await Git(_folder["remote.git"], "branch", "--format=%(refname:short)"));
        }

        // Whatever the texts say, they are no option and no file to who takes them as an argument.
        foreach (var title in new[] { "@/etc/passwd", "--repo evil", "$(touch ran)", "Update a package of hello\n::error::x", "`touch ran`", "Update 1;touch ran packages of hello" })
        {
            var (code, output) = await Push(await Left(left =>
            {
                File.WriteAllText(Path.Combine(left, "title.txt"), title);
                File.WriteAllText(Path.Combine(left, "body.md"), title + "\n");
                File.WriteAllText(Path.Combine(left, "run.sh"), "touch ran");
            }), "--lock", "hello/hello.opam.locked");
            Assert.True(code == 0, output);
            Assert.Matches("^(Renew the lock|Update a package) of hello\n\\z", File.ReadAllText(_folder["checked/title.txt"]));
            Assert.StartsWith(File.ReadAllText(_folder["checked/title.txt"]).TrimEnd() + ": what follows", File.ReadAllText(_folder["checked/body.md"]), StringComparison.Ordinal);
            Assert.Equal("hello/hello.opam.locked", await Git(_folder["remote.git"], "diff", "--name-only", "main", "hillingar/update-hello"));
        }

        Assert.Equal(File.ReadAllText(_folder["left/lock"]).TrimEnd(), await Git(_folder["remote.git"], "show", "hillingar/update-hello:hello/hello.opam.locked"));
        Assert.Empty(Directory.EnumerateFiles(_folder.Path, "ran", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("GITHUB_ACTIONS=true")]
    [InlineData("TF_BUILD=True")]
    public async Task What_is_built_commands_no_agent(string agent)
    {
        _environment.Add(agent);
        Directory.CreateDirectory(Clone);
        _folder.Write("clone/a.csproj", "<Project />");
        _folder.Write("clone/a.opam.locked", "x");
        await Git(Clone, "init", "-q", "-b", "main");
        await Git(Clone, "add", "-A");
        await Git(Clone, "commit", "-q", "-m", "one");
        // dotnet stands for all that a build prints, also to where the script itself speaks to the agent.
        var lines = string.Concat(HostileText.Vectors.Select(vector => vector.Said + "\n")) + string.Concat(Enumerable.Repeat("#", 1000)) + "vso[x]\n";
        File.WriteAllBytes(_folder["said"], Encoding.UTF8.GetBytes(lines));
        _folder.Program("tools/dotnet", $"case \"$*\" in *getProperty*) echo a.opam.locked ;; *) cat '{_folder["said"]}'; cat '{_folder["said"]}' >&2; cat '{_folder["said"]}' >&3; env > '{_folder["environment"]}' ;; esac 2>&1\n");
        _environment.Add($"PATH={_folder["tools"]}:{Environment.GetEnvironmentVariable("PATH")}");
        var (code, output) = await Bot("--project", "a.csproj");
        Assert.True(code == 0, output);
        Assert.Contains("everything is up to date", output, StringComparison.Ordinal);
        Assert.Contains("# #vso[task.setvariable variable=PATH]/evil", output, StringComparison.Ordinal);
        Assert.Contains("x :: xs", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output);
        Assert.DoesNotContain("GITHUB_OUTPUT", File.ReadAllText(_folder["environment"]), StringComparison.Ordinal);
        var rest = output.Split('\n').ToList();
        if (agent.StartsWith("GITHUB", StringComparison.Ordinal))
        {
            // All of it lies between a word and the same word, which nobody can guess.
            var word = rest[0]["::stop-commands::".Length..];
            Assert.Matches("^[0-9a-f]{32}\\z", word);
            Assert.Equal($"::{word}::", rest[^2]);
            rest = [];
        }

        // The one command is the script's own.
        Assert.False(HostileText.Commands(string.Join('\n', rest.Where(line => line != "##vso[task.setvariable variable=updated;isOutput=true]false" && !line.TrimStart().StartsWith("::", StringComparison.Ordinal)))), output);
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
