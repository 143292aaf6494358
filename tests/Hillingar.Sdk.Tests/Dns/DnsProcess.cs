using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Hillingar.Tests.Dns;

/// <summary>A DNS server on loopback that runs for as long as this object lives.</summary>
sealed class DnsProcess : IAsyncDisposable
{
    /// <summary>For a server to come up: only one that is broken takes as long.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    readonly Process process;
    readonly StringBuilder output = new();
    readonly TaskCompletionSource<string> ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    DnsProcess(string file, IEnumerable<string> arguments, Func<string, bool> isReady)
    {
        process = new() { StartInfo = new(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true }, EnableRaisingEvents = true };
        void Read(object sender, DataReceivedEventArgs line)
        {
            if (line.Data is null)
                return;
            lock (output)
                output.AppendLine(line.Data);
            if (isReady(line.Data))
                ready.TrySetResult(line.Data);
        }
        process.OutputDataReceived += Read;
        process.ErrorDataReceived += Read;
        process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException($"{file} ended"));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>What the server printed so far.</summary>
    public string Output
    {
        get
        {
            lock (output)
                return output.ToString();
        }
    }

    /// <summary>Where it listens, by UDP and TCP.</summary>
    public IPEndPoint Address { get; private set; } = new(IPAddress.Loopback, 0);

    /// <summary>Starts the sample's server on a free port, which the line tells that it prints when it is ready.</summary>
    public static async Task<DnsProcess> Sample(string path, CancellationToken cancellation)
    {
        var server = new DnsProcess(path, ["--port", "0"], line => line.StartsWith("listening on ", StringComparison.Ordinal));
        var line = await server.Ready(cancellation);
        server.Address = IPEndPoint.Parse(line["listening on ".Length..line.IndexOf(',', StringComparison.Ordinal)]);
        return server;
    }

    /// <summary>BIND's server, or null where it is not installed.</summary>
    public static string? Bind { get; } = Find("named");

    /// <summary>BIND's reader of zone files, or null where it is not installed.</summary>
    public static string? CheckZone { get; } = Find("named-checkzone");

    /// <summary>A program on the path or where Debian keeps servers.</summary>
    static string? Find(string program) =>
        $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/usr/local/sbin".Split(':').Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    /// <summary>Starts BIND's server for some zone files, each named after its zone, with a folder for its own files.</summary>
    public static async Task<DnsProcess> Named(string folder, IReadOnlyCollection<string> zones, CancellationToken cancellation)
    {
        var port = FreePort();
        var configuration = Path.Combine(folder, "named.conf");
        static string Zone(string file) =>
            $$"""zone "{{DnsComparison.ZoneOf(file)}}" { type primary; file "{{Path.GetFullPath(file)}}"; };""";
        await File.WriteAllTextAsync(
            configuration,
            $$"""
            options {
              directory "{{folder}}"; pid-file none; session-keyfile none; managed-keys-directory "{{folder}}";
              listen-on port {{port}} { 127.0.0.1; }; listen-on-v6 { none; };
              recursion no; minimal-responses no; allow-transfer { none; }; notify no;
              version none; hostname none; server-id none; empty-zones-enable no;
              dnssec-validation no; rrset-order { order none; }; check-names primary ignore; check-integrity no;
            };
            controls { };
            {{string.Join('\n', zones.Select(Zone))}}
            """,
            cancellation);
        var server = new DnsProcess(Bind!, ["-g", "-n", "1", "-c", configuration], line => line.EndsWith(" running", StringComparison.Ordinal));
        server.Address = new(IPAddress.Loopback, port);
        await server.Ready(cancellation);
        foreach (var zone in zones.Select(DnsComparison.ZoneOf))
            if (!server.Output.Contains($"zone {zone}/IN: loaded serial", StringComparison.Ordinal))
                throw new InvalidOperationException($"BIND does not take the zone {zone}:\n{server.Output}");
        return server;
    }

    static int FreePort()
    {
        using var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.Client.LocalEndPoint!).Port;
    }

    async Task<string> Ready(CancellationToken cancellation)
    {
        try
        {
            return await ready.Task.WaitAsync(Patience, cancellation);
        }
        catch (Exception error) when (error is TimeoutException or OperationCanceledException or InvalidOperationException)
        {
            await DisposeAsync();
            throw new InvalidOperationException($"The server did not come up:\n{Output}", error);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
