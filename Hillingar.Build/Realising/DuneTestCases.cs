using System.Text.RegularExpressions;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Realising;

/// <summary>Reads what the libraries alcotest and OUnit print of the cases of a test.</summary>
/// <remarks>
/// The formats are those of alcotest's <c>pp.ml</c> and of OUnit 2's <c>oUnitLoggerStd.ml</c>: <see cref="Variables"/> has them tell of all cases.
/// </remarks>
static partial class DuneTestCases
{
    // Nobody reads more of a test that fails.
    const int MostLines = 40;

    /// <summary>What has those libraries tell each case and all that is known of one that failed, and OCaml where an exception came from.</summary>
    public static IReadOnlyDictionary<string, string?> Variables { get; } =
        new Dictionary<string, string?>
        {
            ["ALCOTEST_COLUMNS"] = "250",
            ["ALCOTEST_SHOW_ERRORS"] = "true",
            ["OCAMLRUNPARAM"] = "b",
            ["OUNIT_VERBOSE"] = "true",
        };

    /// <summary>The last lines of what a test printed.</summary>
    public static string Last(IEnumerable<string> lines) => string.Join('\n', lines.TakeLast(MostLines));

    /// <summary>A result for each case that is told of, in their order.</summary>
    /// <param name="name">The name of the test.</param>
    /// <param name="printed">What it printed.</param>
    /// <param name="placeOf">Finds the place of the project's that some lines tell.</param>
    public static List<TestResult> Of(string name, List<string> printed, Func<IEnumerable<string>, Place?> placeOf)
    {
        // By what is theirs alone: a title may be cut, and cut shorter in the heading of what failed.
        var cases = new OrderedDictionary<string, TestResult>();
        var summary = printed.FindLastIndex(line =>
            OunitLine().Match(line) is { Success: true } log && log.Groups["text"].Value == "Summary:"
        );
        for (var i = 0; i < printed.Count; i++)
            if (Alcotest().Match(printed[i]) is { Success: true } alcotest)
                Add(
                    $"alcotest {alcotest.Groups["group"].Value} {alcotest.Groups["index"].Value}",
                    $"{alcotest.Groups["group"].Value} {alcotest.Groups["case"].Value}",
                    alcotest.Groups["how"].Value switch
                    {
                        "OK" => TestOutcome.Passed,
                        "FAIL" => TestOutcome.Failed,
                        _ => TestOutcome.Skipped,
                    },
                    printed.Skip(i + 1).TakeWhile(line => !Alcotest().IsMatch(line))
                );
            else if (Ounit().Match(printed[i]) is { Success: true } ounit)
                Add(
                    "ounit " + ounit.Groups["case"].Value,
                    ounit.Groups["case"].Value,
                    TestOutcome.Failed,
                    printed.Skip(i + 1).TakeWhile(line => !Rule().IsMatch(line))
                );
            else if (
                summary >= 0
                && i > summary
                && OunitLine().Match(printed[i]) is { Success: true } log
                && OunitResult().Match(log.Groups["text"].Value) is { Success: true } result
            )
                Add(
                    "ounit " + result.Groups["case"].Value,
                    result.Groups["case"].Value,
                    result.Groups["good"].Success ? TestOutcome.Passed
                        : result.Groups["left"].Success ? TestOutcome.Skipped
                        : TestOutcome.Failed,
                    printed
                        .Skip(i + 1)
                        .Select(line => OunitLine().Match(line))
                        .TakeWhile(line =>
                            line.Success && line.Groups["level"].Value == "E" && !OunitResult().IsMatch(line.Groups["text"].Value)
                        )
                        .Select(line => line.Groups["text"].Value)
                );
        return [.. Distinct(cases.Values)];

        void Add(string key, string title, TestOutcome outcome, IEnumerable<string> after)
        {
            var lines =
                outcome == TestOutcome.Failed
                    ? after.Where(line => line.Trim(' ', '─', '│', '┌', '┐', '└', '┘', '-', '=').Length > 0).Take(MostLines).ToList()
                    : [];
            var told = string.Join('\n', lines);
            // What failed is told once in a list, and once more with what it printed.
            if (!cases.TryGetValue(key, out var known))
                cases[key] = new($"{name}: {title}", outcome, told, placeOf(lines));
            else if (told.Length > known.Message.Length)
                cases[key] = known with { Message = told, Place = placeOf(lines) ?? known.Place };
        }
    }

    // Two cases of one title, as where both were cut, are told apart by their number.
    static IEnumerable<TestResult> Distinct(IEnumerable<TestResult> cases) =>
        cases
            .GroupBy(each => each.Name)
            .SelectMany(same => same.Select((each, index) => index == 0 ? each : each with { Name = $"{each.Name} ({index + 1})" }));

    [GeneratedRegex(@"^\W*\[(?<how>OK|FAIL|SKIP)\]\s+(?<group>\S.*?)\s{2,}(?<index>\d+)\s{2,}(?<case>\S.*?(?:\.\.\.)?)\.?[\s│]*$")]
    private static partial Regex Alcotest();

    [GeneratedRegex(@"^(?:Error|Failure): (?<case>\S+:\d+(?::\S.*?)?)(?: \(in the log\))?\.?$")]
    private static partial Regex Ounit();

    [GeneratedRegex(@"^[0-9]\S*T\S+ \S+#\d+ (?<level>[IWE]): (?<text>.*)$")]
    private static partial Regex OunitLine();

    [GeneratedRegex(
        @"^(?:Test (?<case>\S+:\d+(?::\S.*?)?) (?:(?<good>is successful)\.|has failed\.|exited with an error\.|timed out after [0-9.]+s)|(?<left>TODO|Skip) test (?<case>\S+:\d+(?::.*?)?): .*)$"
    )]
    private static partial Regex OunitResult();

    [GeneratedRegex(@"^[-=]{20,}$")]
    private static partial Regex Rule();
}
