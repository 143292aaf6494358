using Hillingar.Build.Processes;
using Hillingar.Build.Requests;
using Hillingar.Opam.Diagnostics;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

public sealed class DuneTextTests : IDisposable
{
    readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    DuneText Read(string text) => DuneText.Parse(File.ReadAllBytes(_folder.Write("dune", text)), "duniverse/lib/dune");

    [Fact]
    public void Strings_say_what_dune_reads_in_them()
    {
        var text = Read("(a b-%{c:d} \"e f\\n\\065\\x42\\%{g}\\\\ \\\n   h\" \"\\| one \\\"\n \"\\> two \\n\n) ; (not this)\n(#| #; (\n)(i\r\n;j\n)");
        Assert.Equal(["#|", "#"], text.Stanzas[1].Items.Select(item => item.Text));
        Assert.Equal("i", Assert.Single(text.Stanzas[2].Items).Text);
        Assert.Equal(["a", "b-%{c:d}", "e f\nAB%{g}\\ h", "one \"\ntwo \\n\n"], text.Stanzas[0].Items.Select(item => item.Text));
    }

    [Theory]
    [InlineData("(a (b)", 1, 1, "is not closed")]
    [InlineData("(a)\n (b))", 2, 5, "closes none")]
    [InlineData("(a\n \"b)", 2, 2, "string is not closed")]
    [InlineData("(a\n b\\ \"\\q\")", 2, 6, "no escape sequence")]
    [InlineData("(a \"\\300\")", 1, 5, "no escape sequence")]
    [InlineData("(a \"\\|b\n)", 1, 7, "a space")]
    [InlineData("(a)\nb", 2, 1, "(NAME …)")]
    [InlineData("(a é)", 1, 4, "cannot stand here")]
    [InlineData("(* -*- tuareg -*- *)\nlet () = ()", 1, 1, "program in OCaml")]
    public void What_cannot_be_read_is_told_with_its_place(string text, int line, int column, string why)
    {
        var told = Assert.Throws<HillingarException>(() => Read(text)).Diagnostic;
        Assert.Equal(("HIL4032", new Place("duniverse/lib/dune", line, column)), (told.Code, told.Place));
        Assert.Contains(why, told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nesting_that_no_stack_holds_is_refused() =>
        Assert.Equal("HIL4032", Assert.Throws<HillingarException>(() => Read(new string('(', 1_000_000))).Diagnostic.Code);

    [Fact]
    public void What_is_not_changed_stays_byte_for_byte_and_on_its_line()
    {
        var before = "; caf\xe9 (a)\r\n(a \"x\ny\"\n  (b c)) (d\te ;f\n  g)\n\n"u8.ToArray();
        before[5] = 0xe9;
        File.WriteAllBytes(_folder["dune"], before);
        var text = DuneText.Parse(File.ReadAllBytes(_folder["dune"]), "dune");
        text.Remove(text.Stanzas[0]);
        text.Replace(text.Stanzas[1].Items[1], "other");
        File.WriteAllBytes(_folder["dune"], text.Changed!);
        var expected = "; caf\xe9 (a)\r\n\n\n (d\tother ;f\n  g)\n\n"u8.ToArray();
        expected[5] = 0xe9;
        Assert.Equal(expected, File.ReadAllBytes(_folder["dune"]));
    }

    [Fact]
    public async Task It_reads_just_what_dune_reads()
    {
        Assert.SkipWhen(ProcessRunner.Find("dune") is null, "needs dune (Debian: ocaml-dune)");
        string[] pieces = ["(", ")", "(", ")", " ", "\n", "\r\n", "\r", "\t", "\"", "\"", "\\", "\\n", "\\065", "\\300", "\\x4", "\\x4f", "\"\\| ", "\"\\> ", "\"\\|\n", ";", "#|", "a", "b-c", "%", "\f", "\\\n  "];
        var random = new Random(20);
        var (taken, refused) = (0, 0);
        for (var round = 0; round < 400; round++)
        {
            var text = "(x " + string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => pieces[random.Next(pieces.Length)])) + (random.Next(4) > 0 ? ")" : "");
            var path = _folder.Write("dune", text);
            var ours = "";
            try
            {
                Assert.Equal(text, DuneText.Parse(File.ReadAllBytes(path), "dune").Print());
                taken++;
            }
            catch (HillingarException exception)
            {
                ours = exception.Message;
                refused++;
            }

            // dune's formatter takes a word where only a stanza may stand.
            if (ours.Contains("(NAME …)", StringComparison.Ordinal))
                continue;
            var theirs = await ProcessRunner.Run(new Command("dune", ["format-dune-file", path]), TestContext.Current.CancellationToken);
            Assert.True(theirs.ExitCode == 0 == (ours.Length == 0), $"{System.Text.Json.JsonSerializer.Serialize(text)}\nours: {ours}\ndune: {theirs.Error}");
        }

        Assert.True(taken > 50 && refused > 50, $"{taken} taken, {refused} refused");
    }
}
