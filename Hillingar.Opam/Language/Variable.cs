using System.Collections.Immutable;

namespace Hillingar.Opam.Language;

/// <summary>A variable's full name: <c>os</c>, <c>_:version</c>, <c>ocaml:native</c>.</summary>
/// <param name="Package">The package it belongs to, <c>_</c> for the package that asks, null for a global variable.</param>
/// <param name="Name">Its name there.</param>
public readonly record struct Variable(string? Package, string Name)
{
    /// <summary>The full name as opam writes it.</summary>
    public override string ToString() => Package is null ? Name : $"{Package}:{Name}";
}

/// <summary>What a variable holds: a bool, a string, or a list of strings.</summary>
// A class: the collections of .NET are compiled ahead of time for references, not for structs of ours, and a restore is a short process.
public sealed class VariableValue : IEquatable<VariableValue>
{
    static readonly VariableValue s_true = new(["true"], true),
        s_false = new(["false"], true);

    VariableValue(ImmutableArray<string> items, bool isBool)
    {
        Items = items.IsDefault ? [] : items;
        IsBool = isBool;
    }

    /// <summary>Whether it was given as a bool; the string <c>"true"</c> was not.</summary>
    public bool IsBool { get; }

    /// <summary>The elements of a list; a bool or string alone.</summary>
    public ImmutableArray<string> Items { get; }

    /// <summary>The bool that it is or spells (in a list of one, too), or null.</summary>
    public bool? Truth =>
        Items is [var item]
            ? item switch
            {
                "true" => true,
                "false" => false,
                _ => null,
            }
            : null;

    /// <summary>A list of strings.</summary>
    /// <param name="items">The strings.</param>
    public static VariableValue List(params ImmutableArray<string> items) => new(items, false);

    /// <summary>The value as a string; a list's elements with blanks between.</summary>
    public override string ToString() => Items is [var item] ? item : string.Join(' ', Items);

    /// <inheritdoc/>
    public bool Equals(VariableValue? other) =>
        other is not null && IsBool == other.IsBool && Items.AsSpan().SequenceEqual(other.Items.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as VariableValue);

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode();

    /// <summary>Whether they hold the same.</summary>
    public static bool operator ==(VariableValue? left, VariableValue? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Whether they hold different things.</summary>
    public static bool operator !=(VariableValue? left, VariableValue? right) => !(left == right);

    /// <summary>A bool.</summary>
    public static implicit operator VariableValue(bool value) => value ? s_true : s_false;

    /// <summary>A string.</summary>
    public static implicit operator VariableValue(string value) => new([value], false);
}

/// <summary>Where filters find the values of variables.</summary>
public interface IVariables
{
    /// <summary>The value of a variable, or null when it is undefined.</summary>
    /// <param name="variable">The variable.</param>
    VariableValue? Lookup(Variable variable);
}
