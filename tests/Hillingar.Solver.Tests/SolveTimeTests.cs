using System.Collections.Immutable;
using System.Diagnostics;
using Hillingar.Solver;

namespace Hillingar.Tests;

/// <summary>Universes that were made to take for ever: each search, and what explains it, ends when it is told to.</summary>
public class SolveTimeTests
{
    // Against «never»: each is told to stop after a second.
    static readonly TimeSpan s_soon = TimeSpan.FromSeconds(60);

    /// <summary>One pigeon more than there are holes, each in a version that says where it sits: no search without symmetries gets through this.</summary>
    static (ToyUniverse Universe, ImmutableArray<Dependency> Wanted) Pigeons(int holes)
    {
        var universe = new ToyUniverse();
        var pigeons = Enumerable.Range(0, holes + 1).Select(i => universe.Add($"pigeon{i}", holes)).ToList();
        foreach (var pigeon in pigeons)
            for (var hole = 0; hole < holes; hole++)
                universe.Say(pigeon, hole, [], new ConflictClass($"hole{hole}"));
        return (universe, [.. pigeons.Select(pigeon => new Requirement(pigeon, VersionSet.All(holes)))]);
    }

    static ToyUniverse Chain(int length, int versions, Func<ToyUniverse, ImmutableArray<Dependency>> end)
    {
        var universe = new ToyUniverse();
        var packages = Enumerable.Range(0, length).Select(i => universe.Add($"p{i}", versions)).ToList();
        for (var i = 0; i < length; i++)
            for (var version = 0; version < versions; version++)
                universe.Say(packages[i], version, i + 1 < length ? [new Requirement(packages[i + 1], VersionSet.All(versions))] : end(universe));
        return universe;
    }

    static TimeSpan Stopped(Action<CancellationToken> work)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var started = Stopwatch.GetTimestamp();
        stop.CancelAfter(TimeSpan.FromSeconds(1));
        Assert.ThrowsAny<OperationCanceledException>(() => work(stop.Token));
        return Stopwatch.GetElapsedTime(started);
    }

    [Fact]
    public void A_search_without_end_stops_when_it_is_told_to_and_says_what_it_was_trying()
    {
        var (universe, wanted) = Pigeons(14);
        var state = new SearchState();
        Assert.InRange(Stopped(stop => universe.Solve(wanted, state, stop)), TimeSpan.Zero, s_soon);
        Assert.Equal(15, state.Packages);
        var trying = state.Trying(5);
        Assert.Equal(5, trying.Count);
        Assert.All(trying, package => Assert.StartsWith("pigeon", package.Name, StringComparison.Ordinal));
    }

    [Fact]
    public void What_was_selected_last_is_named_where_nothing_was_learned()
    {
        var universe = Chain(3, 2, _ => []);
        var state = new SearchState();
        Assert.Empty(state.Trying(5));
        universe.Solve([new Requirement(universe["p0"], VersionSet.All(2))], state, TestContext.Current.CancellationToken);
        Assert.Equal(["p2"], state.Trying(5).Select(package => package.Name));
        Assert.Equal(3, state.Packages);
    }

    [Fact]
    public void An_explanation_without_end_stops_when_it_is_told_to()
    {
        // The refutation is found at once; which of a hundred such packages can be left out is asked of the search for each.
        var (universe, wanted) = Pigeons(7);
        var conflict = Assert.IsType<Conflict>(universe.Solve(wanted, TestContext.Current.CancellationToken));
        using var stopped = new CancellationTokenSource();
        stopped.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => conflict.Explain(stopped.Token));
        Assert.ThrowsAny<OperationCanceledException>(() => conflict.Recite(stopped.Token));
        Assert.ThrowsAny<OperationCanceledException>(() => conflict.Fixes(stopped.Token).ToList());
        Assert.InRange(Stopped(stop =>
        {
            while (true)
                conflict.Explain(stop);
        }), TimeSpan.Zero, s_soon);
    }

    [Fact]
    public void The_facts_of_a_refutation_are_told_without_a_search()
    {
        var (universe, wanted) = Pigeons(6);
        var conflict = Assert.IsType<Conflict>(universe.Solve(wanted, TestContext.Current.CancellationToken));
        var facts = conflict.Recite(TestContext.Current.CancellationToken);
        Assert.False(facts.IsDerived);
        Assert.NotEmpty(facts.Statements);
        Assert.True(facts.Print(Explanation.MaxLines).Count() <= Explanation.MaxLines);
    }

    [Fact]
    public void A_chain_of_a_hundred_thousand_is_solved_refuted_and_explained_without_a_deep_stack()
    {
        var universe = Chain(100_000, 2, _ => []);
        ImmutableArray<Dependency> wanted = [new Requirement(universe["p0"], VersionSet.All(2))];
        Assert.Equal(100_000, Assert.IsType<Solution>(universe.Solve(wanted, TestContext.Current.CancellationToken)).Selected.Count);

        universe = Chain(100_000, 1, universe => [new Requirement(universe["missing"], VersionSet.Empty)]);
        wanted = [new Requirement(universe["p0"], VersionSet.All(1))];
        var conflict = Assert.IsType<Conflict>(universe.Solve(wanted, TestContext.Current.CancellationToken));
        Assert.Contains("missing", conflict.Recite(TestContext.Current.CancellationToken).ToString(), StringComparison.Ordinal);
        Assert.InRange(Stopped(stop =>
        {
            while (true)
                conflict.Explain(stop);
        }), TimeSpan.Zero, s_soon);
    }

    [Fact]
    public void A_package_of_many_versions_none_of_which_will_do_can_be_stopped_at_any_time()
    {
        var universe = new ToyUniverse();
        var many = universe.Add("many", 20_000);
        for (var version = 0; version < 20_000; version++)
            universe.Say(many, version, [new Requirement(universe.Add($"only{version}", 1), VersionSet.Empty)]);
        ImmutableArray<Dependency> wanted = [new Requirement(many, VersionSet.All(20_000))];
        var conflict = Assert.IsType<Conflict>(universe.Solve(wanted, TestContext.Current.CancellationToken));
        Assert.InRange(Stopped(stop =>
        {
            while (true)
            {
                conflict.Explain(stop);
                stop.ThrowIfCancellationRequested();
            }
        }), TimeSpan.Zero, s_soon);
    }

    [Fact]
    public void A_choice_of_which_the_conjunction_would_fill_any_memory_is_told_in_part()
    {
        // Sixty pairs: two to the sixtieth clauses.
        var universe = new ToyUniverse();
        var pairs = Enumerable.Range(0, 60).Select(i => ImmutableArray.Create<Dependency>(
            new Requirement(universe.Add($"a{i}", 1), VersionSet.Empty), new Requirement(universe.Add($"b{i}", 1), VersionSet.Empty))).ToImmutableArray();
        var conflict = Assert.IsType<Conflict>(universe.Solve([new Choice(pairs)], TestContext.Current.CancellationToken));
        Assert.NotEmpty(conflict.Recite(TestContext.Current.CancellationToken).ToString());
        Assert.NotEmpty(conflict.Explain(TestContext.Current.CancellationToken).ToString());
    }
}
