using System.IO.Compression;
using System.Net;
using Hillingar.Opam.Addresses;

namespace Hillingar.Tests;

/// <summary>On loopback, where 127.0.0.2 plays a server of the internet, and names are what the test says.</summary>
public sealed class WebFetcherTests : IDisposable
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    readonly Dictionary<string, Queue<string>> _names = [];
    readonly WebFetcher _fetcher;

    public WebFetcherTests() => _fetcher = new(null, address => !address.Equals(IPAddress.Parse("127.0.0.2")), Resolve) { StallTimeout = TimeSpan.FromSeconds(2) };

    public void Dispose() => _fetcher.Dispose();

    Task<IPAddress[]> Resolve(string host, CancellationToken cancellation) => Task.FromResult<IPAddress[]>([IPAddress.Parse(_names[host].Count > 1 ? _names[host].Dequeue() : _names[host].Peek())]);

    static SourceServer Server(string address, Func<string, string> head, byte[]? body = null) =>
        new((_, request, stream) => SourceServer.Send(stream, head(request.Split(' ')[1]), body), IPAddress.Parse(address));

    static string Ok(int length) => $"HTTP/1.1 200 OK\nContent-Length: {length}\nConnection: close";

    static string To(string url, int code = 302) => $"HTTP/1.1 {code} Moved\nLocation: {url}\nContent-Length: 0\nConnection: close";

    async Task<byte[]> Get(string url, long limit = 1 << 20)
    {
        Assert.True(Address.TryParse(url, out var address, out var why), why);
        using var answer = await _fetcher.Get(address, null, Cancellation);
        Assert.Equal(HttpStatusCode.OK, answer.Response.StatusCode);
        using var body = await answer.Read(limit, Cancellation);
        using var memory = new MemoryStream();
        await body.CopyToAsync(memory, Cancellation);
        return memory.ToArray();
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_is_followed_relative_ones_too(int code)
    {
        using var server = Server("127.0.0.1", path => path == "/a" ? To("b", code) : Ok(3), "abc"u8.ToArray());
        Assert.Equal("abc"u8.ToArray(), await Get(server.Url("a")));
    }

    [Fact]
    public async Task A_server_of_the_internet_sends_nobody_into_a_private_network()
    {
        using var inner = Server("127.0.0.1", _ => Ok(0));
        using var outer = Server("127.0.0.2", path => To(inner.Url("meta")));
        var error = await Assert.ThrowsAsync<RedirectRefusedException>(() => Get(outer.Url()));
        Assert.Contains("HillingarAllowPrivateRedirects", error.Message, StringComparison.Ordinal);
        Assert.Empty(inner.Requests);

        // Nor by a name, nor over another server of the internet, nor after the name was looked up by somebody else, nor by a connection that is open.
        _names["inner.example"] = new(["127.0.0.1"]);
        _names["rebound.example"] = new(["127.0.0.2", "127.0.0.1"]);
        _names["localhost"] = new(["127.0.0.1"]);
        using var byName = Server("127.0.0.2", path => To($"http://inner.example:{inner.Port}/"));
        using var over = Server("127.0.0.2", path => path == "/1" ? To("/2") : To($"http://localhost:{inner.Port}/"));
        using var rebound = Server("127.0.0.2", path => To($"http://rebound.example:{inner.Port}/"));
        using var open = new SourceServer(async (_, _, stream) =>
        {
            await SourceServer.Send(stream, "HTTP/1.1 200 OK\nContent-Length: 0");
            await Task.Delay(Timeout.Infinite, Cancellation);
        });
        using var toOpen = Server("127.0.0.2", path => To(open.Url()));
        Assert.Empty(await Get(open.Url()));
        foreach (var url in new[] { byName.Url(), over.Url("1"), toOpen.Url() })
            Assert.Contains("HillingarAllowPrivateRedirects", (await Assert.ThrowsAnyAsync<HttpRequestException>(() => Get(url))).ToString(), StringComparison.Ordinal);
        // What the name is when it is connected to counts: the first answer lets it through, to the internet, and the second does not.
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => Get(rebound.Url()));
        Assert.Contains("HillingarAllowPrivateRedirects", (await Assert.ThrowsAnyAsync<HttpRequestException>(() => Get(rebound.Url()))).ToString(), StringComparison.Ordinal);
        Assert.Empty(inner.Requests);
        Assert.Single(open.Requests);
    }

    [Fact]
    public async Task A_project_may_allow_it_and_a_private_server_may_send_on_to_another()
    {
        using var inner = Server("127.0.0.1", _ => Ok(1), "x"u8.ToArray());
        using var outer = Server("127.0.0.2", path => To(inner.Url()));
        using var other = Server("127.0.0.1", path => To(inner.Url()));
        Assert.Equal("x"u8.ToArray(), await Get(other.Url()));
        Network.Current = Network.Current with { AllowPrivateRedirects = true };
        Assert.Equal("x"u8.ToArray(), await Get(outer.Url()));
    }

    // The proxy looks names up: what an address says of itself is all that there is.
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.1")]
    [InlineData("2130706433")]
    [InlineData("0x7f.0.0.1")]
    [InlineData("127.0.0.1.")]
    [InlineData("169.254.169.254")]
    [InlineData("[::1]")]
    [InlineData("[::ffff:10.0.0.1]")]
    [InlineData("localhost")]
    [InlineData("LOCALHOST.")]
    [InlineData("a.localhost")]
    public async Task Behind_a_proxy_a_redirect_inwards_is_refused_by_what_it_says(string host)
    {
        using var proxy = Server("127.0.0.1", path => path.Contains("example.org", StringComparison.Ordinal) ? To($"http://{host}/meta") : Ok(0));
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, Proxy = new WebProxy(proxy.Url("")) };
        using var fetcher = new WebFetcher(handler);
        Assert.True(Address.TryParse("http://example.org/x", out var address, out var why), why);
        var refused = await Assert.ThrowsAsync<RedirectRefusedException>(() => fetcher.Get(address, null, Cancellation));
        Assert.Contains("HillingarAllowPrivateRedirects", refused.Message, StringComparison.Ordinal);
        Assert.StartsWith("GET http://example.org/x ", Assert.Single(proxy.Requests), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://host/x")]
    [InlineData("gopher://host/x")]
    public async Task A_redirect_leaves_http_for_no_other_protocol(string to)
    {
        using var server = Server("127.0.0.1", _ => To(to));
        Assert.Contains("no address of http or https", (await Assert.ThrowsAsync<RedirectRefusedException>(() => Get(server.Url()))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redirect_does_not_leave_https_for_http()
    {
        using var handler = new Canned(request => new HttpResponseMessage(HttpStatusCode.Found) { Headers = { Location = new Uri("http://host/x") } });
        using var fetcher = new WebFetcher(handler);
        Assert.True(Address.TryParse("https://host/x", out var address, out _));
        Assert.Contains("from https to http", (await Assert.ThrowsAsync<RedirectRefusedException>(() => fetcher.Get(address, null, Cancellation))).Message, StringComparison.Ordinal);
        Assert.Single(handler.Requests);
    }

    [Fact]
    public async Task Redirects_end()
    {
        using var server = Server("127.0.0.1", _ => To("/loop"));
        Assert.Contains("more than 10 times", (await Assert.ThrowsAsync<RedirectRefusedException>(() => Get(server.Url("loop")))).Message, StringComparison.Ordinal);
        Assert.Equal(11, server.Requests.Count);
    }

    [Fact]
    public async Task A_password_goes_to_its_own_server_only_whatever_a_redirect_says()
    {
        using var other = Server("127.0.0.1", _ => Ok(0));
        using var server = Server("127.0.0.1", path => path == "/a" ? To("/b") : To(other.Url().Replace("http://", "http://someone:else@", StringComparison.Ordinal)));
        await Get(server.Url("a").Replace("http://", "http://me:s3cret@", StringComparison.Ordinal));
        Assert.All(server.Requests, request => Assert.Contains($"Authorization: Basic {Convert.ToBase64String("me:s3cret"u8)}\r\n", request, StringComparison.Ordinal));
        Assert.Equal(2, server.Requests.Count);
        Assert.DoesNotContain("Authorization", Assert.Single(other.Requests), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_larger_than_it_may_be_ends_at_once()
    {
        using var declared = Server("127.0.0.1", _ => Ok(2_000_000), [1]);
        await Assert.ThrowsAsync<WebLimitException>(() => Get(declared.Url(), 1 << 20));
        var sent = 0L;
        using var endless = new SourceServer(async (_, _, stream) =>
        {
            await SourceServer.Send(stream, "HTTP/1.1 200 OK\nConnection: close");
            for (var block = new byte[1 << 16]; sent < 1L << 32; sent += block.Length)
                await stream.WriteAsync(block, Cancellation);
        });
        await Assert.ThrowsAsync<WebLimitException>(() => Get(endless.Url(), 1 << 20));
        Assert.InRange(sent, 1 << 20, 256 << 20);
    }

    [Fact]
    public async Task A_server_that_sends_next_to_nothing_ends()
    {
        using var drop = new SourceServer(async (_, _, stream) =>
        {
            await SourceServer.Send(stream, "HTTP/1.1 200 OK\nConnection: close");
            for (var count = 0; count < 10_000; count++, await Task.Delay(100, Cancellation))
                await stream.WriteAsync("x"u8.ToArray(), Cancellation);
        });
        using var silent = new SourceServer((_, _, _) => Task.Delay(Timeout.Infinite, Cancellation));
        using var heads = new SourceServer(async (_, _, stream) =>
        {
            for (var line = "HTTP/1.1 200 OK\r\n"u8.ToArray(); ; line = "X-More: and more\r\n"u8.ToArray())
                await stream.WriteAsync(line, Cancellation);
        });
        using var slowHeads = new SourceServer(async (_, _, stream) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\n"u8.ToArray(), Cancellation);
            for (; ; await Task.Delay(100, Cancellation))
                await stream.WriteAsync("X: y\r\n"u8.ToArray(), Cancellation);
        });
        foreach (var server in new[] { drop, silent, slowHeads })
            Assert.Contains("next to nothing came", (await Assert.ThrowsAsync<IOException>(() => Get(server.Url()))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => Get(heads.Url()));
    }

    [Fact]
    public async Task What_is_packed_on_the_way_stays_so()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(new byte[8 << 20]);
        using var server = Server("127.0.0.1", _ => $"HTTP/1.1 200 OK\nContent-Encoding: gzip\nContent-Length: {packed.Length}\nConnection: close", packed.ToArray());
        Assert.Equal(packed.ToArray(), await Get(server.Url()));
        Assert.DoesNotContain("Accept-Encoding", server.Requests[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.0.0.0", true)]
    [InlineData("10.1.2.3", true)]
    [InlineData("100.64.0.1", true)]
    [InlineData("127.9.9.9", true)]
    [InlineData("169.254.169.254", true)]
    [InlineData("172.16.0.1", true)]
    [InlineData("172.32.0.1", false)]
    [InlineData("192.168.1.1", true)]
    [InlineData("8.8.8.8", false)]
    [InlineData("::1", true)]
    [InlineData("::", true)]
    [InlineData("fe80::1", true)]
    [InlineData("fd00::1", true)]
    [InlineData("2606:4700::1", false)]
    [InlineData("::ffff:127.0.0.1", true)]
    [InlineData("::ffff:8.8.8.8", false)]
    [InlineData("64:ff9b::a00:1", true)]
    [InlineData("64:ff9b::808:808", false)]
    [InlineData("2002:7f00:1::1", true)]
    public void Addresses_that_are_not_of_the_internet_are_known_also_inside_others(string address, bool isPrivate) => Assert.Equal(isPrivate, PrivateAddress.Is(IPAddress.Parse(address)));

    sealed class Canned(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        public List<Uri> Requests { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests.Add(request.RequestUri!);
            return Task.FromResult(answer(request));
        }
    }
}
