using Hillingar.Build.Requests;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Tests;

/// <summary>A key is one argument of <c>mirage configure</c>, that key's, whatever its name and its value are.</summary>
public sealed class HostileKeyTests
{
    static Request Of(MirageKey key) => new("p", "p.csproj", ["unix"], [], [], []) { Keys = [key] };

    [Theory]
    [InlineData("")]
    [InlineData("-x")]
    [InlineData("--output=/tmp")]
    [InlineData("a=b")]
    [InlineData("a b")]
    [InlineData("a\nb")]
    [InlineData("a\n")]
    [InlineData("a;b")]
    [InlineData("$(touch x)")]
    [InlineData("`x`")]
    [InlineData("../x")]
    [InlineData("schl\u00fcssel")]
    [InlineData("target")]
    [InlineData("output")]
    [InlineData("file")]
    [InlineData("help")]
    public void A_name_that_is_none_or_is_ours_to_say_is_refused(string name) =>
        Assert.Equal("HIL6019", Assert.Throws<HillingarException>(() => MirageKey.Check(Of(new(name, "", "")))).Diagnostic.Code);

    [Theory]
    [InlineData("$(touch x)")]
    [InlineData("a b")]
    [InlineData("a\nb --output=/tmp")]
    [InlineData("--output=/tmp")]
    [InlineData("'\"")]
    [InlineData("##vso[task.complete]")]
    public void A_value_is_that_keys_whatever_it_is(string value)
    {
        var key = new MirageKey("greeting", value, "");
        MirageKey.Check(Of(key));
        Assert.Equal($"--greeting={value}", key.Argument);
    }
}
