using System.Text;
using System.Text.RegularExpressions;

namespace Hillingar.Build;

/// <summary>How to start an image.</summary>
/// <param name="Target">Its mirage target.</param>
/// <param name="Image">Its path.</param>
public sealed partial record TenderScript(string Target, string Image)
{
    /// <summary>Its devices.</summary>
    public IReadOnlyList<HostDevice> Devices { get; init; } = [];

    /// <summary>Its memory in MiB, where a tender gives it one.</summary>
    public int Memory { get; init; } = 512;

    /// <summary>The program that starts it, in place of the target's usual one; null for that.</summary>
    public string? Tender { get; init; }

    /// <summary>The program that starts images of a target; null for those that start by themselves.</summary>
    public static string? UsualTender(string target) => target switch
    {
        "spt" or "hvt" => $"solo5-{target}",
        "virtio" => "qemu-system-x86_64",
        _ => null,
    };

    /// <summary>
    /// The script, for a POSIX shell: its arguments reach the unikernel. Networks, blocks and memory are said as Solo5's tenders want them
    /// (<c>docs/building.md</c> of Solo5), and for virtio as its <c>solo5-virtio-run</c> says them to qemu.
    /// </summary>
    /// <exception cref="HillingarException">HIL5050: images of the target are not started by a program of this machine. HIL5051: a device's name is none.</exception>
    public override string ToString()
    {
        foreach (var device in Devices)
            if (!Name().IsMatch(device.Name) || device.Host.Length == 0)
                throw new HillingarException("HIL5051", $"'{device.Name}' ('{device.Host}') is no device: a name has letters and digits only, and a Tap or a File stands behind it. Correct the item.");
        var script = new StringBuilder("#!/bin/sh\n");
        if (Target is "unix" or "macosx")
            return script.Append($"exec {RunScript.Quote(Image)} \"$@\"\n").ToString();
        var tender = Tender ?? UsualTender(Target) ?? throw new HillingarException("HIL5050", $"An image for '{Target}' is started by its own system, not by a program of this machine. Start one of unix, spt, hvt or virtio.");
        var missing = new Diagnostic(Severity.Error, "HIL5052", $"{tender}, which starts images for {Target}, is not installed or not on PATH. Install it, or name another in UnikernelTender.");
        script.Append($"command -v {RunScript.Quote(tender)} >/dev/null 2>&1 || {{ echo {RunScript.Quote($"{missing.Code}: {missing.Message}")} >&2; exit 127; }}\n");
        return script.Append(Target == "virtio" ? Qemu(tender) : Solo5(tender)).ToString();
    }

    IEnumerable<HostDevice> Of(DeviceKind kind) => Devices.Where(device => device.Kind == kind);

    // The unikernel's own arguments follow the image without a "--".
    string Solo5(string tender) => Line([
        "exec", RunScript.Quote(tender), $"--mem={Memory}",
        .. Of(DeviceKind.Network).Select(net => RunScript.Quote($"--net:{net.Name}={net.Host}")),
        .. Of(DeviceKind.Block).Select(block => RunScript.Quote($"--block:{block.Name}={block.Host}")),
        RunScript.Quote(Image), "\"$@\""]);

    string Qemu(string tender) => Line([
        "exec", RunScript.Quote(tender), "-cpu Westmere -m", $"{Memory}", "-nodefaults -no-reboot -display none -serial stdio -device isa-debug-exit",
        .. Of(DeviceKind.Network).Select((net, number) => $"-netdev {RunScript.Quote($"tap,id=net{number},ifname={Comma(net.Host)},script=no,downscript=no")} -device virtio-net,netdev=net{number}"),
        .. Of(DeviceKind.Block).Select(block => $"-drive {RunScript.Quote($"file={Comma(block.Host)},if=virtio,format=raw")}"),
        "-kernel", RunScript.Quote(Image), "-append \"$*\""]);

    static string Line(IEnumerable<string> words) => string.Join(' ', words) + "\n";

    // qemu's option lists are separated by commas, and a doubled one is one.
    static string Comma(string value) => value.Replace(",", ",,", StringComparison.Ordinal);

    [GeneratedRegex("^[A-Za-z0-9]+\\z")]
    private static partial Regex Name();
}
