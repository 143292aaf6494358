using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Hillingar.Build.Files;
using Hillingar.Build.Repositories;
using Hillingar.Build.Unpacking;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Syntax;

namespace Hillingar.Build.Nix;

/// <summary>Writes opam files as opam2json does (<c>opam2json.ml</c>), and as they are once Nix has read and written that.</summary>
static class Opam2JsonWriter
{
    /// <summary>The items of a file or of a section, by name.</summary>
    /// <exception cref="HillingarException">HIL5092: a text that Nix cannot hold.</exception>
    public static SortedDictionary<string, JsonNode?> Of(ImmutableArray<Item> items)
    {
        var members = new SortedDictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var item in items)
        {
            var (name, value) = item is Field field ? (field.Name, Of(field.Value)) : (((Section)item).Kind, Of((Section)item));
            members[name] = members.TryGetValue(name, out var first) ? Merged(first!, value) : value;
        }
        return members;
    }

    /// <summary>A text.</summary>
    /// <exception cref="HillingarException">HIL5092: Nix cannot hold it.</exception>
    public static JsonNode Text(string text) => JsonValue.Create(Checked(text))!;

    /// <summary>A text that Nix can hold.</summary>
    /// <exception cref="HillingarException">HIL5092: it cannot.</exception>
    public static string Checked(string text) =>
        text.Contains('\0', StringComparison.Ordinal)
            ? throw new HillingarException(
                "HIL5092",
                $"'{Unpacker.Printable(text[..Math.Min(text.Length, 100)])}' holds a NUL character, which no string of Nix can, so opam-nix could not read it. Do not use the package that brought it."
            )
            : text;

    static JsonNode Of(Value value) =>
        value switch
        {
            BoolValue b => b.Value,
            IntValue number => number.Value,
            StringValue text => Text(text.Text),
            IdentValue ident => Members(("id", ident.Name)),
            ListValue list => List(list.Items),
            GroupValue group => Members(("group", List(group.Items))),
            OptionValue option => Members(("conditions", List(option.Items)), ("val", Of(option.Value))),
            RelationValue relation => Members(
                ("lhs", Of(relation.Left)),
                ("relop", Opam2Json.Relations[(int)relation.Operator]),
                ("rhs", Of(relation.Right))
            ),
            PrefixRelationValue relation => Members(
                ("arg", Of(relation.Operand)),
                ("prefix_relop", Opam2Json.Relations[(int)relation.Operator])
            ),
            LogicValue logic => Members(("lhs", Of(logic.Left)), ("logop", Opam2Json.Logic[(int)logic.Operator]), ("rhs", Of(logic.Right))),
            PrefixValue prefix => Members(("arg", Of(prefix.Operand)), ("pfxop", Opam2Json.Prefixes[(int)prefix.Operator])),
            UpdateValue update => Members(
                ("env_update", Opam2Json.Updates[(int)update.Operator]),
                ("lhs", Of(update.Variable)),
                ("rhs", Of(update.Operand))
            ),
            _ => throw new ArgumentException($"There is no JSON of a {value.GetType().Name}.", nameof(value)),
        };

    static JsonObject Of(Section section)
    {
        var items = JsonText.Members(Of(section.Items).Select(pair => (pair.Key, pair.Value)));
        return Members(("section", section.Name is { } name ? Members((Checked(name), items)) : items));
    }

    static JsonArray List(ImmutableArray<Value> items) => JsonText.Array(items.Select(item => (JsonNode?)Of(item)));

    static JsonObject Members(params (string Name, JsonNode? Value)[] members) => JsonText.Object(members);

    // Sections of one kind become one, lists of one name too; what else is there twice opam2json refuses, and we take the first, as opam does.
    static JsonNode Merged(JsonNode first, JsonNode second)
    {
        switch (first, second)
        {
            case (JsonArray all, JsonArray more):
                foreach (var item in more)
                    all.Add(item?.DeepClone());
                break;
            case (JsonObject { Count: 1 } all, JsonObject { Count: 1 } more)
                when all["section"] is JsonObject known && more["section"] is JsonObject others:
                return Members(
                    (
                        "section",
                        JsonText.Members(
                            others
                                .Concat(known)
                                .OrderBy(pair => pair.Key, StringComparer.Ordinal)
                                .Select(pair => (pair.Key, pair.Value?.DeepClone()))
                        )
                    )
                );
        }
        return first;
    }
}
