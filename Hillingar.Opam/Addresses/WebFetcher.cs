using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Opam.Addresses;

/// <summary>
/// Reads files of servers that are trusted with nothing: redirects are followed by hand, not from https to http, not from the internet into
/// a private network, and not for ever; a password goes to the server that it was given for; what comes is bounded, in bytes and in time
/// without progress.
/// </summary>
public sealed class WebFetcher : IDisposable
{
    /// <summary>The most bytes that a download may have.</summary>
    public const long MaxBytes = 2L << 30;

    const int MaxRedirects = 10;

    static readonly HttpRequestOptionsKey<bool> s_onlyPublic = new("Hillingar.OnlyPublic");

    readonly HttpMessageInvoker _direct,
        _guarded;
    readonly ConcurrentDictionary<string, bool> _private = new(StringComparer.OrdinalIgnoreCase);
    readonly Func<IPAddress, bool> _isPrivate;
    readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve;

    /// <summary>Makes a fetcher.</summary>
    /// <param name="handler">Carries the requests; by default .NET's own, which honours the usual proxy variables.</param>
    public WebFetcher(HttpMessageHandler? handler = null)
        : this(handler, PrivateAddress.Is, Dns.GetHostAddressesAsync) { }

    /// <summary>Makes a fetcher that asks somebody else what is private and where a host is.</summary>
    internal WebFetcher(
        HttpMessageHandler? handler,
        Func<IPAddress, bool> isPrivate,
        Func<string, CancellationToken, Task<IPAddress[]>> resolve
    )
    {
        (_isPrivate, _resolve) = (isPrivate, resolve);
        _direct = new HttpMessageInvoker(handler ?? Handler(), disposeHandler: handler is null);
        // Connections of its own: one that was made to a private server because the project names it does not serve a redirect.
        _guarded = handler is null ? new HttpMessageInvoker(Handler()) : _direct;
    }

    /// <summary>For how long a transfer may bring next to nothing before it counts as broken.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How many bytes are more than next to nothing, each second; git's <c>http.lowSpeedLimit</c>.</summary>
    public int LowSpeed { get; init; } = 1000;

    /// <summary>Asks for a file.</summary>
    /// <param name="address">The file's address.</param>
    /// <param name="prepare">Adds headers to the request.</param>
    /// <param name="cancellation">Stops.</param>
    /// <returns>The answer of the last server, whatever it says.</returns>
    /// <exception cref="HttpRequestException">No server answered, or one sends on to where nobody goes.</exception>
    /// <exception cref="IOException">Nothing came for <see cref="StallTimeout"/>.</exception>
    public async Task<WebAnswer> Get(Address address, Action<HttpRequestMessage>? prepare, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(address);
        var named = address.Uri is { Scheme: "https" or "http" } uri
            ? uri
            : throw new HttpRequestException($"the protocol of '{address}' is not http or https");
        var credentials = Network.Current.UserInfoFor(address);
        var cameFromInternet = false;
        for (var (at, count) = (named, 0); ; count++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, at);
            request.Headers.UserAgent.Add(
                new ProductInfoHeaderValue("Hillingar", typeof(WebFetcher).Assembly.GetName().Version?.ToString(3))
            );
            if (credentials.Length > 0 && Network.IsSameServer(named, at))
                request.Headers.TryAddWithoutValidation("Authorization", Network.Basic(credentials));
            prepare?.Invoke(request);
            request.Options.Set(s_onlyPublic, cameFromInternet);
            if (cameFromInternet && IsPrivateByName(at))
                throw Inwards(at);
            var response = await Send(cameFromInternet ? _guarded : _direct, request, cancellation).ConfigureAwait(false);
            if (
                response.StatusCode
                    is not (
                        HttpStatusCode.MovedPermanently
                        or HttpStatusCode.Found
                        or HttpStatusCode.SeeOther
                        or HttpStatusCode.TemporaryRedirect
                        or HttpStatusCode.PermanentRedirect
                    )
                || response.Headers.Location is not { } location
            )
                return new WebAnswer(
                    response,
                    new Uri(at.GetComponents(UriComponents.AbsoluteUri & ~UriComponents.UserInfo, UriFormat.UriEscaped)),
                    this
                );
            using (response)
            {
                var next = Next(at, location);
                if (count == MaxRedirects)
                    throw new RedirectRefusedException($"it sends on from one address to the next, more than {MaxRedirects} times");
                cameFromInternet |= !Network.Current.AllowPrivateRedirects && !IsPrivate(at);
                at = next;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _direct.Dispose();
        _guarded.Dispose();
    }

    static Uri Next(Uri at, Uri location)
    {
        var next = location.IsAbsoluteUri ? location : new Uri(at, location);
        if (next.Scheme is not ("https" or "http") || next.Host.Length == 0)
            throw new RedirectRefusedException($"it sends on to '{Printable.Line(next.ToString())}', which is no address of http or https");
        if (at.Scheme == "https" && next.Scheme == "http")
            throw new RedirectRefusedException(
                $"it sends on from https to http, to '{Printable.Line(next.ToString())}', where anybody on the way could change what comes"
            );
        return next;
    }

    async Task<HttpResponseMessage> Send(HttpMessageInvoker through, HttpRequestMessage request, CancellationToken cancellation)
    {
        using var stall = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        stall.CancelAfter(StallTimeout);
        try
        {
            return await through.SendAsync(request, stall.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw Stalled();
        }
    }

    internal IOException Stalled() => new($"next to nothing came for {StallTimeout.TotalSeconds:0} s");

    // Each connection is made to an address that was looked at: a name server that answers otherwise a moment later changes nothing.
    SocketsHttpHandler Handler() =>
        new()
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            ConnectCallback = async (context, cancellation) =>
            {
                var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
                var uri = context.InitialRequestMessage.RequestUri!;
                // What else is connected to is a proxy, which looks names up itself.
                var isServer = host.Equals(uri.IdnHost, StringComparison.OrdinalIgnoreCase) && port == uri.Port;
                var addresses = IPAddress.TryParse(host, out var literal)
                    ? [literal]
                    : await _resolve(host, cancellation).ConfigureAwait(false);
                if (
                    isServer
                    && context.InitialRequestMessage.Options.TryGetValue(s_onlyPublic, out var onlyPublic)
                    && onlyPublic
                    && Array.Exists(addresses, IsPrivate)
                )
                    throw Inwards(uri);
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    await socket.ConnectAsync(addresses, port, cancellation).ConfigureAwait(false);
                    if (isServer && socket.RemoteEndPoint is IPEndPoint peer)
                        _private[Key(uri)] = IsPrivate(peer.Address);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };

    // Of a server behind a proxy only its name is known.
    bool IsPrivate(Uri uri) => _private.TryGetValue(Key(uri), out var known) ? known : IsPrivateByName(uri);

    bool IsPrivateByName(Uri uri)
    {
        // A name may end with a dot, and is the same one then.
        var host = uri.IdnHost.Trim('[', ']').TrimEnd('.');
        return IPAddress.TryParse(host, out var address)
            ? IsPrivate(address)
            : host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
                || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);
    }

    bool IsPrivate(IPAddress address) => _isPrivate(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    static string Key(Uri uri) => $"{uri.IdnHost}:{uri.Port}";

    static RedirectRefusedException Inwards(Uri to) =>
        new(
            $"a server of the internet sends on to '{Printable.Line(to.Host)}', which is on this machine or in a private network. Where that is meant, set HillingarAllowPrivateRedirects to true"
        );
}
