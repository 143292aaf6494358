using System.Diagnostics;
using Hillingar.Tests;

namespace Hillingar.AzurePipelines.Tests;

/// <summary>What an agent lacks, and what a dotnet does that goes wrong: a script stands in for it.</summary>
public sealed class FailureTests(PackedSdk sdk, Extension extension) : IDisposable
{
    readonly TestFolder _folder = new();
    readonly Agent _agent = new(sdk, extension);

    public void Dispose()
    {
        _agent.Dispose();
        _folder.Dispose();
    }

    Task<AgentRun> Run(params (string, string)[] inputs)
    {
        _folder.Write("app.csproj", "<Project />");
        return _agent.Run(_folder.Path, [("project", "app.csproj"), .. inputs]);
    }

    [Fact]
    public async Task An_agent_without_dotnet_is_told_how_to_get_it()
    {
        _agent.Environment["PATH"] = _folder.Path;
        var run = await Run();
        Assert.Contains("UseDotNet@2", run.FailedWith("HIL8002").Data, StringComparison.Ordinal);
        Assert.Empty(_agent.Left(run));
    }

    [Fact]
    public async Task A_dotnet_that_dies_without_a_word_is_one_error_with_the_end_of_its_output()
    {
        _agent.Fake("echo out of memory; exit 137");
        Assert.Equal("dotnet restore ended with 137 and no error of its own: out of memory", (await Run()).FailedWith("HIL8003").Data);
    }

    [Fact]
    public async Task What_MSBuild_prints_becomes_issues_at_their_place()
    {
        _agent.Fake("""
            cat <<END
            src/dns.ml(3,7): error HIL5010: Unbound value; 100% [sic] [/p/app.csproj]
            /p/app.csproj : error HIL2001: There is no lwt >= 7.
            /p/app.csproj : error HIL2001:   app needs lwt
            /p/app.csproj : warning NU1603: odd [/p/app.csproj]
            MSBUILD : error MSB1009: Project file does not exist.
            C:\p\a b.ml(12): warning HIL5011: unused [C:\p\app.csproj::TargetFramework=net10.0]
              2>dns.ml(1,2,3,4): error CS1: ranged [/p/app.csproj]
            This is no error : it only looks like one
            END
            exit 1
            """);
        var run = (await Run()).EndedAs("Failed");
        Assert.Equal(
        [
            $"error HIL5010 {_folder["src/dns.ml"]} 3 7 Unbound value; 100% [sic]",
            "error HIL2001 /p/app.csproj   There is no lwt >= 7.\n  app needs lwt",
            "warning NU1603 /p/app.csproj   odd",
            "error MSB1009    Project file does not exist.",
            "warning HIL5011 " + Path.Combine(_folder.Path, @"C:\p\a b.ml") + " 12  unused",
            $"error CS1 {_folder["dns.ml"]} 1 2 ranged",
        ], run.Of("task.logissue").Select(issue => $"{issue["type"]} {issue["code"]} {issue["sourcepath"]} {issue["linenumber"]} {issue["columnnumber"]} {issue.Data}"));
        Assert.Contains("This is no error : it only looks like one", run.Lines);
    }

    [Fact]
    public async Task What_a_build_prints_commands_nothing()
    {
        _agent.Fake("""
            echo '##vso[task.setvariable variable=PATH]/evil'
            echo 'and then ##vso[task.complete result=Succeeded;]'
            echo 'x.ml(1,1): error X1: ##vso[task.prependpath]/evil [/p/app.csproj]'
            exit 1
            """);
        var run = (await Run()).EndedAs("Failed");
        Assert.Empty(run.Of("task.setvariable"));
        Assert.Empty(run.Of("task.prependpath"));
        Assert.Equal("##vso[task.prependpath]/evil", Assert.Single(run.Errors).Data);
    }

    [Fact]
    public async Task A_connection_s_secret_reaches_git_for_its_address_alone_and_is_masked()
    {
        // What git itself would send: asked for an address below the connection's, and for others.
        _agent.Fake($$"""
            for url in https://git.example.org/team/opam.git https://git.example.org/other.git https://evil.example.org/team/opam.git
            do git config --get-urlmatch http.extraHeader $url >> '{{_folder["sent"]}}' || echo none >> '{{_folder["sent"]}}'; done
            echo "$@" >> '{{_folder["arguments"]}}'; env >> '{{_folder["environment"]}}'; exit 1
            """);
        _agent.Environment["ENDPOINT_URL_private"] = "https://git.example.org/team";
        _agent.Environment["ENDPOINT_AUTH_private"] = """{"parameters":{"username":"bot","password":"s3cr3t+pass"},"scheme":"UsernamePassword"}""";
        _agent.Environment["ENDPOINT_AUTH_SCHEME_private"] = "UsernamePassword";
        var run = await Run(("repositoryConnection", "private"));
        var basic = Convert.ToBase64String("bot:s3cr3t+pass"u8);
        Assert.Equal([$"Authorization: Basic {basic}", "none", "none"], File.ReadAllLines(_folder["sent"]).Take(3));
        Assert.Equal(["s3cr3t+pass", basic], run.Of("task.setsecret").Select(command => command.Data));
        Assert.DoesNotContain("s3cr3t", File.ReadAllText(_folder["arguments"]) + File.ReadAllText(_folder["environment"]), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr3t", string.Join('\n', run.Lines.Where(line => !line.StartsWith("##vso[task.setsecret]", StringComparison.Ordinal))), StringComparison.Ordinal);
        Assert.Empty(_agent.Left(run));
    }

    [Theory]
    [InlineData("http://git.example.org", "\"password\":\"x\"", "begins with https://")]
    [InlineData("https://git.example.org", "\"username\":\"x\"", "has no password and no token")]
    public async Task A_connection_that_would_leak_or_lacks_its_secret_is_refused(string url, string parameters, string message)
    {
        _agent.Environment["ENDPOINT_URL_private"] = url;
        _agent.Environment["ENDPOINT_AUTH_private"] = $$"""{"parameters":{ {{parameters}} },"scheme":"UsernamePassword"}""";
        Assert.Contains(message, (await Run(("repositoryConnection", "private"))).FailedWith("HIL8001").Data, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_child_that_does_not_stop_when_it_is_asked_is_ended_with_all_that_it_started()
    {
        _agent.Fake($"trap '' INT TERM\nsleep 2971 & sh -c \"trap '' INT; touch '{_folder["started"]}'; sleep 2972; sleep 2973\"");
        _folder.Write("app.csproj", "<Project />");
        var run = (await _agent.Run(_folder.Path, [("project", "app.csproj")], cancelWhen: _folder["started"])).EndedAs("Canceled");
        Assert.Empty(run.Errors);
        // The child had its five seconds; an agent, which gives up after ten, is not kept for the hour that the child wants.
        Assert.InRange(run.Time, TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(120));
        Assert.Empty(Running("sleep", "2971"));
        Assert.Empty(Running("sleep", "2972"));
    }

    [Fact]
    public async Task What_a_build_leaves_running_does_not_keep_the_agent()
    {
        _agent.Fake("sleep 2974 &\nexit 1");
        Assert.InRange((await Run()).EndedAs("Failed").Time, TimeSpan.Zero, TimeSpan.FromSeconds(120));
        Assert.Empty(Running("sleep", "2974"));
    }

    /// <summary>The processes of a program and an argument.</summary>
    internal static IEnumerable<int> Running(string program, string argument) => Process.GetProcessesByName(program)
        .Where(process => File.Exists($"/proc/{process.Id}/cmdline") && File.ReadAllText($"/proc/{process.Id}/cmdline").Contains(argument, StringComparison.Ordinal)).Select(process => process.Id);
}
