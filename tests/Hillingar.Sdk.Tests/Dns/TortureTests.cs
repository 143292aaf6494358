namespace Hillingar.Tests.Dns;

/// <summary>The sample with more zones than its own.</summary>
public sealed class TortureTests(Sdk.Tests.Sdk sdk) : IDisposable
{
    readonly Sdk.Tests.SampleProject _sample = new(sdk);

    public void Dispose() => _sample.Dispose();

    [Fact]
    public async Task Zones_that_nobody_would_write_are_answered_as_BIND_does()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var zones = TortureZone.Write(Path.GetDirectoryName(_sample["dns.csproj"])!);
        var items = string.Concat(zones.Select(zone => $"<DnsZone Include=\"{Path.GetFileName(zone)}\" />"));
        _sample.Edit("dns.csproj", text => text.Replace("<DnsZone Include=\"example.org.zone\" />", items, StringComparison.Ordinal));
        (await _sample.Dotnet("build")).Succeeded();

        var report = await DnsComparison.Run(_sample.Image, zones, cancellation);
        Assert.True(report.Mismatches.Count == 0, string.Join('\n', report.Mismatches));
        Assert.True(report is { Queries: > 10_000, Silent: > 0, Truncated: > 0, Cut: > 0 }, report.ToString());
    }
}
