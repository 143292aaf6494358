using System.Text;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Syntax;

namespace Hillingar.Tests;

public class SyntaxTests
{
    static string Show(Value value) => value switch
    {
        ListValue list => $"[{string.Join(' ', list.Items.Select(Show))}]",
        GroupValue group => $"({string.Join(' ', group.Items.Select(Show))})",
        OptionValue option => $"{{{Show(option.Value)}: {string.Join(' ', option.Items.Select(Show))}}}",
        LogicValue logic => $"<{Show(logic.Left)} {logic.Operator.Text()} {Show(logic.Right)}>",
        PrefixValue prefix => $"<{prefix.Operator.Text()} {Show(prefix.Operand)}>",
        RelationValue relation => $"<{Show(relation.Left)} {relation.Operator} {Show(relation.Right)}>",
        PrefixRelationValue relation => $"<{relation.Operator} {Show(relation.Operand)}>",
        UpdateValue update => $"<{Show(update.Variable)} {update.Operator} {Show(update.Operand)}>",
        _ => value.ToString(),
    };

    [Theory]
    [InlineData("a & b | c & d", "<<a & b> | <c & d>>")]
    [InlineData("a | b | c", "<<a | b> | c>")]
    [InlineData("!a & b", "<<! a> & b>")]
    [InlineData("!a {x} | b", "<<! {a: x}> | b>")]
    [InlineData("a & b {x} {y}", "<a & {{b: x}: y}>")]
    [InlineData("?a & !?b", "<<? a> & <! <? b>>>")]
    [InlineData("a = \"x\" {y}", "{<a Equal \"x\">: y}")]
    [InlineData(">= \"1\" & < \"2\"", "<<GreaterOrEqual \"1\"> & <Less \"2\">>")]
    [InlineData("[a + b]", null)]
    [InlineData("[\"a\" {b} = \"c\"]", "[{\"a\": b} <Equal \"c\">]")]
    [InlineData("[PATH += \"x\" A =+ \"y\" B =+= \"z\" C := \"u\" D =: \"v\"]", "[<PATH Prepend \"x\"> <A Append \"y\"> <B Replace \"z\"> <C PrependAlways \"u\"> <D AppendAlways \"v\">]")]
    [InlineData("[a:b _:name a+b:c a+_:d with-test 5a]", "[a:b _:name a+b:c a+_:d with-test 5a]")]
    [InlineData("[1 -2 1_000 007 true false truely]", "[1 -2 1000 7 true false truely]")]
    [InlineData("[5-6]", "[5 -6]")]
    [InlineData("(a b)", "(a b)")]
    [InlineData("a ~ \"1\"", "<a GreaterOrEqual \"1\">")]
    public void Values_are_read_by_opams_grammar(string text, string? expected)
    {
        if (expected is null)
            Assert.Throws<HillingarException>(() => Document.ParseValue(text));
        else
            Assert.Equal(expected, Show(Document.ParseValue(text)));
    }

    [Theory]
    [InlineData("""
        "a\n\t\"\\\065\x42\ c"
        """, "a\n\t\"\\AB c")]
    [InlineData("\"\"\"a \"quoted\" text\"\"\"", "a \"quoted\" text")]
    [InlineData("\"\"\"\\\n  two\r\nlines\"\"\"", "two\nlines")]
    [InlineData("\"é%{x}%\"", "é%{x}%")]
    [InlineData("\"\"", "")]
    public void Strings_say_what_their_escapes_mean(string literal, string expected) =>
        Assert.Equal(expected, Assert.IsType<StringValue>(Document.ParseValue(literal)).Text);

    [Theory]
    [InlineData("a: [", 1, 5, "expected a value or ']' (for line 1), but found the end of the file")]
    [InlineData("opam-version: \"2.0\"\ndepends: [\n  \"a\" }\n]", 3, 7, "expected a value or ']' (for line 2), but found '}'")]
    [InlineData("a \"1\"", 1, 6, "expected '{' to begin the section")]
    [InlineData("a: \"x", 1, 4, "this string has no end; expected \"")]
    [InlineData("a: \"\"\"x\"", 1, 4, "this string has no end; expected \"\"\"")]
    [InlineData("a: \"\\q\"", 1, 5, "this is no escape of opam's")]
    [InlineData("a: (* b", 1, 4, "this comment has no end")]
    [InlineData("# fine\n\ta: é", 2, 5, "but 'é' means nothing in opam's language")]
    [InlineData("a: 9999999999999999999", 1, 4, "larger than opam's numbers")]
    [InlineData("a: b & | c", 1, 8, "expected a value, but found '|'")]
    [InlineData("a: true b: false }", 1, 18, "expected a field")]
    [InlineData("opam-version: \"2.1\"\nopam-version: \"2.1\"", 2, 1, "a second time")]
    [InlineData("a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> other\n", 2, 1, "the marks of a merge that is not finished, the first at line 2")]
    [InlineData("a: 1\n<<<<<<< HEAD\nb: 1\n", 2, 2, "but found '<'")]
    [InlineData("version: \"1\"\nopam-version: \"2.1\"", 2, 1, "expected opam-version as the first field")]
    public void Errors_tell_place_and_what_was_expected(string text, int line, int column, string message)
    {
        var error = Assert.Throws<HillingarException>(() => Document.Parse(text, "x.opam")).Diagnostic;
        Assert.Equal("HIL1001", error.Code);
        Assert.Equal(new Place("x.opam", line, column), error.Place);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_newer_format_is_told_as_such()
    {
        var error = Assert.Throws<HillingarException>(() => Document.Parse("opam-version: \"3.0\"\na := %"));
        Assert.Equal("HIL1003", error.Diagnostic.Code);
        Assert.Contains("formats up to 2.2", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[", "]")]
    [InlineData("(", ")")]
    [InlineData("!", "")]
    [InlineData("a & ", "")]
    [InlineData("a | ", "")]
    [InlineData("a {", "}")]
    public void Depth_has_a_limit(string open, string close)
    {
        static string Nest(string open, string close, int times) => $"x: {string.Concat(Enumerable.Repeat(open, times))}a{string.Concat(Enumerable.Repeat(close, times))}";
        var deepest = Document.Parse(Nest(open, close, Document.MaxDepth - 1));
        Assert.Equal(deepest.Reprint(), Document.Parse(deepest.Reprint()).Reprint());
        Document.Parse(deepest.Print());
        var error = Assert.Throws<HillingarException>(() => Document.Parse(Nest(open, close, 1_000_000)));
        Assert.Equal("HIL1002", error.Diagnostic.Code);
    }

    [Fact]
    public void Sections_have_the_same_limit() =>
        Assert.Equal("HIL1002", Assert.Throws<HillingarException>(() => Document.Parse(string.Concat(Enumerable.Repeat("s {", 100_000)))).Diagnostic.Code);

    [Fact]
    public void Size_has_a_limit() =>
        Assert.Equal("HIL1002", Assert.Throws<HillingarException>(() => Document.Parse(new byte[Document.MaxBytes + 1])).Diagnostic.Code);

    [Theory]
    [InlineData("")]
    [InlineData("\n# only a comment")]
    [InlineData("a:[(*x(*y*)*)\"b\"{>=\"1\"&build}]#end")]
    [InlineData("s \"n\" {\r\n\tx : -007 y:1_0\r\n} z: a ~ \"1\"\r\n")]
    [InlineData("d: \"\"\"\\\n  a\\065\"\"\"\n\n\n")]
    public void Any_layout_is_printed_back(string text) => Assert.Equal(text, Encoding.UTF8.GetString(Document.Parse(text).Reprint()));

    [Fact]
    public void Bytes_that_are_no_text_are_printed_back()
    {
        byte[] source = [.. "a: \""u8, 0xff, 0xfe, 0, .. "\" # "u8, 0x80];
        Assert.Equal(source, Document.Parse(source).Reprint());
    }

    [Theory]
    [InlineData(Corpus.Repository, "/opam", 18_793)]
    [InlineData(Corpus.Overlays, "/opam", 160)]
    public void Every_file_is_printed_back_from_its_tree(string archive, string suffix, int count)
    {
        var seen = 0;
        foreach (var (path, content) in Corpus.Files(archive, suffix))
        {
            var document = Document.Parse(content, path);
            Assert.True(document.Reprint().AsSpan().SequenceEqual(content), $"{path} is printed otherwise");
            var printed = Document.Parse(document.Print(), path);
            Assert.True(Same(document.Items, printed.Items), $"{path} means something else in opam's layout");
            seen++;
        }
        Assert.Equal(count, seen);
    }

    // opam's layout leaves out fields that are empty lists.
    static bool Same(IEnumerable<Item> left, IEnumerable<Item> right)
    {
        static IEnumerable<Item> Kept(IEnumerable<Item> items) =>
            items.Where(item => item is not Field { Value: ListValue { Items: [] or [ListValue { Items: [] }] } });
        return Kept(left).Count() == Kept(right).Count() && Kept(left).Zip(Kept(right)).All(pair => pair switch
        {
            (Section a, Section b) => a.Kind == b.Kind && a.Name == b.Name && Same(a.Items, b.Items),
            var (a, b) => Item.Equal(a, b),
        });
    }

    [Fact]
    public void A_node_that_the_tree_lacks_is_not_printed_back()
    {
        var document = Document.Parse("a: [b c]");
        var list = (ListValue)document.Field("a")!.Value;
        var cut = new Field("a", new ListValue([list.Items[0]]));
        Assert.Equal("a: [b]\n", document.Set(cut).Print());
    }
}
