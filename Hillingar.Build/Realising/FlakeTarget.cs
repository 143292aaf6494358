namespace Hillingar.Build.Realising;

/// <summary>One mirage target of a flake.</summary>
/// <param name="Name">The target, such as <c>spt</c>.</param>
/// <param name="DuneTarget">What dune is asked for, below <c>src/</c>.</param>
/// <param name="Context">dune's context.</param>
/// <param name="Profile">dune's profile.</param>
/// <param name="Image">The image's file name.</param>
public sealed record FlakeTarget(string Name, string DuneTarget, string Context, string Profile, string Image);
