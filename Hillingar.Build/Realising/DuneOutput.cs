using System.Globalization;
using System.Text.RegularExpressions;
using Hillingar.Build.Processes;
using Hillingar.Build.Reporting;
using Hillingar.Build.Sandboxes;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Realising;

/// <summary>
/// Reads what dune and the OCaml compiler print and finds the errors and warnings in it:
/// <c>File "x.ml", line 3, characters 4-9:</c>, some quoted source, then <c>Error: …</c> or <c>Warning 26 [unused-var]: …</c>.
/// </summary>
/// <param name="resolve">Turns a path as dune prints it into the user's own.</param>
public sealed partial class DuneOutput(Func<string, string> resolve)
{
    // Nobody reads more of them, and a package can print what it likes.
    const int MostLines = 200,
        MostFound = 1000;

    readonly List<string> _pending = [];
    readonly List<Diagnostic> _found = [];
    Place? _place;

    /// <summary>Runs a command to its end that prints as dune does.</summary>
    /// <param name="command">The command.</param>
    /// <param name="bounds">What it is bounded with.</param>
    /// <param name="resolve">Turns a path as dune prints it into the user's own.</param>
    /// <param name="reporter">Is told each line.</param>
    /// <param name="cancellation">Stops the command and all that it started.</param>
    /// <exception cref="HillingarException">HIL5013: it took more than it may.</exception>
    internal static async Task<(ProcessResult Result, IReadOnlyList<Diagnostic> Diagnostics)> Run(
        ShutCommand command,
        Bounds bounds,
        Func<string, string> resolve,
        IReporter reporter,
        CancellationToken cancellation
    )
    {
        var output = new DuneOutput(resolve);
        var limits = BuildLimits.Dune;
        var log = new LimitedLog(limits.Log, reporter.Detail);
        var (result, excess) = await new LimitedRun(bounds, limits)
            .Run(
                command,
                line =>
                {
                    log.Add(line);
                    lock (output)
                        output.Add(line);
                },
                cancellation
            )
            .ConfigureAwait(false);
        return excess is null
            ? (result!, output.Diagnostics)
            : throw new HillingarException(
                "HIL5013",
                $"The build was ended, as it {excess}. Look in its log for the rule that does so, and change it, or leave out the package that has it."
            );
    }

    /// <summary>What was found so far, in the order it was printed.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics
    {
        get
        {
            Close();
            return _found;
        }
    }

    /// <summary>Takes the next line.</summary>
    public void Add(string line)
    {
        if (Header().Match(line) is { Success: true } header)
        {
            Close();
            var group = header.Groups;
            // OCaml's characters count from 0, MSBuild's columns from 1.
            _place = new Place(resolve(group["file"].Value), Number(group["line"]), Number(group["column"], plus: 1));
        }
        else if ((_place is not null || line.StartsWith("Error:", StringComparison.Ordinal)) && _pending.Count < MostLines)
        {
            _pending.Add(line);
        }
    }

    // Any program can print such a line, also with more lines or columns than a file has: they are no place.
    internal static int Number(Group group, int plus = 0) =>
        int.TryParse(group.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < int.MaxValue
            ? number + plus
            : 0;

    void Close()
    {
        var start = _pending.FindIndex(line => Message().IsMatch(line));
        if (start >= 0 && _found.Count < MostFound)
        {
            var warning = _pending[start].StartsWith("Warning", StringComparison.Ordinal);
            var text = string.Join(' ', _pending.Skip(start).Select(line => line.Trim()).Where(line => line.Length > 0));
            var message = Message().Replace(text, match => match.Groups["kind"].Value == "Error" ? "" : match.Value, 1);
            _found.Add(new Diagnostic(warning ? Severity.Warning : Severity.Error, warning ? "HIL5011" : "HIL5010", message, _place));
        }

        _pending.Clear();
        _place = null;
    }

    [GeneratedRegex("""^File "(?<file>[^"]+)", lines? (?<line>[0-9]+)(-[0-9]+)?(, characters (?<column>[0-9]+)-[0-9]+)?""")]
    private static partial Regex Header();

    [GeneratedRegex(@"^(?<kind>Error|Warning|Alert)( [^:]*)?: ?")]
    private static partial Regex Message();
}
