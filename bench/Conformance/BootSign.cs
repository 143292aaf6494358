using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Hillingar.Conformance;

/// <summary>What shows that a unikernel has started.</summary>
abstract record BootSign
{
    /// <summary>How a list writes them.</summary>
    public const string Forms = "'exits', 'says TEXT', 'ping ADDRESS', 'tcp ADDRESS:PORT' and '-'";

    /// <summary>The host's own address, where the sign comes by a network; null where none is needed.</summary>
    public virtual string? Host => null;

    /// <summary>Whether it is seen while the unikernel runs.</summary>
    /// <param name="log">What the unikernel has written.</param>
    /// <param name="cancellation">Stops.</param>
    public virtual Task<bool> IsSeen(string log, CancellationToken cancellation) => Task.FromResult(false);

    /// <summary>Reads a sign; null for what is none.</summary>
    public static BootSign? Parse(string text) => text.Split(' ') switch
    {
        ["" or "-"] => new Unseen(),
        ["exits"] => new Exits(),
        ["says", .. { Length: > 0 } words] => new Says(string.Join(' ', words)),
        ["ping", var address] when IPAddress.TryParse(address, out var parsed) => new Answers(parsed, null),
        ["tcp", var address] when IPEndPoint.TryParse(address, out var parsed) && parsed.Port > 0 => new Answers(parsed.Address, parsed.Port),
        _ => null,
    };

    /// <summary>It is not started: what starts it is no program of this machine.</summary>
    public sealed record Unseen : BootSign;

    /// <summary>It ends by itself, without an error.</summary>
    public sealed record Exits : BootSign;

    /// <summary>It writes a text.</summary>
    public sealed record Says(string Text) : BootSign
    {
        public override Task<bool> IsSeen(string log, CancellationToken cancellation) => Task.FromResult(log.Contains(Text, StringComparison.Ordinal));
    }

    /// <summary>It answers on a network.</summary>
    public sealed record Answers(IPAddress Address, int? Port) : BootSign
    {
        public override string? Host => $"{new IPAddress([.. Address.GetAddressBytes()[..3], 1])}/24";

        public override async Task<bool> IsSeen(string log, CancellationToken cancellation)
        {
            try
            {
                if (Port is { } port)
                {
                    using var client = new TcpClient(Address.AddressFamily);
                    using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                    patience.CancelAfter(TimeSpan.FromSeconds(5));
                    await client.ConnectAsync(Address, port, patience.Token);
                    return true;
                }

                using var ping = new Ping();
                return (await ping.SendPingAsync(Address, TimeSpan.FromSeconds(2), cancellationToken: cancellation)).Status == IPStatus.Success;
            }
            catch (Exception fault) when (fault is SocketException or PingException || fault is OperationCanceledException && !cancellation.IsCancellationRequested)
            {
                return false;
            }
        }
    }
}
