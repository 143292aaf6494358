using System.Diagnostics;
using Hillingar.Build.Processes;

namespace Hillingar.Tests;

/// <summary>Runs a built server and asks it.</summary>
static class DnsServer
{
    /// <summary>The addresses that it has for a name, on any port.</summary>
    public static Task<string> Answers(string program, string name) => Answers([program, "--port", "0"], name);

    /// <summary>The addresses that the server of a command line has for a name.</summary>
    public static async Task<string> Answers(string[] words, string name)
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var server = Process.Start(new ProcessStartInfo(words[0], words[1..]) { RedirectStandardOutput = true })!;
        try
        {
            var line = await server.StandardOutput.ReadLineAsync(cancellation) ?? "";
            var port = line.Split(':')[1].Split(',')[0];
            return (await ProcessRunner.Run(new Command("dig", ["@127.0.0.1", "-p", port, "+short", name, "A"]), cancellation)).Output.Trim();
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync(cancellation);
        }
    }
}
