using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Hillingar.BuildProgram;

static class Demo
{
    static readonly string s_project = Path.Combine("samples", "dns");

    // Queries that show what the server can do: its options for dig, and what they ask.
    static readonly string[][] s_queries =
    [
        ["www.example.org", "A"],
        ["www.example.org", "AAAA"],
        ["example.org", "MX"],
        ["example.org", "NS"],
        ["+tcp", "example.org", "SOA"],
        ["no-such-name.example.org", "A"],
    ];

    public static async Task<int> Run()
    {
        await Needs.Install(tests: false);
        await PackFresh();
        Tool.Say($"dotnet build {s_project}");
        if (await Dotnet("restore", s_project) != 0)
        {
            // The machine cannot reach upstream: the archives come from Debian, and into the store by their checksums.
            Tool.Say("Upstream cannot be reached: taking the archives from Debian's source packages");
            var sources = (await Needs.Sources()).Values.Single();
            if (await Dotnet("msbuild", s_project, "-t:HillingarImportSource", $"-p:HillingarArchive={sources}/*.tar.*") != 0)
                return 1;
        }

        if (await Dotnet("build", s_project) != 0)
            return 1;
        return await Ask(Path.Combine(Tool.Root, s_project, "bin", "Debug", "unix", "dns"));
    }

    // Packages stay in a cache under their version, so one of our own, emptied of us, makes sure that this tree's SDK is used.
    static async Task PackFresh()
    {
        await Pack.Sdk(null);
        var cached = Path.Combine(Tool.Artifacts, "packages", "hillingar.sdk");
        if (Directory.Exists(cached))
            Directory.Delete(cached, recursive: true);
    }

    static Task<int> Dotnet(params string[] arguments) =>
        Tool.Try(
            "dotnet",
            [.. arguments, "--nologo", "-nodeReuse:false"],
            new Dictionary<string, string> { ["NUGET_PACKAGES"] = Path.Combine(Tool.Artifacts, "packages") }
        );

    static async Task<int> Ask(string server)
    {
        var port = FreePort();
        Tool.Say($"{Path.GetRelativePath(Tool.Root, server)} --port {port}");
        var start = Tool.Start(server, ["--port", $"{port}"], null);
        start.RedirectStandardOutput = true;
        using var process = Process.Start(start)!;
        try
        {
            Console.WriteLine(await process.StandardOutput.ReadLineAsync());
            var answered = 0;
            foreach (var query in s_queries)
            {
                Console.WriteLine($"\n$ dig {string.Join(' ', query)}");
                var answer = await Tool.Ask(
                    "dig",
                    [
                        "@127.0.0.1",
                        "-p",
                        $"{port}",
                        "+noall",
                        "+comments",
                        "+answer",
                        "+authority",
                        "+nocookie",
                        "+time=10",
                        "+tries=2",
                        .. query,
                    ]
                );
                var lines = (answer ?? "")
                    .Split('\n')
                    .Where(line => line.Length > 0 && (!line.StartsWith(';') || line.Contains("status:", StringComparison.Ordinal)))
                    .ToList();
                lines.ForEach(Console.WriteLine);
                answered += lines.Exists(line =>
                    line.Contains("status: NOERROR", StringComparison.Ordinal)
                    || line.Contains("status: NXDOMAIN", StringComparison.Ordinal)
                )
                    ? 1
                    : 0;
            }

            Console.WriteLine($"\n{answered} of {s_queries.Length} queries answered by the server that 'dotnet build' made.");
            return answered == s_queries.Length ? 0 : 1;
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
