using Hillingar.Build.Images;

namespace Hillingar.Build.Running;

/// <summary>What the host gives for a device of the unikernel.</summary>
/// <param name="Kind">The device's kind.</param>
/// <param name="Name">The unikernel's name for it.</param>
/// <param name="Host">The tap interface, or the file of a block device.</param>
public sealed record HostDevice(DeviceKind Kind, string Name, string Host)
{
    /// <summary>The host's own address on a tap interface that is made for a run, with its prefix: <c>10.0.0.1/24</c>; null for none.</summary>
    public string? Address { get; init; }

    /// <summary>The same, with a file's whole path: as everywhere in a project, it is relative to the project's folder.</summary>
    public HostDevice In(string folder) =>
        Kind == DeviceKind.Block && Host.Length > 0 ? this with { Host = Path.GetFullPath(Host, folder) } : this;
}
