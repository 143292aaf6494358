using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Repositories;

namespace Hillingar.Build.Storage;

/// <summary>The folders in the user's cache that all projects share.</summary>
/// <param name="Root">Their common root.</param>
public sealed record Stores(string Root)
{
    readonly string _named = Root;

    /// <summary>The user's own: <c>HILLINGAR_CACHE</c>, else <c>hillingar</c> in the user's cache folder.</summary>
    public static Stores Default { get; } = new(UserCache.Folder);

    /// <summary>Their common root, by its real path. It is looked at each time that it is asked for.</summary>
    /// <exception cref="HillingarException">HIL4070: others than its owner may change what is in it.</exception>
    public string Root => StoreFolder.Use(_named);

    /// <summary>Host packages that were built, and what else is made of host tools.</summary>
    internal SwitchStore Switches => new(Path.Combine(Root, "switch"));

    /// <summary>Source archives.</summary>
    /// <exception cref="HillingarException">HIL4070: others than its owner may change what is in it.</exception>
    public SourceStore Sources => SourceStore.Below(Root);
}
