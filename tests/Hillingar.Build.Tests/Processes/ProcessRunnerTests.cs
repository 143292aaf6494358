using System.Diagnostics;
using Hillingar.Build.Confinement;
using Hillingar.Build.Processes;
using Hillingar.Opam.Diagnostics;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>What programs write, and how they are ended.</summary>
public sealed class ProcessRunnerTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    static Command Shell(string script) => new("sh", ["-c", script], "/");

    [Fact]
    public async Task Of_much_output_the_beginning_and_the_end_are_kept_and_it_is_said_what_is_missing()
    {
        var result = await ProcessRunner.Run(Shell("seq 1000000; echo the end >&2"), Cancellation);
        Assert.StartsWith("1\n2\n3\n", result.Output, StringComparison.Ordinal);
        Assert.EndsWith("999999\n1000000\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("characters are left out here", result.Output, StringComparison.Ordinal);
        Assert.Equal(6_888_896 - (64 << 10), result.Cut);
        Assert.InRange(result.Output.Length, 64 << 10, (64 << 10) + 200);
        Assert.Equal("the end\n", result.Error);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(32 << 10)]
    [InlineData((32 << 10) + 1)]
    [InlineData((64 << 10) - 1)]
    [InlineData(64 << 10)]
    public async Task Output_that_fits_is_kept_as_it_is(int length)
    {
        var text = string.Create(length, 0, (span, _) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = (char)('a' + (i % 26));
        });
        var result = await ProcessRunner.Run(new Command("cat", [], "/") { Input = text }, Cancellation);
        Assert.Equal(text, result.Output);
        Assert.Equal(0, result.Cut);
    }

    [Fact]
    public async Task Who_reads_an_answer_gets_all_of_it_or_an_error()
    {
        Assert.Equal(6_888_896, (await ProcessRunner.Ask(Shell("seq 1000000"), Cancellation)).Whole.Length);
        var result = await ProcessRunner.Run(Shell("seq 1000000"), Cancellation);
        var error = Assert.Throws<HillingarException>(() => result.Whole).Diagnostic;
        Assert.Equal("HIL5007", error.Code);
        Assert.Contains("sh wrote", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_of_400_MB_is_neither_kept_nor_handed_on()
    {
        var lines = new List<string>();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var result = await ProcessRunner.Run(Shell("head -c 400000000 /dev/zero | tr '\\0' a; echo; echo after"), Cancellation, line =>
        {
            lock (lines)
                lines.Add(line);
        });
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 64 << 20);
        Assert.Equal(2, lines.Count);
        Assert.InRange(lines[0].Length, 1000, 20_000);
        Assert.EndsWith("399,983,616 more characters in this line)", lines[0], StringComparison.Ordinal);
        Assert.Equal("after", lines[1]);
        Assert.EndsWith("aaa\nafter\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_writes_without_end_is_ended()
    {
        var error = await Assert.ThrowsAsync<HillingarException>(() => ProcessRunner.Run(new Command("yes", [], "/") { Most = 10 << 20 }, Cancellation));
        Assert.Equal("HIL5008", error.Diagnostic.Code);
        Assert.Contains("'yes' was ended, as it wrote more than 10.0 MB", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_does_not_read_what_it_is_given_is_no_fault()
    {
        var result = await ProcessRunner.Run(Shell("exit 3") with { Input = new string('x', 1 << 20) }, Cancellation);
        Assert.Equal(3, result.ExitCode);
    }

    [Theory]
    [InlineData("i=0; while [ $i -lt 1500 ]; do sleep 600 & i=$((i+1)); done; echo started; wait")]
    [InlineData("f() { if [ $1 -gt 0 ]; then f $(($1-1)) & f $(($1-1)) & wait; else sleep 600; fi; }; f 8 & sleep 1; echo started; wait")]
    public async Task However_many_it_started_it_is_ended_with_all_of_them(string script)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux");
        using var folder = new TestFolder();
        var mark = Path.GetFileName(folder.Path);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var command = Shell(script) with { Environment = new Dictionary<string, string?> { ["HILLINGAR_TEST_MARK"] = mark } };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ProcessRunner.Run(command, stop.Token, line =>
        {
            if (line == "started")
                stop.Cancel();
        }));
        // In that moment they may still be on their way out.
        for (var watch = Stopwatch.StartNew(); Marked(mark) > 0; await Task.Delay(50, Cancellation))
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), $"{Marked(mark)} are left");
    }

    [Fact]
    public async Task What_was_left_running_does_not_keep_a_run_that_is_stopped()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ProcessRunner.Run(Shell("sleep 20 &"), stop.Token));
    }

    static int Marked(string mark) => Directory.EnumerateDirectories("/proc").Count(folder =>
    {
        try
        {
            return int.TryParse(Path.GetFileName(folder), out _) && File.ReadAllText(folder + "/environ").Contains("HILLINGAR_TEST_MARK=" + mark, StringComparison.Ordinal);
        }
        catch (Exception exception) when (FileFault.Is(exception))
        {
            return false;
        }
    });
}
