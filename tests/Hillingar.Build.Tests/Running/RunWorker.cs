using System.Diagnostics;
using System.Globalization;
using Hillingar.Build.Images;
using Hillingar.Build.Processes;
using Hillingar.Build.Running;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Tests;

/// <summary>This test program started once more: as a shell that is killed, or in a network namespace of its own, where interfaces can be made without touching the machine's.</summary>
static class RunWorker
{
    const string Variable = "HILLINGAR_TEST_RUN";
    static readonly string[] s_new = ["--net"];

    /// <summary>A process that starts an image.</summary>
    /// <param name="enter">The program that enters a namespace; null for none.</param>
    /// <param name="what">What it does.</param>
    /// <param name="runs">The folder of the records.</param>
    /// <param name="image">The image.</param>
    public static Process Start(string? enter, string what, string runs, string image) =>
        enter is null ? VendorWorker.StartSelf(Variable, what, runs, image) : VendorWorker.StartSelf(Variable, [what, runs, image], enter, s_new);

    /// <summary>Does that where this process was started for it.</summary>
    public static async Task<bool> Run()
    {
        if (Environment.GetEnvironmentVariable(Variable)?.Split(Path.PathSeparator) is not [var what, var folder, var image])
            return false;
        var runs = new UnikernelRuns(folder, new ReporterFake());
        if (what == "kill")
        {
            Console.WriteLine((await runs.Start("survivor", new("unix", image), null, CancellationToken.None)).State);
            await Task.Delay(Timeout.Infinite);
        }

        try
        {
            await Taps(runs, image);
        }
        catch (HillingarException exception)
        {
            Console.WriteLine(exception.Diagnostic);
        }

        return true;
    }

    static async Task Taps(UnikernelRuns runs, string image)
    {
        await Ip("tuntap", "add", "dev", "hilold", "mode", "tap");
        var start = new UnikernelStart("virtio", image)
        {
            Devices = [new(DeviceKind.Network, "service", "hilmade") { Address = "10.77.0.1/24" }, new(DeviceKind.Network, "old", "hilold")],
            Memory = 32,
        };
        try
        {
            await runs.Start("net", start, null, CancellationToken.None);
        }
        catch (HillingarException exception)
        {
            Console.WriteLine(exception.Diagnostic.Code);
        }

        start = start with { CreateTaps = true };
        await runs.Start("net", start, null, CancellationToken.None);
        for (var tries = 0; (await Ip("-o", "link", "show", "dev", "hilmade")).Contains("NO-CARRIER", StringComparison.Ordinal) && tries < 2400; tries++)
            await Task.Delay(50);
        var carrier = (await Ip("-o", "link", "show", "dev", "hilmade")).Contains("LOWER_UP", StringComparison.Ordinal) ? " and carrier" : "";
        var address = (await Ip("-o", "addr", "show", "dev", "hilmade")).Split(' ').FirstOrDefault(word => word.StartsWith("10.", StringComparison.Ordinal));
        Console.WriteLine($"running: made with {address}{carrier}{(Tap.Index("hilold") > 0 ? ", old" : "")}");
        await runs.Stop("net", TimeSpan.FromSeconds(60), CancellationToken.None);
        Tell("stopped");

        await runs.Start("net", start with { Arguments = ["halt"] }, null, CancellationToken.None);
        await runs.Wait("net", CancellationToken.None);
        Tell("ended by itself");

        var started = await runs.Start("net", start, null, CancellationToken.None);
        KillScript(started);
        Tell("script killed");
        await runs.Stop("net", TimeSpan.FromSeconds(60), CancellationToken.None);
        Tell("stopped");

        // Somebody removes ours and makes one of the same name: that one is theirs.
        started = await runs.Start("net", start, null, CancellationToken.None);
        KillScript(started);
        await runs.Stop("net", TimeSpan.FromSeconds(60), CancellationToken.None);
        await Ip("tuntap", "add", "dev", "hilmade", "mode", "tap");
        await runs.Stop("net", TimeSpan.FromSeconds(60), CancellationToken.None);
        Tell("another's of the same name");
    }

    static void Tell(string when) => Console.WriteLine($"{when}: {string.Join(", ", new[] { "hilmade", "hilold" }.Where(tap => Tap.Index(tap) > 0).Select(tap => tap[3..]))}");

    static void KillScript(RunningUnikernel unikernel)
    {
        var script = int.Parse(File.ReadAllText($"/proc/{unikernel.ProcessId}/stat").Split(") ")[1].Split(' ')[1], CultureInfo.InvariantCulture);
        using var process = Process.GetProcessById(script);
        process.Kill();
        process.WaitForExit();
    }

    static async Task<string> Ip(params string[] arguments) => (await ProcessRunner.Run(new Command("ip", arguments), CancellationToken.None)).Output;
}
