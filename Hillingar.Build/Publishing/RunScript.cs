using System.Globalization;
using System.Text;
using Hillingar.Build.Images;
using Hillingar.Build.Running;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Publishing;

/// <summary>
/// <c>run.sh</c>: starts the image of one target, as a POSIX shell can. Every value that comes from elsewhere is quoted; what the caller
/// says, arguments and devices, goes on as words of its own.
/// </summary>
static class RunScript
{
    public static string Text(UnikernelPublication publication, IReadOnlyDictionary<string, UnikernelImage> images)
    {
        var devices = publication
            .Images.Where(image => IsStarted(image.Target))
            .SelectMany(image => Devices(publication, images[image.Target]))
            .Distinct()
            .ToList();
        // A project's devices are for all its targets; one that none of Solo5's images has is a slip.
        if (
            images.Values.Any(image => image.Abi is not null)
            && publication.Devices.FirstOrDefault(given => !devices.Contains(new(given.Kind, given.Name))) is { } stranger
        )
            throw new HillingarException(
                "HIL5040",
                $"This cannot be published: no image has a {Word(stranger.Kind)} device '{stranger.Name}', which the project gives '{stranger.Host}'. The images have {string.Join(", ", devices.Select(device => device.Name).DefaultIfEmpty("none"))}."
            );
        if (publication.Memory is <= 0)
            throw new HillingarException(
                "HIL5040",
                $"This cannot be published: {publication.Memory} MiB are no memory. Correct the project."
            );
        var targets = publication.Images.Select(image => image.Target).ToList();
        var text = new StringBuilder("#!/bin/sh\n");
        text.Append("# Runs the unikernel; arguments go to it. UNIKERNEL_TARGET chooses one of: ").AppendJoin(' ', targets).Append('\n');
        foreach (var device in devices)
            text.Append("# ")
                .Append(Variable(device))
                .Append(device.Kind == DeviceKind.Block ? ": the file of the block device " : ": the tap interface of the network ")
                .Append(device.Name)
                .Append('\n');
        text.Append("set -eu\nhere=$(CDPATH= cd -- \"$(dirname -- \"$0\")\" && pwd -P)\n");
        text.Append("fail() { echo \"run.sh: $1\" >&2; exit 64; }\n");
        text.Append(ShellValue.Commas);
        text.Append("set -- ")
            .AppendJoin("", publication.Arguments.Select(argument => PosixShell.Quote(argument) + " "))
            .Append("\"$@\"\n");
        text.Append("case ${UNIKERNEL_TARGET:-").Append(targets[0]).Append("} in\n");
        foreach (var image in publication.Images)
        {
            text.Append(image.Target).Append(")\n");
            Target(text, publication, image, images[image.Target]);
            text.Append("  ;;\n");
        }

        return text.Append("*) fail \"there is no target '${UNIKERNEL_TARGET}' here\" ;;\nesac\n").ToString();
    }

    static void Target(StringBuilder text, UnikernelPublication publication, PublishedImage published, UnikernelImage image)
    {
        var file = "\"$here\"/" + PosixShell.Quote($"{published.Target}/{Path.GetFileName(published.Path)}");
        var devices = IsStarted(published.Target) ? Devices(publication, image) : [];
        foreach (var (device, number) in devices.Select((device, number) => (device, number)))
        {
            text.Append(CultureInfo.InvariantCulture, $"  d{number}=${{{Variable(device)}:-}}\n");
            var given = publication.Devices.FirstOrDefault(item => item.Kind == device.Kind && item.Name == device.Name);
            text.Append(
                CultureInfo.InvariantCulture,
                $"  [ -n \"$d{number}\" ] || {(given is null ? $"fail {PosixShell.Quote($"say which {(device.Kind == DeviceKind.Block ? "file is the block device" : "tap interface is the network")} {device.Name}: {Variable(device)}")}" : $"d{number}={PosixShell.Quote(given.Host)}")}\n"
            );
        }

        if (TenderLine.UsualTender(published.Target) is { } tender)
        {
            text.Append(TenderLine.Before(published.Target, tender, isQemu: true));
            text.Append(
                CultureInfo.InvariantCulture,
                $"  exec {TenderLine.Of(published.Target, tender, publication.Memory, [.. devices.Select((device, number) => (device, ShellValue.OfVariable($"d{number}")))], file)}\n"
            );
        }
        else
            text.Append(
                TenderLine.WhyNot(published.Target) is null
                    ? $"  exec {file} \"$@\"\n"
                    : $"  fail {PosixShell.Quote($"an image for {published.Target} is started by its hypervisor, not by this script; see manifest.json")}\n"
            );
    }

    // By a program that is told the devices; the others are started by themselves, or by a system of their own.
    static bool IsStarted(string target) => UnikernelStart.TakesDevices(target);

    // An image without Solo5's notes does not say what it has.
    static IReadOnlyList<ImageDevice> Devices(UnikernelPublication publication, UnikernelImage image) =>
        image.Abi is null ? [.. publication.Devices.Select(given => new ImageDevice(given.Kind, given.Name))] : image.Devices;

    static string Word(DeviceKind kind) => kind == DeviceKind.Block ? "block" : "network";

    static string Variable(ImageDevice device) =>
        (device.Kind == DeviceKind.Block ? "UNIKERNEL_BLOCK_" : "UNIKERNEL_NET_") + device.Name.ToUpperInvariant();
}
