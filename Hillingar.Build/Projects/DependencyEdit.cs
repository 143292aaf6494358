using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Projects;

/// <summary>What was done about a dependency in a project's file.</summary>
public enum DependencyChange
{
    /// <summary>It was there, and says the same.</summary>
    None,

    /// <summary>It was added.</summary>
    Added,

    /// <summary>It was there, and has another constraint now.</summary>
    Changed,

    /// <summary>It was taken out.</summary>
    Removed,
}

/// <summary>A dependency that was written into a project's file, or taken out of it.</summary>
/// <param name="Package">The opam package.</param>
/// <param name="Constraint">Its version as the project file says it; empty for any.</param>
/// <param name="Change">What was done.</param>
/// <param name="Place">The project's file; the line where the item stands, or stood.</param>
public sealed record DependencyEdit(string Package, string Constraint, DependencyChange Change, Place Place);
