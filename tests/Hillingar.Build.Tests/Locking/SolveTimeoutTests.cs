using System.Diagnostics;
using Hillingar.Build.Locking;
using Hillingar.Build.Requests;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Syntax;
using Hillingar.Opam.Universe;

namespace Hillingar.Build.Tests;

public sealed class SolveTimeoutTests
{
    [Theory]
    [InlineData("", 60)]
    [InlineData("90", 90)]
    [InlineData("90s", 90)]
    [InlineData("5m", 300)]
    [InlineData("00:01:30", 90)]
    [InlineData("0", null)]
    [InlineData("0s", null)]
    [InlineData("52w", null)]
    public void A_time_is_seconds_or_has_a_unit_and_none_is_no_limit(string text, int? seconds) =>
        Assert.Equal(seconds is { } number ? TimeSpan.FromSeconds(number) : Timeout.InfiniteTimeSpan, SolveTimeout.Parse(text));

    [Theory]
    [InlineData("soon")]
    [InlineData("-1")]
    [InlineData("1.5")]
    public void What_is_no_time_is_refused_by_the_name_of_the_property(string text)
    {
        Assert.Equal("HIL7007", Assert.Throws<HillingarException>(() => SolveTimeout.Parse(text)).Diagnostic.Code);
        var refused = Assert.Throws<HillingarException>(() => SolveTimeout.Parse(text, "/nowhere/p.proj")).Diagnostic;
        Assert.Equal("HIL6004", refused.Code);
        Assert.Contains($"HillingarSolveTimeout is '{text}'", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>One pigeon more than there are holes, no two in one hole.</summary>
    static LockProblem Pigeons(int holes, TimeSpan limit)
    {
        var world = new MemoryRepository("world").Add("dune.3.0", "").Add("ocaml-base-compiler.5.3.0", "flags: compiler");
        for (var pigeon = 0; pigeon <= holes; pigeon++)
            for (var hole = 0; hole < holes; hole++)
                world.Add($"pigeon{pigeon}.{hole}", $"depends: \"dune\" conflict-class: \"hole{hole}\"");
        var file = new PackageFile(Document.Parse($"depends: [{string.Join(' ', Enumerable.Range(0, holes + 1).Select(pigeon => $"\"pigeon{pigeon}\""))}]", "app.opam"), OpamPackage.Parse("app.zdev"));
        return new LockProblem
        {
            Folder = Path.GetTempPath(),
            Name = "app",
            Targets = [file],
            Config = SourceConfig.Of([file]),
            Repositories = [new("world", world)],
            Platforms = [Platform.Parse("x86_64-linux")],
            Timeout = limit,
        };
    }

    [Fact]
    public void A_solve_without_end_is_ended_and_says_which_packages_it_was_trying()
    {
        var started = Stopwatch.GetTimestamp();
        var ended = Assert.Throws<HillingarException>(() => LockSolver.Solve(Pigeons(14, TimeSpan.FromSeconds(2)), TestContext.Current.CancellationToken)).Diagnostic;
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(62));
        Assert.Equal("HIL2002", ended.Code);
        Assert.Contains("The solve of app was ended after 2 s", ended.Message, StringComparison.Ordinal);
        Assert.Matches("versions of pigeon[0-9]+, pigeon[0-9]+, pigeon[0-9]+, pigeon[0-9]+, pigeon[0-9]+ and others", ended.Message);
        Assert.Contains("HillingarSolveTimeout", ended.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_stops_a_solve_is_not_told_that_its_time_was_over()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        Assert.ThrowsAny<OperationCanceledException>(() => LockSolver.Solve(Pigeons(14, TimeSpan.FromHours(1)), stop.Token));
    }

    [Fact]
    public void Reasons_that_are_not_found_in_time_are_told_as_facts()
    {
        var conflict = LockSolver.Solve(Pigeons(5, Timeout.InfiniteTimeSpan), TestContext.Current.CancellationToken).Conflict!;
        conflict.Explore(TimeSpan.Zero, TestContext.Current.CancellationToken);
        var message = LockSolver.Explain(conflict).Message;
        Assert.Contains("cannot be had together", message, StringComparison.Ordinal);
        Assert.Contains("The time of the solve was over", message, StringComparison.Ordinal);
        Assert.True(message.Split('\n').Length <= Solver.Explanation.MaxLines);

        conflict.Explore(Timeout.InfiniteTimeSpan, TestContext.Current.CancellationToken);
        Assert.DoesNotContain("The time of the solve was over", LockSolver.Explain(conflict).Message, StringComparison.Ordinal);
        Assert.ThrowsAny<OperationCanceledException>(() => conflict.Explore(TimeSpan.FromHours(1), new CancellationToken(canceled: true)));
    }
}
