using System.Reflection;
using System.Runtime.Loader;

namespace Hillingar.PowerShell.Hosting;

/// <summary>
/// The context that our assemblies live in, so that they never clash with other versions that the shell or another module has loaded.
/// The module's script loads this assembly into the shell's context, asks for <see cref="Load()"/>, and gets the same assembly again in a
/// context of our own: that copy has the cmdlets, and finds what it needs beside itself. Only the shell's own assemblies are shared.
/// </summary>
public sealed class OwnContext : AssemblyLoadContext
{
    static readonly Lazy<Assembly> s_cmdlets = new(() => new OwnContext().LoadFromAssemblyPath(typeof(OwnContext).Assembly.Location));

    readonly string _folder = Path.GetDirectoryName(typeof(OwnContext).Assembly.Location)!;

    OwnContext()
        : base("Hillingar") { }

    /// <summary>The assembly that has the cmdlets; the same one however often it is asked for.</summary>
    public static Assembly Load() => s_cmdlets.Value;

    /// <summary>Types of ours that scripts name: errors, to catch them, and versions, to sort by them. The module's script makes accelerators of them.</summary>
    public static IReadOnlyDictionary<string, Type> Named()
    {
        var opam = s_cmdlets.Value.GetReferencedAssemblies().Single(name => name.Name == "Hillingar.Opam");
        var types = GetLoadContext(s_cmdlets.Value)!.LoadFromAssemblyName(opam);
        return new Dictionary<string, Type>
        {
            ["HillingarException"] = types.GetType("Hillingar.Opam.Diagnostics.HillingarException", throwOnError: true)!,
            ["OpamVersion"] = types.GetType("Hillingar.Opam.Language.OpamVersion", throwOnError: true)!,
        };
    }

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        ArgumentNullException.ThrowIfNull(assemblyName);
        var path = Path.Combine(_folder, assemblyName.Name + ".dll");
        return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }
}
