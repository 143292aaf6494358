using System.Collections.Concurrent;
using System.Text;
using Hillingar.Build.Reporting;
using Hillingar.Opam.Diagnostics;
using Microsoft.Build.Framework;

namespace Hillingar.Sdk.Tasks;

/// <summary>
/// Shows in MSBuild's terminal logger what a long task is at. All that it shows of a build is the name of the target that started last, and how long ago:
/// so while the work goes on elsewhere, the task's own thread builds a target that is named after the step, and that waits for the next one.
/// During a restore it shows the one word "Restore" and listens to nothing, and under <c>dotnet run</c>, which makes it quiet, it stays so: there a step that
/// takes its time is a line of its own above that word.
/// </summary>
sealed class WorkDisplay(IBuildEngine engine, string projectFile, WorkLabel label) : IDisposable
{
    // What is over sooner is not worth a word.
    static readonly TimeSpan s_standing = TimeSpan.FromSeconds(1),
        s_look = TimeSpan.FromMilliseconds(200),
        s_lineStanding = TimeSpan.FromSeconds(3);

    // Nobody looks at the terminal of a build service.
    static readonly string[] s_services = ["CI", "TF_BUILD", "GITHUB_ACTIONS"];

    static readonly ConcurrentDictionary<string, Action> s_waiting = new();

    readonly List<string> _folders = [];
    bool _isOff;

    /// <summary>Whether somebody may be looking: a terminal, or a node of a build that has one.</summary>
    public static bool IsWanted
    {
        get
        {
            var arguments = Environment.GetCommandLineArgs();
            var isService = s_services.Any(name =>
                Environment.GetEnvironmentVariable(name) is { Length: > 0 } value
                && !value.Equals("false", StringComparison.OrdinalIgnoreCase)
            );
            return !isService
                && !arguments.Any(argument => IsOff(argument) || IsIsolated(argument))
                && !IsOff($"-tl:{Environment.GetEnvironmentVariable("MSBUILDTERMINALLOGGER")}")
                && (
                    arguments.Any(argument => argument.Contains("nodemode:", StringComparison.OrdinalIgnoreCase))
                    || (!Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb"))
                );
        }
    }

    static bool IsOff(string argument) =>
        argument.TrimStart('-', '/').Split(':', 2) is [var name, var value]
        && name.ToUpperInvariant() is "TL" or "TERMINALLOGGER"
        && value.ToUpperInvariant() is "OFF" or "FALSE";

    // Such a build takes a project that it does not know for an error.
    static bool IsIsolated(string argument) => argument.TrimStart('-', '/').StartsWith("isolate", StringComparison.OrdinalIgnoreCase);

    /// <summary>Waits for work to end, and shows meanwhile what it is at.</summary>
    public void Until(Task work)
    {
        var isDeaf =
            Environment.GetCommandLineArgs() is [_, "run", ..]
            || (engine is IBuildEngine6 six && six.GetGlobalProperties().ContainsKey("MSBuildRestoreSessionId"));
        var (shown, last, since) = ("", "", DateTime.UtcNow);
        while (!Wait(work, s_look))
        {
            var text = label.Text ?? "";
            if (text != last)
                (last, since) = (text, DateTime.UtcNow);
            if (text.Length == 0 || _isOff || DateTime.UtcNow - since < (isDeaf ? s_lineStanding : s_standing))
                continue;
            if (!isDeaf)
                Build(text, work);
            else if (text != shown)
                WriteLine(shown = text);
        }
    }

    /// <summary>Waits within a target that is named after a step, until the next one.</summary>
    /// <returns>Whether there was anything to wait for: not in another process than the task's.</returns>
    public static bool WaitFor(string key)
    {
        if (!s_waiting.TryGetValue(key, out var wait))
            return false;
        wait();
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var folder in _folders)
            Directory.Delete(folder, recursive: true);
    }

    // What it throws is for whoever takes the work's result.
    static bool Wait(Task work, TimeSpan time) => Task.WhenAny(work, Task.Delay(time)).GetAwaiter().GetResult() == work;

    void Build(string text, Task work)
    {
        var key = Guid.NewGuid().ToString("N");
        var waited = false;
        s_waiting[key] = () =>
        {
            waited = true;
            while (!Wait(work, s_look) && label.Text == text) { }
        };
        try
        {
            // The name of its file is what is shown as the project.
            var folder = Directory.CreateTempSubdirectory("hillingar-").FullName;
            _folders.Add(folder);
            var (file, target) = (Path.Combine(folder, Path.GetFileNameWithoutExtension(projectFile) + ".proj"), TargetName(text));
            File.WriteAllText(
                file,
                $"""
                <Project>
                  <UsingTask TaskName="{typeof(ShowWork).FullName}" AssemblyFile="{MSBuildText.Escape(
                    typeof(ShowWork).Assembly.Location
                )}" Runtime="NET" />
                  <Target Name="{MSBuildText.Escape(target)}"><ShowWork Key="{key}" /></Target>
                </Project>
                """
            );
            // Where another node built it, nobody waited, and there is nothing to show.
            _isOff =
                !engine.BuildProjectFile(file, [target], new Dictionary<string, string>(), new Dictionary<string, ITaskItem[]>())
                || !waited;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Where no file can be written, the work is what matters.
            _isOff = true;
            engine.LogMessageEvent(new BuildMessageEventArgs(exception.Message, null, nameof(WorkDisplay), MessageImportance.Low));
        }
        finally
        {
            s_waiting.TryRemove(key, out _);
        }
    }

    // The logger has one line, that of the restore, and its cursor below: a line is put in above, in one piece, and the cursor is below again.
    static void WriteLine(string text) => Console.Out.Write($"\n\e[2F\e[L  {Printable.Text(text).ReplaceLineEndings(" ")}\e[2E");

    /// <summary>A step as the name of a target, which must not have what means something to MSBuild.</summary>
    internal static string TargetName(string text)
    {
        var name = new StringBuilder();
        foreach (var character in Printable.Text(text))
            name.Append(
                character switch
                {
                    // It looks like the full stop that it is not.
                    '.' => '\u2024',
                    '(' or '<' => '[',
                    ')' or '>' => ']',
                    '"' or '\'' => '`',
                    ';' => ',',
                    '$' or '@' or '%' or '*' or '?' or '&' or '\\' => '_',
                    _ when char.IsControl(character) => ' ',
                    _ => character,
                }
            );
        return name.ToString().Trim();
    }
}
