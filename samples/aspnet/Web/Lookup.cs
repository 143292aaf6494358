using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Web;

/// <summary>A service that asks a DNS server: <c>GET /address/NAME</c> answers with the IPv4 addresses of a name. The setting Dns says where the server is.</summary>
public static class Lookup
{
    /// <summary>The service, ready to be started.</summary>
    public static WebApplication Create(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        var app = builder.Build();
        var server = IPEndPoint.Parse(app.Configuration["Dns"] ?? "127.0.0.1:5353");
        app.MapGet("/address/{name}", async (string name, CancellationToken cancellation) => await Ask(server, name, cancellation));
        return app;
    }

    // RFC 1035: a header, one question; the answers' names are pointers or labels.
    static async Task<string[]> Ask(IPEndPoint server, string name, CancellationToken cancellation)
    {
        byte[] query =
        [
            0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0,
            .. name.Split('.').SelectMany(label => Encoding.ASCII.GetBytes(label).Prepend((byte)label.Length)), 0,
            0, 1, 0, 1,
        ];
        using var client = new UdpClient(server.AddressFamily);
        await client.SendAsync(query, server, cancellation);
        var answer = (await client.ReceiveAsync(cancellation)).Buffer;
        var (at, found) = (query.Length, new List<string>());
        for (var left = Number(answer, 6); left > 0; left--)
        {
            while (answer[at] is > 0 and < 0xC0)
                at += answer[at] + 1;
            at += answer[at] == 0 ? 1 : 2;
            var (type, length) = (Number(answer, at), Number(answer, at + 8));
            if (type == 1)
                found.Add(new IPAddress(answer.AsSpan(at + 10, 4)).ToString());
            at += 10 + length;
        }

        return [.. found];
    }

    static int Number(byte[] bytes, int at) => (bytes[at] << 8) | bytes[at + 1];
}
