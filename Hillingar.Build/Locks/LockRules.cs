namespace Hillingar.Build.Locks;

/// <summary>What a lock may be: each rule is one of opam-monorepo's that is lifted.</summary>
public sealed record LockRules
{
    /// <summary>opam-monorepo 0.4's, unchanged.</summary>
    public static LockRules OpamMonorepo { get; } = new();

    /// <summary>Ours: all are lifted.</summary>
    public static LockRules Hillingar { get; } =
        new()
        {
            KeepsConflicts = true,
            SideBySide = true,
            VendorsAll = true,
            Jointly = true,
            PlainSwitch = true,
        };

    /// <summary>Whether a package's own <c>conflicts</c> stay in force; opam-monorepo loses them for packages with a <c>dev-repo</c>.</summary>
    public bool KeepsConflicts { get; init; }

    /// <summary>
    /// Whether several archives of one <c>dev-repo</c>, and several of those with one last name, get a folder each; else they conflict.
    /// One archive for all packages of a <c>dev-repo</c> is still taken where there is a solution with it: what was released together fits together.
    /// </summary>
    public bool SideBySide { get; init; }

    /// <summary>Whether packages without <c>dev-repo</c> are vendored; else they are left out of the duniverse.</summary>
    public bool VendorsAll { get; init; }

    /// <summary>Whether monorepo and host switch, on all platforms, are solved together; else the switch after the monorepo, with its versions.</summary>
    public bool Jointly { get; init; }

    /// <summary>Whether the host switch holds what the host needs only (<c>monorepo</c> is undefined in it); else it repeats the monorepo.</summary>
    public bool PlainSwitch { get; init; }
}
