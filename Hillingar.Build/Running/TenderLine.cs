using System.Globalization;
using System.Text.RegularExpressions;
using Hillingar.Build.Images;
using Hillingar.Build.Mirage;
using Hillingar.Build.Requests;

namespace Hillingar.Build.Running;

/// <summary>
/// The command that starts an image, in a shell's words: one model for published scripts, <c>dotnet run</c> and live runs. Networks, blocks and
/// memory are said as <c>targets.json</c> has it: as Solo5's tenders want them (<c>docs/building.md</c> of Solo5), and for virtio as its
/// <c>solo5-virtio-run</c> says them to qemu, which ends with 83 when a unikernel has ended: 41, written to the port of isa-debug-exit, times two
/// and one (<c>bindings/virtio/platform.c</c>). The script's own arguments reach the unikernel; for qemu they become one line.
/// </summary>
static partial class TenderLine
{
    /// <summary>The targets whose images something on this machine starts, in words.</summary>
    public static string Started
    {
        get
        {
            var names = TargetTable
                .Rows.Where(row => row.Tender is not null || row.IsProgram && row.Fault(Platform.Host.Name) is null)
                .Select(row => row.Name)
                .ToList();
            return $"{string.Join(", ", names.SkipLast(1))} and {names[^1]}";
        }
    }

    /// <summary>The program that starts images of a target; null for those that start by themselves, or by a system of their own.</summary>
    public static string? UsualTender(string target) => TargetTable.Find(target)?.Tender?.Program;

    /// <summary>Whether an image is a program, which starts by itself.</summary>
    public static bool IsProgram(string target) => TargetTable.Find(target) is { IsProgram: true };

    /// <summary>Why nothing on this machine starts images of a target, and what to do; null where something does.</summary>
    public static string? WhyNot(string target) =>
        IsProgram(target) || UsualTender(target) is not null
            ? null
            : TargetTable.Find(target)?.StartedBy ?? "no program that starts it is known";

    /// <summary>The lines that have to come before <see cref="Of"/>; empty, or whole lines.</summary>
    /// <param name="target">The target.</param>
    /// <param name="program">The tender, as a shell's word.</param>
    /// <param name="isQemu">Whether the tender is qemu itself, so that it can be asked.</param>
    public static string Before(string target, string program, bool isQemu) =>
        TargetTable.Find(target) is not { Tender.Style.IsAccelerated: true } ? ""
        // qemu falls back by itself only where there is no KVM at all: one that it can open and not use ends it, so it is asked first.
        : isQemu
            ? $$"""
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
    /// <param name="debugger">The port at which a debugger is waited for, and the folder for cores as a shell's word; null for none.</param>
    public static string Of(
        string target,
        string program,
        int? memory,
        IReadOnlyList<(ImageDevice Device, ShellValue Host)> devices,
        string image,
        (int Port, string Folder)? debugger = null
    )
    {
        var style = TargetTable.Find(target)!.Tender!.Style;
        return string.Join(
            ' ',
            (
                (IEnumerable<string>)
                    [
                        program,
                        style.Options,
                        debugger is var (port, folder)
                            ? Filled(
                                TargetTable.Find(target)!.Debugger!.Options,
                                new() { ["port"] = port.ToString(CultureInfo.InvariantCulture), ["folder"] = folder }
                            )
                            : "",
                        memory is { } given
                            ? Filled(style.Memory, new() { ["memory"] = given.ToString(CultureInfo.InvariantCulture) })
                            : "",
                        .. devices.Select(
                            (item, number) =>
                                Filled(
                                    item.Device.Kind == DeviceKind.Block ? style.Block : style.Network,
                                    new()
                                    {
                                        ["number"] = number.ToString(CultureInfo.InvariantCulture),
                                        ["name"] = item.Device.Name,
                                        ["host"] = item.Host.Word,
                                        ["listed"] = item.Host.InList,
                                    }
                                )
                        ),
                        Filled(style.Image, new() { ["image"] = image }),
                    ]
            ).Where(words => words.Length > 0)
        );
    }

    // In one pass: what a value holds is no place for another.
    static string Filled(string template, Dictionary<string, string> values) =>
        Place().Replace(template, place => values[place.Groups[1].Value]);

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Place();
}
