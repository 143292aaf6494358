namespace Hillingar.Build.Projects;

/// <summary>An item of .NET's own in a project that compiles no .NET code.</summary>
/// <param name="Type">Its type, such as <c>PackageReference</c>.</param>
/// <param name="Include">What it includes.</param>
/// <param name="Version">Its version, of a package.</param>
/// <param name="IsTool">Whether it is for the build alone, such as a package with <c>PrivateAssets="all"</c>.</param>
public sealed record ForeignItem(string Type, string Include, string Version, bool IsTool);
