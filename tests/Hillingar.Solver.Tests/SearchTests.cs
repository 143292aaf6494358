using System.Collections.Immutable;
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

    /// <summary>Packages that each need the next, in versions 1 and 2; the last needs <paramref name="end"/>.</summary>
    static (ToyUniverse Universe, ImmutableArray<Dependency> Wanted) Chain(int length, Func<ToyUniverse, ImmutableArray<Dependency>> end)
    {
        var universe = new ToyUniverse();
        var packages = Enumerable.Range(0, length).Select(i => universe.Add($"p{i}", 2)).ToList();
        for (var i = 0; i < length; i++)
            for (var version = 0; version < 2; version++)
                universe.Say(packages[i], version, i + 1 < length ? [new Requirement(packages[i + 1], VersionSet.All(2))] : end(universe));
        return (universe, [new Requirement(packages[0], VersionSet.All(2))]);
    }

    [Fact]
    public void A_chain_may_be_long()
    {
        var (universe, wanted) = Chain(50_000, _ => []);
        Assert.Equal(50_000, Assert.IsType<Solution>(universe.Solve(wanted, TestContext.Current.CancellationToken)).Selected.Count);

        (universe, wanted) = Chain(3_000, universe => [new Requirement(universe["missing"], VersionSet.Empty)]);
        var conflict = Assert.IsType<Conflict>(universe.Solve(wanted, TestContext.Current.CancellationToken));
        Assert.Contains("missing", conflict.Explain(TestContext.Current.CancellationToken).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Choices_may_nest_deeply()
    {
        var universe = new ToyUniverse();
        Dependency nested = new Requirement(universe.Add("a", 1), VersionSet.All(1));
        for (var depth = 0; depth < 10_000; depth++)
            nested = new Choice([[nested]]);
        Assert.Single(Assert.IsType<Solution>(universe.Solve([nested], TestContext.Current.CancellationToken)).Selected);
    }

    [Fact]
    public void A_solve_can_be_stopped()
    {
        var (universe, wanted) = Chain(10, _ => []);
        Assert.Throws<OperationCanceledException>(() => universe.Solve(wanted, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Only_what_is_selected_or_tried_is_asked_for()
    {
        var universe = new ToyUniverse();
        var (a, b, far) = (universe.Add("a", 3), universe.Add("b", 2), universe.Add("far", 50));
        universe.Say(a, 2, [new Requirement(b, VersionSet.Of(0)), new Prohibition(far, VersionSet.All(50))]);
        var watched = new Watched(universe);
        Assert.IsType<Solution>(watched.Solve([new Requirement(a, VersionSet.All(3))], TestContext.Current.CancellationToken));
        Assert.Equal(["a.2", "b.0"], watched.Asked);
    }

    /// <summary>A universe that writes down whose dependencies were asked for.</summary>
    sealed class Watched(IUniverse universe) : IUniverse
    {
        public List<string> Asked { get; } = [];

        public ImmutableArray<int> Candidates(Package package) => universe.Candidates(package);

        public ImmutableArray<Dependency> Dependencies(Package package, int version)
        {
            Asked.Add($"{package}.{version}");
            return universe.Dependencies(package, version);
        }

        public ImmutableArray<ConflictClass> Classes(Package package, int version) => universe.Classes(package, version);
    }

    static string Print(IEnumerable<KeyValuePair<Package, int>>? selected) =>
        selected is null ? "none" : string.Join(' ', selected.OrderBy(pair => pair.Key.Name).Select(pair => $"{pair.Key}.{pair.Value}"));
}
