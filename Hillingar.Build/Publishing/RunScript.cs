using System.Globalization;
using System.Text;

namespace Hillingar.Build;

/// <summary>
/// <c>run.sh</c>: starts the image of one target, as a POSIX shell can. Every value that comes from elsewhere is quoted; what the caller
/// says, arguments and devices, goes on as words of its own.
/// </summary>
static class RunScript
{
    public static string Text(UnikernelPublication publication, IReadOnlyDictionary<string, UnikernelImage> images)
    {
        var devices = publication.Images.Where(image => IsStarted(image.Target)).SelectMany(image => Devices(publication, images[image.Target])).Distinct().ToList();
        // A project's devices are for all its targets; one that none of Solo5's images has is a slip.
        if (images.Values.Any(image => image.Abi is not null) && publication.Devices.FirstOrDefault(given => !devices.Contains(new(given.Kind, given.Name))) is { } stranger)
            throw new HillingarException("HIL5040", $"This cannot be published: no image has a {Word(stranger.Kind)} device '{stranger.Name}', which the project gives '{stranger.Host}'. The images have {string.Join(", ", devices.Select(device => device.Name).DefaultIfEmpty("none"))}.");
        if (publication.Memory is <= 0)
            throw new HillingarException("HIL5040", $"This cannot be published: {publication.Memory} MiB are no memory. Correct the project.");
        var targets = publication.Images.Select(image => image.Target).ToList();
        var text = new StringBuilder("#!/bin/sh\n");
        text.Append("# Runs the unikernel; arguments go to it. UNIKERNEL_TARGET chooses one of: ").AppendJoin(' ', targets).Append('\n');
        foreach (var device in devices)
            text.Append("# ").Append(Variable(device)).Append(device.Kind == DeviceKind.Block ? ": the file of the block device " : ": the tap interface of the network ").Append(device.Name).Append('\n');
        text.Append("set -eu\nhere=$(CDPATH= cd -- \"$(dirname -- \"$0\")\" && pwd -P)\n");
        text.Append("fail() { echo \"run.sh: $1\" >&2; exit 64; }\n");
        text.Append("commas() { printf %s \"$1\" | sed 's/,/,,/g'; }\n");
        text.Append("set -- ").AppendJoin("", publication.Arguments.Select(argument => Quote(argument) + " ")).Append("\"$@\"\n");
        text.Append("case ${UNIKERNEL_TARGET:-").Append(targets[0]).Append("} in\n");
        foreach (var image in publication.Images)
        {
            text.Append(image.Target).Append(")\n");
            Target(text, publication, image, images[image.Target]);
            text.Append("  ;;\n");
        }

        return text.Append("*) fail \"there is no target '${UNIKERNEL_TARGET}' here\" ;;\nesac\n").ToString();
    }

    /// <summary>A word that a shell takes as it is.</summary>
    internal static string Quote(string word) => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    static void Target(StringBuilder text, UnikernelPublication publication, PublishedImage published, UnikernelImage image)
    {
        var file = "\"$here\"/" + Quote($"{published.Target}/{Path.GetFileName(published.Path)}");
        var devices = IsStarted(published.Target) ? Devices(publication, image) : [];
        foreach (var (device, number) in devices.Select((device, number) => (device, number)))
        {
            text.Append(CultureInfo.InvariantCulture, $"  d{number}=${{{Variable(device)}:-}}\n");
            var given = publication.Devices.FirstOrDefault(item => item.Kind == device.Kind && item.Name == device.Name);
            text.Append(CultureInfo.InvariantCulture, $"  [ -n \"$d{number}\" ] || {(given is null ? $"fail {Quote($"say which {(device.Kind == DeviceKind.Block ? "file is the block device" : "tap interface is the network")} {device.Name}: {Variable(device)}")}" : $"d{number}={Quote(given.Host)}")}\n");
        }

        text.Append("  ").Append(published.Target switch
        {
            "unix" or "macosx" => $"exec {file} \"$@\"",
            "spt" or "hvt" => $"exec {TenderScript.UsualTender(published.Target)}{Memory(" --mem=")}{string.Concat(devices.Select((device, number) => $" --{(device.Kind == DeviceKind.Block ? "block" : "net")}:{device.Name}=\"$d{number}\""))} -- {file} \"$@\"",
            // As Solo5's own solo5-virtio-run starts it.
            "virtio" => $"exec {TenderScript.UsualTender(published.Target)} -nodefaults -no-user-config -display none -serial stdio -no-reboot -device isa-debug-exit -machine accel=kvm:tcg -cpu max{Memory(" -m ")}{string.Concat(devices.Select(Qemu))} -kernel {file} -append \"$*\"",
            var target => $"fail {Quote($"an image for {target} is started by its hypervisor, not by this script; see manifest.json")}",
        }).Append('\n');

        string Memory(string option) => publication.Memory is { } size ? option + size.ToString(CultureInfo.InvariantCulture) : "";
    }

    // By a program that is told the devices; the others are started by themselves, or by a system of their own.
    static bool IsStarted(string target) => TenderScript.UsualTender(target) is not null;

    // An image without Solo5's notes does not say what it has.
    static IReadOnlyList<ImageDevice> Devices(UnikernelPublication publication, UnikernelImage image) =>
        image.Abi is null ? [.. publication.Devices.Select(given => new ImageDevice(given.Kind, given.Name))] : image.Devices;

    static string Qemu(ImageDevice device, int number) => device.Kind == DeviceKind.Block
        ? $" -drive id=b{number},file=\"$(commas \"$d{number}\")\",if=none,format=raw -device virtio-blk,drive=b{number}"
        : $" -netdev tap,id=n{number},ifname=\"$(commas \"$d{number}\")\",script=no,downscript=no -device virtio-net,netdev=n{number}";

    static string Word(DeviceKind kind) => kind == DeviceKind.Block ? "block" : "network";

    static string Variable(ImageDevice device) => (device.Kind == DeviceKind.Block ? "UNIKERNEL_BLOCK_" : "UNIKERNEL_NET_") + device.Name.ToUpperInvariant();
}
