using Hillingar.Opam;

namespace Hillingar.Build;

/// <summary>Where a package's opam file may be in its sources.</summary>
static class OpamFilePlaces
{
    /// <summary>The places that opam looks at, in its order (<c>opamPinned.ml</c>).</summary>
    public static IReadOnlyList<string> Of(PackageName name) =>
        [$"{name}.opam", $"{name}.opam/opam", $"opam/{name}.opam", $"opam/{name}.opam/opam", "opam", "opam/opam"];

    /// <summary>The opam file's path relative to the sources, or null.</summary>
    public static string? Find(string folder, PackageName name) => Of(name).FirstOrDefault(place => File.Exists(Path.Combine(folder, place)));

    /// <summary>The package as its sources describe it, strictly read: by an opam file, else by a <c>dune-project</c>; null where neither does.</summary>
    /// <param name="folder">The sources.</param>
    /// <param name="package">The package.</param>
    /// <param name="shown">What messages call the folder.</param>
    /// <exception cref="HillingarException">Of the 1000s: the opam file is at fault. HIL6029: the dune-project is.</exception>
    public static PackageFile? Read(string folder, OpamPackage package, string shown)
    {
        if (Find(folder, package.Name) is { } place)
            return StrictCheck.Require(new PackageFile(Opam.Syntax.Document.Parse(File.ReadAllBytes(Path.Combine(folder, place)), $"{shown.TrimEnd('/')}/{place}"), package));
        return DuneProject.Read(folder, shown)?.Packages.FirstOrDefault(file => file.Name == package.Name) is { } described ? new PackageFile(described.Document, package) : null;
    }
}
