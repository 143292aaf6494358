using Hillingar.Build.Files;
using Hillingar.Build.Requests;
using Hillingar.Build.Sources;
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
    internal IEnumerable<string> Names => Packages.Select(text => OpamPackage.TryParse(text, out var package) ? package.Name.Text : null).OfType<string>();

    // Everything that decides what the folder holds; another version of this code may unpack differently.
    internal string Stamp => $"6 {(Source.Checksums.Count > 0 ? string.Join(' ', Source.Checksums.Strongest()) : Source.Url)}"
        + (Preparations.Count == 0 ? "" : " " + Hashes.OfText(string.Join('\n', Preparations.Select(preparation => preparation.Stamp(HostPlatform.Current)))))
        + (OnlyPackages.Count == 0 ? "" : " only " + string.Join(' ', OnlyPackages));
}
