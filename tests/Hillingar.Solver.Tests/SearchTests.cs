using Hillingar.Solver;

namespace Hillingar.Tests;

public class SearchTests
{
    [Fact]
    public void The_answer_is_the_first_solution_of_the_defined_order()
    {
        var (solved, unsolved) = (0, 0);
        for (var seed = 0; seed < (TestData.Full ? 200_000 : 20_000); seed++)
        {
            var (universe, wanted) = Generate.Problem(seed);
            var expected = new BruteForce(universe, wanted).Solve();
            var outcome = universe.Solve(wanted, TestContext.Current.CancellationToken);
            _ = expected is null ? unsolved++ : solved++;
            Assert.True(Print(expected) == Print((outcome as Solution)?.Selected),
                $"seed {seed}: wanted {ToyUniverse.Print(wanted)}\n{universe}expected {Print(expected)}\nfound    {Print((outcome as Solution)?.Selected)}");
        }
        Assert.True(solved > 1000 && unsolved > 1000, $"The universes are of one kind: {solved} solved, {unsolved} not.");
    }

    static string Print(IEnumerable<KeyValuePair<Package, int>>? selected) =>
        selected is null ? "none" : string.Join(' ', selected.OrderBy(pair => pair.Key.Name).Select(pair => $"{pair.Key}.{pair.Value}"));
}
