using Hillingar.Build.Locks;
using Hillingar.Build.Mirage;
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
    /// <summary>What mirage depends on as it has it lock and vendor, which is our work: it counts as there, and is never built.</summary>
    public const string Replaced = "opam-monorepo";

    // It writes what is built; nothing is built with it.
    const string Configuring = "mirage";
    static readonly HashSet<string> s_building = ["ocaml", "ocamlfind", "dune"];

    /// <summary>Whether every build runs with a package.</summary>
    public static bool IsTool(PackageName name) => s_building.Contains(name.Text);

    /// <summary>The packages of a lock's host switch that are asked for.</summary>
    /// <param name="use">What for.</param>
    /// <param name="locked">The lock.</param>
    /// <param name="target">The one target that is built: cross compilers of others do not count. Null for all targets.</param>
    public static IReadOnlyList<PackageName> Presented(this HostUse use, LockFile locked, string? target = null)
    {
        var elsewhere = target is null
            ? []
            : TargetTable.Rows.SelectMany(row => row.Compiler).Except(TargetTable.Find(target)?.Compiler ?? []).ToHashSet();
        // What is only there because a provided package needs it comes along with that.
        var needed = locked.HostSwitch.Select(package => package.Name).Where(name => !locked.OpamProvided.Contains(name.Text)).ToHashSet();
        return
        [
            .. locked
                .HostPackages.Select(package => package.Name)
                .Distinct()
                .Where(name =>
                    IsTool(name)
                    || (
                        use == HostUse.Configure
                            ? name.Text == Configuring
                            : name.Text is not (Configuring or Replaced) && !needed.Contains(name) && !elsewhere.Contains(name.Text)
                    )
                ),
        ];
    }
}
