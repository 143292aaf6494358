using Hillingar.Build.Images;
using Hillingar.Build.Processes;
using Hillingar.Build.Running;
using Hillingar.Opam.Diagnostics;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

public sealed class StartPlanTests : IDisposable
{
    readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // An interface that every machine has; what stands in for a tender does not open it.
    const string Interface = "lo";

    UnikernelStart Start(string target, int abi) => new(target, Solo5Image.Write(_folder, $"hello.{target}", abi))
    {
        Devices = [new(DeviceKind.Network, "backup", Interface), new(DeviceKind.Network, "service", Interface), new(DeviceKind.Block, "storage", _folder.Write("a, 'disk' $(id).img", ""))],
        Tender = _folder.Program("tender", "printf '%s\\n' \"$@\"\n"),
        Memory = 64,
    };

    static Diagnostic Refused(UnikernelStart start) => Assert.Throws<HillingarException>(() => StartPlan.Of(start)).Diagnostic;

    async Task<ProcessResult> Run(UnikernelStart start, params string[] arguments) => await ProcessRunner.Run(
        new Command("sh", [_folder.Write("run.sh", StartPlan.Of(start).Script()), .. arguments], "/", new Dictionary<string, string?> { ["UNIKERNEL_ACCEL"] = "tcg" }), TestContext.Current.CancellationToken);

    [Theory]
    [InlineData("spt", 2, "--mem=64\n--net:service=lo\n--block:storage=DISK\n--net:backup=lo\n--\nIMAGE\nfixed 'one'\ntwo words\n*\n")]
    [InlineData("hvt", 1, "--mem=64\n--net:service=lo\n--block:storage=DISK\n--net:backup=lo\n--\nIMAGE\nfixed 'one'\ntwo words\n*\n")]
    [InlineData("virtio", 3, "-nodefaults\n-no-user-config\n-display\nnone\n-serial\nstdio\n-no-reboot\n-device\nisa-debug-exit\n-machine\naccel=tcg\n-cpu\nmax\n-m\n64\n-netdev\ntap,id=n0,ifname=lo,script=no,downscript=no\n-device\nvirtio-net,netdev=n0\n-drive\nid=b1,file=COMMAS,if=none,format=raw\n-device\nvirtio-blk,drive=b1\n-netdev\ntap,id=n2,ifname=lo,script=no,downscript=no\n-device\nvirtio-net,netdev=n2\n-kernel\nIMAGE\n-append\nfixed 'one' two words *\n")]
    public async Task A_tender_gets_the_devices_in_the_images_order_and_the_arguments_as_they_are(string target, int abi, string expected)
    {
        var start = Start(target, abi) with { Arguments = ["fixed 'one'"] };
        var ran = await Run(start, "two words", "*");
        Assert.Equal("", ran.Error);
        var disk = _folder["a, 'disk' $(id).img"];
        Assert.Equal(expected.Replace("IMAGE", start.Image, StringComparison.Ordinal).Replace("DISK", disk, StringComparison.Ordinal).Replace("COMMAS", disk.Replace(",", ",,", StringComparison.Ordinal), StringComparison.Ordinal), ran.Output);
    }

    [Fact]
    public async Task A_program_is_started_as_it_is_and_its_exit_code_is_the_scripts()
    {
        var ran = await Run(new UnikernelStart("unix", _folder.Program("it's a program", "cat; printf '<%s>' \"$@\"; exit 7\n")), "a b");
        Assert.Equal((7, "<a b>"), (ran.ExitCode, ran.Output));
    }

    [Theory]
    [InlineData(83, 0)]
    [InlineData(1, 1)]
    public async Task What_qemu_ends_with_when_the_unikernel_has_ended_is_success(int qemu, int expected) =>
        Assert.Equal(expected, (await Run(Start("virtio", 3) with { Tender = _folder.Program("tender", $"exit {qemu}\n") })).ExitCode);

    [Fact]
    public async Task A_qemu_that_cannot_use_KVM_emulates()
    {
        // As the real one does on a machine whose KVM can be opened and not used.
        var qemu = _folder.Program("qemu-stand-in", "case \"$*\" in *accel=kvm*) kill -ABRT $$ ;; *) echo \"$@\" ;; esac\n");
        var script = _folder.Write("run.sh", StartPlan.Of(Start("virtio", 3) with { Tender = qemu }).Script());
        var ran = await ProcessRunner.Run(new Command("sh", [script]), TestContext.Current.CancellationToken);
        Assert.Equal((0, ""), (ran.ExitCode, ran.Error));
        Assert.Contains("accel=tcg", ran.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_tender_is_the_one_that_is_named_else_the_locked_one_else_that_of_the_PATH()
    {
        _folder.Program("switch/bin/solo5-spt", "echo locked\n");
        var start = Start("spt", 2) with { HostSwitch = _folder["switch"] };
        Assert.Equal("locked\n", (await Run(start with { Tender = null })).Output);
        Assert.StartsWith("--mem=64\n", (await Run(start)).Output, StringComparison.Ordinal);
        var missing = Refused(start with { Tender = "no-such-tender" });
        Assert.Equal("HIL5052", missing.Code);
        Assert.Contains("no-such-tender", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_debugger_is_waited_for_by_the_tender_that_has_one_and_other_targets_are_refused()
    {
        _folder.Program("switch/bin/solo5-hvt", "echo none\n");
        _folder.Program("switch/bin/solo5-hvt-debug", "printf '%s\\n' \"$@\"\n");
        var start = (Start("hvt", 1) with { HostSwitch = _folder["switch"], Tender = null }).WithDebugger();
        Assert.StartsWith($"--gdb\n--gdb-port={start.DebuggerPort}\n--dumpcore=.\n--mem=64\n", (await Run(start)).Output, StringComparison.Ordinal);
        Assert.Equal($"gdb --ex='target remote localhost:{start.DebuggerPort}' {start.Image}", start.DebuggerCommand);
        var other = Refused(Start("spt", 2).WithDebugger());
        Assert.Equal("HIL5097", other.Code);
        Assert.Contains("hvt has one", other.Message, StringComparison.Ordinal);

        // A port that somebody has is not taken.
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, start.DebuggerPort!.Value);
        taken.Start();
        Assert.NotEqual(start.DebuggerPort, start.WithDebugger().DebuggerPort);
    }

    [Fact]
    public void An_image_of_another_target_or_machine_is_refused()
    {
        var spt = Start("spt", 2);
        var other = Refused(spt with { Target = "hvt" });
        Assert.Equal("HIL5053", other.Code);
        Assert.Contains("'spt', not of 'hvt'", other.Message, StringComparison.Ordinal);
        Assert.Equal("HIL5053", Refused(spt with { Image = "/proc/self/exe" }).Code);
        Assert.Equal("HIL5030", Refused(spt with { Image = _folder["nowhere"] }).Code);
        Assert.Equal("HIL5030", Refused(spt with { Image = spt.Tender! }).Code);
        var bytes = File.ReadAllBytes(spt.Image);
        // The machine of the ELF header: s390x, which nobody runs these tests on.
        bytes[18] = 22;
        File.WriteAllBytes(_folder["foreign"], bytes);
        Assert.Contains("s390x", Refused(spt with { Image = _folder["foreign"] }).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Devices_that_the_image_lacks_or_that_are_not_given_are_told_by_name()
    {
        var start = Start("spt", 2);
        var missing = Refused(start with { Devices = [start.Devices[0]] });
        Assert.Equal("HIL5054", missing.Code);
        Assert.Contains("service (network), storage (block)", missing.Message, StringComparison.Ordinal);
        Assert.Contains("no network device 'servise'", Refused(start with { Devices = [.. start.Devices, new(DeviceKind.Network, "servise", Interface)] }).Message, StringComparison.Ordinal);
        Assert.Contains("no block device 'backup'", Refused(start with { Devices = [.. start.Devices.Skip(1), new(DeviceKind.Block, "backup", Interface)] }).Message, StringComparison.Ordinal);
        Assert.Contains("given twice", Refused(start with { Devices = [.. start.Devices, start.Devices[0]] }).Message, StringComparison.Ordinal);
        Assert.Equal("HIL5054", Refused(start with { Target = "unix" }).Code);
        Assert.Equal("HIL5051", Refused(start with { Devices = [new(DeviceKind.Network, "ser;vice", Interface)] }).Code);
        Assert.Equal("HIL5051", Refused(start with { Devices = [new(DeviceKind.Network, "service", "")] }).Code);
    }

    [Fact]
    public void What_should_stand_behind_a_device_and_is_missing_is_told_with_the_commands_that_make_it()
    {
        var start = Start("spt", 2);
        var tap = start.Devices[1] with { Host = "hilno0", Address = "10.9.8.7/24" };
        var missing = Refused(start with { Devices = [start.Devices[0], tap, start.Devices[2]] });
        Assert.Equal("HIL5055", missing.Code);
        Assert.Contains($"sudo ip tuntap add dev hilno0 mode tap user {Environment.UserName} && sudo ip addr add 10.9.8.7/24 dev hilno0 && sudo ip link set dev hilno0 up", missing.Message, StringComparison.Ordinal);
        Assert.Equal("HIL5055", Refused(start with { Devices = [start.Devices[0], tap with { Host = "a name; reboot" }, start.Devices[2]], CreateTaps = true }).Code);
        Assert.Equal("HIL5055", Refused(start with { Devices = [start.Devices[0], tap with { Address = "10.0.0.1/24; reboot" }, start.Devices[2]], CreateTaps = true }).Code);
        Assert.Contains("truncate", Refused(start with { Devices = [.. start.Devices.Take(2), start.Devices[2] with { Host = _folder["no.img"] }] }).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("xen", "xl create")]
    [InlineData("qubes", "xl create")]
    [InlineData("muen", "policy")]
    [InlineData("unikraft-qemu", "ocaml-unikraft")]
    [InlineData("unikraft-firecracker", "ocaml-unikraft")]
    public void A_target_that_nothing_here_starts_is_refused_with_who_does(string target, string who)
    {
        var refused = Refused(new UnikernelStart(target, _folder["image"]));
        Assert.Equal("HIL5050", refused.Code);
        Assert.Contains(who, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hello.spt", 2, "spt")]
    [InlineData("hello", 3, "virtio")]
    public void The_target_of_an_image_is_what_its_note_says(string name, int abi, string target) =>
        Assert.Equal(target, UnikernelStart.TargetOf(Solo5Image.Write(_folder, name, abi)));
}
