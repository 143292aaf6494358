using Hillingar.Opam.Diagnostics;

namespace Hillingar.Tests;

public class PrintableTests
{
    public static TheoryData<string, string> Vectors
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var (said, told) in HostileText.Vectors)
                data.Add(said, told);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void What_strangers_say_is_told_as_text_and_the_same_when_it_is_told_again(string said, string told)
    {
        Assert.Equal(told, Printable.Text(said));
        Assert.Equal(told, Printable.Text(told));
        Assert.False(HostileText.Commands(told), told);
        Assert.DoesNotContain("tok3n", told, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_stays_one()
    {
        Assert.Equal("a\\u000ab\\u0009c\\u000d", Printable.Line("a\nb\tc\r"));
        Assert.Equal(": :error::x", Printable.Line("::error::x"));
    }

    [Fact]
    public void A_diagnostic_cannot_be_made_of_anything_else()
    {
        foreach (var (said, told) in HostileText.Vectors)
        {
            var diagnostic = new Diagnostic(Severity.Error, "HIL1001", said, new Place("a\n##vso[x].opam", 1, 2));
            Assert.Equal(told, diagnostic.Message);
            Assert.Equal(told, (diagnostic with { Message = said }).Message);
            Assert.Equal(told, new HillingarException("HIL1001", said).Message);
            Assert.StartsWith("a\\u000a# #vso[x].opam(1,2): error HIL1001: ", diagnostic.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_million_brackets_take_no_longer_than_reading_them()
    {
        foreach (var part in (ReadOnlySpan<string>)["##", "::error ", "https://a:", "?token=", "\u001b["])
            Assert.NotEmpty(Printable.Text(string.Concat(Enumerable.Repeat(part, 200_000))));
    }
}
