using Hillingar.Build.Mirage;
using Hillingar.Opam.Language;

namespace Hillingar.Build.Nix;

/// <summary>A system that Nix builds on, and what it is in opam's words.</summary>
/// <param name="Name">Nix's name: <c>x86_64-linux</c>, <c>aarch64-darwin</c>.</param>
/// <param name="Platform">opam's: <c>x86_64-linux</c>, <c>arm64-macos</c>.</param>
public sealed record NixSystem(string Name, string Platform)
{
    /// <summary>The systems that a flake can be for.</summary>
    public static IReadOnlyList<NixSystem> All { get; } =
    [
        new("x86_64-linux", "x86_64-linux"),
        new("aarch64-linux", "arm64-linux"),
        new("x86_64-darwin", "x86_64-macos"),
        new("aarch64-darwin", "arm64-macos"),
    ];

    /// <summary>This machine's, or null where Nix has none for it.</summary>
    public static NixSystem? Host => Of(Build.Requests.Platform.Host.Name);

    /// <summary>The system of one of opam's platforms, or null.</summary>
    public static NixSystem? Of(string platform) => All.FirstOrDefault(system => system.Platform == platform);

    /// <summary>opam's variables there. The distribution is NixOS whatever the machine runs: system packages come from nixpkgs.</summary>
    public OpamEnvironment Environment =>
        Platform.Split('-') is [var arch, var os]
            ? OpamEnvironment.Platform(arch, os, "nixos", "nixos", "").With("make", "make")
            : OpamEnvironment.Empty;

    /// <summary>Whether images for a mirage target are made there.</summary>
    public bool Builds(string target) => TargetTable.Find(target) is { } row && row.Fault(Platform) is null;
}
