namespace Hillingar.Solver;

/// <summary>
/// Something that is selected in one version or not at all. A package is known by its identity, not by its name: a universe
/// makes one object of each, and may derive from it to keep there what it knows.
/// </summary>
/// <param name="name">The name as the user knows it.</param>
/// <param name="versions">
/// Every version that is known, oldest first, also those that are no candidates. Their places are their ranks.
/// </param>
public class Package(string name, IReadOnlyList<string> versions)
{
    /// <summary>The name as the user knows it.</summary>
    public string Name { get; } = name;

    /// <summary>
    /// Every version that is known, oldest first; a version's place here is the rank that a <see cref="VersionSet"/> holds.
    /// </summary>
    public IReadOnlyList<string> Versions { get; } = versions;

    /// <inheritdoc/>
    public override string ToString() => Name;
}
