using System.Text;
using System.Text.RegularExpressions;
using Hillingar.Build.Reporting;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Realising;

/// <summary>Tells how far dune is, by the log that it writes of each command that it has run: it says nothing itself where it is asked to be quiet.</summary>
sealed partial class DuneProgress(Workspace workspace, IReporter reporter)
{
    const int Most = 1 << 20;

    static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    readonly StringBuilder _line = new();
    long _at;
    int _commands;
    string? _now;

    /// <summary>Tells while dune runs.</summary>
    public async Task<T> During<T>(Task<T> dune)
    {
        // The log of before stays until dune begins its own.
        var (before, total) = (workspace.LogTime(), workspace.VendoredFolders() + 1);
        while (await Task.WhenAny(dune, Task.Delay(s_pause)).ConfigureAwait(false) != dune && Look(before, total)) { }

        return await dune.ConfigureAwait(false);
    }

    bool Look(DateTime? before, int total)
    {
        try
        {
            if (workspace.LogTime() == before)
                return true;
            using var log = workspace.OpenLog();
            if (log is null)
                return true;
            log.Position = _at = _at > log.Length ? 0 : _at;
            var bytes = new byte[Math.Min(Most, log.Length - _at)];
            var count = log.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            _at += count;
            Add(Encoding.UTF8.GetString(bytes, 0, count));
        }
        catch (Exception exception) when (exception is HillingarException or IOException)
        {
            // What is no log tells nothing; whether it is a fault is for the build to say.
            reporter.Detail(exception.Message);
            return false;
        }

        // The project itself is one more than what is vendored for it.
        if (_now is { } now)
            reporter.Progress(
                new Progress(
                    "dune",
                    $"{now}, {_commands} command{(_commands == 1 ? "" : "s")}",
                    Math.Min(_seen.Count - 1, total - 1),
                    total,
                    ProgressUnit.Items
                )
            );
        return true;
    }

    void Add(string text)
    {
        var lines = _line.Append(text).ToString().Split('\n');
        _line.Clear().Append(lines[^1].Length > Most ? "" : lines[^1]);
        foreach (var line in lines[..^1])
            if (line.StartsWith("$ ", StringComparison.Ordinal))
            {
                _commands++;
                if (Folder().Match(line) is { Success: true, Groups: var groups })
                    _seen.Add(_now = groups["vendored"] is { Success: true } vendored ? vendored.Value : "the project");
            }
    }

    // The last folder that a command names is the one that it writes to.
    [GeneratedRegex(@"((?<![\w.-])duniverse/(?<vendored>[^/\s'"")]+)|(?<![\w./-])src)/", RegexOptions.RightToLeft)]
    private static partial Regex Folder();
}
