using System.Collections.Immutable;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;
using Hillingar.Opam.Universe;
using Hillingar.Solver;

namespace Hillingar.Tests;

/// <summary>The answers of <c>opam-0install</c> on the whole opam repository.</summary>
public class OracleTests
{
    static readonly Lazy<OpamSolver> Solver = new(() => new(new FolderRepository(Corpus.Folder(Corpus.Repository))));

    /// <summary>All queries of a file, or every so many in the short tier.</summary>
    static IEnumerable<Oracle> Queries(string file, int every) =>
        Oracle.Read(TestData.Require($"oracle/{file}.jsonl.gz")).Where((_, at) => TestData.Full || at % every == 0);

    [Theory]
    [InlineData("all_debian12", 10), InlineData("all_macos_4142_test", 10), InlineData("multi", 1), InlineData("oldest_300", 1)]
    public void Selects_what_opam_0install_selects(string file, int every)
    {
        lock (Solver)
            foreach (var query in Queries(file, every))
                Assert.Equal($"{query.Text[..Math.Min(120, query.Text.Length)]} {query.Answer}",
                    $"{query.Text[..Math.Min(120, query.Text.Length)]} {Oracle.Print(Solver.Value.Solve(query.Context, TestContext.Current.CancellationToken))}");
    }

    [Theory]
    [InlineData("all_debian12", 10, false), InlineData("all_macos_4142_test", 10, true), InlineData("multi", 1, true), InlineData("oldest_300", 1, true)]
    public void A_conflict_is_explained_and_repaired_where_one_change_can(string file, int every, bool some)
    {
        var repaired = 0;
        lock (Solver)
            foreach (var query in Queries(file, every).Where(query => query.Answer is null))
            {
                var conflict = Assert.IsType<OpamConflict>(Solver.Value.Solve(query.Context, TestContext.Current.CancellationToken));
                Assert.InRange(conflict.ToString().Split('\n').Length, 2, Explanation.MaxLines);
                Assert.True(conflict.Explanation.IsDerived, conflict.ToString());
                Assert.All(conflict.Fixes, fix => Assert.NotNull(fix.Wish?.Solution));
                if (Changes(query.Context).Any(changed => Solver.Value.Solve(changed, TestContext.Current.CancellationToken) is OpamSolution))
                {
                    repaired++;
                    Assert.True(conflict.Fixes.Length > 0, $"{query.Text}\n{conflict}");
                }
                else
                {
                    Assert.True(conflict.Fixes.All(fix => fix.Wish!.With.Count > 0), $"A fix was offered that does not work.\n{query.Text}\n{conflict}");
                    // Where two changes together are offered, two of ours are enough as well.
                    Assert.True(conflict.Fixes.IsEmpty || Changes(query.Context).SelectMany(Changes).Any(changed => Solver.Value.Solve(changed, TestContext.Current.CancellationToken) is OpamSolution), $"{query.Text}\n{conflict}");
                }
            }
        // A single root without a bound leaves nothing to change.
        Assert.Equal(some, repaired > 0);
    }

    /// <summary>The request with one constraint or one of several roots less.</summary>
    static IEnumerable<SolveContext> Changes(SolveContext context)
    {
        foreach (var constraint in context.Constraints)
            yield return context with { Constraints = context.Constraints.Remove(constraint) };
        foreach (var root in context.Roots)
        {
            yield return context with { Roots = context.Roots.Replace(root, root with { Versions = Formula<VersionConstraint>.Empty }) };
            if (context.Roots.Length > 1)
                yield return context with { Roots = context.Roots.Remove(root) };
        }
    }

    [Fact]
    public void Stated_facts_of_real_conflicts_are_enough()
    {
        lock (Solver)
            foreach (var query in Queries("multi", 1).Where(query => query.Answer is null))
            {
                var conflict = Assert.IsType<OpamConflict>(Solver.Value.Solve(query.Context, TestContext.Current.CancellationToken));
                var stated = new Stated(conflict.Explanation.Statements);
                Assert.True(stated.Solve(stated.Wanted, TestContext.Current.CancellationToken) is Conflict, conflict.ToString());
            }
    }

    /// <summary>A universe that knows nothing but statements.</summary>
    sealed class Stated(IEnumerable<Statement> statements) : IUniverse
    {
        readonly ILookup<Package?, Statement> all = statements.ToLookup(statement => statement.Subject);

        public ImmutableArray<Dependency> Wanted => [.. all[null].Select(Choice)];

        static Dependency Choice(Statement statement) => new Choice([.. statement.Parts.Select(part => ImmutableArray.Create(part))]);

        public ImmutableArray<int> Candidates(Package package) =>
            [.. Enumerable.Range(0, package.Versions.Count).Where(version => !all[package].Any(statement => statement.Rejection is not null && statement.Versions.Contains(version)))];

        public ImmutableArray<Dependency> Dependencies(Package package, int version) =>
            [.. all[package].Where(statement => statement.Rejection is null && statement.Versions.Contains(version)).Select(Choice)];

        public ImmutableArray<ConflictClass> Classes(Package package, int version) => [];
    }
}
