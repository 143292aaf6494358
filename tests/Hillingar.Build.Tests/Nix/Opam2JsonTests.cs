using System.Text.Json;
using Hillingar.Build.Files;
using Hillingar.Build.Nix;
using Hillingar.Build.Repositories;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Syntax;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>The encoding of opam files in JSON; what is expected was read in opam2json's source and in files that opam-nix made with it.</summary>
public class Opam2JsonTests
{
    [Theory]
    [InlineData("true", "true")]
    [InlineData("42", "42")]
    [InlineData("\"a\\\"\\n\"", "\"a\\\"\\n\"")]
    [InlineData("os:version", """{"id":"os:version"}""")]
    [InlineData("[\"a\" b]", """["a",{"id":"b"}]""")]
    [InlineData("(\"a\" \"b\")", """{"group":["a","b"]}""")]
    [InlineData("\"a\" {build}", """{"conditions":[{"id":"build"}],"val":"a"}""")]
    [InlineData("os = \"linux\"", """{"lhs":{"id":"os"},"relop":"eq","rhs":"linux"}""")]
    [InlineData("os != \"linux\"", """{"lhs":{"id":"os"},"relop":"neq","rhs":"linux"}""")]
    [InlineData("\"a\" {>= \"1\" & < \"2\"}", """{"conditions":[{"lhs":{"arg":"1","prefix_relop":"geq"},"logop":"and","rhs":{"arg":"2","prefix_relop":"lt"}}],"val":"a"}""")]
    [InlineData("\"a\" {> \"1\" | <= version}", """{"conditions":[{"lhs":{"arg":"1","prefix_relop":"gt"},"logop":"or","rhs":{"arg":{"id":"version"},"prefix_relop":"leq"}}],"val":"a"}""")]
    [InlineData("!(a) & ?b", """{"lhs":{"arg":{"group":[{"id":"a"}]},"pfxop":"not"},"logop":"and","rhs":{"arg":{"id":"b"},"pfxop":"defined"}}""")]
    [InlineData("PATH += \"a\"", """{"env_update":"prepend","lhs":{"id":"PATH"},"rhs":"a"}""")]
    [InlineData("PATH =+ \"a\"", """{"env_update":"append","lhs":{"id":"PATH"},"rhs":"a"}""")]
    [InlineData("PATH := \"a\"", """{"env_update":"prepend_trailing","lhs":{"id":"PATH"},"rhs":"a"}""")]
    [InlineData("PATH =: \"a\"", """{"env_update":"append_trailing","lhs":{"id":"PATH"},"rhs":"a"}""")]
    [InlineData("PATH =+= \"a\"", """{"env_update":"prepend_or_replace","lhs":{"id":"PATH"},"rhs":"a"}""")]
    public void A_value_is_written_as_opam2json_writes_it_and_read_back(string value, string json)
    {
        var document = Document.Parse($"x: {value}");
        Assert.Equal($$"""{"x":{{json}}}""", Written(document));
        Assert.True(Item.Equal(document.Items, Read(Written(document)).Items));
    }

    [Theory]
    [InlineData("url { src: \"a\" checksum: [\"md5=b\"] }", """{"url":{"section":{"checksum":["md5=b"],"src":"a"}}}""")]
    [InlineData("extra-source \"b\" { src: \"x\" } extra-source \"a\" { src: \"y\" }", """{"extra-source":{"section":{"a":{"src":"y"},"b":{"src":"x"}}}}""")]
    [InlineData("other \"a\" { id: \"y\" src: c }", """{"other":{"section":{"a":{"id":"y","src":{"id":"c"}}}}}""")]
    [InlineData("extra-source \"a\" { id: \"y\" }", """{"extra-source":{"section":{"a":{"id":"y"}}}}""")]
    public void A_section_has_its_name_inside(string text, string json)
    {
        var document = Document.Parse(text);
        Assert.Equal(json, Written(document));
        Assert.Equal(Normal(document), Normal(Read(json)));
    }

    [Fact]
    public void Lists_of_one_name_become_one() => Assert.Equal("""{"x":["a","b"]}""", Written(Document.Parse("x: [\"a\"] x: [\"b\"]")));

    [Theory]
    [InlineData("""{"x":{"lhs":{"lhs":{"id":"a"},"logop":"or","rhs":{"id":"b"}},"logop":"and","rhs":{"id":"c"}}}""", "x: (a | b) & c")]
    [InlineData("""{"x":{"lhs":{"id":"a"},"logop":"and","rhs":{"lhs":{"id":"b"},"logop":"and","rhs":{"id":"c"}}}}""", "x: a & (b & c)")]
    [InlineData("""{"x":{"arg":{"lhs":{"id":"a"},"logop":"and","rhs":{"id":"b"}},"pfxop":"not"}}""", "x: !(a & b)")]
    public void A_tree_that_text_needs_parentheses_for_gets_them(string json, string text) => Assert.Equal(text, Read(json).Print().Trim());

    [Theory]
    [InlineData("""{"x":{"id":"a\nevil: \"b\""}}""")]
    [InlineData("""{"x":{"id":"true"}}""")]
    [InlineData("""{"x y":"a"}""")]
    [InlineData("""{"x":"a","build: [\"rm\"]\ny":"a"}""")]
    [InlineData("""{"x":{"lhs":["a"],"relop":"eq","rhs":"b"}}""")]
    [InlineData("""{"x":{"lhs":"a","relop":"=","rhs":"b"}}""")]
    [InlineData("""{"x":{"val":"a","conditions":"b"}}""")]
    [InlineData("""{"x":{"group":{}}}""")]
    [InlineData("""{"x":{"id":1}}""")]
    [InlineData("""{"x":{}}""")]
    [InlineData("""{"x":null}""")]
    [InlineData("""{"x":1.5}""")]
    [InlineData("""{"x":9223372036854775807}""")]
    [InlineData("""{"url":{"section":["a"]}}""")]
    [InlineData("""{"extra-source":{"section":{"a":"b"}}}""")]
    public void What_no_opam_file_says_is_refused(string json)
    {
        var diagnostic = Assert.Throws<HillingarException>(() => Read(json)).Diagnostic;
        Assert.Equal(("HIL5091", "x.json"), (diagnostic.Code, diagnostic.Place!.Value.File));
    }

    [Fact]
    public void Values_may_nest_as_deep_as_those_of_opam_files_may()
    {
        var document = Document.Parse($"x: {string.Join(" | ", Enumerable.Range(0, 400).Select(i => $"(a = \"{i}\")"))}");
        var text = JsonText.Of(JsonText.Members(Opam2JsonWriter.Of(document.Items).Select(pair => (pair.Key, pair.Value))));
        Assert.True(Item.Equal(document.Items, Read(text).Items));
    }

    [Fact]
    public void Every_opam_file_of_the_real_repository_is_read_back_as_it_was()
    {
        var count = 0;
        foreach (var (path, content) in Corpus.Files(Corpus.Repository, "/opam").Where((_, index) => TestData.Full || index % 25 == 0))
        {
            var document = Document.Parse(content, path);
            Assert.True(Normal(document) == Normal(Read(Written(document))), path);
            count++;
        }
        Assert.True(count > 700, $"{count} files");
    }

    static string Written(Document document) => JsonText.Members(Opam2JsonWriter.Of(document.Items).Select(pair => (pair.Key, pair.Value)))
        .ToJsonString(new JsonSerializerOptions { MaxDepth = JsonText.MaxDepth, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    static Document Read(string json)
    {
        using var parsed = JsonDocument.Parse(json, new() { MaxDepth = JsonText.MaxDepth });
        return new Opam2JsonReader("x.json").Read(parsed.RootElement.EnumerateObject(), "a.1");
    }

    // Nix sorts members, so their order is lost; opam2json joins lists of one name, and opam prints no empty list.
    static string Normal(Document document) => Document.Create(Sorted(document.Items)).Print();

    static IEnumerable<Item> Sorted(IEnumerable<Item> items) => items
        .Where(item => item is not Field { Value: ListValue { Items: [] or [ListValue { Items: [] }] } })
        .Select(item => item is Section section ? Make.Section(section.Kind, section.Name, Sorted(section.Items)) : item)
        .GroupBy(item => item is Field field ? field.Name : $"{((Section)item).Kind} {((Section)item).Name}")
        .Select(group => group.Count() == 1 ? group.Single() : Make.Field(group.Key, Make.List(group.Cast<Field>().SelectMany(field => ((ListValue)field.Value).Items))))
        .OrderBy(item => item is Field field ? field.Name : $"{((Section)item).Kind} {((Section)item).Name}", StringComparer.Ordinal);
}
