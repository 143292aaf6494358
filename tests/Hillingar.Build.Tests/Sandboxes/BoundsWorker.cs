using System.Globalization;
using Hillingar.Build.Processes;
using Hillingar.Build.Sandboxes;
using Hillingar.Build.Switches;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>This test program started once more, maybe as another user, to run a script within one way of bounding it.</summary>
static class BoundsWorker
{
    const string Variable = "HILLINGAR_TEST_BOUNDS";

    /// <summary>What it says: what bounds, what the script prints, and how it ended.</summary>
    public static async Task<string> Run(string bound, int processes, long memory, string script, bool asAnother, TestFolder folder)
    {
        var path = folder.Write("script", script);
        string[] values = [bound, processes.ToString(CultureInfo.InvariantCulture), memory.ToString(CultureInfo.InvariantCulture), path];
        var drops = asAnother && Environment.IsPrivilegedProcess;
        if (drops && !OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder.Path, (UnixFileMode)0b111_101_101);
        using var process = drops
            ? VendorWorker.StartSelf(Variable, values, "setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", "env", "HOME=/tmp", "DOTNET_CLI_HOME=/tmp", "DOTNET_EnableDiagnostics=0"])
            : VendorWorker.StartSelf(Variable, values);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.SkipWhen(drops && output.Length == 0, "another user cannot read this test program");
        return output;
    }

    /// <summary>Does that where this process was started for it.</summary>
    public static async Task<bool> Run()
    {
        if (Environment.GetEnvironmentVariable(Variable)?.Split(Path.PathSeparator) is not [var bound, var processes, var memory, var path])
            return false;
        var only = Enum.Parse<ProcessBound>(bound);
        var sandbox = await Sandbox.Probe(SandboxMode.Required, new ReporterFake(), CancellationToken.None);
        var bounds = await Bounds.Probe(ProcessRunner.Find("bwrap"), CancellationToken.None, only);
        if (bounds.Processes != only)
        {
            Console.WriteLine($"lacks it, and has {bounds.Processes}");
            return true;
        }

        var limits = new BuildLimits(TimeSpan.FromMinutes(2), int.Parse(processes, CultureInfo.InvariantCulture)) { Memory = long.Parse(memory, CultureInfo.InvariantCulture) };
        Console.WriteLine(bounds);
        var runner = new StepRunner(bounds, limits, Console.WriteLine);
        Console.WriteLine(await runner.Run(sandbox.Enter(new Command("/bin/sh", ["-c", await File.ReadAllTextAsync(path)]), "/", [], []), CancellationToken.None) ?? "ended well");
        return true;
    }
}
