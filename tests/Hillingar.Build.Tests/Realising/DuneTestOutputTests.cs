using Hillingar.Build.Realising;
using Hillingar.Opam.Diagnostics;
using Hillingar.Tests;
using TestResult = Hillingar.Build.Realising.TestResult;

namespace Hillingar.Build.Tests;

/// <summary>What dune prints of tests becomes results, with what the test's library tells of its cases.</summary>
public sealed class DuneTestOutputTests : IDisposable
{
    readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    IReadOnlyList<TestResult> Read(string dune, string printed, bool succeeded = false)
    {
        _folder.Write("test/dune", dune);
        var output = new DuneTestOutput([.. DuneTestRule.Of([("test/dune", _folder["test/dune"])])], path => path.StartsWith("src/test/", StringComparison.Ordinal) ? _folder[path[4..]] : path == "test/t.ml" ? _folder["test/t.ml"] : null);
        foreach (var line in printed.Split('\n'))
            output.Add(line);
        return output.Results(succeeded);
    }

    [Fact]
    public void Each_rule_is_a_test_and_one_that_fails_is_told_with_its_place()
    {
        var results = Read("(test (name t) (modules t))\n\n(tests (names u w))\n(rule (alias runtest) (action (run %{exe:x.exe} 1)))\n", """
                ocamlopt src/test/t.exe
                       t alias src/test/runtest
            fine
                       w alias src/test/runtest
                       x alias src/test/runtest
                       u alias src/test/runtest (exit 2)
            (cd _build/default/src/test && ./u.exe)
            Raised at Stdlib.failwith in file "stdlib.ml", line 29, characters 17-33
            Fatal error: exception Assert_failure("src/test/u.ml", 2, 4)
            """);
        Assert.Equal(["test/t Passed", "test/u Failed", "test/w Passed", "test/x Passed"], results.Select(result => $"{result.Name} {result.Outcome}"));
        Assert.Equal(new Place(_folder["test/u.ml"], 2, 5), results[1].Place);
    }

    [Theory]
    [InlineData("99999999999999")]
    [InlineData("٣")]
    public void A_line_that_no_file_has_is_no_place(string number)
    {
        var result = Assert.Single(Read("(test (name t))", $"                   t alias src/test/runtest (exit 1)\nFile \"src/test/t.ml\", line {number}, characters {number}-{number}:"));
        Assert.Equal(TestOutcome.Failed, result.Outcome);
        // The file alone, or the rule's own line.
        Assert.InRange(result.Place!.Value.Line, 0, 1);
    }

    [Fact]
    public void Cases_of_alcotest_are_tests_of_their_own()
    {
        var results = Read("(test (name t))", """
                       t alias src/test/runtest (exit 1)
            (cd _build/default/src/test && ./t.exe)
            Testing `case'.
              [OK]          numbers          0   adds.
            > [FAIL]        numbers          1   multiplies.
              [SKIP]        slow             0   waits.
            ┌──────────────────────────────────────────────────────────────┐
            │ [FAIL]        numbers          1   multiplies.               │
            └──────────────────────────────────────────────────────────────┘
            File "test/t.ml", line 3, character 2:
            FAIL six
               Expected: `6'
               Received: `5'
            """);
        Assert.Equal(["test/t: numbers adds Passed", "test/t: numbers multiplies Failed", "test/t: slow waits Skipped"], results.Select(result => $"{result.Name} {result.Outcome}"));
        Assert.Contains("Expected: `6'", results[1].Message, StringComparison.Ordinal);
        Assert.Equal(new Place(_folder["test/t.ml"], 3, 3), results[1].Place);
    }

    [Fact]
    public void Cases_of_ounit_that_fail_are_tests_of_their_own()
    {
        var results = Read("(test (name t))", """
                       t alias src/test/runtest (exit 1)
            .F
            ==============================================================================
            Error: suite:1:multiplies.

            File "test/t.ml", line 4, characters 1-1:
            Error: suite:1:multiplies (in the log).
            not equal
            ------------------------------------------------------------------------------
            Ran: 2 tests in: 0.10 seconds.
            FAILED: Cases: 2 Tried: 2 Errors: 0 Failures: 1 Skip:0  Todo: 0 Timeouts: 0.
            """);
        var failed = Assert.Single(results);
        Assert.Equal(("test/t: suite:1:multiplies", TestOutcome.Failed), (failed.Name, failed.Outcome));
        Assert.Equal(4, failed.Place!.Value.Line);
    }

    [Fact]
    public void A_program_that_dies_after_its_cases_passed_has_failed_and_what_did_not_run_too()
    {
        var results = Read("(tests (names t u))", "           t alias src/test/runtest (got signal SEGV)\n  [OK]          g          0   adds.\n");
        Assert.Equal(["test/t: g adds Passed", "test/t Failed", "test/u Failed"], results.Select(result => $"{result.Name} {result.Outcome}"));
    }

    [Fact]
    public void A_file_that_differs_is_a_failed_test_at_that_file()
    {
        var results = Read("(rule (alias runtest) (action (diff expected.txt made.txt)))", "File \"src/test/expected.txt\", line 1, characters 0-0:\n         git (internal) (exit 1)\n-b\n+a\n");
        var failed = Assert.Single(results);
        Assert.Equal((TestOutcome.Failed, _folder["test/expected.txt"]), (failed.Outcome, failed.Place!.Value.File));
        Assert.Equal(TestOutcome.Passed, Assert.Single(Read("(rule (alias runtest) (action (diff expected.txt made.txt)))", "", succeeded: true)).Outcome);
    }
}
