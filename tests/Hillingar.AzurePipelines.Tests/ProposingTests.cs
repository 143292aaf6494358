using System.Diagnostics;
using Hillingar.Tests;

namespace Hillingar.AzurePipelines.Tests;

/// <summary>The second job of the update bot as the samples have it: their scripts are run by bash, with stand-ins for the programs that open pull requests.</summary>
public sealed class ProposingTests : IDisposable
{
    readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    static async Task<(int Code, string Output)> Run(string folder, string program, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(Cancellation);
        var output = await process.StandardOutput.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        return (process.ExitCode, output + await error);
    }

    static async Task<string> Git(string folder, params string[] arguments)
    {
        var (code, output) = await Run(folder, "git", ["-c", "user.name=Bot", "-c", "user.email=bot@example.org", .. arguments]);
        Assert.True(code == 0, output);
        return output.TrimEnd();
    }

    // A clone of a remote with the lock and the two scripts, as a repository that copied the sample has them.
    async Task<string> Clone()
    {
        _folder.Write("first/dns/dns.opam.locked", "opam-version: \"2.0\"\nx-opam-monorepo-version: \"0.3\"\n");
        foreach (var script in new[] { "push.sh", "update-bot.sh" })
            File.Copy(Path.Combine(TestData.Root, "samples", "update-bot", script), _folder[$"first/{script}"]);
        await Git(_folder["first"], "init", "-q", "-b", "main");
        await Git(_folder["first"], "add", "-A");
        await Git(_folder["first"], "commit", "-q", "-m", "one");
        await Git(_folder.Path, "clone", "-q", "--bare", _folder["first"], _folder["remote.git"]);
        await Git(_folder.Path, "clone", "-q", _folder["remote.git"], _folder["clone"]);
        return _folder["clone"];
    }

    [Theory]
    [InlineData("azure-pipelines/update-bot.yml", "az", false)]
    [InlineData("azure-pipelines/update-bot.yml", "az", true)]
    [InlineData("github-actions/update-bot.yml", "gh", false)]
    [InlineData("github-actions/update-bot.yml", "gh", true)]
    public async Task What_the_first_job_says_is_one_argument_of_the_program_that_asks_and_nothing_else(string sample, string program, bool isOpen)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs bash");
        var jobs = SampleTests.Of(SampleTests.Parse(await File.ReadAllTextAsync(Path.Combine(TestData.Root, "samples", sample), Cancellation)))["jobs"];
        var propose = program == "az" ? SampleTests.Mappings(jobs).Single(job => SampleTests.Value(job, "job") == "propose") : SampleTests.Mappings(SampleTests.Of(jobs)["propose"]).First();
        var scripts = SampleTests.Scripts(propose).ToList();
        Assert.Equal(2, scripts.Count);
        var clone = await Clone();
        // Each word on a line of its own; those within it are shown as one.
        _folder.Program($"bin/{program}", $"for word in \"$@\"; do printf '<%s>\\n' \"$(printf %s \"$word\" | tr '\\n' '~')\"; done >> '{_folder["asked"]}'\n"
            + (program == "az" ? $"case \"$*\" in *'pr list'*) {(isOpen ? "echo 7" : ":")} ;; esac\n" : $"case \"$*\" in *'pr edit'*) exit {(isOpen ? 0 : 1)} ;; esac\n"));
        foreach (var other in new[] { "dotnet", "dune", "curl" })
            _folder.Program($"bin/{other}", $"touch '{_folder["ran"]}'\n");

        const string Name = "evil $(touch ran) `touch ran`;touch ran";
        foreach (var (title, body) in new[]
        {
            ("Update a package of dns", "| cppo | 1.6.9 | 1.8.0$(touch ran)`touch ran` |\n"),
            ("$(touch ran)`touch ran`; touch ran #", "@/etc/passwd\n--repo evil\n"),
            ("--repo", "-\n"),
            ("\" --description x; touch ran; \"", "'; touch ran; '\n"),
            ("@/etc/passwd", "##vso[task.setvariable variable=x]y\n::error::x\n"),
        })
        {
            File.Delete(_folder["asked"]);
            _folder.Write("work/update/lock", $"opam-version: \"2.0\"\ndepends: [\"x\" {{= \"{Guid.NewGuid():N};$(touch ran)\"}}]\nx-opam-monorepo-version: \"0.3\"\n");
            _folder.Write("work/update/title.txt", title + "\n");
            _folder.Write("work/update/body.md", body);
            foreach (var script in scripts)
            {
                var (code, output) = await Run(clone, "bash", ["-e", "-c", script], ("PATH", $"{_folder["bin"]}:{Environment.GetEnvironmentVariable("PATH")}"),
                    ("PIPELINE_WORKSPACE", _folder["work"]), ("AGENT_TEMPDIRECTORY", _folder["work"]), ("RUNNER_TEMP", _folder["work"]), ("SYSTEM_COLLECTIONURI", Name), ("SYSTEM_TEAMPROJECT", Name), ("BUILD_REPOSITORY_NAME", Name), ("GITHUB_REPOSITORY", Name));
                Assert.True(code == 0, output);
                Assert.False(HostileText.Commands(output), output);
            }

            var asked = await File.ReadAllLinesAsync(_folder["asked"], Cancellation);
            var shown = title.StartsWith("Update", StringComparison.Ordinal) ? title : "Renew the lock of dns";
            var text = $"{shown}: what follows was written by the job that built it.~~{body.Replace('\n', '~')}".TrimEnd('~');
            Assert.Equal(shown, After("--title"));
            if (program == "az")
                Assert.StartsWith(text, After("--description"), StringComparison.Ordinal);
            else
                Assert.Equal("body.md", After("--body-file"));
            Assert.Contains(isOpen ? (program == "az" ? "<update>" : "<edit>") : "<create>", asked);
            Assert.Equal(program == "gh" && !isOpen ? 2 : 1, asked.Count(word => word == "<--title>"));
            Assert.Equal("dns/dns.opam.locked", await Git(_folder["remote.git"], "diff", "--name-only", "main", "hillingar/update-dns"));
            Assert.Empty(Directory.EnumerateFiles(_folder.Path, "ran", SearchOption.AllDirectories));

            string After(string option) => asked[Array.LastIndexOf(asked, $"<{option}>") + 1][1..^1];
        }
    }
}
