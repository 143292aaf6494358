using System.Collections.Immutable;

namespace Hillingar.Solver;

/// <summary>What a version of a package says about others.</summary>
public abstract class Dependency
{
    private protected Dependency() { }
}

/// <summary>A package that must be selected, in one of the allowed versions.</summary>
/// <param name="package">The package.</param>
/// <param name="allowed">The versions that will do.</param>
/// <param name="terms">
/// The condition in the ecosystem's own words, asked for only by an explanation; null where any version will do.
/// </param>
public sealed class Requirement(Package package, VersionSet allowed, object? terms = null) : Dependency
{
    /// <summary>The package.</summary>
    public Package Package { get; } = package;

    /// <summary>The versions that will do.</summary>
    public VersionSet Allowed { get; } = allowed;

    /// <summary>The condition in the ecosystem's own words.</summary>
    public object? Terms { get; } = terms;
}

/// <summary>Alternatives, of which the first that can be is taken. Each is a list of dependencies that all hold; they may nest.</summary>
/// <param name="alternatives">The alternatives, most preferred first. Without any the dependency cannot be met.</param>
public sealed class Choice(ImmutableArray<ImmutableArray<Dependency>> alternatives) : Dependency
{
    /// <summary>The alternatives, most preferred first.</summary>
    public ImmutableArray<ImmutableArray<Dependency>> Alternatives { get; } = alternatives;
}

/// <summary>Versions of a package that must not be selected. It never asks for the package.</summary>
/// <param name="package">The package.</param>
/// <param name="forbidden">The versions that must not be.</param>
/// <param name="terms">
/// The condition in the ecosystem's own words, asked for only by an explanation; null where every version is meant.
/// </param>
/// <param name="bound">
/// Whether the terms describe the versions that may be, as in <c>ocaml &lt; 5</c>, rather than those that must not.
/// </param>
public sealed class Prohibition(Package package, VersionSet forbidden, object? terms = null, bool bound = false) : Dependency
{
    /// <summary>The package.</summary>
    public Package Package { get; } = package;

    /// <summary>The versions that must not be.</summary>
    public VersionSet Forbidden { get; } = forbidden;

    /// <summary>The condition in the ecosystem's own words.</summary>
    public object? Terms { get; } = terms;

    /// <summary>Whether the terms describe the versions that may be.</summary>
    public bool Bound { get; } = bound;
}
