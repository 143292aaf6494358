using Hillingar.Build.Health;
using Hillingar.Build.Machines;
using Hillingar.Build.Requests;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Tests;

public sealed class MachineCheckTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_there_has_a_version_and_what_is_not_says_how_to_get_it()
    {
        var items = await MachineCheck.Run([], Cancellation);
        Assert.All(items, item => Assert.Equal(item.IsPresent, item.Advice.Length == 0));
        Assert.All(items, item => Assert.True(item.Purpose.Length > 0));
        var dotnet = items.Single(item => item.Name == "dotnet");
        Assert.True(dotnet.IsPresent);
        Assert.StartsWith($"{Environment.Version.Major}.", dotnet.Version, StringComparison.Ordinal);
        Assert.Equal(MirageTarget.Known, items.Where(item => item.Area.StartsWith("target ", StringComparison.Ordinal)).Select(item => item.Area["target ".Length..]));
    }

    [Fact]
    public async Task Only_the_targets_that_are_asked_about_are_told()
    {
        var items = await MachineCheck.Run(["spt"], Cancellation);
        Assert.Equal("target spt", items[^1].Area);
        Assert.Equal(TargetSupport.MissingPrograms().Count == 0, items[^1].IsPresent);
        Assert.Single(items, item => item.Area.StartsWith("target ", StringComparison.Ordinal));
        Assert.Equal("HIL6011", (await Assert.ThrowsAsync<HillingarException>(() => MachineCheck.Run(["windows"], Cancellation))).Diagnostic.Code);
    }
}
