using System.Net.Sockets;

namespace Hillingar.Hosting;

/// <summary>Says whether a unikernel serves.</summary>
/// <param name="unikernel">The unikernel, which runs.</param>
/// <param name="cancellationToken">Ends the asking, when the time is over.</param>
public delegate Task<bool> HealthCheck(Unikernel unikernel, CancellationToken cancellationToken);

/// <summary>Health checks that many have a use for.</summary>
public static class HealthChecks
{
    /// <summary>It serves once it has written a text.</summary>
    /// <param name="text">A part of the line.</param>
    public static HealthCheck Writes(string text) =>
        async (unikernel, cancellationToken) =>
        {
            await foreach (var line in unikernel.ReadLogAsync(follow: false, cancellationToken).ConfigureAwait(false))
                if (line.Contains(text, StringComparison.Ordinal))
                    return true;
            return false;
        };

    /// <summary>It serves once something takes connections there.</summary>
    /// <param name="host">The host: 127.0.0.1 for a unikernel that is a process, else its address.</param>
    /// <param name="port">The port.</param>
    public static HealthCheck Connects(string host, int port) =>
        async (_, cancellationToken) =>
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(host, port, cancellationToken).ConfigureAwait(false);
                return true;
            }
            catch (SocketException)
            {
                // Nobody listens yet.
                return false;
            }
        };
}
