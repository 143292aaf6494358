using System.Collections.Immutable;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;

namespace Hillingar.Opam.Universe;

/// <summary>What <c>opam monorepo lock</c> asks the solver for (<c>opam_solve.ml</c>).</summary>
public static class MonorepoRequest
{
    /// <summary>
    /// The contexts of a project's lock: its monorepo and, where packages are to be provided by a switch, that switch, in which
    /// nothing is left out and no rules hold. Both are solved together, so they cannot disagree; the reference solves the second after the
    /// first.
    /// </summary>
    /// <param name="environment">The build host's variables; <c>monorepo</c> need not be set.</param>
    /// <param name="locals">The project's packages.</param>
    /// <param name="targets">Those that are locked.</param>
    /// <param name="rules">The rules of the monorepo.</param>
    /// <param name="ocaml">The version of the package <c>ocaml</c>; null for any.</param>
    /// <param name="tests">Whether the targets' tests are wanted (opam-monorepo without <c>--build-only</c>).</param>
    /// <param name="compiler">
    /// The compiler to ask for, such as <c>ocaml-system</c> where the machine provides it; a project that mentions a compiler variant asks
    /// for none.
    /// </param>
    /// <param name="name">What messages call the platform; null where there is one only.</param>
    public static ImmutableArray<SolveContext> Create(
        OpamEnvironment environment,
        Repository locals,
        IEnumerable<PackageName> targets,
        MonorepoRules rules,
        OpamVersion? ocaml = null,
        bool tests = false,
        string compiler = "ocaml-base-compiler",
        string? name = null
    )
    {
        ArgumentNullException.ThrowIfNull(locals);
        ArgumentNullException.ThrowIfNull(rules);
        var sorted = targets.Order().ToImmutableArray();
        ImmutableArray<PackageName> roots = MentionsVariant(locals) ? sorted : [new(compiler), .. sorted];
        var monorepo = new SolveContext(name ?? "vendored", environment)
        {
            Roots = [.. roots.Select(root => new PackageAtom(root, Formula<VersionConstraint>.Empty))],
            Constraints = ocaml is { } version
                ? [new(new("ocaml"), new Formula<VersionConstraint>.Atom(new(RelationalOperator.Equal, version)))]
                : [],
            Tests = tests ? [.. sorted] : [],
            AvoidLast = true,
            Platform = name,
            Monorepo = rules,
        };
        return rules.OpamProvided.IsEmpty
            ? [monorepo]
            : [monorepo, monorepo with { Name = name is null ? "host switch" : $"host switch on {name}", Monorepo = null }];
    }

    /// <summary>Whether a project chooses a compiler variant itself (<c>opam.ml</c>, <c>depends_on_compiler_variants</c>).</summary>
    static bool MentionsVariant(Repository locals) =>
        locals.Names.Any(name =>
            locals
                .Versions(name)
                .Any(package =>
                    package
                        .Depends.Atoms()
                        .Select(atom => atom.Name.Text)
                        .Any(mentioned =>
                            mentioned == "ocaml-variants"
                            || mentioned.StartsWith("ocaml-option", StringComparison.Ordinal) && mentioned != "ocaml-options-vanilla"
                        )
                )
        );
}
