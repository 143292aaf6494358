using Hillingar.Build.Processes;
using Hillingar.Build.Sandboxes;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>Each way in which the kernel bounds what a command starts, as root and as another user; the ways that the machine lacks are skipped by name.</summary>
public sealed class BoundsTests : IDisposable
{
    // Both pause after each 250th: who only counts, ten times a second, must be able to look in between however busy the machine is.
    const string Threads = "/usr/bin/python3 -c 'import threading, time\nthreading.stack_size(65536)\nfor i in range(3000):\n    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n    if i % 250 == 249: time.sleep(1)\nprint(\"3000 threads run\", flush=True)'";
    const string Processes = "i=0; while [ $i -lt 4000 ]; do sleep 600 & i=$((i+1)); [ $((i % 250)) -ne 0 ] || sleep 1; done; echo 4000 processes run; sleep 600";
    const string Memory = "/usr/bin/python3 -c 'x = []\nfor i in range(64):\n    x.append(bytearray(16 << 20))\nprint(\"1 GB is taken\", flush=True)'";

    readonly TestFolder _folder = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Cgroup2", Threads, false)]
    [InlineData("Cgroup2", Processes, true)]
    [InlineData("Cgroup1", Threads, false)]
    [InlineData("Cgroup1", Processes, false)]
    [InlineData("Cgroup1", Processes, true)]
    [InlineData("PidNamespace", Threads, false)]
    [InlineData("PidNamespace", Processes, false)]
    [InlineData("PidNamespace", Threads, true)]
    [InlineData("PidNamespace", Processes, true)]
    [InlineData("UserLimit", Threads, true)]
    [InlineData("UserLimit", Processes, true)]
    [InlineData("Counting", Threads, false)]
    [InlineData("Counting", Processes, true)]
    public async Task More_threads_or_processes_than_the_limit_are_not_to_be_had(string bound, string script, bool asAnother)
    {
        Needs(asAnother);
        var said = await BoundsWorker.Run(bound, 200, 512 << 20, script, asAnother, _folder);
        Assert.SkipWhen(said.StartsWith("lacks", StringComparison.Ordinal), $"this machine has no {bound} for {(asAnother ? "a user" : "root")}: {said}");
        Assert.DoesNotContain("3000 threads run", said, StringComparison.Ordinal);
        Assert.DoesNotContain("4000 processes run", said, StringComparison.Ordinal);
        Assert.Matches("started more than 200|may have wanted more than 200|ended with [1-9]", said);
    }

    [Theory]
    [InlineData("Cgroup2", false)]
    [InlineData("Cgroup2", true)]
    [InlineData("Cgroup1", false)]
    [InlineData("Cgroup1", true)]
    public async Task More_memory_than_the_limit_is_not_to_be_had(string bound, bool asAnother)
    {
        Needs(asAnother);
        var said = await BoundsWorker.Run(bound, 200, 256 << 20, Memory, asAnother, _folder);
        Assert.SkipWhen(said.StartsWith("lacks", StringComparison.Ordinal) || said.Contains("nothing bounds the memory", StringComparison.Ordinal), $"this machine has no {bound} for memory and {(asAnother ? "a user" : "root")}: {said}");
        Assert.DoesNotContain("1 GB is taken", said, StringComparison.Ordinal);
        Assert.Contains("took more than 256.0 MB of memory", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_way_that_works_is_taken_and_the_log_says_what_is_not_bounded()
    {
        var reporter = new ReporterFake();
        var sandbox = await Sandbox.Probe(SandboxMode.Required, reporter, Cancellation);
        await Sandbox.Probe(SandboxMode.Required, reporter, Cancellation);
        var said = Assert.Single(reporter.Told);
        Assert.Equal(sandbox.Bounds.HoldsMemory, said.Contains("control group their memory", StringComparison.Ordinal));
        Assert.Contains("There is no control group for their memory, so nothing bounds the memory", Bounds.None.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_limit_of_a_package_is_not_one_of_this_machine()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux");
        var before = File.ReadAllText("/proc/sys/kernel/pid_max");
        await BoundsWorker.Run("PidNamespace", 200, 512 << 20, "cat /proc/sys/kernel/pid_max; echo 4000000 > /proc/sys/kernel/pid_max; sleep 1", asAnother: false, _folder);
        Assert.Equal(before, File.ReadAllText("/proc/sys/kernel/pid_max"));
    }

    [Fact]
    public async Task Nothing_of_a_control_group_stays()
    {
        var bounds = await Bounds.Probe(null, Cancellation);
        Assert.SkipWhen(bounds.Places.Count == 0, "needs a control group");
        var groups = bounds.Places.Select(place => Cgroup.Make(place, BuildLimits.Default)).ToList();
        // A session of its own, and no parent: only the group knows it.
        var command = new Command("/bin/sh", ["-c", "setsid sleep 600 > /dev/null 2>&1 & sleep 0.2"], "/");
        await ProcessRunner.Run(Bound.Enter(groups, command), Cancellation);
        Assert.All(groups, group => Assert.Single(File.ReadLines(group.Members)));
        foreach (var group in groups)
            group.Dispose();
        Assert.All(groups, group => Assert.False(Directory.Exists(Path.GetDirectoryName(group.Members))));
    }

    static void Needs(bool asAnother)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux");
        Assert.SkipWhen(ProcessRunner.Find("bwrap") is null || !File.Exists("/usr/bin/python3"), "needs bubblewrap and python3");
        Assert.SkipWhen(asAnother && Environment.IsPrivilegedProcess && ProcessRunner.Find("setpriv") is null, "needs setpriv");
        Assert.SkipWhen(!asAnother && !Environment.IsPrivilegedProcess, "needs root");
    }
}
