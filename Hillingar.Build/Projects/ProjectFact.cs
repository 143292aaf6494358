namespace Hillingar.Build.Projects;

/// <summary>
/// An entry of the one list of all that the engine wants to know of a project. The SDK's target <c>HillingarGetFacts</c> makes it of items,
/// since metadata cannot hold lists, as NuGet's <c>_RestoreGraphEntry</c> does: tasks take the items, and whoever is no task asks MSBuild for them.
/// </summary>
/// <param name="Identity">What the item includes.</param>
/// <param name="Metadata">A metadatum by its name; empty where it is not set.</param>
public sealed record ProjectFact(string Identity, Func<string, string> Metadata)
{
    /// <summary>Of what kind the fact is, such as <c>Project</c> or <c>Dependency</c>.</summary>
    public string Type => this["Type"];

    /// <summary>A metadatum; empty where it is not set.</summary>
    public string this[string name] => Metadata(name);
}
