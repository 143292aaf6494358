using System.Globalization;
using Hillingar.Build.Images;

namespace Hillingar.Build.Running;

/// <summary>
/// The command that starts an image, in a shell's words: one model for published scripts, <c>dotnet run</c> and live runs. Networks, blocks and
/// memory are said as Solo5's tenders want them (<c>docs/building.md</c> of Solo5), and for virtio as its <c>solo5-virtio-run</c> says
/// them to qemu. The script's own arguments reach the unikernel; for qemu they become one line.
/// </summary>
static class TenderLine
{
    /// <summary>What qemu ends with when a unikernel of Solo5 has ended: 41, written to the port of isa-debug-exit, times two and one (<c>bindings/virtio/platform.c</c>).</summary>
    public const int EndOfSolo5 = 83;

    /// <summary>The program that starts images of a target; null for those that start by themselves, or by a system of their own.</summary>
    public static string? UsualTender(string target) => target switch
    {
        "spt" or "hvt" => $"solo5-{target}",
        "virtio" => "qemu-system-x86_64",
        _ => null,
    };

    /// <summary>Whether an image is a program, which starts by itself.</summary>
    public static bool IsProgram(string target) => target is "unix" or "macosx";

    /// <summary>Why nothing on this machine starts images of a target, and what to do; null where something does.</summary>
    public static string? WhyNot(string target) => IsProgram(target) || UsualTender(target) is not null ? null : target switch
    {
        "xen" or "qubes" => "its hypervisor starts it: give it to 'xl create' with a configuration such as the .xl file that mirage writes for xen (obj/hillingar/configured/xen/mirage), or to the management of that system",
        "muen" => "a Muen system starts it: name it in the system's policy, from which that system's image is built",
        "unikraft-qemu" or "unikraft-firecracker" => "how mirage's unikraft images are to be started is not written down yet, and we do not guess: start it with qemu or firecracker as ocaml-unikraft advises",
        _ => "no program that starts it is known",
    };

    /// <summary>The lines that have to come before <see cref="Of"/>; empty, or whole lines.</summary>
    /// <param name="target">The target.</param>
    /// <param name="program">The tender, as a shell's word.</param>
    /// <param name="isQemu">Whether the tender is qemu itself, so that it can be asked.</param>
    public static string Before(string target, string program, bool isQemu) => target != "virtio" ? ""
        // qemu falls back by itself only where there is no KVM at all: one that it can open and not use ends it, so it is asked first.
        : isQemu ? $$"""
            accel=${UNIKERNEL_ACCEL:-}
            if [ -z "$accel" ]; then
              accel=tcg
              if [ -w /dev/kvm ] && (ulimit -c 0; echo quit | {{program}} -machine accel=kvm -cpu max -nodefaults -no-user-config -display none -monitor stdio -S) >/dev/null 2>&1; then accel=kvm; fi
            fi

            """
        : "accel=${UNIKERNEL_ACCEL:-kvm:tcg}\n";

    /// <summary>The command.</summary>
    /// <param name="target">A target that a tender starts.</param>
    /// <param name="program">The tender, as a shell's word.</param>
    /// <param name="memory">MiB; null for what the tender gives of itself.</param>
    /// <param name="devices">The devices, with what stands behind them.</param>
    /// <param name="image">The image, as a shell's word.</param>
    public static string Of(string target, string program, int? memory, IReadOnlyList<(ImageDevice Device, ShellValue Host)> devices, string image) => string.Join(' ', target == "virtio"
        ?
        [
            program, "-nodefaults -no-user-config -display none -serial stdio -no-reboot -device isa-debug-exit -machine \"accel=$accel\" -cpu max", .. Memory("-m ", memory),
            .. devices.Select((item, number) => item.Device.Kind == DeviceKind.Block
                ? $"-drive id=b{number},file={item.Host.InList},if=none,format=raw -device virtio-blk,drive=b{number}"
                : $"-netdev tap,id=n{number},ifname={item.Host.InList},script=no,downscript=no -device virtio-net,netdev=n{number}"),
            "-kernel", image, "-append \"$*\"",
        ]
        : (IEnumerable<string>)
        [
            program, .. Memory("--mem=", memory),
            .. devices.Select(item => $"--{(item.Device.Kind == DeviceKind.Block ? "block" : "net")}:{item.Device.Name}={item.Host.Word}"),
            // The unikernel's own arguments follow the image without another "--".
            "--", image, "\"$@\"",
        ]);

    static IEnumerable<string> Memory(string option, int? size) => size is { } given ? [option + given.ToString(CultureInfo.InvariantCulture)] : [];
}
