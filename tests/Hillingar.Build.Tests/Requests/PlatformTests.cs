using Hillingar.Build.Requests;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Tests;

public sealed class PlatformTests
{
    [Theory]
    [InlineData("x86_64-linux", "linux")]
    [InlineData("arm64-macos", "macos")]
    [InlineData("x86_64-win32", "win32")]
    public void A_platform_is_its_processor_and_system(string name, string os)
    {
        var platform = Platform.Parse(name);
        Assert.Equal(name, platform.Name);
        Assert.Equal(os, platform.Environment.Variables["os"].ToString());
        Assert.Equal(name, Platform.Of(platform.Environment).Name);
    }

    [Fact]
    public void This_machine_is_one() => Assert.Same(Platform.Host, Platform.Parse(Platform.Host.Name));

    [Theory]
    [InlineData("linux")]
    [InlineData("x86_64-plan9")]
    [InlineData("z80-linux")]
    [InlineData("x86_64-linux-gnu")]
    public void Other_names_are_told(string name) => Assert.Equal("HIL6017", Assert.Throws<HillingarException>(() => Platform.Parse(name)).Diagnostic.Code);
}
