using System.Collections.Immutable;
using Hillingar.Opam.Files;
using Hillingar.Opam.Syntax;

namespace Hillingar.Build.Switches;

/// <summary>Environment variables as packages' <c>build-env</c> and <c>setenv</c> leave them (<c>OpamEnv.apply_op_zip</c>).</summary>
public static class SwitchEnvironment
{
    /// <summary>
    /// What an installed package changes in the environment of the packages built after it, and of whoever uses the switch (<c>setenv</c>),
    /// values expanded. Its own <c>.config</c> counts.
    /// </summary>
    /// <param name="package">The package, installed.</param>
    /// <param name="variables">The switch with the package in it.</param>
    public static ImmutableArray<VariableUpdate> OfPackage(SwitchPackage package, SwitchVariables variables)
    {
        ArgumentNullException.ThrowIfNull(package);
        ArgumentNullException.ThrowIfNull(variables);
        return PackageSteps.Evaluate(package.Description.Read().SetEnv, variables.For(package, commands: false));
    }

    /// <summary>What a switch changes for whoever uses it: the packages' <c>setenv</c>, the last name first as opam has it, and the paths (<c>OpamEnv.compute_updates</c>).</summary>
    /// <param name="variables">The switch.</param>
    /// <param name="layout">Its prefix.</param>
    public static IEnumerable<VariableUpdate> OfSwitch(SwitchVariables variables, SwitchLayout layout)
    {
        ArgumentNullException.ThrowIfNull(variables);
        ArgumentNullException.ThrowIfNull(layout);
        return
        [
            new("OPAM_SWITCH_PREFIX", UpdateOperator.Set, layout.Prefix),
            .. variables.Packages.Reverse().SelectMany(package => OfPackage(package, variables)),
            new("MANPATH", UpdateOperator.AppendAlways, layout.Folder("man")!),
            new("PATH", UpdateOperator.Prepend, layout.Folder("bin")!),
        ];
    }

    /// <summary>What the commands of a package find changed: what opam sets for every build, <c>build-env</c>, and then what the switch changes (<c>OpamAction.compilation_env</c>).</summary>
    /// <param name="steps">The package.</param>
    /// <param name="variables">The switch that it is built in.</param>
    public static IEnumerable<VariableUpdate> OfBuild(PackageSteps steps, SwitchVariables variables)
    {
        ArgumentNullException.ThrowIfNull(steps);
        return
        [
            new("CDPATH", UpdateOperator.Set, ""),
            new("MAKEFLAGS", UpdateOperator.Set, ""),
            new("MAKELEVEL", UpdateOperator.Set, ""),
            new("OPAM_PACKAGE_NAME", UpdateOperator.Set, steps.Package.Name.Text),
            new("OPAM_PACKAGE_VERSION", UpdateOperator.Set, steps.Package.Version.Text),
            new("OPAMCLI", UpdateOperator.Set, "2.0"),
            .. steps.BuildEnvironment,
            .. OfSwitch(variables, steps.About.Layout),
        ];
    }

    /// <summary>Applies updates in order. A variable that is changed is a list with <c>:</c> between (<c>;</c> on Windows), or a value that is replaced.</summary>
    /// <param name="environment">The variables before.</param>
    /// <param name="updates">The updates, values expanded.</param>
    /// <returns>The variables after.</returns>
    public static IReadOnlyDictionary<string, string> Apply(
        IReadOnlyDictionary<string, string> environment,
        IEnumerable<VariableUpdate> updates
    )
    {
        var result = new Dictionary<string, string>(environment);
        foreach (var update in updates)
            result[update.Variable] = Apply(result.GetValueOrDefault(update.Variable, ""), update);
        return result;
    }

    static string Apply(string value, VariableUpdate update)
    {
        var separator = Path.PathSeparator;
        // A separator alone is a list of one empty element, whose separator is there already.
        var list = value == $"{separator}" ? "" : value;
        var isEmpty = value.Length == 0;
        return update.Operator switch
        {
            UpdateOperator.Set => update.Value,
            // Nothing of ours is ever reverted, so that "where an earlier update put it" is the front.
            UpdateOperator.Prepend or UpdateOperator.Replace => isEmpty ? update.Value : $"{update.Value}{separator}{list}",
            UpdateOperator.Append => isEmpty ? update.Value : $"{list}{separator}{update.Value}",
            UpdateOperator.PrependAlways => $"{update.Value}{separator}{list}",
            UpdateOperator.AppendAlways => $"{list}{separator}{update.Value}",
            _ => throw new InvalidOperationException($"{update.Operator} is no operator."),
        };
    }
}
