using Hillingar.Build.Mirage;
using Hillingar.Build.Processes;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Running;

/// <summary>Finds the program that starts an image.</summary>
static class Tender
{
    /// <summary>The one that is named; else that of the locked solo5, where the host switch has one; else the one on <c>PATH</c>.</summary>
    /// <exception cref="HillingarException">HIL5052: it is not there.</exception>
    public static string Find(UnikernelStart start)
    {
        var row = TargetTable.Find(start.Target)!;
        var (usual, style) = row.Tender!;
        if (start.DebuggerPort is not null)
            usual = row.Debugger!.Program;
        var found =
            start.Tender is { } named ? ProcessRunner.Locate(named)
            : start.HostSwitch is { } folder && Path.Combine(folder, "bin", usual) is var own && File.Exists(own) ? own
            : ProcessRunner.Locate(usual);
        return found
            ?? throw new HillingarException(
                "HIL5052",
                $"{start.Tender ?? usual}, which starts images for {start.Target}, is not installed or not on PATH. {(start.Tender is not null ? "Correct UnikernelTender." : style.Install)}"
            );
    }
}
