using System.Text;
using System.Text.RegularExpressions;
using Hillingar.Build.Images;
using Hillingar.Build.Mirage;
using Hillingar.Build.Processes;
using Hillingar.Build.Requests;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Running;

/// <summary>A start that was checked: the image is of the target, its devices are all given, and what starts it is there.</summary>
public sealed partial class StartPlan
{
    readonly UnikernelStart _start;
    readonly string? _tender;
    readonly IReadOnlyList<(ImageDevice Device, string Host)> _devices;
    readonly IReadOnlyList<Tap> _missing;

    StartPlan(UnikernelStart start, string? tender, IReadOnlyList<(ImageDevice, string)> devices, IReadOnlyList<Tap> missing) =>
        (_start, _tender, _devices, _missing) = (start, tender, devices, missing);

    /// <summary>Checks a start. Nothing is started or made.</summary>
    /// <exception cref="HillingarException">
    /// HIL5030 to HIL5032: the image cannot be read. HIL5050: nothing on this machine starts images of the target. HIL5051: a device's name is
    /// none, or nothing stands behind it. HIL5052: the tender is not installed. HIL5053: the image is of another target or processor.
    /// HIL5054: a device of the image is not given, or one is given that it does not have. HIL5055: a tap interface or a file is missing.
    /// </exception>
    public static StartPlan Of(UnikernelStart start)
    {
        ArgumentNullException.ThrowIfNull(start);
        if (!MirageTarget.Known.Contains(start.Target))
            throw MirageTarget.Unknown(start.Target);
        foreach (var device in start.Devices)
            if (!DeviceName().IsMatch(device.Name) || device.Host.Length == 0)
                throw new HillingarException(
                    "HIL5051",
                    $"'{device.Name}' ('{device.Host}') is no device: a name has letters and digits only, and a Tap or a File stands behind it. Correct it."
                );
        if (TenderLine.WhyNot(start.Target) is { } reason)
            throw new HillingarException(
                "HIL5050",
                $"An image for '{start.Target}' is not started by a program of this machine: {reason}. From here, {TenderLine.Started} are started."
            );
        if (start.DebuggerPort is not null && TargetTable.Find(start.Target)?.Debugger is null)
            throw new HillingarException(
                "HIL5097",
                $"No tender for '{start.Target}' waits for a debugger. {string.Join(" and ", TargetTable.Rows.Where(row => row.Debugger is not null).Select(row => row.Name))} has one: build for that too; a program of this machine is debugged as any other."
            );
        if (OperatingSystem.IsWindows())
            throw new HillingarException(
                "HIL5050",
                $"An image for '{start.Target}' is not started on Windows. Start it in WSL, or on another machine."
            );
        if (start.Memory < 0)
            throw new HillingarException("HIL5051", $"{start.Memory} MiB are no memory. Correct UnikernelMemory.");
        if (!File.Exists(start.Image))
            throw new HillingarException("HIL5030", $"There is no image '{start.Image}'. Build first.", new Place(start.Image));
        if (TenderLine.IsProgram(start.Target))
        {
            if (start.Devices.Count > 0)
                throw new HillingarException(
                    "HIL5054",
                    $"A program for '{start.Target}' takes no devices: it uses this machine's own network and files. Tell it of them by arguments."
                );
            return new(start, null, [], []);
        }

        var devices = Devices(start);
        return new(start, Tender.Find(start), devices, Missing(start, devices));
    }

    /// <summary>The tap interfaces that a run of the script makes.</summary>
    public IReadOnlyList<string> TapsToMake => [.. _missing.Select(tap => tap.Name)];

    /// <summary>
    /// The script, for a POSIX shell: its arguments reach the unikernel after those of the plan. It ends when the unikernel ends, with its
    /// exit code; a signal that ends it ends the unikernel first. The interfaces it made it removes.
    /// </summary>
    public string Script() => Script(null);

    /// <summary>The script of a run that is recorded in a folder: its output in <c>log</c>, and see <see cref="RunRecord"/>.</summary>
    internal string Script(RunRecord? record)
    {
        var script = new StringBuilder("#!/bin/sh\n");
        if (record is not null)
            script.Append($"exec </dev/null >>{PosixShell.Quote(record.Log)} 2>&1\n");
        if (_start.Arguments.Count > 0)
            script.Append("set -- ").AppendJoin(' ', _start.Arguments.Select(PosixShell.Quote)).Append(" \"$@\"\n");
        var command = Command(script, record);
        var ended = TargetTable.Find(_start.Target)?.Tender?.Style.Ended;
        // Where nothing is left to be done afterwards, the unikernel takes the script's place.
        if (record is null && _missing.Count == 0 && ended is null)
            return script.Append("exec ").Append(command).Append('\n').ToString();

        script.Append("pid=\nend() { [ -z \"$pid\" ] || kill -TERM \"$pid\" 2>/dev/null; }\ntrap end HUP INT TERM\n");
        if (_missing.Count > 0)
            Make(script, record);
        // A shell gives what it starts beside itself an empty input.
        script.Append("exec 3<&0\n").Append(command).Append(" <&3 3<&- &\npid=$!\nexec 3<&-\n");
        if (record is not null)
            script.Append(record.Started);
        // A signal ends the waiting, not what is waited for.
        script.Append("while :; do wait \"$pid\"; code=$?; kill -0 \"$pid\" 2>/dev/null || break; done\n");
        if (ended is { } success)
            script.Append($"[ \"$code\" -ne {success} ] || code=0\n");
        if (_missing.Count > 0)
            script.Append("remove\n");
        if (record is not null)
            script.Append(record.Ended);
        return script.Append("exit \"$code\"\n").ToString();
    }

    string Command(StringBuilder script, RunRecord? record)
    {
        var image = PosixShell.Quote(Path.GetFullPath(_start.Image));
        if (_tender is null)
            return $"{image} \"$@\"";
        var program = PosixShell.Quote(_tender);
        script.Append(TenderLine.Before(_start.Target, program, Path.GetFileName(_tender).StartsWith("qemu", StringComparison.Ordinal)));
        return TenderLine.Of(
            _start.Target,
            program,
            _start.Memory > 0 ? _start.Memory : null,
            [.. _devices.Select(item => (item.Device, ShellValue.Of(item.Host)))],
            image,
            _start.DebuggerPort is { } port ? (port, PosixShell.Quote(record is null ? "." : Path.GetDirectoryName(record.Log)!)) : null
        );
    }

    // An interface of the same name that somebody else made meanwhile has another number, and is none of ours.
    void Make(StringBuilder script, RunRecord? record)
    {
        script.Append("number() { ip -o link show dev \"$1\" 2>/dev/null | cut -d: -f1; }\nremove() {\n");
        foreach (var (tap, at) in _missing.Select((tap, at) => (tap, at)))
            script.Append(
                $"  [ -z \"${{made{at}:-}}\" ] || [ \"$(number {PosixShell.Quote(tap.Name)})\" != \"$made{at}\" ] || {PosixShell.Line(tap.Remove)}\n"
            );
        script.Append("}\n");
        foreach (var (tap, at) in _missing.Select((tap, at) => (tap, at)))
        {
            var make = tap.Make();
            script.Append($"{PosixShell.Line(make[0])} || {{ remove; exit 69; }}\nmade{at}=$(number {PosixShell.Quote(tap.Name)})\n");
            if (record is not null)
                script.Append(record.Made(tap.Name, $"\"$made{at}\""));
            foreach (var line in make.Skip(1))
                script.Append($"{PosixShell.Line(line)} || {{ remove; exit 69; }}\n");
        }
    }

    static IReadOnlyList<(ImageDevice, string)> Devices(UnikernelStart start)
    {
        var elf = ElfFile.Open(start.Image);
        var (abi, wanted) = Solo5Notes.Read(elf);
        if (abi?.Target != start.Target)
            throw new HillingarException(
                "HIL5053",
                abi is null
                    ? $"The image has no note of Solo5's, so {TenderLine.UsualTender(start.Target)} would not take it for one of '{start.Target}'. Build it for that target."
                    : $"The image is of the target '{abi.Target}', not of '{start.Target}'. Start it as that, or build for '{start.Target}'.",
                new Place(start.Image)
            );
        var machine = HostPlatform.Current.Variables["arch"].ToString();
        if (TargetTable.Find(start.Target) is { Tender.Style.IsNative: true } && elf.Machine != machine)
            throw new HillingarException(
                "HIL5053",
                $"The image is for {elf.Machine}, and this machine is {machine}. Start it there, or build it for this one.",
                new Place(start.Image)
            );
        if (start.Devices.GroupBy(device => device.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new HillingarException("HIL5054", $"The device '{twice.Key}' is given twice. Leave one out.");
        var strange = start.Devices.FirstOrDefault(given => !wanted.Contains(new(given.Kind, given.Name)));
        if (strange is not null)
            throw new HillingarException(
                "HIL5054",
                $"The image has no {Word(strange.Kind)} device '{strange.Name}', which is given '{strange.Host}'. It has {(wanted.Count == 0 ? "no devices" : string.Join(", ", wanted.Select(device => $"{device.Name} ({Word(device.Kind)})")))}. Correct the name.",
                new Place(start.Image)
            );
        var missing = wanted.Where(device => !start.Devices.Any(given => given.Name == device.Name)).ToList();
        return missing.Count == 0
            ? [.. wanted.Select(device => (device, Host(start.Devices.First(given => given.Name == device.Name))))]
            : throw new HillingarException(
                "HIL5054",
                $"Nothing is given for these devices of the image: {string.Join(", ", missing.Select(device => $"{device.Name} ({Word(device.Kind)})"))}. Give a network a tap interface (<UnikernelNet Include=\"NAME\" Tap=\"tap0\" />, or -Network), a block device a file (<UnikernelBlock Include=\"NAME\" File=\"PATH\" />, or -Block).",
                new Place(start.Image)
            );

        static string Host(HostDevice device) => device.Kind == DeviceKind.Block ? Path.GetFullPath(device.Host) : device.Host;
        static string Word(DeviceKind kind) => kind == DeviceKind.Block ? "block" : "network";
    }

    static List<Tap> Missing(UnikernelStart start, IReadOnlyList<(ImageDevice Device, string Host)> devices)
    {
        foreach (var (device, file) in devices.Where(item => item.Device.Kind == DeviceKind.Block))
            if (!File.Exists(file))
                throw new HillingarException(
                    "HIL5055",
                    $"There is no file '{file}' for the block device '{device.Name}'. Make it: truncate -s 16M {PosixShell.Line([file])}"
                );
        var missing = devices
            .Where(item => item.Device.Kind == DeviceKind.Network && Tap.Index(item.Host) == 0)
            .Select(item => new Tap(item.Host, start.Devices.First(given => given.Name == item.Device.Name).Address))
            .DistinctBy(tap => tap.Name)
            .ToList();
        foreach (var tap in missing)
        {
            var commands = string.Join(
                " && ",
                (tap with { Address = tap.Address ?? "10.0.0.1/24" })
                    .Make(Environment.UserName)
                    .Select(line => "sudo " + PosixShell.Line(line))
            );
            if (tap.Fault is { } fault)
                throw new HillingarException(
                    "HIL5055",
                    $"There is no tap interface '{tap.Name}', and none can be made: {fault}. Correct it."
                );
            if (!start.CreateTaps)
                throw new HillingarException(
                    "HIL5055",
                    $"There is no tap interface '{tap.Name}'. Make it{(tap.Address is null ? ", with an address of the network that the unikernel is to be in" : "")}: {commands}; or have it made for the time of the run: UnikernelCreateTaps, or -CreateTap."
                );
            if (!Tap.CanMake)
                throw new HillingarException(
                    "HIL5055",
                    $"There is no tap interface '{tap.Name}', and this process may not make one (it lacks CAP_NET_ADMIN). Make it yourself: {commands}"
                );
            if (ProcessRunner.Find("ip") is null)
                throw new HillingarException(
                    "HIL5055",
                    $"There is no tap interface '{tap.Name}', and no program 'ip' to make it with. Install iproute2."
                );
        }

        return missing;
    }

    [GeneratedRegex("^[A-Za-z0-9]{1,67}\\z")]
    private static partial Regex DeviceName();
}
