using Hillingar.Hosting;
using Hillingar.Opam.Diagnostics;

// The guide shows these lines, and a reader's test may do without tokens.
#pragma warning disable xUnit1051

namespace Hillingar.Sdk.Tests.Hosting;

/// <summary>An image that <c>dotnet build</c> made, started from C# as the guide has it.</summary>
public sealed class HostingTests(Sdk sdk)
{
    [Fact]
    public async Task A_server_is_ready_when_its_check_passes_and_gone_when_it_is_disposed_of()
    {
        using var project = await SampleProject.Built(sdk);
        int process;
        await using (var dns = await Unikernel.StartAsync(new UnikernelOptions(project.Image)
        {
            Arguments = ["--port", "0"],
            HealthCheck = HealthChecks.Writes("listening on"),
        }))
        {
            process = dns.ProcessId;
            Assert.True(dns.IsRunning);
            var lines = new List<string>();
            var reading = Task.Run(async () =>
            {
                await foreach (var line in dns.ReadLogAsync())
                    lines.Add(line);
            }, TestContext.Current.CancellationToken);
            await dns.StopAsync(TestContext.Current.CancellationToken);
            await reading;
            Assert.Equal(0, dns.ExitCode);
            Assert.StartsWith("listening on 127.0.0.1:", Assert.Single(lines), StringComparison.Ordinal);
            await Assert.ThrowsAsync<HillingarException>(() => Unikernel.StartAsync(new UnikernelOptions(project.Image) { Arguments = ["--port", "none"], HealthCheck = HealthChecks.Writes("listening on") }, TestContext.Current.CancellationToken));
        }

        Assert.False(Directory.Exists($"/proc/{process}"));
    }

    [Fact]
    public async Task Disposal_alone_ends_it_and_what_is_not_ready_in_time_is_told_with_its_log()
    {
        using var project = await SampleProject.Built(sdk);
        var dns = await Unikernel.StartAsync(new UnikernelOptions(project.Image) { Arguments = ["--port", "0"] }, TestContext.Current.CancellationToken);
        var process = dns.ProcessId;
        Assert.True(Directory.Exists($"/proc/{process}"));
        await dns.DisposeAsync();
        Assert.False(Directory.Exists($"/proc/{process}"));

        var late = await Assert.ThrowsAsync<HillingarException>(() => Unikernel.StartAsync(new UnikernelOptions(project.Image)
        {
            Arguments = ["--port", "0"],
            HealthCheck = HealthChecks.Writes("no such line"),
            ReadyTimeout = TimeSpan.FromSeconds(3),
        }, TestContext.Current.CancellationToken));
        Assert.Equal("HIL5099", late.Diagnostic.Code);
        Assert.Contains("listening on 127.0.0.1:", late.Message, StringComparison.Ordinal);
    }
}
