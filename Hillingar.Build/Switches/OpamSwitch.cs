using System.Collections.Immutable;
using Hillingar.Build.Locks;
using Hillingar.Build.Requests;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Syntax;
using Hillingar.Opam.Universe;

namespace Hillingar.Build.Switches;

/// <summary>A switch that opam made, as opam's own files describe it: nothing of it is run to know it.</summary>
public sealed class OpamSwitch
{
    readonly SwitchVariables _variables;

    OpamSwitch(string name, SwitchLayout layout, SwitchVariables variables) => (Name, Layout, _variables) = (name, layout, variables);

    /// <summary>Its name, or the folder that it is local to.</summary>
    public string Name { get; }

    /// <summary>Its prefix.</summary>
    public SwitchLayout Layout { get; }

    /// <summary>What is installed, by name.</summary>
    public IEnumerable<SwitchPackage> Packages => _variables.Packages;

    /// <summary>Reads a switch.</summary>
    /// <param name="name">Its name, or for a local switch its folder, which has a slash or begins with a dot (<c>OpamSwitch.is_external</c>).</param>
    /// <param name="folder">What a relative folder is relative to.</param>
    /// <param name="place">Where it is asked for.</param>
    /// <param name="root">opam's root; null for the user's.</param>
    /// <exception cref="HillingarException">HIL5066: there is no such switch. Of the 1000s: a file of opam's cannot be read.</exception>
    public static OpamSwitch Read(string name, string folder, Place? place = null, string? root = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        root ??= Environment.GetEnvironmentVariable("OPAMROOT") is { Length: > 0 } set
            ? set
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".opam");
        var prefix =
            name.Contains('/') || name.StartsWith('.') || Path.IsPathRooted(name)
                ? Path.Combine(Path.GetFullPath(name, folder), "_opam")
                : Path.Combine(root, name);
        var state = Path.Combine(prefix, ".opam-switch");
        if (name.Length == 0 || !Directory.Exists(state))
            throw new HillingarException(
                "HIL5066",
                $"There is no opam switch '{name}': {prefix} holds none. 'opam switch list' names those that there are; HillingarHostSwitch can also be machine or locked.",
                place
            );

        var layout = new SwitchLayout(prefix);
        var recorded = new MemoryRepository($"the opam switch '{name}'");
        var file = Path.Combine(state, "switch-state");
        // A switch in which nothing was ever installed has no such file.
        var installed = (File.Exists(file) ? Document.Read(file).Elements("installed") : [])
            .OfType<StringValue>()
            .Select(text => OpamPackage.Parse(text.Text))
            .Select(package => new SwitchPackage(
                recorded
                    .Add(package, PackageFile.Read(Path.Combine(state, "packages", package.ToString(), "opam"), package))
                    .Find(package)!,
                layout
            )
            {
                Config = ConfigFile.Read(Path.Combine(state, "config", $"{package.Name}.config")).Variables,
            });
        return new OpamSwitch(name, layout, new SwitchVariables(SwitchVariables.Globals(HostPlatform.Current, 1, root, name), installed));
    }

    /// <summary>What it lacks of a lock's host switch, a text each. What is asked for has to be of the locked version, or newer for dune and findlib; that it has what it needs in turn, opam saw to.</summary>
    /// <param name="locked">The lock.</param>
    /// <param name="use">What for.</param>
    /// <param name="target">The one target that is built; null for all.</param>
    public IReadOnlyList<string> Lacks(LockFile locked, HostUse use, string? target = null)
    {
        ArgumentNullException.ThrowIfNull(locked);
        var presented = use.Presented(locked, target);
        return
        [
            .. from package in locked.HostPackages
            where presented.Contains(package.Name) && !HostToolProvider.OnlySays(package.Name)
            let found = _variables.Installed(package.Name)?.Package.Version
            where found is null || (package.Name.Text is "dune" or "ocamlfind" ? found < package.Version : found != package.Version)
            select found is null ? $"no {package.Name} ({package.Version})" : $"{package.Name} {found} ({package.Version})",
        ];
    }

    /// <summary>The switch as what a build runs with: of its libraries only those of some packages, and what these need when they run, are found.</summary>
    /// <param name="presented">The packages.</param>
    /// <param name="views">The folder in which it is kept what findlib is to find.</param>
    public HostSwitch Present(IReadOnlyList<PackageName> presented, string views)
    {
        var needed = _variables.Needed(presented, build: false);
        var view = FindlibView.Of(Layout, [.. needed.SelectMany(Libraries).Distinct().Order(StringComparer.Ordinal)], views);
        return new HostSwitch(
            Layout,
            Layout.Prefix,
            [.. Packages.Where(package => needed.Contains(package.Package))],
            [.. SwitchEnvironment.OfSwitch(_variables, Layout), .. view]
        )
        {
            Keys = ImmutableDictionary<string, string>.Empty,
            Reads = [.. view.Select(update => Path.GetDirectoryName(update.Value)!)],
        };
    }

    // Below lib/, what opam saw appear when it installed the package (OpamFile.Changes).
    IEnumerable<string> Libraries(OpamPackage package)
    {
        var changes = Path.Combine(Layout.Prefix, ".opam-switch", "install", $"{package.Name}.changes");
        return (File.Exists(changes) ? Document.Read(changes).Elements("added") : [])
            .Select(item => item is OptionValue { Value: StringValue path } ? path.Text.Split('/') : [])
            .Where(parts => parts is ["lib", not "", ..])
            .Select(parts => parts[1]);
    }
}
