using System.Text.RegularExpressions;

namespace Hillingar.Sdk.Tests;

/// <summary>What stands on a terminal while a build takes its time.</summary>
public sealed partial class ProgressTests(Sdk sdk) : IAsyncLifetime
{
    TemplateProject _project = null!;

    public async ValueTask InitializeAsync()
    {
        _project = await TemplateProject.Make(sdk);
        (await _project.Dotnet("restore")).Succeeded();
        _project.Write("dune", "(rule (with-stdout-to slow.ml (progn (echo \"let x = 1\") (run sleep 12))))\n(executable (name main))\n");
    }

    public ValueTask DisposeAsync()
    {
        _project.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task The_line_of_the_project_says_what_is_done_and_for_how_long()
    {
        await using var terminal = new Terminal(sdk, _project.Folder, "dotnet build --no-restore -nodeReuse:false -tl:on");
        Assert.True(await terminal.End() == 0, terminal.Text);
        var text = Terminal.Moves().Replace(terminal.Text, "");
        // The logger writes the project, goes to the right, and writes the target's name and the time.
        Assert.True(Shown().IsMatch(text), terminal.Text);
        Assert.Contains("Build succeeded", text, StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.EnumerateDirectories(Path.GetTempPath(), "hillingar-*"), folder => File.Exists(Path.Combine(folder, "hello.proj")));
    }

    [Fact]
    public async Task Under_dotnet_run_whose_line_says_restore_a_line_of_its_own_does()
    {
        await using var terminal = new Terminal(sdk, _project.Folder, "dotnet run --no-restore");
        Assert.True(await terminal.End() == 0, terminal.Text);
        Assert.Matches(@"\e\[L  dune[^\e]*\e\[2E", terminal.Text);
        // What moves the cursor to another line begins one, as a new line does.
        Assert.Matches(@"(\n|\e\[[0-9]*E)(\e\[[0-9;?]*[A-Za-z]|\r)*Hello from hello\.", terminal.Text);
    }

    [Fact]
    public async Task Without_a_terminal_nothing_is_shown_and_the_log_has_no_such_targets()
    {
        var ran = (await _project.Dotnet("build", "--no-restore", "-v:n")).Succeeded();
        Assert.DoesNotContain("hello.proj", ran.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', ran.Output);
    }

    [GeneratedRegex(@"hello [^\n]*dune[^\n]* \([0-9.]+s\)")]
    private static partial Regex Shown();
}
