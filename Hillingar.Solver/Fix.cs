namespace Hillingar.Solver;

/// <summary>What a <see cref="Fix"/> does with a wish of the user.</summary>
public enum FixKind
{
    /// <summary>Allows more versions.</summary>
    Widen,

    /// <summary>Gives up a bound on a package that is not asked for.</summary>
    Drop,

    /// <summary>No longer excludes a package.</summary>
    Allow,

    /// <summary>Does without the package.</summary>
    LeaveOut,
}

/// <summary>A change of one of the user's wishes that was tried, and with which there is a solution.</summary>
/// <param name="Kind">The change.</param>
/// <param name="Subject">The user's package that says it; null where it is the request itself.</param>
/// <param name="Wish">What is changed.</param>
/// <param name="Description">The change in words, with what is to be written.</param>
/// <param name="Solution">What is selected then.</param>
public sealed record Fix(FixKind Kind, Package? Subject, Dependency Wish, string Description, Solution Solution)
{
    /// <summary>The package whose bound changes, or that is done without; null where the wish is about several.</summary>
    public Package? Package { get; init; }

    /// <summary>
    /// The bound that takes the place of the old one, as <c>&gt;= 5.6</c>; empty for none, null where the package is done without.
    /// </summary>
    public string? Bound { get; init; }

    /// <summary>The other changes that are to be made with it, as none alone is enough; <see cref="Description"/> is of all.</summary>
    public IReadOnlyList<Fix> With { get; init; } = [];
}
