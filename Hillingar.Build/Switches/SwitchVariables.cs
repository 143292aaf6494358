using System.Collections.Immutable;
using Hillingar.Opam.Language;

namespace Hillingar.Build.Switches;

/// <summary>
/// The variables that a package's build steps see in a switch, in the order in which opam looks for them (<c>OpamPackageVar.resolve</c>).
/// Variables of the environment (<c>OPAMVAR_…</c>) are not looked at: the same switch gives the same build.
/// </summary>
public sealed class SwitchVariables
{
    readonly OpamEnvironment _global;
    readonly ImmutableDictionary<PackageName, SwitchPackage> _installed;

    /// <summary>The variables of a switch.</summary>
    /// <param name="global">The platform's variables, and those of <see cref="Globals"/>.</param>
    /// <param name="installed">What is installed when the package is built.</param>
    public SwitchVariables(OpamEnvironment global, IEnumerable<SwitchPackage> installed)
    {
        _global = global;
        _installed = installed.ToImmutableDictionary(package => package.Package.Name);
    }

    /// <summary>The platform's variables together with those that opam has of itself.</summary>
    /// <param name="platform">The platform's.</param>
    /// <param name="jobs">How many processes a package's build may start; a value that is the same everywhere keeps builds the same.</param>
    /// <param name="root">opam's root, for the few packages that name it.</param>
    /// <param name="switchName">The switch's name.</param>
    public static OpamEnvironment Globals(OpamEnvironment platform, int jobs, string root, string switchName)
    {
        ArgumentNullException.ThrowIfNull(platform);
        return platform.With("jobs", $"{jobs}").With("make", "make").With("exe", "").With("root", root).With("switch", switchName);
    }

    /// <summary>What is installed, by name.</summary>
    public IEnumerable<SwitchPackage> Packages => _installed.Values.OrderBy(package => package.Package);

    /// <summary>An installed package, or null.</summary>
    /// <param name="name">Its name.</param>
    public SwitchPackage? Installed(PackageName name) => _installed.GetValueOrDefault(name);

    /// <summary>What the steps of a package see. <c>with-test</c>, <c>with-doc</c> and <c>with-dev-setup</c> are false in its commands, and not defined elsewhere.</summary>
    /// <param name="package">The package that is built.</param>
    /// <param name="commands">Whether it is for its <c>build</c> and <c>install</c> commands.</param>
    public IVariables For(SwitchPackage package, bool commands) => new Scope(this, package, commands);

    /// <summary>
    /// The installed packages that a package depends on, in the order in which its <c>depends</c> and then its <c>depopts</c> name them
    /// (<c>OpamPackageVar.all_installed_deps</c>: build dependencies count, <c>post</c> ones do not).
    /// </summary>
    /// <param name="package">The package.</param>
    /// <param name="build">Whether what only its build needs counts.</param>
    public ImmutableArray<OpamPackage> Dependencies(SwitchPackage package, bool build = true)
    {
        ArgumentNullException.ThrowIfNull(package);
        var options = new DependencyOptions
        {
            Build = build,
            Post = false,
            Dev = package.IsDev,
        };
        var environment = _global.For(package.Package);
        return
        [
            .. from formula in new[] { package.Description.Depends, package.Description.Depopts }
            from atom in formula.Select(environment, options).Atoms()
            let found = Installed(atom.Name)
            // opam takes the constraints of one atom apart, and one that holds is enough (OpamFormula.atoms).
            where
                found is not null
                && (atom.Versions.IsEmpty || atom.Versions.Atoms().Any(constraint => constraint.Holds(found.Package.Version)))
            group found by atom.Name into atoms
            select atoms.First().Package,
        ];
    }

    /// <summary>The installed packages of some names, and all that they depend on, directly or through others.</summary>
    /// <param name="names">The names; those of which nothing is installed do not count.</param>
    /// <param name="build">Whether what only builds need counts.</param>
    public IReadOnlySet<OpamPackage> Needed(IEnumerable<PackageName> names, bool build)
    {
        ArgumentNullException.ThrowIfNull(names);
        var needed = new HashSet<OpamPackage>();
        var rest = new Stack<PackageName>(names);
        while (rest.TryPop(out var name))
            if (Installed(name) is { } package && needed.Add(package.Package))
                foreach (var dependency in Dependencies(package, build))
                    rest.Push(dependency.Name);
        return needed;
    }

    sealed class Scope(SwitchVariables owner, SwitchPackage self, bool commands) : IVariables
    {
        public VariableValue? Lookup(Variable variable)
        {
            var (scope, name) = (variable.Package, variable.Name);
            if (commands && scope is null or "_" && name is "with-test" or "with-doc" or "with-dev-setup")
                return false;
            var about =
                scope is null or "_" ? self
                : new PackageName(scope) is var other && other == self.Package.Name ? self
                : owner._installed.GetValueOrDefault(other);
            if (scope is not null && about?.Config.GetValueOrDefault(name) is { } own)
                return own;
            if (scope is null && (Text(self.Layout.Folder(name)) ?? owner._global.Lookup(variable)) is { } global)
                return global;
            return scope is null && self.Config.GetValueOrDefault(name) is { } mine
                ? mine
                : OfPackage(about, scope is null or "_" ? self.Package.Name : new PackageName(scope), name);
        }

        VariableValue? OfPackage(SwitchPackage? about, PackageName package, string name) =>
            name switch
            {
                "installed" => (VariableValue)owner._installed.ContainsKey(package),
                "pinned" => false,
                // opam knows it of every package of its repositories, installed or not.
                "name" => package.Text,
                _ when about is null => null,
                "build" => Text(about.BuildFolder),
                "version" => about.Package.Version.Text,
                "depends" => string.Join(' ', owner.Dependencies(about).Order()),
                "hash" => Text(about.Hash?.ToString()),
                "dev" => about.IsDev,
                "build-id" => Text(about.BuildId),
                "opamfile" => Text(about.OpamFile),
                _ => Text(about.Layout.Folder(name, package)),
            };

        static VariableValue? Text(string? text) => text is null ? null : (VariableValue)text;
    }
}
