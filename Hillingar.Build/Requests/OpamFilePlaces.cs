using Hillingar.Build.Confinement;
using Hillingar.Build.Unpacking;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;

namespace Hillingar.Build.Requests;

/// <summary>Where a package's opam file may be in its sources.</summary>
static class OpamFilePlaces
{
    /// <summary>The places that opam looks at, in its order (<c>opamPinned.ml</c>).</summary>
    public static IReadOnlyList<string> Of(PackageName name) =>
        [$"{name}.opam", $"{name}.opam/opam", $"opam/{name}.opam", $"opam/{name}.opam/opam", "opam", "opam/opam"];

    /// <summary>The package as its sources describe it, strictly read: by an opam file, else by a <c>dune-project</c>; null where neither does.</summary>
    /// <param name="folder">The sources.</param>
    /// <param name="package">The package.</param>
    /// <param name="shown">What messages call the folder.</param>
    /// <param name="below">The folder in the sources that the package lies in; empty for that of the sources.</param>
    /// <exception cref="HillingarException">Of the 1000s: the opam file is at fault. HIL6029: the dune-project is. HIL3012: a file leads out of the sources.</exception>
    public static PackageFile? Read(string folder, OpamPackage package, string shown, string below = "")
    {
        string In(string place) => below.Length == 0 ? place : $"{below}/{place}";

        using var sources = ConfinedFolder.Open(
            folder,
            (path, why) =>
                new HillingarException(
                    "HIL3012",
                    $"'{package}' is pinned to '{shown}', where '{Unpacker.Printable(path)}' cannot be read: {Unpacker.Printable(why)}. Correct the pin."
                )
        );
        foreach (var place in Of(package.Name))
            if (Read(sources, In(place)) is { } bytes)
                return StrictCheck.Require(
                    new PackageFile(Opam.Syntax.Document.Parse(bytes, $"{shown.TrimEnd('/')}/{In(place)}"), package)
                );
        return
            DuneProject.Read(name => Read(sources, In(name)), shown)?.Packages.FirstOrDefault(file => file.Name == package.Name)
                is { } described
            ? new PackageFile(described.Document, package)
            : null;
    }

    static byte[]? Read(ConfinedFolder sources, string path) =>
        path.LastIndexOf('/') is var slash and > 0 && !sources.HasFolder(path[..slash]) || sources.HasFolder(path)
            ? null
            : sources.ReadBytes(path, DuneText.MaxLength, throughLinks: true);

    /// <summary>The error for a pin to where none of the places holds the package.</summary>
    internal static HillingarException Absent(Pin pin, Place place) =>
        new(
            "HIL3012",
            $"'{pin.Package}' is pinned to '{pin.Url}', which has none of {string.Join(", ", Of(pin.Package.Name))}, and no dune-project that describes it. Correct the pin.",
            place
        );
}
