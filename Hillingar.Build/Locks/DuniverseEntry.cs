using Hillingar.Build.Files;
using Hillingar.Build.Requests;
using Hillingar.Build.Sources;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;

namespace Hillingar.Build.Locks;

/// <summary>One folder of the duniverse: the sources of one repository, which may hold several packages.</summary>
/// <param name="Folder">The folder's name below the duniverse.</param>
/// <param name="Source">Where the sources come from.</param>
/// <param name="Packages">The locked packages in it, for messages.</param>
public sealed record DuniverseEntry(string Folder, Source Source, IReadOnlyList<string> Packages)
{
    /// <summary>What is done to the sources after they are unpacked.</summary>
    public IReadOnlyList<Preparation> Preparations { get; init; } = [];

    /// <summary>The packages that the sources are cut down to, as others come from elsewhere; none where all stays.</summary>
    public IReadOnlyList<string> OnlyPackages { get; init; } = [];

    /// <summary>The names of the locked packages.</summary>
    internal IEnumerable<string> Names =>
        Packages.Select(text => OpamPackage.TryParse(text, out var package) ? package.Name.Text : null).OfType<string>();

    /// <summary>Whether a source can have a folder of this name: <c>dune</c> is the file of ours beside it.</summary>
    internal static bool IsName(string folder) =>
        folder is not ("" or ['.', ..])
        && !folder.Contains('/')
        && !folder.Equals("dune", StringComparison.OrdinalIgnoreCase)
        && PortableName.Fault(folder) is null;

    /// <summary>That a source is to be in a folder that it cannot have.</summary>
    internal static HillingarException NoFolder(string folder, Place? place = null) =>
        new("HIL4030", $"'{folder}' cannot be a folder of the duniverse. Lock the project again.", place);

    // Everything that decides what the folder holds; another version of this code may unpack differently.
    internal string Stamp =>
        $"6 {(Source.Checksums.Count > 0 ? string.Join(' ', Source.Checksums.Strongest()) : Source.Url)}"
        + (
            Preparations.Count == 0
                ? ""
                : " " + Hashes.OfText(string.Join('\n', Preparations.Select(preparation => preparation.Stamp(HostPlatform.Current))))
        )
        + (OnlyPackages.Count == 0 ? "" : " only " + string.Join(' ', OnlyPackages));
}
