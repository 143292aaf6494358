using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Hillingar.Build;

/// <summary>What to run: a program, its arguments as a list (no shell ever sees them), a folder and changes to the environment.</summary>
/// <param name="Program">The program's path, or its name on <c>PATH</c>.</param>
/// <param name="Arguments">The arguments, each passed on as it is.</param>
/// <param name="Folder">The working folder, or null for this process's.</param>
/// <param name="Environment">Variables to set, or with a null value to remove.</param>
public sealed record Command(
    string Program,
    IReadOnlyList<string> Arguments,
    string? Folder = null,
    IReadOnlyDictionary<string, string?>? Environment = null)
{
    /// <summary>What it reads from its standard input, in UTF-8.</summary>
    public string Input { get; init; } = "";

    /// <summary>Is told the process's number when it has started.</summary>
    public Action<int>? Started { get; init; }

    /// <summary>The command as one would type it, for messages only.</summary>
    public override string ToString() => string.Join(' ', Arguments.Prepend(Program).Select(word => word.Contains(' ') ? $"\"{word}\"" : word));
}

/// <summary>What a finished process left: its exit code and what it wrote.</summary>
public sealed record ProcessResult(int ExitCode, string Output, string Error);

/// <summary>Runs programs without a shell, and takes their children along when cancelled.</summary>
public static class ProcessRunner
{
    /// <summary>Runs a command to its end.</summary>
    /// <param name="command">What to run.</param>
    /// <param name="cancellation">Kills the process and all that it started.</param>
    /// <param name="line">Called for each line of either stream as it comes, if given.</param>
    /// <exception cref="HillingarException">HIL5001: the program is not there.</exception>
    public static async Task<ProcessResult> Run(Command command, CancellationToken cancellation, Action<string>? line = null)
    {
        using var process = Start(command, redirectOutput: true);
        var output = Collect(process.StandardOutput, line);
        var error = Collect(process.StandardError, line);
        await WaitOrKill(process, cancellation).ConfigureAwait(false);
        return new ProcessResult(process.ExitCode, await output.ConfigureAwait(false), await error.ConfigureAwait(false));
    }

    /// <summary>Runs a command to its end, handing its standard output on as a stream of bytes.</summary>
    /// <exception cref="HillingarException">HIL5001: the program is not there; or what <paramref name="read"/> throws.</exception>
    public static ProcessResult RunPiped(Command command, Action<Stream> read, CancellationToken cancellation)
    {
        using var process = Start(command, redirectOutput: true);
        using var registration = cancellation.Register(() => Kill(process));
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            read(process.StandardOutput.BaseStream);
        }
        finally
        {
            // A reader that had enough (a limit, an error) leaves a writer that would wait for ever.
            process.StandardOutput.Dispose();
            if (!process.WaitForExit(TimeSpan.FromSeconds(5)))
                Kill(process);
            process.WaitForExit();
        }

        cancellation.ThrowIfCancellationRequested();
        return new ProcessResult(process.ExitCode, "", error.GetAwaiter().GetResult());
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
        program.Contains(Path.DirectorySeparatorChar) ? File.Exists(program) ? Path.GetFullPath(program) : null : Find(program);

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
        foreach (var (name, value) in command.Environment ?? new Dictionary<string, string?>())
            if (value is null)
                start.Environment.Remove(name);
            else
                start.Environment[name] = value;
        try
        {
            var process = Process.Start(start)!;
            command.Started?.Invoke(process.Id);
            process.StandardInput.Write(command.Input);
            process.StandardInput.Close();
            return process;
        }
        catch (Win32Exception exception)
        {
            throw new HillingarException("HIL5001", $"The program '{command.Program}' could not be started: {exception.Message}. Install it, or put it on PATH.", null, exception);
        }
    }

    static async Task<string> Collect(StreamReader reader, Action<string>? line)
    {
        var text = new StringBuilder();
        while (await reader.ReadLineAsync(CancellationToken.None).ConfigureAwait(false) is { } next)
        {
            text.Append(next).Append('\n');
            line?.Invoke(next);
        }

        return text.ToString();
    }

    static async Task WaitOrKill(Process process, CancellationToken cancellation)
    {
        try
        {
            await process.WaitForExitAsync(cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Kill(process);
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    static void Kill(Process process)
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
    }
}
