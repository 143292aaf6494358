using System.Collections.Immutable;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;
using Hillingar.Solver;

namespace Hillingar.Opam.Universe;

/// <summary>An opam package in a <see cref="SolveContext"/>, with what was computed of it.</summary>
sealed class OpamNode : Package
{
    readonly RepositoryPackage[] _described;
    readonly (ImmutableArray<Dependency> Plain, ImmutableArray<Dependency> Tested)[] _dependencies;

    /// <param name="name">The package.</param>
    /// <param name="shown">Its name in messages.</param>
    /// <param name="described">Its versions, oldest first.</param>
    public OpamNode(PackageName name, string shown, RepositoryPackage[] described)
        : base(shown, Array.ConvertAll(described, version => version.Package.Version.Text))
    {
        Opam = name;
        this._described = described;
        _dependencies = new (ImmutableArray<Dependency>, ImmutableArray<Dependency>)[described.Length];
    }

    public PackageName Opam { get; }

    /// <summary>The versions, oldest first.</summary>
    public ReadOnlySpan<RepositoryPackage> Described => _described;

    /// <summary>The candidates; default until they are known.</summary>
    public ImmutableArray<int> Candidates { get; set; }

    /// <summary>Why the other versions are none.</summary>
    public Dictionary<int, string> Rejections { get; } = [];

    /// <summary>The versions whose files cannot be read, and why: candidates after all others, as what they need is not known.</summary>
    public Dictionary<int, Diagnostic> Unreadable { get; } = [];

    /// <summary>What a version depends on, without and with its tests; default until it is known.</summary>
    public ref ImmutableArray<Dependency> Dependencies(int version, bool test)
    {
        ref var both = ref _dependencies[version];
        if (test)
            return ref both.Tested;
        return ref both.Plain;
    }

    /// <summary>The versions for which a condition holds.</summary>
    public VersionSet Where(Formula<VersionConstraint> condition) =>
        condition.IsEmpty
            ? VersionSet.All(_described.Length)
            : VersionSet.Where(_described.Length, version => condition.Holds(_described[version].Package.Version));
}
