using System.Diagnostics;
using System.Text;

namespace Hillingar.BuildProgram;

/// <summary>Runs programs, from the repository's root.</summary>
static class Tool
{
    public static string Root { get; } = FindRoot();

    public static string Artifacts { get; } = Path.Combine(Root, "artifacts");

    /// <summary>Says what is done next: a line a step.</summary>
    public static void Say(string step) => Console.WriteLine($"-- {step}");

    /// <summary>Runs a program whose output is only of interest where it fails: then it is shown, and that is an error.</summary>
    public static async Task Quietly(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var output = new StringBuilder();
        if (await Follow(program, arguments, environment, line => output.AppendLine(line)) is var code and not 0)
            throw new InvalidOperationException($"{output}{program} {string.Join(' ', arguments)} ended with {code}.");
    }

    /// <summary>Runs a program, hands on each line that it writes, to standard output and error alike, and returns its exit code.</summary>
    public static async Task<int> Follow(
        string program,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment,
        Action<string> line
    )
    {
        var start = Start(program, arguments, environment);
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        using var process = Process.Start(start)!;
        var gate = new Lock();
        process.OutputDataReceived += (_, e) => Hand(e.Data);
        process.ErrorDataReceived += (_, e) => Hand(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await process.WaitForExitAsync();
        return process.ExitCode;

        void Hand(string? text)
        {
            if (text is not null)
                lock (gate)
                    line(text);
        }
    }

    /// <summary>Runs a program whose output goes to ours; another exit code than 0 is an error.</summary>
    public static async Task Run(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        if (await Try(program, arguments, environment) is var code and not 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {code}.");
    }

    /// <summary>Runs a program whose output goes to ours, and returns its exit code.</summary>
    public static async Task<int> Try(
        string program,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment = null
    )
    {
        using var process = Process.Start(Start(program, arguments, environment))!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    /// <summary>What a program writes to its standard output, or null where it fails or is not there.</summary>
    public static async Task<string?> Ask(string program, params string[] arguments)
    {
        if (Find(program) is null)
            return null;
        var start = Start(program, arguments, null);
        start.RedirectStandardOutput = true;
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : null;
    }

    /// <summary>The path of a program on PATH or among the system's own, or null.</summary>
    public static string? Find(string program) =>
        ((Environment.GetEnvironmentVariable("PATH") ?? "") + ":/usr/sbin:/sbin")
            .Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);

    public static ProcessStartInfo Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment)
    {
        var start = new ProcessStartInfo(Find(program) ?? program, arguments) { WorkingDirectory = Root, UseShellExecute = false };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return start;
    }

    static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Hillingar.slnx")))
                return folder.FullName;
        throw new InvalidOperationException("The build program runs from below the repository.");
    }
}
