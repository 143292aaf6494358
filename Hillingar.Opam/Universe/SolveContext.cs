using System.Collections.Immutable;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;

namespace Hillingar.Opam.Universe;

/// <summary>
/// One set of packages that live together: a switch, or the monorepo of a project, on one platform. Contexts that are solved
/// together select the same version of a package wherever they select it.
/// </summary>
/// <param name="Name">What messages call it, such as <c>linux</c> or <c>host</c>.</param>
/// <param name="Environment">The variables that filters see: those of the machine that builds.</param>
public sealed record SolveContext(string Name, OpamEnvironment Environment)
{
    /// <summary>The packages that are asked for, in this order.</summary>
    public ImmutableArray<PackageAtom> Roots { get; init; } = [];

    /// <summary>Bounds on packages that are not asked for.</summary>
    public ImmutableArray<PackageAtom> Constraints { get; init; } = [];

    /// <summary>The packages whose tests are wanted: <c>with-test</c> is true for them.</summary>
    public ImmutableHashSet<PackageName> Tests { get; init; } = [];

    /// <summary>
    /// What of the roots and the bounds nobody asked for, as a sentence for messages: <c>this machine has OCaml 4.13.1</c>.
    /// </summary>
    public ImmutableDictionary<PackageName, string> Given { get; init; } = ImmutableDictionary<PackageName, string>.Empty;

    /// <summary>The platform, as messages call it; null where it is the only one.</summary>
    public string? Platform { get; init; }

    /// <summary>Whether the oldest versions are preferred.</summary>
    public bool PreferOldest { get; init; }

    /// <summary>Whether versions with the flag <c>avoid-version</c> come last; else they are as good as any.</summary>
    public bool AvoidLast { get; init; }

    /// <summary>
    /// Whether, with <see cref="AvoidLast"/>, a package that is nothing itself comes last where all that it stands for does; opam-monorepo
    /// looks at its own flag only.
    /// </summary>
    public bool AvoidWhatStandsForAvoided { get; init; }

    /// <summary>Versions that come first, such as those of the lock that is renewed.</summary>
    public ImmutableDictionary<PackageName, OpamVersion> Preferred { get; init; } = ImmutableDictionary<PackageName, OpamVersion>.Empty;

    /// <summary>The rules of a monorepo; null for a switch.</summary>
    public MonorepoRules? Monorepo { get; init; }
}

/// <summary>What may be vendored: the rules of opam-monorepo 0.4 (<c>opam_solve.ml</c>).</summary>
public sealed record MonorepoRules
{
    /// <summary>Whether <c>jbuilder</c> counts as <c>dune</c>.</summary>
    public bool AllowJbuilder { get; init; }

    /// <summary>Whether of a package that has versions tagged <c>cross-compile</c> only those may be.</summary>
    public bool RequireCrossCompile { get; init; }

    /// <summary>The packages that the host switch provides (<c>x-opam-monorepo-opam-provided</c>): no dependency on them counts.</summary>
    public ImmutableHashSet<PackageName> OpamProvided { get; init; } = [];

    /// <summary>Whether packages of one <c>dev-repo</c> must come from one archive.</summary>
    public bool OneArchive { get; init; }

    /// <summary>Whether only what builds with dune may be: not so for opam-monorepo's second solve, of the switch.</summary>
    public bool RequireDune { get; init; } = true;

    /// <summary>
    /// Whether a package's own <c>conflicts</c> count; opam-monorepo loses those of every package with a <c>dev-repo</c>.
    /// </summary>
    public bool KeepConflicts { get; init; } = true;

    /// <summary>Whether the package can do without dune: there is nothing to build, or it comes before dune.</summary>
    /// <param name="package">The package.</param>
    public static bool IsSafe(RepositoryPackage package)
    {
        ArgumentNullException.ThrowIfNull(package);
        return package.HasFlag("compiler")
            || package.Package.Name.Text
                is "ocaml"
                    or "ocaml-compiler"
                    or "jbuilder"
                    or "dune"
                    or "ocamlbuild"
                    or "ocamlmod"
                    or "oasis"
                    or "ocamlify"
            || IsVirtual(package);
    }

    /// <summary>Whether the package has nothing to build.</summary>
    /// <param name="package">The package.</param>
    public static bool IsVirtual(RepositoryPackage package)
    {
        ArgumentNullException.ThrowIfNull(package);
        return package.Url is null || !package.HasCommands || package.HasFlag("conf") && string.IsNullOrEmpty(package.DevRepo);
    }
}
