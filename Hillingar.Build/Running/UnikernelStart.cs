using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Hillingar.Build.Images;
using Hillingar.Build.Mirage;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Running;

/// <summary>An image to start on this machine, and with what.</summary>
/// <param name="Target">Its mirage target.</param>
/// <param name="Image">Its path.</param>
public sealed record UnikernelStart(string Target, string Image)
{
    /// <summary>What the host gives for its devices.</summary>
    public IReadOnlyList<HostDevice> Devices { get; init; } = [];

    /// <summary>Its memory in MiB, where a tender gives it one; 0 for what the tender gives of itself.</summary>
    public int Memory { get; init; } = 512;

    /// <summary>The program that starts it, in place of the target's usual one; null for that.</summary>
    public string? Tender { get; init; }

    /// <summary>The folder of the host switch that the image was built with, whose tender is of the same solo5; null where there is none.</summary>
    public string? HostSwitch { get; init; }

    /// <summary>What the unikernel is told.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Whether tap interfaces that are missing are made, and removed when the unikernel has ended.</summary>
    public bool CreateTaps { get; init; }

    /// <summary>The port of this machine at which the tender waits for gdb before the unikernel begins; null for no debugger.</summary>
    public int? DebuggerPort { get; init; }

    /// <summary>How gdb attaches to it.</summary>
    public string DebuggerCommand =>
        $"gdb --ex={PosixShell.Quote($"target remote localhost:{DebuggerPort}")} {PosixShell.Line([Path.GetFullPath(Image)])}";

    /// <summary>The same with a debugger, which is waited for at the usual port, or at another one where somebody has that.</summary>
    public UnikernelStart WithDebugger() => this with { DebuggerPort = IsFree(UsualPort) ? UsualPort : FreePort() };

    // Solo5's own.
    const int UsualPort = 1234;

    static bool IsFree(int port) =>
        !IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Any(listener => listener.Port == port);

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>The same with other things behind its devices: what is named takes the place of what there was of that name.</summary>
    /// <param name="networks">Tap interfaces by the networks' names.</param>
    /// <param name="blocks">Files by the block devices' names.</param>
    /// <param name="addresses">The host's addresses on tap interfaces that are made, by the networks' names.</param>
    /// <exception cref="HillingarException">HIL5054: an address is given for what is no network of these.</exception>
    public UnikernelStart With(
        IReadOnlyDictionary<string, string> networks,
        IReadOnlyDictionary<string, string> blocks,
        IReadOnlyDictionary<string, string> addresses
    )
    {
        List<HostDevice> devices =
        [
            .. Devices.Where(device => !networks.ContainsKey(device.Name) && !blocks.ContainsKey(device.Name)),
            .. networks.Select(network => new HostDevice(DeviceKind.Network, network.Key, network.Value)
            {
                Address = Devices.FirstOrDefault(device => device.Name == network.Key)?.Address,
            }),
            .. blocks.Select(block => new HostDevice(DeviceKind.Block, block.Key, block.Value)),
        ];
        foreach (var (name, address) in addresses)
            devices[
                devices.FindIndex(device => device.Kind == DeviceKind.Network && device.Name == name) is >= 0 and var at
                    ? at
                    : throw new HillingarException(
                        "HIL5054",
                        $"No network '{name}' is given that '{address}' could be the address for. Correct the name."
                    )
            ] = devices[at] with
            {
                Address = address,
            };
        return this with { Devices = devices };
    }

    /// <summary>Whether images of a target take devices of the host: a program has the host's own.</summary>
    public static bool TakesDevices(string target) => TenderLine.UsualTender(target) is not null;

    /// <summary>The target that an image is of: what Solo5's note in it says, or what its name ends in.</summary>
    /// <exception cref="HillingarException">HIL5030 to HIL5032: it cannot be read.</exception>
    public static string TargetOf(string image)
    {
        // A program of macOS is no ELF file.
        if (OperatingSystem.IsMacOS() && Path.GetExtension(image).Length == 0)
            return "macosx";
        var (abi, _) = Solo5Notes.Read(ElfFile.Open(image));
        return abi?.Target ?? TargetTable.OfSuffix(Path.GetExtension(image)).Name;
    }
}
