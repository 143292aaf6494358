using Hillingar.Build.Processes;
using Hillingar.Build.Realising;
using Hillingar.Build.Switches;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>Tests with the real alcotest and OUnit, those of Debian, run by a real dune.</summary>
public sealed class DuneTestsTests : IDisposable
{
    const string Long = "a title that is so long that the library cuts it, as it does with those that are longer than the terminal";

    readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    async Task<List<string>> Run(string library, string source)
    {
        if (!File.Exists($"/usr/lib/ocaml/{library}/META"))
            Assert.Skip($"needs the OCaml library {library}");
        var build = new DuneBuild(new Workspace(_folder["obj"]),
        [
            ("dune-project", _folder.Write("project/dune-project", "(lang dune 2.0)")),
            ("test/dune", _folder.Write("project/test/dune", $"(test (name t) (libraries {library}))")),
            ("test/t.ml", _folder.Write("project/test/t.ml", source)),
        ], "", "default", "dev", "");
        var (results, errors) = await DuneTests.Run(build, HostTools.OfMachine(ProcessRunner.Find("dune")!), new ReporterFake(), TestContext.Current.CancellationToken);
        Assert.Empty(errors);
        return [.. results.Select(result => $"{result.Outcome} {result.Name}{(result.Place is { } place ? $" at {Path.GetFileName(place.File)}:{place.Line}" : "")}{Told(result.Message)}")];
    }

    // What the library says of it, among the frames of its own.
    static string Told(string message) => message.Split('\n').Select(line => line.Trim()).FirstOrDefault(line => line.StartsWith("Received: ", StringComparison.Ordinal) || line.StartsWith("expected: ", StringComparison.Ordinal) || line.Contains("Failure(\"hd\")", StringComparison.Ordinal)
        || line == "[failure] hd") is { } told ? ": " + told : "";

    [Fact]
    public async Task Cases_of_alcotest() => Assert.Equal(
    [
        "Passed test/t: adding up two and two",
        "Failed test/t: adding up it lies at t.ml:3: Received: `4'",
        "Failed test/t: raising it raises at t.ml:6: [failure] hd",
        // Newer ones than Debian's show more of it (ALCOTEST_COLUMNS).
        "Passed test/t: raising a title that is so long that the libra...",
        "Passed test/t: raising a title that is so long that the libra... (2)",
    ], await Run("alcotest", $$"""
        let twice () = Alcotest.(check int) "sum" 4 (2 + 2)
        let lies () =
          Alcotest.(check int) "the sum" 5 (2 + 2);
          print_newline ()
        let raises () =
          ignore (List.hd ([] : int list));
          print_newline ()
        let () =
          Alcotest.run "arithmetic" [
            "adding up", [ Alcotest.test_case "two and two" `Quick twice; Alcotest.test_case "it lies" `Quick lies ];
            "raising", [ Alcotest.test_case "it raises" `Quick raises; Alcotest.test_case "{{Long}} one" `Quick twice; Alcotest.test_case "{{Long}} two" `Quick twice ] ]

        """));

    [Fact]
    public async Task Cases_of_ounit() => Assert.Equal(
    [
        "Failed test/t: suite:1:lies at t.ml:4: expected: 5 but got: 4 in test suite:1:lies.",
        "Failed test/t: suite:4:inner:0:raises at t.ml:8: Failure(\"hd\") in test suite:4:inner:0:raises.",
        "Passed test/t: suite:0:adds",
        "Skipped test/t: suite:2:left out",
        "Skipped test/t: suite:3:later",
    ], (await Run("ounit2", """
        open OUnit2
        let () = run_test_tt_main ("suite" >::: [
          "adds" >:: (fun _ -> assert_equal 4 (2 + 2));
          "lies" >:: (fun _ -> assert_equal ~printer:string_of_int 5 (2 + 2); print_newline ());
          "left out" >:: (fun _ -> skip_if true "not today");
          "later" >:: (fun _ -> todo "later");
          "inner" >::: [ "raises" >:: (fun _ ->
            ignore (List.hd ([] : int list));
            print_newline ()) ] ])

        """)).Order(StringComparer.Ordinal));
}
