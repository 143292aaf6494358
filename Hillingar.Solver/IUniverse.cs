using System.Collections.Immutable;

namespace Hillingar.Solver;

/// <summary>
/// All the packages there are. The solver asks for what it selects or tries, nothing else, and may ask twice: answers must not
/// change while it runs. A universe that keeps what it computed makes the next solve faster.
/// </summary>
public interface IUniverse
{
    /// <summary>
    /// The versions that may be selected, most preferred first, without duplicates; none for a package that does not exist.
    /// </summary>
    ImmutableArray<int> Candidates(Package package);

    /// <summary>What a candidate depends on. The order is that in which packages get their versions.</summary>
    ImmutableArray<Dependency> Dependencies(Package package, int version);

    /// <summary>The conflict classes of a candidate: of all packages, at most one selected version may be in a class.</summary>
    ImmutableArray<ConflictClass> Classes(Package package, int version);

    /// <summary>
    /// Why a version is no candidate, in words that follow the package and its versions: <c>is not available on macOS</c>.
    /// </summary>
    string Rejection(Package package, int version) => "cannot be had here";

    /// <summary>
    /// What the user should know of a package that cannot be had, as a sentence: what it is, or what its name may be; null for nothing.
    /// </summary>
    string? Hint(Package package) => null;

    /// <summary>Whether what the package says are the user's own words.</summary>
    bool IsUsers(Package package) => false;

    /// <summary>Whether a package of the user's may be done without, which is no change of it but its end.</summary>
    bool IsOptional(Package package) => true;

    /// <summary>
    /// Of what is asked for, what nobody asked for, as a sentence without a full stop: <c>this machine has OCaml 4.13.1</c>; null where the
    /// user did.
    /// </summary>
    /// <param name="subject">Who says it; null for the request.</param>
    /// <param name="wish">What is said.</param>
    string? Given(Package? subject, Dependency wish) => null;

    /// <summary>What the user knows as one package, though it is several here, has one label; so has what is said of it.</summary>
    string Label(Package package) => package.Name;

    /// <summary>How a user's wish is written down, to be pasted, or null where there is no one way.</summary>
    /// <param name="subject">The user's package that says it; null for the request.</param>
    /// <param name="package">What it asks for.</param>
    /// <param name="bound">The bound, as <c>&gt;= 5.6</c>; empty for none.</param>
    string? Spell(Package? subject, Package package, string bound) => null;

    /// <summary>How a package of the user's is done without, as something to do, or null where that needs no words.</summary>
    /// <param name="package">The package.</param>
    string? Removal(Package package) => null;
}

/// <summary>A version's membership in a conflict class.</summary>
/// <param name="Name">The class.</param>
/// <param name="Share">Members that have the same share, which is not null, do not exclude each other.</param>
public readonly record struct ConflictClass(string Name, string? Share = null)
{
    /// <summary>Whether a member of another package must not be selected as well.</summary>
    /// <param name="other">The other's membership.</param>
    public bool Excludes(ConflictClass other) => Name == other.Name && (Share is null || Share != other.Share);
}
