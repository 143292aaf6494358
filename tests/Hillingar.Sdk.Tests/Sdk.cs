using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Hillingar.Build.Storage;
using Hillingar.Tests;

[assembly: AssemblyFixture(typeof(Hillingar.Sdk.Tests.Sdk))]

namespace Hillingar.Sdk.Tests;

/// <summary>
/// The SDK as users get it: packed once under a version of its own into a feed of its own, with package and source caches of its own,
/// and run by real <c>dotnet</c> commands.
/// </summary>
public sealed class Sdk : IAsyncLifetime
{
    readonly TestFolder _folder = new();
    readonly ConcurrentDictionary<string, Lazy<Task<string>>> _made = new();

    // The build program packs once for all test projects; a test project that is run by itself does it for itself.
    readonly string? _packed = Environment.GetEnvironmentVariable("HILLINGAR_TEST_FEED");

    /// <summary>The version that was packed.</summary>
    public string Version { get; } = Environment.GetEnvironmentVariable("HILLINGAR_TEST_VERSION") ?? $"0.1.0-test.{DateTime.UtcNow.Ticks}";

    /// <summary>The folder of packages that projects of the tests restore from.</summary>
    public string Feed => _packed ?? _folder["feed"];

    /// <summary>The root of the stores that tests share: dune is built into it once.</summary>
    public string Cache { get; } = Path.Combine(TestData.Root, "artifacts", "test-cache");

    /// <summary>What else the commands find in their environment.</summary>
    public Dictionary<string, string?> Variables { get; } = [];

    public async ValueTask InitializeAsync()
    {
        foreach (var arguments in (string[][])
        [
            .. _packed is null
                ? (string[][])[["pack", "Hillingar.Sdk", "-c", "Release", "-o", Feed, $"-p:PackageVersion={Version}"], ["pack", "Hillingar.Templates", "-c", "Release", "-o", Feed, $"-p:PackageVersion={Version}"]]
                : [],
            ["new", "install", Path.Combine(Feed, $"Hillingar.Templates.{Version}.nupkg")],
        ])
            if (await Dotnet(TestData.Root, arguments) is { ExitCode: not 0 } failed)
                throw new InvalidOperationException(failed.Output);
        var store = new Stores(Cache).Sources;
        foreach (var archive in Directory.Exists(TestData.Sources) ? Directory.EnumerateFiles(TestData.Sources, "*.tar.*") : [])
            store.Import(archive);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>A folder that is filled once, for all tests that ask for it by its name. They copy it: nothing in it changes.</summary>
    public Task<string> Once(string name, Func<string, Task> fill) => _made.GetOrAdd(name, _ => new(async () =>
    {
        var folder = Directory.CreateDirectory(_folder[name]).FullName;
        await fill(folder);
        return folder;
    })).Value;

    /// <summary>Runs dotnet in a folder, where a project made by <see cref="SampleProject"/> finds this SDK.</summary>
    public Task<Ran> Dotnet(string folder, IEnumerable<string> arguments, TimeSpan? limit = null, string? cache = null) =>
        Run("dotnet", [.. arguments, .. arguments.First() is "new" or "sln" or "watch" or "run" || IsTestingPlatform(folder, arguments) ? (string[])[] : ["-nodeReuse:false"]], folder, limit, cache);

    // There, what dotnet does not know is for the test programs.
    static bool IsTestingPlatform(string folder, IEnumerable<string> arguments) => arguments.First() == "test" && new[] { ".", ".." }.Any(above => File.Exists(Path.Combine(folder, above, "global.json")));

    /// <summary>Starts dotnet in a folder; the caller ends it.</summary>
    public Process Start(string program, IEnumerable<string> arguments, string folder, string? cache = null, Action<ProcessStartInfo>? configure = null)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["NUGET_PACKAGES"] = _folder["packages"];
        start.Environment["HILLINGAR_CACHE"] = cache ?? Cache;
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        // Templates are installed into it, not into the user's own.
        start.Environment["DOTNET_CLI_HOME"] = Directory.CreateDirectory(_folder["home"]).FullName;
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        // Whoever called opam or opam-monorepo would be seen: these come first, and leave a mark.
        start.Environment["PATH"] = Forbid("opam", "opam-monorepo") + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH");
        // A test host's own MSBuild variables would lead another dotnet astray.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBuild", StringComparison.Ordinal) && name != "MSBUILDDISABLENODEREUSE").ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in Variables)
            start.Environment[name] = value;
        configure?.Invoke(start);
        return Process.Start(start)!;
    }

    /// <summary>Whether a program that must not be used was called.</summary>
    public bool CalledForbidden => File.Exists(_folder["forbidden/called"]);

    /// <summary>The NuGet configuration of a test's projects: this feed, and nothing from elsewhere.</summary>
    public string NuGetConfig => $"""
        <configuration>
          <packageSources><clear /><add key="feed" value="{Feed}" /></packageSources>
        </configuration>
        """;

    async Task<Ran> Run(string program, IEnumerable<string> arguments, string folder, TimeSpan? limit, string? cache)
    {
        using var process = Start(program, arguments, folder, cache);
        var output = new StringBuilder();
        void Add(string? line)
        {
            lock (output)
                output.AppendLine(line);
        }

        process.OutputDataReceived += (_, e) => Add(e.Data);
        process.ErrorDataReceived += (_, e) => Add(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        // It only ends what never would.
        timeout.CancelAfter(limit ?? TimeSpan.FromMinutes(30));
        try
        {
            await process.WaitForExitAsync(timeout.Token);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }

        return new Ran(process.ExitCode, output.ToString());
    }

    string Forbid(params IEnumerable<string> programs)
    {
        var folder = Directory.CreateDirectory(_folder["forbidden"]).FullName;
        foreach (var path in programs.Select(program => Path.Combine(folder, program)).Where(path => !File.Exists(path)))
        {
            File.WriteAllText(path, $"#!/bin/sh\ntouch '{folder}/called'\nexit 97\n");
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        return folder;
    }
}

/// <summary>What a finished dotnet left.</summary>
public sealed record Ran(int ExitCode, string Output)
{
    public Ran Succeeded()
    {
        Assert.True(ExitCode == 0, Output);
        return this;
    }

    public Ran FailedWith(string code)
    {
        Assert.True(ExitCode != 0, Output);
        Assert.Contains(code, Output, StringComparison.Ordinal);
        return this;
    }
}
