using Hillingar.Build.Images;
using Hillingar.Build.Running;
using Microsoft.Build.Framework;

namespace Hillingar.Sdk.Tasks;

/// <summary>A project's items for devices.</summary>
static class DeviceItems
{
    /// <summary>The devices, as the items say them.</summary>
    /// <param name="networks"><c>@(UnikernelNet)</c>, with <c>Tap</c> and <c>Address</c>.</param>
    /// <param name="blocks"><c>@(UnikernelBlock)</c>, with <c>File</c>.</param>
    public static IReadOnlyList<HostDevice> Of(ITaskItem[] networks, ITaskItem[] blocks) =>
    [
        .. networks.Select(item => new HostDevice(DeviceKind.Network, item.ItemSpec, item.GetMetadata("Tap")) { Address = item.GetMetadata("Address") is { Length: > 0 } address ? address : null }),
        .. blocks.Select(item => new HostDevice(DeviceKind.Block, item.ItemSpec, item.GetMetadata("File"))),
    ];
}
