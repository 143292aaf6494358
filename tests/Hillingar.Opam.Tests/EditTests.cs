using System.Text;
using Hillingar.Opam.Syntax;

namespace Hillingar.Tests;

public class EditTests
{
    const string Text = """
        # A package
        opam-version: "2.0"
        depends:  ["ocaml"  "dune" {>= "2.0"}]   # what it needs
          version : "1.0"

        url {
          src: "https://example.org/a.tgz"
        }
        # the end
        """;

    static string After(Func<Document, Document> edit) => Encoding.UTF8.GetString(edit(Document.Parse(Text)).Reprint());

    [Fact]
    public void A_value_is_replaced_in_its_place() =>
        Assert.Equal(Text.Replace("\"1.0\"", "\"2.0\"", StringComparison.Ordinal), After(document => document.Replace(document.Field("version")!.Value, Make.Text("2.0"))));

    [Fact]
    public void A_field_is_set_and_the_rest_stays() =>
        Assert.Equal(Text.Replace("[\"ocaml\"  \"dune\" {>= \"2.0\"}]", "[\"ocaml\"]", StringComparison.Ordinal).Replace("depends:  ", "depends: ", StringComparison.Ordinal),
            After(document => document.Set("depends", Make.Strings("ocaml"))));

    [Fact]
    public void A_new_field_comes_at_the_end() =>
        Assert.Equal(Text + "\nx-new: [\n  [\"a\" \"b\"]\n]\n", After(document => document.Set("x-new", Make.List(Make.Strings("a", "b")))));

    [Fact]
    public void A_field_is_removed_with_its_line() =>
        Assert.Equal(Text.Replace("  version : \"1.0\"\n", "", StringComparison.Ordinal), After(document => document.Remove("version")));

    [Fact]
    public void A_comment_beside_a_removed_field_stays() =>
        Assert.Contains("\n   # what it needs\n", After(document => document.Remove("depends")), StringComparison.Ordinal);

    [Fact]
    public void A_long_value_is_indented_where_it_stands()
    {
        var document = Document.Parse(Text);
        var changed = document.Replace(document.Section("url")!.Field("src"u8)!.Value, Make.Strings(new string('a', 40), new string('b', 40)));
        Assert.Contains($"\n  src: [\n         \"{new string('a', 40)}\"\n         \"{new string('b', 40)}\"\n       ]\n}}\n# the end", Encoding.UTF8.GetString(changed.Reprint()), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_field_of_every_overlay_can_be_set_to_itself()
    {
        var edits = 0;
        foreach (var (path, content) in Corpus.Files(Corpus.Overlays, "/opam"))
        {
            var document = Document.Parse(content, path);
            foreach (var field in document.Items.OfType<Field>())
            {
                var changed = document.Replace(field.Value, field.Value);
                Assert.True(Item.Equal(document.Items, changed.Items), $"{path}: {field.Name}");
                var source = content.AsSpan();
                var reprint = changed.Reprint().AsSpan();
                Assert.True(reprint.StartsWith(source[..field.Value.Start]) && reprint.EndsWith(source[field.Value.End..]), $"{path}: {field.Name}");
                edits++;
            }
        }
        Assert.True(edits > 1000);
    }
}
