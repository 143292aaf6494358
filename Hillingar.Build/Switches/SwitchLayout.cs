using Hillingar.Opam.Language;

namespace Hillingar.Build.Switches;

/// <summary>
/// The folders of a switch's prefix (<c>OpamPath.Switch</c>). They are text, joined by <c>/</c> and never looked at: the prefix may be a
/// path, or something that another program puts a path in place of.
/// </summary>
/// <param name="Prefix">The prefix, without a separator at its end.</param>
public sealed record SwitchLayout(string Prefix)
{
    /// <summary>The folders that every switch has before anything is installed (<c>OpamSwitchAction.create_empty_switch</c>), relative to the prefix, each after the one above it.</summary>
    public static IReadOnlyList<string> Standard { get; } =
    ["bin", "sbin", "lib", "lib/stublibs", "lib/toplevel", "share", "doc", "etc", "man"];

    /// <summary>A folder that the switch has one of, by the name of opam's variable: <c>prefix</c>, <c>lib</c>, <c>stublibs</c>, … Null for a name that is none.</summary>
    /// <param name="name">The name.</param>
    public string? Folder(string name) =>
        name switch
        {
            "prefix" => Prefix,
            "bin" or "sbin" or "lib" or "share" or "doc" or "etc" or "man" => $"{Prefix}/{name}",
            "stublibs" or "toplevel" => $"{Prefix}/lib/{name}",
            _ => null,
        };

    /// <summary>A package's folder, by the name of opam's variable: <c>lib</c>, <c>share</c>, <c>etc</c> and <c>doc</c> are its own, <c>bin</c>, <c>sbin</c> and <c>man</c> are shared. Null for a name that is none.</summary>
    /// <param name="name">The name.</param>
    /// <param name="package">The package.</param>
    public string? Folder(string name, PackageName package) =>
        name switch
        {
            "lib" or "share" or "etc" or "doc" => $"{Prefix}/{name}/{package}",
            "bin" or "sbin" or "man" => Folder(name),
            _ => null,
        };
}
