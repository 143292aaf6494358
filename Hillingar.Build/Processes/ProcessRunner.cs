using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Hillingar.Build.Files;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Processes;

/// <summary>What to run: a program, its arguments as a list (no shell ever sees them), a folder and changes to the environment.</summary>
/// <param name="Program">The program's path, or its name on <c>PATH</c>.</param>
/// <param name="Arguments">The arguments, each passed on as it is.</param>
/// <param name="Folder">The working folder, or null for this process's.</param>
/// <param name="Environment">Variables to set, or with a null value to remove.</param>
public sealed record Command(
    string Program,
    IReadOnlyList<string> Arguments,
    string? Folder = null,
    IReadOnlyDictionary<string, string?>? Environment = null
)
{
    /// <summary>What it reads from its standard input, in UTF-8.</summary>
    public string Input { get; init; } = "";

    /// <summary>Is told the process's number when it has started.</summary>
    public Action<int>? Started { get; init; }

    /// <summary>Whether nothing of this process's own environment is handed on.</summary>
    public bool IsAlone { get; init; }

    /// <summary>How many characters of each stream are kept, half of its beginning and half of its end: enough for people.</summary>
    public int Keep { get; init; } = 64 << 10;

    /// <summary>How many characters each stream may have before the program is ended.</summary>
    public long Most { get; init; } = 1L << 30;

    /// <summary>
    /// Whether all that it starts ends with it, as bubblewrap sees to. It takes the end of the thread that started it for the end of its parent, so
    /// that thread waits; and to end it is to end all.
    /// </summary>
    internal bool HoldsAll { get; init; }

    /// <summary>The command as one would type it, for messages only.</summary>
    public override string ToString() =>
        string.Join(' ', Arguments.Prepend(Program).Select(word => word.Contains(' ') ? $"\"{word}\"" : word));
}

/// <summary>What a finished process left: its exit code and what it wrote, for people to read. Where that is much, a line in its middle says how much is left out.</summary>
public sealed record ProcessResult(int ExitCode, string Output, string Error)
{
    /// <summary>The program, for messages.</summary>
    internal string Program { get; init; } = "The program";

    /// <summary>How many characters <see cref="Output"/> lacks.</summary>
    public long Cut { get; init; }

    /// <summary>Its output for a program to read (<see cref="ProcessRunner.Ask"/>): all of it.</summary>
    /// <exception cref="HillingarException">HIL5007: it is too long.</exception>
    public string Whole =>
        Cut == 0
            ? Output
            : throw new HillingarException(
                "HIL5007",
                $"{Program} wrote {ByteSize.Show(Cut + Output.Length)}, which is more than is read of an answer. Find out what makes it so long, and run it again."
            );
}

/// <summary>Runs programs without a shell, and takes their children along when cancelled.</summary>
public static class ProcessRunner
{
    const int LongestAnswer = 64 << 20;

    /// <summary>How long the streams of programs that were ended are waited for.</summary>
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>Runs a command to its end.</summary>
    /// <param name="command">What to run.</param>
    /// <param name="cancellation">Kills the process and all that it started.</param>
    /// <param name="line">Called for each line of either stream as it comes, if given; a line that is very long is cut.</param>
    /// <exception cref="HillingarException">HIL5001: the program is not there. HIL5008: it writes without end.</exception>
    public static Task<ProcessResult> Run(Command command, CancellationToken cancellation, Action<string>? line = null)
    {
        ArgumentNullException.ThrowIfNull(command);
        return command.HoldsAll
            ? Task.Factory.StartNew(
                () => RunHere(command, line, cancellation).GetAwaiter().GetResult(),
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default
            )
            : RunHere(command, line, cancellation);
    }

    /// <summary>Runs a command whose output is an answer that is read as <see cref="ProcessResult.Whole"/>: a list, JSON.</summary>
    /// <inheritdoc cref="Run"/>
    public static Task<ProcessResult> Ask(Command command, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(command);
        return Run(command with { Keep = LongestAnswer }, cancellation);
    }

    static async Task<ProcessResult> RunHere(Command command, Action<string>? line, CancellationToken cancellation)
    {
        using var process = Start(command, redirectOutput: true);
        using var flood = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var output = new ProcessOutput(command.Keep, command.Most, line);
        var error = new ProcessOutput(command.Keep, command.Most, line);
        var reading = Task.WhenAll(output.Read(process.StandardOutput, flood.Cancel), error.Read(process.StandardError, flood.Cancel));
        try
        {
            await process.WaitForExitAsync(flood.Token).ConfigureAwait(false);
            // What it left running may hold its streams open.
            await reading.WaitAsync(flood.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Kill(process, command);
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            // The last of all holds the streams: when they end, nothing writes into folders any more that we are about to delete.
            if (command.HoldsAll)
                await reading.WaitAsync(s_patience, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellation.IsCancellationRequested)
                throw;
            throw new HillingarException(
                "HIL5008",
                $"'{command.Program}' was ended, as it wrote more than {ByteSize.Show(command.Most)}. Find out why it writes so much: '{Shortened(command)}'."
            );
        }

        return new ProcessResult(process.ExitCode, output.Text, error.Text) { Cut = output.Cut, Program = command.Program };
    }

    static string Shortened(Command command) => command.ToString() is { Length: > 200 } text ? text[..200] + "…" : command.ToString();

    /// <summary>Runs a command to its end, handing its standard output on as a stream of bytes.</summary>
    /// <exception cref="HillingarException">HIL5001: the program is not there; or what <paramref name="read"/> throws.</exception>
    public static ProcessResult RunPiped(Command command, Action<Stream> read, CancellationToken cancellation)
    {
        using var process = Start(command, redirectOutput: true);
        using var registration = cancellation.Register(() => Kill(process, command));
        var error = new ProcessOutput(command.Keep, command.Most, null);
        var reading = error.Read(process.StandardError, () => Kill(process, command));
        try
        {
            read(process.StandardOutput.BaseStream);
        }
        finally
        {
            // A reader that had enough (a limit, an error) leaves a writer that would wait for ever.
            process.StandardOutput.Dispose();
            if (!process.WaitForExit(TimeSpan.FromSeconds(5)))
                Kill(process, command);
            process.WaitForExit();
        }

        cancellation.ThrowIfCancellationRequested();
        reading.GetAwaiter().GetResult();
        return new ProcessResult(process.ExitCode, "", error.Text);
    }

    /// <summary>The path of a program on <c>PATH</c>, or null.</summary>
    public static string? Find(string program)
    {
        var names = OperatingSystem.IsWindows() && !Path.HasExtension(program) ? new[] { program + ".exe", program + ".cmd" } : [program];
        return (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(folder => names.Select(name => Path.Combine(folder, name)))
            .FirstOrDefault(File.Exists);
    }

    /// <summary>The path of a program that is named or on <c>PATH</c>, or null: what holds a separator is a path.</summary>
    public static string? Locate(string program) =>
        program.Contains(Path.DirectorySeparatorChar)
            ? File.Exists(program)
                ? Path.GetFullPath(program)
                : null
            : Find(program);

    static Process Start(Command command, bool redirectOutput)
    {
        var start = new ProcessStartInfo(command.Program, command.Arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            RedirectStandardOutput = redirectOutput,
            RedirectStandardError = redirectOutput,
            StandardOutputEncoding = redirectOutput ? Encoding.UTF8 : null,
            StandardErrorEncoding = redirectOutput ? Encoding.UTF8 : null,
            WorkingDirectory = command.Folder ?? "",
        };
        if (command.IsAlone)
            start.Environment.Clear();
        foreach (var (name, value) in command.Environment ?? new Dictionary<string, string?>())
            if (value is null)
                start.Environment.Remove(name);
            else
                start.Environment[name] = value;
        try
        {
            var process = Process.Start(start)!;
            command.Started?.Invoke(process.Id);
            Feed(process, command.Input);
            return process;
        }
        catch (Win32Exception exception)
        {
            throw new HillingarException(
                "HIL5001",
                $"The program '{command.Program}' could not be started: {exception.Message}. Install it, or put it on PATH.",
                null,
                exception
            );
        }
    }

    static void Feed(Process process, string input)
    {
        try
        {
            process.StandardInput.Write(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading all of it; its exit code and its words say why.
            return;
        }
    }

    static void Kill(Process process, Command command)
    {
        if (process.HasExited)
            return;
        if (command.HoldsAll)
            process.Kill();
        else
            ProcessTree.Kill(process);
    }
}
