using System.Collections.Immutable;

namespace Hillingar.Opam.Language;

/// <summary>
/// The variables that filters see: those of a platform (<c>arch</c>, <c>os</c>, …) and any others, such as <c>monorepo</c>.
/// What is not set is undefined. Immutable: <see cref="With"/> makes another.
/// </summary>
public sealed class OpamEnvironment : IVariables
{
    readonly ImmutableDictionary<string, VariableValue> _variables;

    OpamEnvironment(ImmutableDictionary<string, VariableValue> variables) => this._variables = variables;

    /// <summary>Nothing is defined.</summary>
    public static OpamEnvironment Empty { get; } = new(ImmutableDictionary<string, VariableValue>.Empty);

    /// <summary>All variables by full name.</summary>
    public IReadOnlyDictionary<string, VariableValue> Variables => _variables;

    /// <summary>The environment of a platform; <c>ocaml:native</c> is true, as in <c>opam-0install</c>.</summary>
    /// <param name="arch">The processor: <c>x86_64</c>, <c>arm64</c>, …</param>
    /// <param name="os">The system: <c>linux</c>, <c>macos</c>, <c>win32</c>, …</param>
    /// <param name="osDistribution">The distribution: <c>debian</c>, <c>alpine</c>, <c>homebrew</c>, …</param>
    /// <param name="osFamily">Its family: <c>debian</c>, <c>fedora</c>, …</param>
    /// <param name="osVersion">Its version.</param>
    /// <param name="opamVersion">The opam to be taken for.</param>
    public static OpamEnvironment Platform(
        string arch,
        string os,
        string osDistribution,
        string osFamily,
        string osVersion,
        string opamVersion = "2.2.1"
    ) =>
        Empty
            .With("arch", arch)
            .With("os", os)
            .With("os-distribution", osDistribution)
            .With("os-family", osFamily)
            .With("os-version", osVersion)
            .With("opam-version", opamVersion)
            .With("ocaml:native", true);

    /// <summary>The same with one variable set.</summary>
    /// <param name="name">Its full name: <c>os</c>, <c>ocaml:native</c>.</param>
    /// <param name="value">Its value.</param>
    public OpamEnvironment With(string name, VariableValue value) => new(_variables.SetItem(name, value));

    /// <summary>The same with one variable undefined.</summary>
    /// <param name="name">Its full name.</param>
    public OpamEnvironment Without(string name) => new(_variables.Remove(name));

    /// <inheritdoc/>
    public VariableValue? Lookup(Variable variable) => _variables.TryGetValue(variable.ToString(), out var value) ? value : null;

    /// <summary>
    /// What the filters of a package's own file see: <c>version</c> is the package's, and the variables that choose dependencies
    /// (<c>build</c>, <c>post</c>, <c>with-test</c>, <c>with-doc</c>, <c>with-dev-setup</c>, <c>dev</c>) are still open.
    /// </summary>
    /// <param name="package">The package.</param>
    public IVariables For(OpamPackage package) => new PackageScope(this, package);

    sealed class PackageScope(OpamEnvironment environment, OpamPackage package) : IVariables
    {
        public VariableValue? Lookup(Variable variable)
        {
            switch (variable)
            {
                case { Package: null, Name: "version" } or { Package: "_", Name: "version" }:
                    return package.Version.Text;
                case { Package: null, Name: "name" } or { Package: "_", Name: "name" }:
                    return package.Name.Text;
                case { Package: null, Name: "build" or "post" or "with-test" or "with-doc" or "with-dev-setup" or "dev" }:
                    return null;
                default:
                    return environment.Lookup(variable);
            }
        }
    }
}
