using Hillingar.Build.Locks;
using Hillingar.Opam.Language;

namespace Hillingar.Build.Switches;

/// <summary>What the tools of a host switch are wanted for.</summary>
public enum HostUse
{
    /// <summary>To build: compilers, findlib, dune and what else the lock takes from the switch; none of mirage's own libraries, which a build must not find in place of vendored ones.</summary>
    Build,

    /// <summary>To run mirage, which builds <c>config.ml</c> with its own libraries.</summary>
    Configure,
}

static class HostUses
{
    // They write what is built; nothing is built with them.
    static readonly HashSet<string> s_configuring = ["mirage", "opam-monorepo"];
    static readonly HashSet<string> s_building = ["ocaml", "ocamlfind", "dune"];

    /// <summary>Whether every build runs with a package.</summary>
    public static bool IsTool(PackageName name) => s_building.Contains(name.Text);

    /// <summary>The packages of a lock's host switch that are asked for.</summary>
    public static IReadOnlyList<PackageName> Presented(this HostUse use, LockFile locked)
    {
        // What is only there because a provided package needs it comes along with that.
        var needed = locked.HostSwitch.Select(package => package.Name).Where(name => !locked.OpamProvided.Contains(name.Text)).ToHashSet();
        return
        [
            .. locked.HostPackages.Select(package => package.Name).Distinct().Where(name => IsTool(name)
                || (use == HostUse.Configure ? s_configuring.Contains(name.Text) : !s_configuring.Contains(name.Text) && !needed.Contains(name))),
        ];
    }
}
