using System.Diagnostics;
using Hillingar.Build.Images;
using Hillingar.Build.Processes;
using Hillingar.Build.Running;
using Hillingar.Opam.Diagnostics;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>Unikernels that are started, found, followed and stopped: real processes, and real ones of qemu.</summary>
public sealed class UnikernelRunsTests : IAsyncLifetime
{
    readonly TestFolder _folder = new();
    readonly ReporterFake _reporter = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var left in Runs.List().Where(unikernel => unikernel.State == UnikernelState.Running))
            await Runs.Stop(left.Name, TimeSpan.Zero, CancellationToken.None);
        _folder.Dispose();
    }

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // A new one each time, as another shell would have.
    UnikernelRuns Runs => new(_folder["runs"], _reporter);

    UnikernelStart Program(string lines) => new("unix", _folder.Program($"program-{Guid.NewGuid():N}", lines));

    Task<RunningUnikernel> Start(string name, UnikernelStart start) => Runs.Start(name, start, null, Cancellation);

    async Task<List<string>> Log(string name, int? tail = null, bool follow = false) => await Runs.Log(name, tail, follow, Cancellation).ToListAsync(Cancellation);

    static async Task<string> Code(Func<Task> work) => (await Assert.ThrowsAsync<HillingarException>(work)).Diagnostic.Code;

    async Task Until(Func<Task<bool>> holds)
    {
        for (var tries = 0; !await holds() && tries < 6000; tries++)
            await Task.Delay(50, Cancellation);
        Assert.True(await holds(), string.Join('\n', _reporter.Told));
    }

    [Fact]
    public async Task With_a_debugger_it_is_told_how_to_attach_and_where_a_crash_leaves_its_core()
    {
        var start = (new UnikernelStart("hvt", Solo5Image.Write(_folder, "hello.hvt", 1))
        {
            Devices = [new(DeviceKind.Network, "backup", "lo"), new(DeviceKind.Network, "service", "lo"), new(DeviceKind.Block, "storage", _folder.Write("disk.img", ""))],
            // As solo5-hvt-debug does when a unikernel crashes (tenders/hvt/hvt_module_dumpcore.c).
            Tender = _folder.Program("debug", "for word; do case $word in --dumpcore=*) echo core > \"${word#*=}/core.solo5-hvt.1\"; echo \"dumping guest core to: ${word#*=}/core.solo5-hvt.1\";; esac; done\nexec sleep 600\n"),
        }).WithDebugger();
        var started = await Start("debugged", start);
        Assert.Contains(_reporter.Told, line => line.Contains($"gdb --ex='target remote localhost:{start.DebuggerPort}' {start.Image}", StringComparison.Ordinal));
        await Until(async () => (await Log("debugged")).Count > 0);
        var core = Path.Combine(Path.GetDirectoryName(started.LogPath)!, "core.solo5-hvt.1");
        Assert.Contains($"dumping guest core to: {core}", await Log("debugged"));
        Assert.True(File.Exists(core));
        // Started again, it waits for nobody.
        await Runs.Restart("debugged", TimeSpan.FromSeconds(60), Cancellation);
        Assert.DoesNotContain(await Log("debugged"), line => line.Contains("dumping", StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_runs_in_a_session_of_its_own_until_it_ends_and_every_shell_sees_it()
    {
        var started = await Start("one", Program("echo \"told: $*\"; exec sleep 600\n") with { Arguments = ["a b", "c"], Memory = 64 });
        Assert.Equal((UnikernelState.Running, "one", "unix", 64), (started.State, started.Name, started.Target, started.Memory));
        Assert.InRange(started.Started, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow);
        Assert.Equal(["a b", "c"], started.Arguments);
        Assert.Equal(started.ProcessId, Assert.Single(Runs.List()).ProcessId);
        string Session(int process) => File.ReadAllText($"/proc/{process}/stat").Split(") ")[1].Split(' ')[3];
        Assert.NotEqual(Session(Environment.ProcessId), Session(started.ProcessId));
        await Until(async () => (await Log("one")) is ["told: a b c"]);
        var stopped = await Runs.Stop("one", TimeSpan.FromSeconds(60), Cancellation);
        Assert.Equal((UnikernelState.Exited, 128 + 15), (stopped.State, stopped.ExitCode));
        Assert.False(Directory.Exists($"/proc/{started.ProcessId}"));
        Assert.Equal(stopped, Runs.Find("one")! with { Arguments = stopped.Arguments, Devices = stopped.Devices });
        Assert.Equal(UnikernelState.Exited, (await Runs.Stop("one", TimeSpan.Zero, Cancellation)).State);
    }

    [Fact]
    public async Task Its_exit_code_is_kept_when_it_ends_by_itself()
    {
        await Start("short", Program("sleep 1; exit 3\n"));
        var ended = await Runs.Wait("short", Cancellation);
        Assert.Equal((UnikernelState.Exited, 3), (ended.State, ended.ExitCode));
        Assert.NotNull(ended.Ended);
    }

    [Fact]
    public async Task What_is_asked_to_end_may_take_its_time_and_what_does_not_is_killed()
    {
        await Start("polite", Program("trap 'echo bye; exit 5' TERM\necho ready\nwhile :; do sleep 0.1; done\n"));
        await Start("deaf", Program("trap '' TERM\necho ready\nwhile :; do sleep 0.1; done\n"));
        await Until(async () => (await Log("polite")).Count > 0 && (await Log("deaf")).Count > 0);
        Assert.Equal(5, (await Runs.Stop("polite", TimeSpan.FromSeconds(120), Cancellation)).ExitCode);
        Assert.Equal(["ready", "bye"], await Log("polite"));
        var watch = Stopwatch.StartNew();
        Assert.Equal(128 + 9, (await Runs.Stop("deaf", TimeSpan.FromSeconds(1), Cancellation)).ExitCode);
        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(120));
    }

    [Fact]
    public async Task What_ends_at_once_with_an_error_is_an_error_that_says_what_it_wrote()
    {
        var error = (await Assert.ThrowsAsync<HillingarException>(() => Start("bad", Program("echo 'no such option' >&2; exit 1\n")))).Diagnostic;
        Assert.Equal("HIL5058", error.Code);
        Assert.Contains("with 1: no such option", error.Message, StringComparison.Ordinal);
        var wordy = (await Assert.ThrowsAsync<HillingarException>(() => Start("long", Program("echo \"unknown option '--foo'.\"; for n in 1 2 3 4 5 6 7 8 9 10 11 12; do echo usage $n; done; exit 124\n")))).Diagnostic;
        Assert.Contains("with 124: unknown option '--foo'.", wordy.Message, StringComparison.Ordinal);
        Assert.Contains("usage 12", wordy.Message, StringComparison.Ordinal);
        Assert.Equal(0, (await Start("good", Program("echo done\n"))).ExitCode);
    }

    [Fact]
    public async Task A_name_is_one_unikernels_until_that_has_ended()
    {
        await Start("name", Program("exec sleep 600\n"));
        Assert.Equal("HIL5056", await Code(() => Start("name", Program("exec sleep 600\n"))));
        await Runs.Stop("name", TimeSpan.FromSeconds(60), Cancellation);
        Assert.Equal(UnikernelState.Running, (await Start("name", Program("exec sleep 600\n"))).State);
        Assert.Equal("HIL5056", await Code(() => Start("../name", Program("exit\n"))));
        Assert.Equal("HIL5057", await Code(() => Runs.Stop("nobody", TimeSpan.Zero, Cancellation)));
        Assert.Equal("HIL5057", await Code(() => Runs.Stop("../runs/name", TimeSpan.Zero, Cancellation)));
        Assert.Equal("HIL5057", await Code(() => Log("nobody")));
    }

    [Fact]
    public async Task A_process_that_got_the_number_of_one_that_is_gone_is_left_alone()
    {
        var gone = await Start("gone", Program("sleep 0.5\n"));
        await Runs.Wait("gone", Cancellation);
        using var stranger = Process.Start("sleep", "600");
        try
        {
            // As after a crash: nobody told the end, and the number is another's now.
            File.Delete(_folder["runs/gone/exit"]);
            var process = _folder["runs/gone/process"];
            await File.WriteAllTextAsync(process, (await File.ReadAllTextAsync(process, Cancellation)).Replace($"{gone.ProcessId}\n", $"{stranger.Id}\n", StringComparison.Ordinal), Cancellation);
            Assert.Equal((UnikernelState.Lost, stranger.Id), (Runs.Find("gone")!.State, Runs.Find("gone")!.ProcessId));
            Assert.Equal(UnikernelState.Lost, (await Runs.Stop("gone", TimeSpan.Zero, Cancellation)).State);
            Assert.False(stranger.HasExited);
        }
        finally
        {
            stranger.Kill();
            await stranger.WaitForExitAsync(Cancellation);
        }
    }

    [Fact]
    public async Task It_goes_on_when_the_shell_that_started_it_is_killed()
    {
        using (var shell = RunWorker.Start(null, "kill", _folder["runs"], Program("while :; do echo still; sleep 0.2; done\n").Image))
        {
            Assert.Equal("Running", await shell.StandardOutput.ReadLineAsync(Cancellation));
            shell.Kill();
            await shell.WaitForExitAsync(Cancellation);
        }

        var found = Assert.Single(Runs.List());
        Assert.Equal(UnikernelState.Running, found.State);
        var before = (await Log(found.Name)).Count;
        await Until(async () => (await Log(found.Name)).Count > before + 2);
        Assert.Equal(UnikernelState.Exited, (await Runs.Stop(found.Name, TimeSpan.FromSeconds(60), Cancellation)).State);
    }

    [Fact]
    public async Task When_what_watches_it_is_killed_it_still_runs_and_can_be_stopped()
    {
        var started = await Start("orphan", Program("exec sleep 600\n"));
        var script = int.Parse(File.ReadAllText($"/proc/{started.ProcessId}/stat").Split(") ")[1].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        Process.GetProcessById(script).Kill();
        await Until(() => Task.FromResult(!Directory.Exists($"/proc/{script}")));
        Assert.Equal(UnikernelState.Running, Runs.Find("orphan")!.State);
        Assert.Equal((UnikernelState.Lost, null), await Runs.Stop("orphan", TimeSpan.FromSeconds(60), Cancellation) is var stopped ? (stopped.State, stopped.ExitCode) : default);
        Assert.Null(ProcessBirth.Of(started.ProcessId));
    }

    [Fact]
    public async Task Its_log_is_followed_to_the_end_and_its_last_lines_are_had()
    {
        await Start("talker", Program("for n in 1 2 3 4 5 6; do echo line $n; sleep 0.2; done; printf end\n"));
        Assert.Equal(["line 1", "line 2", "line 3", "line 4", "line 5", "line 6", "end"], await Log("talker", follow: true));
        Assert.Equal(["line 5", "line 6", "end"], await Log("talker", tail: 2));
    }

    [Fact]
    public async Task A_log_of_the_users_is_appended_to()
    {
        var log = _folder.Write("own.log", "before\n");
        await Runs.Start("logger", Program("echo now\n"), log, Cancellation);
        Assert.Equal(log, (await Runs.Wait("logger", Cancellation)).LogPath);
        Assert.Equal("before\nnow\n", await File.ReadAllTextAsync(log, Cancellation));
    }

    [Fact]
    public async Task A_log_whose_folder_is_gone_is_told_of()
    {
        var log = _folder.Write("logs/own.log", "");
        await Runs.Start("logger", Program("echo now\n"), log, Cancellation);
        await Runs.Wait("logger", Cancellation);
        Directory.Delete(_folder["logs"], recursive: true);
        var fault = await Assert.ThrowsAsync<HillingarException>(() => Log("logger"));
        Assert.Equal(("HIL1004", log), (fault.Diagnostic.Code, fault.Diagnostic.Place?.File));
        Assert.StartsWith("The log of 'logger' cannot be read: ", fault.Message, StringComparison.Ordinal);
    }

    // What a unikernel writes has no bound, and neither has a line of it.
    [Fact]
    public async Task A_log_of_any_length_is_read_in_parts()
    {
        var log = _folder["long.log"];
        await using (var file = File.CreateText(log))
        {
            for (var line = 0; line < 30_000; line++)
                await file.WriteAsync($"line {line}\n");
            await file.WriteAsync(new string('a', 5 << 20) + "\n");
        }

        await Runs.Start("logger", Program("echo the end\n"), log, Cancellation);
        await Runs.Wait("logger", Cancellation);
        var lines = await Log("logger");
        Assert.Equal(Enumerable.Range(0, 30_000).Select(line => $"line {line}"), lines.Take(30_000));
        Assert.Equal(5 << 20, lines.Skip(30_000).Take(lines.Count - 30_001).Sum(line => line.Length));
        Assert.All(lines, line => Assert.True(line.Length <= (1 << 20) + (1 << 16)));
        Assert.Equal(["the end"], await Log("logger", tail: 1));

        var error = await Assert.ThrowsAsync<HillingarException>(() => Runs.Start("fails", Program("echo the cause; exit 3\n"), log, Cancellation));
        Assert.Contains("line 0 / line 1 / line 2 / …", error.Message, StringComparison.Ordinal);
        Assert.Contains("/ the end / the cause.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_that_is_damaged_is_told()
    {
        await Start("damaged", Program("exit\n"));
        await File.WriteAllTextAsync(_folder["runs/damaged/unikernel.json"], "{", Cancellation);
        Assert.Equal("HIL5059", Assert.Throws<HillingarException>(() => Runs.List()).Diagnostic.Code);
        Directory.Delete(_folder["runs/damaged"], recursive: true);
    }

    [Fact(Timeout = 120_000)]
    public async Task qemu_boots_an_image_tells_it_its_arguments_and_is_stopped()
    {
        Assert.SkipWhen(ProcessRunner.Find("qemu-system-x86_64") is null, "needs qemu-system-x86_64");
        var image = Solo5Image.Kernel(_folder, "serial.virtio");
        var started = await Start("serial", new("virtio", image) { Arguments = ["--hello=you", "and me"], Memory = 32 });
        Assert.Equal(UnikernelState.Running, started.State);
        Assert.Contains("-m\032\0", await File.ReadAllTextAsync($"/proc/{started.ProcessId}/cmdline", Cancellation), StringComparison.Ordinal);
        await Until(async () => (await Log("serial")) is [var line] && line.EndsWith("serial.virtio --hello=you and me", StringComparison.Ordinal) && line.StartsWith("told: ", StringComparison.Ordinal));
        var stopped = await Runs.Stop("serial", TimeSpan.FromSeconds(60), Cancellation);
        Assert.Equal(UnikernelState.Exited, stopped.State);
        Assert.False(Directory.Exists($"/proc/{started.ProcessId}"));

        await Start("halting", new("virtio", image) { Arguments = ["halt"] });
        Assert.Equal((UnikernelState.Exited, 0), await Runs.Wait("halting", Cancellation) is var ended ? (ended.State, ended.ExitCode) : default);
    }

    [Fact(Timeout = 120_000)]
    public async Task qemu_runs_on_a_tap_interface_that_is_made_for_it_and_removed_and_one_that_was_there_stays()
    {
        Assert.SkipWhen(ProcessRunner.Find("qemu-system-x86_64") is null, "needs qemu-system-x86_64");
        Assert.SkipWhen(ProcessRunner.Find("unshare") is null || ProcessRunner.Find("ip") is null, "needs unshare (util-linux) and ip (iproute2)");
        Assert.SkipUnless(Tap.CanMake && File.Exists("/dev/net/tun"), "needs CAP_NET_ADMIN and /dev/net/tun");
        using var worker = RunWorker.Start("unshare", "taps", _folder["runs"], Solo5Image.Kernel(_folder, "net.virtio", "service", "old"));
        var told = await worker.StandardOutput.ReadToEndAsync(Cancellation);
        await worker.WaitForExitAsync(Cancellation);
        Assert.Equal(
            ["HIL5055", "running: made with 10.77.0.1/24 and carrier, old", "stopped: old", "ended by itself: old", "script killed: made, old", "stopped: old", "another's of the same name: made, old"],
            told.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task The_real_tender_refuses_what_is_no_unikernel()
    {
        Assert.SkipWhen(ProcessRunner.Find("solo5-spt") is null, "needs solo5-spt");
        var start = new UnikernelStart("spt", Solo5Image.Write(_folder, "none.spt", 2)) { Devices = [new(DeviceKind.Network, "service", "lo"), new(DeviceKind.Network, "backup", "lo"), new(DeviceKind.Block, "storage", _folder.Write("disk", ""))] };
        Assert.Equal("HIL5058", await Code(() => Start("none", start)));
    }
}
