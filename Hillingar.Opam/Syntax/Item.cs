using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;
using Hillingar.Opam.Language;

namespace Hillingar.Opam.Syntax;

/// <summary>An item of a file or of a section: a <see cref="Field"/> or a <see cref="Section"/>.</summary>
public abstract class Item
{
    private protected Item() { }

    /// <summary>The offset of its first byte in the document's source, or -1 when it was not parsed.</summary>
    public int Start { get; internal init; } = -1;

    /// <summary>The offset after its last byte.</summary>
    public int End { get; internal init; } = -1;

    /// <summary>The item in opam's own layout.</summary>
    public sealed override string ToString() => Printer.Print(this);

    /// <summary>Whether two items mean the same, wherever they stand and however they are spelled.</summary>
    public static bool Equal(Item left, Item right) =>
        (left, right) switch
        {
            (Field a, Field b) => a.Name == b.Name && Value.Equal(a.Value, b.Value),
            (Section a, Section b) => a.Kind == b.Kind && a.Name == b.Name && Equal(a.Items, b.Items),
            _ => false,
        };

    /// <summary>Whether two lists of items mean the same, in the same order.</summary>
    public static bool Equal(ImmutableArray<Item> left, ImmutableArray<Item> right)
    {
        if (left.Length != right.Length)
            return false;
        for (var i = 0; i < left.Length; i++)
            if (!Equal(left[i], right[i]))
                return false;
        return true;
    }
}

/// <summary><c>name: value</c>.</summary>
public sealed class Field : Item
{
    object _name;

    /// <summary>Makes a field.</summary>
    /// <param name="name">Its name, an identifier.</param>
    /// <param name="value">Its value.</param>
    public Field(string name, Value value)
    {
        this._name = name;
        Value = value;
    }

    internal Field(byte[] source, Value value)
    {
        _name = source;
        Value = value;
    }

    /// <summary>Its name.</summary>
    public string Name
    {
        get
        {
            if (_name is byte[] source)
                _name = Text.Intern(source.AsSpan(Start, NameEnd - Start));
            return (string)_name;
        }
    }

    /// <summary>Its value.</summary>
    public Value Value { get; }

    internal int NameEnd { get; init; } = -1;

    internal int Colon { get; init; } = -1;

    /// <summary>Whether it has this name; cheaper than <see cref="Name"/>.</summary>
    /// <param name="utf8">The name.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool Is(ReadOnlySpan<byte> utf8) =>
        _name is byte[] source ? source.AsSpan(Start, NameEnd - Start).SequenceEqual(utf8) : Name == Encoding.UTF8.GetString(utf8);
}

/// <summary><c>kind { … }</c> or <c>kind "name" { … }</c>.</summary>
/// <param name="kind">The kind, an identifier.</param>
/// <param name="name">The name, if it has one.</param>
/// <param name="items">What is in it.</param>
public sealed class Section(string kind, StringValue? name, ImmutableArray<Item> items) : Item
{
    /// <summary>Its kind, such as <c>url</c>.</summary>
    public string Kind { get; } = kind;

    /// <summary>Its name, such as that of an <c>extra-source</c>.</summary>
    public string? Name => NameValue?.Text;

    /// <summary>What is in it.</summary>
    public ImmutableArray<Item> Items { get; } = items;

    internal StringValue? NameValue { get; } = name;

    internal int Brace { get; init; } = -1;

    /// <summary>The first field of this name, or null.</summary>
    /// <param name="field">The name.</param>
    public Field? Field(ReadOnlySpan<byte> field) => Items.Field(field);
}

/// <summary>Looking through items.</summary>
public static class ItemsExtensions
{
    /// <summary>The first field of this name, or null.</summary>
    /// <param name="items">Where to look.</param>
    /// <param name="name">The name.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Field? Field(this ImmutableArray<Item> items, ReadOnlySpan<byte> name)
    {
        foreach (var item in items)
            if (item is Field field && field.Is(name))
                return field;
        return null;
    }
}
