namespace Hillingar.Build.Requests;

/// <summary>A dependency as the user wrote it in the project.</summary>
/// <param name="Name">The opam package.</param>
/// <param name="Version">An opam constraint, a NuGet range, or empty for any version; see <see cref="VersionText"/>.</param>
public sealed record Dependency(string Name, string Version);
