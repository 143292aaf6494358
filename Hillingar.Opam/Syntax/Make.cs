using System.Collections.Immutable;

namespace Hillingar.Opam.Syntax;

/// <summary>Short ways to make values and items of new files.</summary>
public static class Make
{
    /// <summary><c>"text"</c>.</summary>
    public static Value Text(string text) => new StringValue(text);

    /// <summary>An identifier.</summary>
    public static Value Ident(string name) => new IdentValue(name);

    /// <summary><c>[…]</c>.</summary>
    public static Value List(params IEnumerable<Value> items) => new ListValue([.. items]);

    /// <summary><c>["…" "…"]</c>.</summary>
    public static Value Strings(params IEnumerable<string> items) => new ListValue([.. items.Select(Text)]);

    /// <summary><c>value {…}</c>; the value itself when there is nothing to put between the braces.</summary>
    public static Value Option(Value value, params ReadOnlySpan<Value> items) =>
        items.IsEmpty ? value : new OptionValue(value, items.ToImmutableArray());

    /// <summary><c>(…)</c>.</summary>
    public static Value Group(params ReadOnlySpan<Value> items) => new GroupValue(items.ToImmutableArray());

    /// <summary><c>name: value</c>.</summary>
    public static Field Field(string name, Value value) => new(name, value);

    /// <summary><c>name: "text"</c>.</summary>
    public static Field Field(string name, string text) => new(name, Text(text));

    /// <summary><c>kind {…}</c>, or <c>kind "name" {…}</c>.</summary>
    public static Section Section(string kind, string? name, params IEnumerable<Item> items) =>
        new(kind, name is null ? null : new StringValue(name), [.. items]);
}
