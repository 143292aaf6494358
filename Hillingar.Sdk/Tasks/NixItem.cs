using Hillingar.Build.Nix;
using Hillingar.Build.Realising;
using Microsoft.Build.Framework;

namespace Hillingar.Sdk.Tasks;

/// <summary>Items that tell how Nix builds, and what.</summary>
static class NixItem
{
    /// <summary>The options in an item's metadata.</summary>
    public static NixOptions Read(ITaskItem? item) => item is null ? new NixOptions() : new NixOptions
    {
        Nixpkgs = item.GetMetadata("Nixpkgs") is { Length: > 0 } address ? address : NixFlake.DefaultNixpkgs,
        System = item.GetMetadata("System"),
        Builders = item.GetMetadata("Builders"),
        Store = item.GetMetadata("Store"),
        Substituters = List(item, "Substituters"),
        TrustedKeys = List(item, "TrustedKeys"),
        CopyTo = item.GetMetadata("CopyTo"),
        Settings = List(item, "Settings"),
    };

    /// <summary>The targets that items describe.</summary>
    public static IReadOnlyList<FlakeTarget> Targets(IEnumerable<ITaskItem> items) =>
        [.. items.Select(item => new FlakeTarget(item.ItemSpec, item.GetMetadata("DuneTarget"), item.GetMetadata("Context"), item.GetMetadata("Profile"), item.GetMetadata("Image")))];

    static string[] List(ITaskItem item, string name) => item.GetMetadata(name).Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
