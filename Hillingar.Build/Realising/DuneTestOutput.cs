using System.Text.RegularExpressions;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Realising;

/// <summary>Reads what <c>dune build @runtest --display short</c> prints: a line for each rule that ran, and below it what it printed.</summary>
/// <param name="rules">The rules that there are.</param>
/// <param name="resolve">Turns a path as dune prints it into the user's own, or null where it is none of the project's.</param>
sealed partial class DuneTestOutput(IReadOnlyList<DuneTestRule> rules, Func<string, string?> resolve)
{
    // Nobody reads more of a test that fails.
    const int MostLines = 40;

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
            else if (_differences.FirstOrDefault(file => rule.Words.Contains(Path.GetFileName(file)) && Folder(file) == rule.Folder) is { } different)
                results.Add(new(rule.Name, TestOutcome.Failed, "What was made differs from what is expected: dune promote takes it over.", resolve(different) is { } own ? new Place(own, 1) : rule.Place));
            else if (succeeded || rule.Program.StartsWith("diff ", StringComparison.Ordinal))
                results.Add(new(rule.Name, TestOutcome.Passed));
            else
            {
                Complete = false;
                results.Add(new(rule.Name, TestOutcome.Failed, "It did not run, as something that it needs could not be built.", rule.Place));
            }
        }

        foreach (var (program, folder, failed, lines) in left)
            results.AddRange(Cases(folder.Length == 0 ? program : $"{folder}/{program}", failed, lines, null));
        return results;
    }

    static string Folder(string file) => BelowSources(Path.GetDirectoryName(file)!.Replace('\\', '/'));

    static string BelowSources(string folder) => folder.StartsWith("src/", StringComparison.Ordinal) ? folder[4..] : folder == "src" ? "" : folder;

    List<TestResult> Cases(string name, bool failed, List<string> lines, Place? rule)
    {
        var cases = new List<TestResult>();
        for (var i = 0; i < lines.Count; i++)
            if (Alcotest().Match(lines[i]) is { Success: true } alcotest)
            {
                var title = $"{name}: {alcotest.Groups["group"].Value} {alcotest.Groups["case"].Value}";
                var outcome = alcotest.Groups["how"].Value switch { "OK" => TestOutcome.Passed, "FAIL" => TestOutcome.Failed, _ => TestOutcome.Skipped };
                // What failed is told once in the list, and once more with what it printed.
                var told = outcome == TestOutcome.Failed ? Details(lines, i + 1, Alcotest()) : [];
                if (cases.FindIndex(other => other.Name == title) is var known and >= 0)
                    cases[known] = cases[known].Message.Length >= string.Join('\n', told).Length ? cases[known] : cases[known] with { Message = string.Join('\n', told), Place = PlaceOf(told) ?? rule };
                else
                    cases.Add(new(title, outcome, string.Join('\n', told), outcome == TestOutcome.Failed ? PlaceOf(told) ?? rule : null));
            }
            else if (Ounit().Match(lines[i]) is { Success: true } ounit && cases.TrueForAll(other => other.Name != $"{name}: {ounit.Groups["case"].Value}"))
            {
                var told = Details(lines, i + 1, Rule());
                cases.Add(new($"{name}: {ounit.Groups["case"].Value}", TestOutcome.Failed, string.Join('\n', told), PlaceOf(told) ?? rule));
            }

        // What a program says of its cases is no reason to forget how it ended.
        if (cases.Count == 0 || failed && !cases.Exists(each => each.Outcome == TestOutcome.Failed))
            cases.Add(new(name, failed ? TestOutcome.Failed : TestOutcome.Passed, failed ? string.Join('\n', lines.TakeLast(MostLines)) : "", failed ? PlaceOf(lines) ?? rule : null));
        return cases;
    }

    static List<string> Details(List<string> lines, int from, Regex next) =>
        [.. lines.Skip(from).TakeWhile(line => !next.IsMatch(line)).Where(line => line.Trim(' ', '─', '│', '┌', '┐', '└', '┘', '-', '=').Length > 0).Take(MostLines)];

    // The first that is a file of the project: those of libraries come before it.
    Place? PlaceOf(IEnumerable<string> lines) => lines.SelectMany(line => Source().Matches(line)).Select(match => resolve(match.Groups["file"].Value) is { } own
        ? new Place(own, DuneOutput.Number(match.Groups["line"]), DuneOutput.Number(match.Groups["column"], plus: 1)) : (Place?)null).FirstOrDefault(place => place is not null);

    [GeneratedRegex(@"\x1b\[[0-9;]*[A-Za-z]")]
    private static partial Regex Colour();

    [GeneratedRegex(@"^ *(?<program>\S+)(?<=^.{12,}) alias (?:(?<folder>\S*)/)?runtest(?<ended> \((?:exit \d+|got signal \S+)\))?$")]
    private static partial Regex Ran();

    // Any other line of what dune does, such as "    ocamlopt src/test/t.exe".
    [GeneratedRegex(@"^ *[A-Za-z_.0-9-]+(?<=^.{12,}) (?:\S+/\S+|\(internal\))(?: \(exit \d+\))?$")]
    private static partial Regex Other();

    [GeneratedRegex("""^File "(?<file>[^"]+)", line 1, characters 0-0:$""")]
    private static partial Regex Different();

    [GeneratedRegex(@"^\W*\[(?<how>OK|FAIL|SKIP)\]\s+(?<group>\S.*?)\s{2,}(?<index>\d+)\s{2,}(?<case>\S.*?)\.?[\s│]*$")]
    private static partial Regex Alcotest();

    [GeneratedRegex(@"^(?:Error|Failure): (?<case>\S+:\d+(?::\S.*?)?)(?: \(in the log\))?\.?$")]
    private static partial Regex Ounit();

    [GeneratedRegex(@"^[-=]{20,}$")]
    private static partial Regex Rule();

    [GeneratedRegex("""File "(?<file>[^"]+)", lines? (?<line>[0-9]+)(?:-[0-9]+)?(?:, characters? (?<column>[0-9]+))?|\("(?<file>[^"]+)", (?<line>[0-9]+), (?<column>[0-9]+)\)""")]
    private static partial Regex Source();
}
