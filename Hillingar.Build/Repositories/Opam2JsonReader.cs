using System.Collections.Immutable;
using System.Text.Json;
using Hillingar.Build.Unpacking;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;
using Hillingar.Opam.Syntax;

namespace Hillingar.Build.Repositories;

/// <summary>Reads what opam2json made of an opam file back into one. The file may come from anybody.</summary>
/// <param name="path">The JSON file, for messages.</param>
sealed class Opam2JsonReader(string path)
{
    /// <summary>The opam file.</summary>
    /// <param name="members">Its fields and sections.</param>
    /// <param name="at">Where in the JSON they are, for messages and for the document's path.</param>
    /// <exception cref="HillingarException">HIL5091: they are not what opam2json writes, or nothing that opam's language can say.</exception>
    public Document Read(IEnumerable<JsonProperty> members, string at)
    {
        var document = Document.Create(Items(members, at), $"{path}/{at}/opam");
        // Only what is read back from its text as the same is sure to be what it seems, whatever names and operators it is made of.
        try
        {
            if (Item.Equal(document.Items, Document.Parse(document.Print(), document.Path).Items))
                return document;
        }
        catch (HillingarException exception)
        {
            throw Fault(at, $"an opam file that says this cannot be: {exception.Diagnostic.Message}");
        }
        throw Fault(at, "an opam file that says this cannot be");
    }

    /// <summary>The error that something is not what opam2json, or opam-nix, writes.</summary>
    /// <param name="at">Where.</param>
    /// <param name="why">What is wrong.</param>
    public HillingarException Fault(string at, string why) =>
        new(
            "HIL5091",
            $"At '{Unpacker.Printable(at)}': {Unpacker.Printable(why)}. Generate the file again, with opam-nix-gen or the target HillingarWritePackageDefs.",
            new Place(path)
        );

    /// <summary>A text.</summary>
    /// <exception cref="HillingarException">HIL5091: it is something else.</exception>
    public string Text(JsonElement value, string at) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Fault(at, "a string was expected");

    IEnumerable<Item> Items(IEnumerable<JsonProperty> members, string at)
    {
        foreach (var member in members)
            if (member.Value.ValueKind == JsonValueKind.Object && Shape(member.Value) == "section")
            {
                foreach (var section in Sections(member.Name, member.Value.GetProperty("section"), $"{at}.{member.Name}"))
                    yield return section;
            }
            // opam writes nothing for an empty list.
            else if (Value(member.Value, $"{at}.{member.Name}") is var value and not ListValue { Items: [] or [ListValue { Items: [] }] })
                yield return new Field(member.Name, value);
    }

    // Named sections of one kind are members of one object, which looks like a section of sections.
    IEnumerable<Section> Sections(string kind, JsonElement value, string at)
    {
        if (value.ValueKind != JsonValueKind.Object)
            throw Fault(at, "a section's fields were expected");
        var members = value.EnumerateObject().ToList();
        return
            kind == "extra-source"
            || (
                members.Count > 0
                && members.TrueForAll(member => member.Value.ValueKind == JsonValueKind.Object && !IsValue(Shape(member.Value)))
            )
            ? members.Select(member =>
                Make.Section(
                    kind,
                    member.Name,
                    Items(
                        member.Value.ValueKind == JsonValueKind.Object
                            ? member.Value.EnumerateObject()
                            : throw Fault($"{at}.{member.Name}", "a section's fields were expected"),
                        $"{at}.{member.Name}"
                    )
                )
            )
            : [Make.Section(kind, null, Items(members, at))];
    }

    static bool IsValue(string shape) =>
        shape
            is "section"
                or "id"
                or "group"
                or "conditions val"
                or "lhs relop rhs"
                or "arg prefix_relop"
                or "lhs logop rhs"
                or "arg pfxop"
                or "env_update lhs rhs";

    static string Shape(JsonElement value) =>
        string.Join(' ', value.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal));

    Value Value(JsonElement value, string at) =>
        value.ValueKind switch
        {
            JsonValueKind.True or JsonValueKind.False => new BoolValue(value.ValueKind == JsonValueKind.True),
            JsonValueKind.Number when value.TryGetInt64(out var number) => new IntValue(number),
            JsonValueKind.String => Make.Text(value.GetString()!),
            JsonValueKind.Array => Make.List(List(value, at)),
            JsonValueKind.Object => Shape(value) switch
            {
                "id" => Make.Ident(Word(value, "id", at)),
                "group" => new GroupValue(List(value.GetProperty("group"), at)),
                "conditions val" => new OptionValue(Inner(value, "val", at), List(value.GetProperty("conditions"), at + ".conditions")),
                "lhs relop rhs" => new RelationValue(
                    Inner(value, "lhs", at),
                    (RelationalOperator)Operator(value, "relop", Opam2Json.Relations, at),
                    Inner(value, "rhs", at)
                ),
                "arg prefix_relop" => new PrefixRelationValue(
                    (RelationalOperator)Operator(value, "prefix_relop", Opam2Json.Relations, at),
                    Inner(value, "arg", at)
                ),
                "lhs logop rhs" => Logic(
                    Inner(value, "lhs", at),
                    (LogicalOperator)Operator(value, "logop", Opam2Json.Logic, at),
                    Inner(value, "rhs", at)
                ),
                "arg pfxop" => new PrefixValue(
                    (PrefixOperator)Operator(value, "pfxop", Opam2Json.Prefixes, at),
                    Inner(value, "arg", at) is var operand and not LogicValue ? operand : Make.Group(Inner(value, "arg", at))
                ),
                "env_update lhs rhs" => new UpdateValue(
                    Inner(value, "lhs", at),
                    (UpdateOperator)Operator(value, "env_update", Opam2Json.Updates, at),
                    Inner(value, "rhs", at)
                ),
                _ => throw Fault(at, "no value of opam2json's has these members"),
            },
            _ => throw Fault(at, "no opam value is written so"),
        };

    // What was written by hand may lack the parentheses that its tree needs as text.
    static LogicValue Logic(Value left, LogicalOperator op, Value right) =>
        new(
            left is LogicValue { Operator: LogicalOperator.Or } && op == LogicalOperator.And ? Make.Group(left) : left,
            op,
            right is LogicValue inner && (inner.Operator == op || op == LogicalOperator.And) ? Make.Group(right) : right
        );

    Value Inner(JsonElement value, string name, string at) => Value(value.GetProperty(name), $"{at}.{name}");

    string Word(JsonElement value, string name, string at) => Text(value.GetProperty(name), $"{at}.{name}");

    int Operator(JsonElement value, string name, string[] words, string at) =>
        Word(value, name, at) is var word && Array.IndexOf(words, word) is >= 0 and var number
            ? number
            : throw Fault($"{at}.{name}", $"'{word}' is no operator; expected one of {string.Join(", ", words)}");

    ImmutableArray<Value> List(JsonElement value, string at) =>
        value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select((item, index) => Value(item, $"{at}[{index}]"))]
            : throw Fault(at, "a list was expected");
}
