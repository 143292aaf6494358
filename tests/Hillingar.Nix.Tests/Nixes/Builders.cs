using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Hillingar.Build.Processes;

namespace Hillingar.Tests;

/// <summary>
/// Remote builders of a store on this machine: for each an sshd on a loopback port, with keys of its own, that starts a Nix daemon over
/// a store of its own and nothing else. They are <c>ssh-ng://NAME</c> to whoever uses the store.
/// </summary>
sealed class Builders : IAsyncDisposable
{
    readonly TestFolder _folder = new();
    readonly Dictionary<string, (Process Sshd, NixStore Store)> _builders = [];

    Builders()
    {
    }

    /// <summary>The builders as <c>--builders</c> takes them, one job at a time each.</summary>
    public string Machines => string.Join(" ; ", _builders.Keys.Select(name => $"ssh-ng://{name} x86_64-linux - 1 1 - - -"));

    /// <summary>A builder's store.</summary>
    public NixStore this[string name] => _builders[name].Store;

    /// <summary>Starts builders for a store; the test skips where there is no sshd. What they build sees its builder's name in <c>/builder</c>.</summary>
    public static async Task<Builders> Start(NixStore client, params string[] names)
    {
        var sshd = Peers.Find("openssh-server", "usr/sbin/sshd");
        Assert.SkipWhen(sshd is null, "needs the sshd that './build.sh test' unpacks on Debian");
        var builders = new Builders();
        // Its folder for processes without rights; the path is compiled in.
        if (Environment.UserName == "root")
            Directory.CreateDirectory("/run/sshd");
        await builders.Key("user");
        var aliases = "";
        foreach (var name in names)
        {
            await builders.Key(name);
            var port = FreePort();
            var store = client.Beside($"/builder={builders._folder.Write($"{name}.name", name)}");
            var daemon = builders.Script($"{name}.sh", store);
            builders._folder.Write($"{name}.keys", $"command=\"{daemon}\",restrict {await File.ReadAllTextAsync(builders._folder["user.pub"])}");
            var configuration = builders._folder.Write($"{name}.conf", $"""
                ListenAddress 127.0.0.1
                Port {port}
                HostKey {builders._folder[name]}
                AuthorizedKeysFile {builders._folder[$"{name}.keys"]}
                PidFile none
                StrictModes no
                UsePAM no
                PasswordAuthentication no
                """);
            aliases += $"""
                Host {name}
                  HostName 127.0.0.1
                  Port {port}
                  User {Environment.UserName}
                  IdentityFile {builders._folder["user"]}
                  IdentitiesOnly yes
                  BatchMode yes
                  UserKnownHostsFile {builders._folder[$"{name}.known"]}

                """;
            builders._folder.Write($"{name}.known", $"[127.0.0.1]:{port} {await File.ReadAllTextAsync(builders._folder[$"{name}.pub"])}");
            builders._builders[name] = (Process.Start(new ProcessStartInfo(sshd!, ["-D", "-E", builders._folder[$"{name}.log"], "-f", configuration]))!, store);
            await Listening(port);
        }

        client.Set("NIX_SSHOPTS", $"-F {builders._folder.Write("ssh_config", aliases)}");
        return builders;
    }

    /// <summary>Ends a builder as a failing machine would: at once, with all that runs on it.</summary>
    public void Kill(string name)
    {
        var sshd = _builders[name].Sshd;
        sshd.Kill(entireProcessTree: true);
        sshd.WaitForExit();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (sshd, store) in _builders.Values)
        {
            if (!sshd.HasExited)
                sshd.Kill(entireProcessTree: true);
            await sshd.WaitForExitAsync();
            sshd.Dispose();
            store.Dispose();
        }

        _folder.Dispose();
    }

    async Task Key(string name)
    {
        var result = await ProcessRunner.Run(new Command("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", _folder[name]]), TestContext.Current.CancellationToken);
        Assert.True(result.ExitCode == 0, result.Error);
    }

    // What the one key may start, whatever it asks for.
    string Script(string name, NixStore store)
    {
        static string Quote(string value) => $"'{value.Replace("'", "'\\''", StringComparison.Ordinal)}'";
        var variables = string.Concat(store.Variables.Select(variable => variable.Value is { } value ? $"export {variable.Key}={Quote(value)}\n" : $"unset {variable.Key}\n"));
        var path = _folder.Write(name, $"#!/bin/bash\n{variables}exec -a nix-daemon {Quote(store.Nix.Program)} --stdio\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        return path;
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    static async Task Listening(int port)
    {
        for (var wait = 0; wait < 2400; wait++)
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(50);
            }
        }

        Assert.Fail($"sshd does not listen on port {port}");
    }
}
