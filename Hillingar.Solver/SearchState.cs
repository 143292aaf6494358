namespace Hillingar.Solver;

/// <summary>
/// What a search is at, for whoever has to say what it was stopped in. It serves one search after the other, not two at once.
/// </summary>
public sealed class SearchState
{
    internal Search? Search { get; set; }

    /// <summary>How many packages were looked at so far.</summary>
    public int Packages => Search?.Packages ?? 0;

    /// <summary>
    /// The packages that keep the search from an answer, the most contested first: those of which versions were ruled out by what was
    /// learned most often. Where nothing was learned yet it is the last one that was selected.
    /// </summary>
    /// <param name="most">How many to give.</param>
    public IReadOnlyList<Package> Trying(int most) => Search?.Contested(most) ?? [];
}
