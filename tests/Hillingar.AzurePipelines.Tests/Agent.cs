using System.Diagnostics;
using System.Runtime.InteropServices;
using Hillingar.Tests;

namespace Hillingar.AzurePipelines.Tests;

/// <summary>
/// Runs the task as an agent does: node and the entry point in the sources' folder, inputs and the agent's own variables in the environment,
/// a folder for temporary files, output read line by line, SIGINT to cancel.
/// </summary>
sealed class Agent(PackedSdk sdk, Extension extension) : IDisposable
{
    readonly TestFolder _folder = new();

    /// <summary>More of the environment: <c>ENDPOINT_URL_name</c>, <c>PATH</c>, …</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>The folder for temporary files, which an agent empties after each job.</summary>
    public string Temporary => Directory.CreateDirectory(_folder["_temp"]).FullName;

    /// <summary>A path for what is published.</summary>
    public string Staging => _folder["a"];

    /// <summary>What the job leaves behind among the temporary files: the library's key and what was attached to the run are the agent's to remove.</summary>
    public IEnumerable<string> Left(AgentRun run) => Directory.EnumerateFiles(Temporary, "*", SearchOption.AllDirectories)
        .Where(file => Path.GetFileName(file) != ".taskkey" && !run.Of("task.uploadsummary").Any(command => command.Data == file));

    /// <summary>A program that stands in for dotnet where a test is about what it does, not about what it builds.</summary>
    public string Fake(string script)
    {
        var path = _folder.Write("fake/dotnet", "#!/bin/sh\n" + script);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Environment["PATH"] = Path.GetDirectoryName(path) + ":" + System.Environment.GetEnvironmentVariable("PATH");
        return _folder["fake"];
    }

    /// <summary>Runs the task.</summary>
    /// <param name="folder">The working folder.</param>
    /// <param name="inputs">The inputs, by name.</param>
    /// <param name="cancelWhen">A file whose appearance makes the agent cancel.</param>
    /// <param name="cache">The cache, where it is not the tests' own.</param>
    public async Task<AgentRun> Run(string folder, IEnumerable<(string Name, string Value)> inputs, string? cancelWhen = null, string? cache = null)
    {
        var variables = new Dictionary<string, string>
        {
            ["AGENT_TEMPDIRECTORY"] = Temporary,
            ["AGENT_VERSION"] = "4.260.0",
            ["AGENT_WORKFOLDER"] = _folder.Path,
            ["BUILD_SOURCESDIRECTORY"] = folder,
            ["SYSTEM_DEFAULTWORKINGDIRECTORY"] = folder,
            ["SYSTEM_HOSTTYPE"] = "build",
            ["TF_BUILD"] = "True",
        };
        foreach (var (name, value) in inputs)
            variables["INPUT_" + name.ToUpperInvariant()] = value;
        foreach (var (name, value) in Environment)
            variables[name] = value;
        // env(1) becomes node, so that the process is the task's own.
        using var process = sdk.Start("/usr/bin/env", [.. variables.Select(pair => $"{pair.Key}={pair.Value}"), Node, extension.EntryPoint], folder, cache);
        var lines = new List<string>();
        void Add(string? line)
        {
            if (line is not null)
                lock (lines)
                    lines.Add(line);
        }

        process.OutputDataReceived += (_, e) => Add(e.Data);
        process.ErrorDataReceived += (_, e) => Add(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(TimeSpan.FromMinutes(30));
        var watch = Stopwatch.StartNew();
        try
        {
            if (cancelWhen is not null)
            {
                while (!File.Exists(cancelWhen) && !process.HasExited)
                    await Task.Delay(50, timeout.Token);
                Assert.False(process.HasExited, string.Join('\n', lines));
                watch.Restart();
                Assert.Equal(0, Kill(process.Id, 2));
            }

            await process.WaitForExitAsync(timeout.Token);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }

        return new AgentRun(process.ExitCode, lines, watch.Elapsed);
    }

    /// <summary>node, by its whole path.</summary>
    public static string Node { get; } = (System.Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, "node")).FirstOrDefault(File.Exists) ?? "node";

    public void Dispose() => _folder.Dispose();

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern int Kill(int process, int signal);
}

/// <summary>What a run of the task left.</summary>
/// <param name="ExitCode">The exit code: an agent takes any but 0 for one more error.</param>
/// <param name="Lines">The log, line by line.</param>
/// <param name="Time">How long it took, or from the cancellation on.</param>
sealed record AgentRun(int ExitCode, IReadOnlyList<string> Lines, TimeSpan Time)
{
    public string Log => string.Join('\n', Lines.Where(line => !line.StartsWith("##vso[task.debug]", StringComparison.Ordinal)));

    public IReadOnlyList<LoggingCommand> Commands { get; } = [.. Lines.Select(LoggingCommand.Parse).OfType<LoggingCommand>()];

    public IReadOnlyList<LoggingCommand> Errors => [.. Of("task.logissue", "task.issue").Where(command => command["type"] == "error")];

    public IReadOnlyList<LoggingCommand> Warnings => [.. Of("task.logissue", "task.issue").Where(command => command["type"] == "warning")];

    public string Result => Assert.Single(Of("task.complete"))["result"];

    public IReadOnlyDictionary<string, string> Outputs => Of("task.setvariable").Where(command => command["isOutput"] == "true").ToDictionary(command => command["variable"], command => command.Data);

    public IEnumerable<LoggingCommand> Of(params string[] names) => Commands.Where(command => names.Contains(command.Name));

    /// <summary>Ended with a result, and the agent has nothing to add.</summary>
    public AgentRun EndedAs(string result)
    {
        Assert.True(ExitCode == 0 && Result == result, Log);
        return this;
    }

    /// <summary>Failed with one error of a code.</summary>
    public LoggingCommand FailedWith(string code)
    {
        EndedAs("Failed");
        Assert.True(Errors.Count == 1 && Errors[0]["code"] == code, Log);
        return Errors[0];
    }
}
