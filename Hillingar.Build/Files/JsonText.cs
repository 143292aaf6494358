using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Hillingar.Build.Files;

/// <summary>JSON as we publish it: indented, the same bytes on every system.</summary>
static class JsonText
{
    /// <summary>How deep the JSON of an opam file may nest: an opam value, of which there are <see cref="Opam.Syntax.Document.MaxDepth"/> in each other at most, takes up to two levels.</summary>
    public const int MaxDepth = (2 * Opam.Syntax.Document.MaxDepth) + 24;

    // .NET's own limit is 64: a dependency on one of thirty versions, written as a tree, is deeper.
    static readonly JsonSerializerOptions s_options = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = MaxDepth,
    };

    public static string Of(JsonObject value) => value.ToJsonString(s_options) + "\n";

    public static JsonArray Array(IEnumerable<JsonNode?> items) => new([.. items]);

    public static JsonArray Strings(IEnumerable<string> items) => Array(items.Select(item => (JsonNode?)JsonValue.Create(item)));

    /// <summary>An object of members whose names come from somewhere else; of two with one name the later one counts.</summary>
    public static JsonObject Members(IEnumerable<(string Name, JsonNode? Value)> members)
    {
        var result = new JsonObject();
        foreach (var (name, value) in members)
            result[name] = value;
        return result;
    }

    /// <summary>An object of those of its members that have a value.</summary>
    public static JsonObject Object(params (string Name, JsonNode? Value)[] members) =>
        new(members.Where(member => member.Value is not null).Select(member => KeyValuePair.Create(member.Name, member.Value)));
}
