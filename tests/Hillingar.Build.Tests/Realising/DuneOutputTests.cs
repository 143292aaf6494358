using Hillingar.Build.Realising;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Tests;

public class DuneOutputTests
{
    static IReadOnlyList<Diagnostic> Read(string text)
    {
        var output = new DuneOutput(path => "/project/" + path);
        foreach (var line in text.Split('\n'))
            output.Add(line);
        return output.Diagnostics;
    }

    [Fact]
    public void A_compiler_error_has_its_place_and_whole_text()
    {
        var error = Assert.Single(Read("""
            File "src/dns.ml", line 12, characters 8-15:
            12 | let x = unknown
                         ^^^^^^^
            Error: Unbound value unknown
            Hint: Did you mean
              known?
            """));
        Assert.Equal(new Diagnostic(Severity.Error, "HIL5010", "Unbound value unknown Hint: Did you mean known?", new Place("/project/src/dns.ml", 12, 9)), error);
    }

    [Fact]
    public void Warnings_errors_and_ranges_of_lines_are_told_apart()
    {
        var found = Read("""
            File "a.ml", lines 3-5, characters 0-3:
            Warning 26 [unused-var]: unused variable x.
            File "dune", line 2, characters 1-9:
            Error: Unknown field foo
            File "b.ml", line 1:
            Error (alert deprecated): value X.y
            """);
        Assert.Equal(
        [
            (Severity.Warning, "HIL5011", 3, 1, "Warning 26 [unused-var]: unused variable x."),
            (Severity.Error, "HIL5010", 2, 2, "Unknown field foo"),
            (Severity.Error, "HIL5010", 1, 0, "value X.y"),
        ], found.Select(item => (item.Severity, item.Code, item.Place!.Value.Line, item.Place.Value.Column, item.Message)));
    }

    [Fact]
    public void An_error_without_a_place_counts_too() =>
        Assert.Equal("Library \"lwt\" not found.", Assert.Single(Read("Error: Library \"lwt\" not found.")).Message);

    [Fact]
    public void Other_lines_are_not_errors() => Assert.Empty(Read("Entering directory '.'\nDone: 100% (5/5)\n"));

    // Any rule of a package can print what looks like one of the compiler's.
    [Theory]
    [InlineData("99999999999999", "0-1", 0, 1)]
    [InlineData("12", "99999999999999-99999999999999", 12, 0)]
    [InlineData("2147483648", "2147483647-2147483648", 0, 0)]
    public void A_place_that_no_file_has_is_none(string line, string characters, int shownLine, int shownColumn)
    {
        var error = Assert.Single(Read($"File \"x.ml\", line {line}, characters {characters}:\nError: boom\n"));
        Assert.Equal(("boom", new Place("/project/x.ml", shownLine, shownColumn)), (error.Message, error.Place!.Value));
    }

    [Fact]
    public void Digits_of_other_scripts_are_no_place() => Assert.Equal("boom", Assert.Single(Read("File \"x.ml\", line ١٢, characters ١-٢:\nError: boom\n")).Message);
}
