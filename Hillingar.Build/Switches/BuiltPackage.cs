using System.Collections.Immutable;

namespace Hillingar.Build.Switches;

/// <summary>A host package that is there: built, or this machine's own.</summary>
/// <param name="About">The package, with the variables that it left.</param>
/// <param name="Key">The hash of everything that went into it.</param>
/// <param name="Tree">Its files as they lie below a prefix; null for this machine's own.</param>
/// <param name="Order">Its place in the order in which packages are installed.</param>
/// <param name="Closure">All packages below it, in that order, without itself.</param>
sealed record BuiltPackage(SwitchPackage About, string Key, string? Tree, int Order, ImmutableArray<BuiltPackage> Closure)
{
    /// <summary>What packages and all below them bring, in the order in which they are installed.</summary>
    public static ImmutableArray<BuiltPackage> Together(IEnumerable<BuiltPackage> packages) =>
        [
            .. packages
                .SelectMany(package => package.Closure.Append(package))
                .DistinctBy(package => package.About.Package)
                .OrderBy(package => package.Order),
        ];
}
