using Hillingar.Opam;

namespace Hillingar.Build;

/// <summary>The folders in the user's cache that all projects share.</summary>
/// <param name="Root">Their common root.</param>
public sealed record Stores(string Root)
{
    /// <summary>The user's own: <c>HILLINGAR_CACHE</c>, else <c>hillingar</c> in the user's cache folder.</summary>
    public static Stores Default { get; } = new(UserCache.Folder);

    /// <summary>Host packages that were built, and what else is made of host tools.</summary>
    internal SwitchStore Switches { get; } = new(Path.Combine(Root, "switch"));

    /// <summary>Source archives.</summary>
    public SourceStore Sources { get; } = SourceStore.Below(Root);
}
