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
        var usual = TenderLine.UsualTender(start.Target)!;
        var found = start.Tender is { } named ? ProcessRunner.Locate(named)
            : start.HostSwitch is { } folder && Path.Combine(folder, "bin", usual) is var own && File.Exists(own) ? own
            : ProcessRunner.Locate(usual);
        return found ?? throw new HillingarException("HIL5052",
            $"{start.Tender ?? usual}, which starts images for {start.Target}, is not installed or not on PATH. {(start.Tender is not null ? "Correct UnikernelTender."
            : start.Target == "virtio" ? "Install qemu (Debian: qemu-system-x86), or name another in UnikernelTender."
            : "Build with a lock that has solo5 in its host switch, install solo5's tenders, or name another in UnikernelTender.")}");
    }
}
