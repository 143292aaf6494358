namespace Hillingar.Build.Realising;

/// <summary>What dune is asked for to make a target's image.</summary>
/// <param name="Name">The target.</param>
/// <param name="DuneTarget">What dune is asked for, below <c>src/</c>.</param>
/// <param name="Context">dune's context.</param>
/// <param name="Profile">dune's profile.</param>
/// <param name="Image">The image's file name.</param>
public sealed record PlannedTarget(string Name, string DuneTarget, string Context, string Profile, string Image);
