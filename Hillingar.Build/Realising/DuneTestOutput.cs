using System.Text.RegularExpressions;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Realising;

/// <summary>Reads what <c>dune build @runtest --display short</c> prints: a line for each rule that ran, and below it what it printed.</summary>
/// <param name="rules">The rules that there are.</param>
/// <param name="resolve">Turns a path as dune prints it into the user's own, or null where it is none of the project's.</param>
sealed partial class DuneTestOutput(IReadOnlyList<DuneTestRule> rules, Func<string, string?> resolve)
{
    readonly List<(string Program, string Folder, bool Failed, List<string> Lines)> _ran = [];
    readonly List<string> _differences = [];
    List<string>? _current;

    /// <summary>Takes the next line.</summary>
    public void Add(string printed)
    {
        var line = Colour().Replace(printed, "");
        if (Ran().Match(line) is { Success: true } ran)
        {
            _ran.Add((ran.Groups["program"].Value, BelowSources(ran.Groups["folder"].Value), ran.Groups["ended"].Success, _current = []));
        }
        else if (Other().IsMatch(line))
        {
            _current = null;
        }
        else if (Different().Match(line) is { Success: true } different)
        {
            _current = null;
            _differences.Add(different.Groups["file"].Value);
        }
        else if (!line.StartsWith("(cd _build/", StringComparison.Ordinal))
            _current?.Add(line);
    }

    /// <summary>Whether all rules got to run, as far as <see cref="Results"/> found.</summary>
    public bool Complete { get; private set; } = true;

    /// <summary>A result for each rule, or for each of its cases.</summary>
    /// <param name="succeeded">Whether dune had nothing to complain of.</param>
    public IReadOnlyList<TestResult> Results(bool succeeded)
    {
        var left = _ran.ToList();
        var results = new List<TestResult>();
        foreach (var rule in rules)
        {
            var at = left.FindIndex(ran => ran.Folder == rule.Folder && ran.Program == rule.Program);
            if (at >= 0)
            {
                results.AddRange(Cases(rule.Name, left[at].Failed, left[at].Lines, rule.Place));
                left.RemoveAt(at);
            }
            else if (
                _differences.FirstOrDefault(file => rule.Words.Contains(Path.GetFileName(file)) && Folder(file) == rule.Folder) is
                { } different
            )
                results.Add(
                    new(
                        rule.Name,
                        TestOutcome.Failed,
                        "What was made differs from what is expected: dune promote takes it over.",
                        resolve(different) is { } own ? new Place(own, 1) : rule.Place
                    )
                );
            else if (succeeded || rule.Program.StartsWith("diff ", StringComparison.Ordinal))
                results.Add(new(rule.Name, TestOutcome.Passed));
            else
            {
                Complete = false;
                results.Add(
                    new(rule.Name, TestOutcome.Failed, "It did not run, as something that it needs could not be built.", rule.Place)
                );
            }
        }

        foreach (var (program, folder, failed, lines) in left)
            results.AddRange(Cases(folder.Length == 0 ? program : $"{folder}/{program}", failed, lines, null));
        return results;
    }

    static string Folder(string file) => BelowSources(Path.GetDirectoryName(file)!.Replace('\\', '/'));

    static string BelowSources(string folder) =>
        folder.StartsWith("src/", StringComparison.Ordinal) ? folder[4..]
        : folder == "src" ? ""
        : folder;

    List<TestResult> Cases(string name, bool failed, List<string> lines, Place? rule)
    {
        var cases = DuneTestCases
            .Of(name, lines, PlaceOf)
            .ConvertAll(each => each.Outcome == TestOutcome.Failed ? each with { Place = each.Place ?? rule } : each with { Place = null });
        // What a program says of its cases is no reason to forget how it ended.
        if (cases.Count == 0 || failed && !cases.Exists(each => each.Outcome == TestOutcome.Failed))
            cases.Add(
                new(
                    name,
                    failed ? TestOutcome.Failed : TestOutcome.Passed,
                    failed ? DuneTestCases.Last(lines) : "",
                    failed ? PlaceOf(lines) ?? rule : null
                )
            );
        return cases;
    }

    // The first that is a file of the project: those of libraries come before it.
    Place? PlaceOf(IEnumerable<string> lines) =>
        lines
            .SelectMany(line => Source().Matches(line))
            .Select(match =>
                resolve(match.Groups["file"].Value) is { } own
                    ? new Place(own, DuneOutput.Number(match.Groups["line"]), DuneOutput.Number(match.Groups["column"], plus: 1))
                    : (Place?)null
            )
            .FirstOrDefault(place => place is not null);

    [GeneratedRegex(@"\x1b\[[0-9;]*[A-Za-z]")]
    private static partial Regex Colour();

    [GeneratedRegex(@"^ *(?<program>\S+)(?<=^.{12,}) alias (?:(?<folder>\S*)/)?runtest(?<ended> \((?:exit \d+|got signal \S+)\))?$")]
    private static partial Regex Ran();

    // Any other line of what dune does, such as "    ocamlopt src/test/t.exe".
    [GeneratedRegex(@"^ *[A-Za-z_.0-9-]+(?<=^.{12,}) (?:\S+/\S+|\(internal\))(?: \(exit \d+\))?$")]
    private static partial Regex Other();

    [GeneratedRegex("""^File "(?<file>[^"]+)", line 1, characters 0-0:$""")]
    private static partial Regex Different();

    [GeneratedRegex(
        """[Ff]ile "(?<file>[^"]+)"(?: \(inlined\))?, lines? (?<line>[0-9]+)(?:-[0-9]+)?(?:, characters? (?<column>[0-9]+))?|\("(?<file>[^"]+)", (?<line>[0-9]+), (?<column>[0-9]+)\)"""
    )]
    private static partial Regex Source();
}
