using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Hillingar.Build.Running;

/// <summary>A tap interface: what a tender puts behind a unikernel's network.</summary>
/// <param name="Name">The interface's name.</param>
/// <param name="Address">The host's own address on it with its prefix, such as <c>10.0.0.1/24</c>, for one that is made; null for none.</param>
sealed partial record Tap(string Name, string? Address)
{
    // linux/capability.h
    const int NetAdmin = 12;

    /// <summary>The kernel's number of the interface in this process's network namespace, or 0 where there is none of that name.</summary>
    public static uint Index(string name) => OperatingSystem.IsWindows() ? 0 : if_nametoindex(name);

    /// <summary>This process's network namespace, of which interface numbers are; empty where there are none.</summary>
    public static string Namespace => OperatingSystem.IsLinux() ? new FileInfo("/proc/self/ns/net").LinkTarget ?? "" : "";

    /// <summary>Whether this process may make one.</summary>
    public static bool CanMake =>
        OperatingSystem.IsLinux()
        && File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith("CapEff:", StringComparison.Ordinal)) is { } line
        && (Convert.ToUInt64(line.Split(':')[1].Trim(), 16) >> NetAdmin & 1) == 1;

    /// <summary>What makes it.</summary>
    /// <param name="owner">The user who may open it, or null for root alone.</param>
    public IReadOnlyList<IReadOnlyList<string>> Make(string? owner = null) =>
        [
            ["ip", "tuntap", "add", "dev", Name, "mode", "tap", .. owner is null ? [] : new[] { "user", owner }],
            .. Address is null ? [] : new[] { new[] { "ip", "addr", "add", Address, "dev", Name } },
            ["ip", "link", "set", "dev", Name, "up"],
        ];

    /// <summary>What removes it.</summary>
    public IReadOnlyList<string> Remove => ["ip", "link", "delete", "dev", Name];

    /// <summary>What is wrong with it as one to be made, or null.</summary>
    public string? Fault =>
        !Made().IsMatch(Name) ? $"'{Name}' is no name for an interface: up to 15 letters, digits, '.', '_' and '-'"
        : Address is not null && !IsAddress(Address) ? $"'{Address}' is no address with a prefix, such as 10.0.0.1/24"
        : null;

    static bool IsAddress(string text) =>
        text.Split('/') is [var address, var prefix]
        && IPAddress.TryParse(address, out var parsed)
        && int.TryParse(prefix, out var bits)
        && bits >= 0
        && bits <= (parsed.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{0,14}\\z")]
    private static partial Regex Made();

    // Unlike .NET's list of interfaces it asks for one name only, and unlike /sys it is always of this namespace.
    [DllImport("libc", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint if_nametoindex([MarshalAs(UnmanagedType.LPUTF8Str)] string name);
}
