using System.Collections.Immutable;

namespace Hillingar.Build.Realising;

/// <summary>What a project says of a backend: an item of the backend's own, whose metadata only the backend reads.</summary>
public sealed class BackendOptions
{
    readonly Func<string, string> _item;
    readonly ImmutableDictionary<string, IReadOnlyList<string>> _changed;

    BackendOptions(Func<string, string> item, ImmutableDictionary<string, IReadOnlyList<string>> changed) =>
        (_item, _changed) = (item, changed);

    /// <summary>What an item says.</summary>
    /// <param name="item">A value of the item's by its name; empty where it is not set.</param>
    public BackendOptions(Func<string, string> item)
        : this(item, ImmutableDictionary<string, IReadOnlyList<string>>.Empty) { }

    /// <summary>None.</summary>
    public static BackendOptions None { get; } = new(_ => "");

    /// <summary>A value; empty where it is not set.</summary>
    public string this[string name] => _changed.TryGetValue(name, out var values) ? string.Join(';', values) : _item(name);

    /// <summary>A value that is a list, in an item with <c>;</c> between.</summary>
    /// <param name="name">Its name.</param>
    public IReadOnlyList<string> List(string name) =>
        _changed.TryGetValue(name, out var values)
            ? values
            : _item(name).Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The options with another value, as a cmdlet's parameter gives one.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="values">The value, or those of a list; null leaves the item's.</param>
    public BackendOptions With(string name, params string[]? values) => values is null ? this : new(_item, _changed.SetItem(name, values));
}
