using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Hillingar.Tests.Dns;

/// <summary>Asks a server, and tells silence from slowness: a second, ordinary query follows each, and when that is answered
/// and the first is not, then it never will be.</summary>
sealed class DnsClient(IPEndPoint server, string zone)
{
    /// <summary>The id of the second query.</summary>
    const int Marker = 0x5e5e;

    /// <summary>How long a reply may come after that to the query behind it.</summary>
    static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(150);

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly byte[] marker = new DnsWriter().U16(Marker, 0, 1, 0, 0, 0).Question(zone, 6).ToArray();

    /// <summary>The reply, or null for silence or a connection that is closed.</summary>
    /// <exception cref="TimeoutException">The server does not even answer an ordinary query.</exception>
    public async Task<byte[]?> Ask(DnsQuery query, CancellationToken cancellation)
    {
        // Datagrams may be lost on a busy machine, or come late: silence is what comes twice.
        var silent = false;
        for (var tries = 1; ; tries++)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patience.CancelAfter(Patience);
            try
            {
                if ((query.Tcp ? await AskTcp(query.Bytes, patience.Token) : await AskUdp(query.Bytes, patience.Token)) is { } reply)
                    return reply;
                if (silent)
                    return null;
                silent = true;
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                if (tries == 3)
                    throw new TimeoutException($"{server} answers nothing after {query}");
            }
        }
    }

    /// <summary>Sends many queries over one connection, cut into small pieces, and gives their replies by id.</summary>
    public async Task<IReadOnlyDictionary<int, byte[]>> Pipeline(IEnumerable<byte[]> queries, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(4 * Patience);
        using var connection = new TcpClient { NoDelay = true };
        await connection.ConnectAsync(server, patience.Token);
        var framed = queries.Select(Framed).ToList();
        var sending = Task.Run(
            async () =>
            {
                foreach (var piece in framed.SelectMany(bytes => bytes).Chunk(7))
                    await connection.GetStream().WriteAsync(piece, patience.Token);
            },
            patience.Token);
        var replies = new Dictionary<int, byte[]>();
        while (replies.Count < framed.Count && await Receive(connection.GetStream(), patience.Token) is { } reply)
            replies.Add(Id(reply), reply);
        await sending;
        return replies;
    }

    async Task<byte[]?> AskUdp(byte[] query, CancellationToken cancellation)
    {
        using var socket = new UdpClient(AddressFamily.InterNetwork);
        socket.Connect(server);
        await socket.SendAsync(query, cancellation);
        await socket.SendAsync(marker, cancellation);
        return await First(async token => (await socket.ReceiveAsync(token)).Buffer, cancellation);
    }

    async Task<byte[]?> AskTcp(byte[] query, CancellationToken cancellation)
    {
        using var connection = new TcpClient { NoDelay = true };
        await connection.ConnectAsync(server, cancellation);
        await connection.GetStream().WriteAsync((byte[])[.. Framed(query), .. Framed(marker)], cancellation);
        return await First(token => Receive(connection.GetStream(), token), cancellation);
    }

    /// <summary>The first message that is not the reply to the second query, unless it stays away.</summary>
    static async Task<byte[]?> First(Func<CancellationToken, Task<byte[]?>> receive, CancellationToken cancellation)
    {
        using var grace = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var late = false;
        try
        {
            while (await receive(grace.Token) is { } message)
            {
                if (Id(message) != Marker)
                    return message;
                late = true;
                grace.CancelAfter(Grace);
            }
            return null;
        }
        catch (OperationCanceledException) when (late && !cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    static int Id(byte[] message) => message.Length < 2 ? -1 : BinaryPrimitives.ReadUInt16BigEndian(message);

    static byte[] Framed(byte[] message) => [(byte)(message.Length >> 8), (byte)message.Length, .. message];

    /// <summary>A message with its length before it, or null at the connection's end.</summary>
    static async Task<byte[]?> Receive(NetworkStream stream, CancellationToken cancellation)
    {
        try
        {
            var length = new byte[2];
            await stream.ReadExactlyAsync(length, cancellation);
            var message = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
            await stream.ReadExactlyAsync(message, cancellation);
            return message;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
