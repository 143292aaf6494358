using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Hillingar.Tests;

/// <summary>An HTTP server on loopback that answers each connection as the test says, byte for byte: faults are its purpose.</summary>
sealed class SourceServer : IDisposable
{
    readonly TcpListener _listener;
    readonly CancellationTokenSource _stop = new();
    readonly List<string> _requests = [];

    public SourceServer(Func<int, string, NetworkStream, Task> answer, IPAddress? address = null)
    {
        _listener = new(address ?? IPAddress.Loopback, 0);
        _listener.Start();
        _ = Serve(answer);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Url(string path = "a.tar.gz") => $"http://{_listener.LocalEndpoint}/{path}";

    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_requests)
                return [.. _requests];
        }
    }

    public static async Task Send(NetworkStream stream, string head, ReadOnlyMemory<byte> body = default)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head.ReplaceLineEndings("\r\n") + "\r\n\r\n"));
        await stream.WriteAsync(body);
    }

    public static Task Ok(NetworkStream stream, byte[] body) =>
        Send(stream, $"HTTP/1.1 200 OK\nContent-Length: {body.Length}\nConnection: close", body);

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _stop.Dispose();
    }

    async Task Serve(Func<int, string, NetworkStream, Task> answer)
    {
        for (var number = 1; !_stop.IsCancellationRequested; number++)
        {
            TcpClient client;
            try
            {
                client = await _listener.AcceptTcpClientAsync(_stop.Token);
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                return;
            }

            _ = Answer(client, number, answer);
        }
    }

    async Task Answer(TcpClient client, int number, Func<int, string, NetworkStream, Task> answer)
    {
        using (client)
        {
            var stream = client.GetStream();
            var head = new StringBuilder();
            var buffer = new byte[1];
            while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(buffer) > 0)
                head.Append((char)buffer[0]);
            lock (_requests)
                _requests.Add(head.ToString());
            await answer(number, head.ToString(), stream);
        }
    }
}
