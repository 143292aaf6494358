using Hillingar.Build.Requests;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Tests;

public class VersionTextTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("5.6", ">= \"5.6\"")]
    [InlineData("5.6.0", ">= \"5.6\"")]
    [InlineData("[5.6,6.0)", ">= \"5.6\" & < \"6\"")]
    [InlineData("(5.6,6.0]", "> \"5.6.0\" & <= \"6.0.0\"")]
    [InlineData("(,2.0)", "< \"2\"")]
    [InlineData("[5.6.1]", "= \"5.6.1\"")]
    [InlineData("[5.6]", ">= \"5.6\" & <= \"5.6.0\"")]
    [InlineData("5.*", ">= \"5\" & < \"6\"")]
    [InlineData("5.6.*", ">= \"5.6\" & < \"5.7\"")]
    [InlineData("*", "")]
    [InlineData("[1.0-beta2,)", ">= \"1~beta2\"")]
    [InlineData("[1.2.3.4,)", ">= \"1.2.3.4\"")]
    [InlineData(">= \"1.6\"", ">= \"1.6\"")]
    [InlineData(">= 1.6 & < v2.0~", ">= \"1.6\" & < \"v2.0~\"")]
    [InlineData("(>= \"1\" | = \"0.5\")", "(>= \"1\" | = \"0.5\")")]
    public void Versions_become_opam_constraints(string text, string expected) =>
        Assert.Equal(expected, VersionText.ToOpam(text, "lwt"));

    [Theory]
    [InlineData("newest")]
    [InlineData("[2.0,1.0]")]
    [InlineData("[1.0")]
    [InlineData("1.0-*")]
    public void What_is_no_version_is_told(string text)
    {
        var error = Assert.Throws<HillingarException>(() => VersionText.ToOpam(text, "lwt", () => new Place("a.csproj", 3, 4))).Diagnostic;
        Assert.Equal("HIL6010", error.Code);
        Assert.Contains("lwt", error.Message, StringComparison.Ordinal);
        Assert.Equal(3, error.Place!.Value.Line);
    }
}
