using System.Diagnostics;
using Hillingar.Tests;
using Hillingar.Tests.Dns;

namespace Hillingar.Sdk.Tests;

/// <summary>The sample, built once; each test changes what it wants and puts it back.</summary>
public sealed class BuiltSample(Sdk sdk) : IAsyncLifetime
{
    internal SampleProject Project { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Project = await SampleProject.Built(sdk);

    public ValueTask DisposeAsync()
    {
        Project.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>What build, run and clean do with the sample, by real dotnet commands from the packed SDK.</summary>
public sealed class BuildTests(Sdk sdk, BuiltSample built) : IClassFixture<BuiltSample>
{
    readonly SampleProject _sample = built.Project;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_locked_vendored_and_answers_as_BIND_does()
    {
        (await _sample.Dotnet("build")).Succeeded();
        Assert.Contains("\"lwt\" {= \"5.6.1\" & ?vendor}", await File.ReadAllTextAsync(_sample.Lock, Cancellation), StringComparison.Ordinal);
        Assert.Equal("(vendored_dirs *)\n", await File.ReadAllTextAsync(_sample["obj/hillingar/duniverse/dune"], Cancellation));
        Assert.False(sdk.CalledForbidden, "opam or opam-monorepo was called");

        var report = await DnsComparison.Run(_sample.Image, [_sample["example.org.zone"], _sample["2.0.192.in-addr.arpa.zone"]], Cancellation);
        Assert.True(report.Mismatches.Count == 0, string.Join('\n', report.Mismatches));
        Assert.True(report.Queries >= 150 && report.Malformed >= 50 && report.Tcp >= 20 && report.Truncated > 0, report.ToString());
    }

    [Fact]
    public async Task Zones_that_nobody_would_write_are_answered_as_BIND_does()
    {
        using var folder = new TestFolder();
        var zones = TortureZone.Write(folder.Path);
        var items = string.Concat(zones.Select(zone => $"<DnsZone Include=\"{zone}\" />"));
        using var edit = _sample.Edit("dns.csproj", text => text.Replace("<DnsZone Include=\"example.org.zone\" />", items, StringComparison.Ordinal));
        (await _sample.Dotnet("build")).Succeeded();

        var report = await DnsComparison.Run(_sample.Image, zones, Cancellation);
        Assert.True(report.Mismatches.Count == 0, string.Join('\n', report.Mismatches));
        Assert.True(report is { Queries: > 10_000, Silent: > 0, Truncated: > 0, Cut: > 0 }, report.ToString());
    }

    [Fact]
    public async Task A_second_build_does_nothing_and_a_changed_zone_is_served()
    {
        (await _sample.Dotnet("build")).Succeeded();
        var built = File.GetLastWriteTimeUtc(_sample.Image);
        var locked = File.GetLastWriteTimeUtc(_sample.Lock);

        var second = (await _sample.Dotnet("build", "-v:normal")).Succeeded();
        Assert.Contains("Skipping target \"HillingarBuild\" because all output files are up-to-date", second.Output, StringComparison.Ordinal);
        Assert.Equal(built, File.GetLastWriteTimeUtc(_sample.Image));
        Assert.Equal(locked, File.GetLastWriteTimeUtc(_sample.Lock));

        using var edit = _sample.Edit("example.org.zone", zone => zone + "\nadded-later IN A 192.0.2.77\n");
        (await _sample.Dotnet("build")).Succeeded();
        Assert.Equal("192.0.2.77", (await Dig("added-later.example.org", "A")).Trim());
    }

    [Fact]
    public async Task A_source_that_went_away_counts_too()
    {
        File.WriteAllText(_sample["unused.txt"], "");
        (await _sample.Dotnet("build")).Succeeded();
        var built = File.GetLastWriteTimeUtc(_sample.Image);
        File.Delete(_sample["unused.txt"]);
        (await _sample.Dotnet("build")).Succeeded();
        Assert.NotEqual(built, File.GetLastWriteTimeUtc(_sample.Image));
        Assert.False(File.Exists(_sample["obj/hillingar/src/unused.txt"]));
    }

    [Fact]
    public async Task Run_starts_it_with_its_arguments_and_clean_removes_what_was_built_only()
    {
        (await _sample.Dotnet("build")).Succeeded();
        using (var process = _sample.Start(["run", "--no-build", "--", "--port", "0"]))
        {
            var line = await process.StandardOutput.ReadLineAsync(Cancellation);
            process.Kill(entireProcessTree: true);
            Assert.StartsWith("listening on 127.0.0.1:", line, StringComparison.Ordinal);
        }

        (await _sample.Dotnet("clean")).Succeeded();
        Assert.False(File.Exists(_sample.Image));
        Assert.False(Directory.Exists(_sample["obj/hillingar/_build"]));
        Assert.True(File.Exists(_sample.Lock));
        Assert.True(File.Exists(_sample["example.org.zone"]));
        (await _sample.Dotnet("build", "--no-restore")).Succeeded();
        Assert.True(File.Exists(_sample.Image));
    }

    [Fact]
    public async Task Errors_of_the_compiler_and_of_zones_carry_the_projects_own_files()
    {
        using (_sample.Edit("dns.ml", text => "let () = no_such_function ()\n" + text))
        {
            var compile = (await _sample.Dotnet("build")).FailedWith("HIL5010");
            Assert.Contains($"{_sample["dns.ml"]}(1,10): error HIL5010: Unbound value no_such_function", compile.Output, StringComparison.Ordinal);
        }

        using var edit = _sample.Edit("example.org.zone", zone => zone + "\nbroken IN A 300.1.2.3\n");
        var line = (await File.ReadAllLinesAsync(_sample["example.org.zone"], Cancellation)).Length;
        var zone = (await _sample.Dotnet("build")).FailedWith("HIL5010");
        Assert.Contains($"{_sample["example.org.zone"]}({line},", zone.Output, StringComparison.Ordinal);
    }

    async Task<string> Dig(string name, string type)
    {
        using var server = Process.Start(new ProcessStartInfo(_sample.Image, "--port 0") { RedirectStandardOutput = true })!;
        try
        {
            var line = await server.StandardOutput.ReadLineAsync(Cancellation) ?? "";
            var port = line.Split(':')[1].Split(',')[0];
            using var dig = Process.Start(new ProcessStartInfo("dig", ["@127.0.0.1", "-p", port, "+short", name, type]) { RedirectStandardOutput = true })!;
            return await dig.StandardOutput.ReadToEndAsync(Cancellation);
        }
        finally
        {
            server.Kill();
        }
    }
}
