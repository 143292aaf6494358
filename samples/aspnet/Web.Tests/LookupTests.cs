using Hillingar.Hosting;

namespace Web.Tests;

public class LookupTests
{
    [Fact]
    public async Task The_service_answers_with_what_the_server_says()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var dns = await Unikernel.StartAsync(new UnikernelOptions(Path.Combine(AppContext.BaseDirectory, "unix", "dns"))
        {
            Arguments = ["--port", "0"],
            HealthCheck = HealthChecks.Writes("listening on"),
        }, cancellation);

        // The server takes a free port, and says which: "listening on 127.0.0.1:39911, zones: …".
        string? address = null;
        await foreach (var line in dns.ReadLogAsync(follow: false, cancellation))
            address = line.Split(' ')[2].TrimEnd(',');

        await using var web = Lookup.Create(["--urls", "http://127.0.0.1:0", "--Dns", address!]);
        await web.StartAsync(cancellation);
        using var client = new HttpClient { BaseAddress = new Uri(web.Urls.First()) };
        Assert.Equal("[\"192.0.2.80\"]", await client.GetStringAsync("/address/web.example.org", cancellation));
        Assert.Equal("[]", await client.GetStringAsync("/address/no-such-name.example.org", cancellation));
    }
}
