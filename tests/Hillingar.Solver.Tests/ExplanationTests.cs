using System.Collections.Immutable;
using Hillingar.Solver;

namespace Hillingar.Tests;

public class ExplanationTests
{
    [Fact]
    public void What_a_conflict_states_is_true_and_enough()
    {
        var (conflicts, recited) = (0, 0);
        for (var seed = 0; seed < (TestData.Full ? 50_000 : 5_000); seed++)
        {
            var (universe, wanted) = Generate.Problem(seed);
            if (universe.Solve(wanted, TestContext.Current.CancellationToken) is not Conflict conflict)
                continue;
            conflicts++;
            var explanation = conflict.Explain(TestContext.Current.CancellationToken);
            var problem = $"seed {seed}: wanted {ToyUniverse.Print(wanted)}\n{universe}{explanation}";
            Assert.True(explanation.Statements.All(statement => IsTrue(universe, wanted, statement)), problem);
            Assert.True(Restate(explanation.Statements).Solve() is null, problem);
            Assert.InRange(explanation.ToString().Split('\n').Length, 1, Explanation.MaxLines);
            if (!explanation.IsDerived)
                recited++;
        }
        Assert.True(conflicts > 500, $"Only {conflicts} conflicts.");
        Assert.True(recited * 20 < conflicts, $"{recited} of {conflicts} conflicts have no derivation.");
    }

    /// <summary>Whether each version that the statement is about says at least as much.</summary>
    static bool IsTrue(ToyUniverse universe, ImmutableArray<Dependency> wanted, Statement statement)
    {
        bool Follows(Dependency said, Dependency part) => (said, part) switch
        {
            (Requirement s, Requirement p) => s.Package == p.Package && s.Allowed.IsSubsetOf(p.Allowed),
            (Prohibition s, Prohibition p) => s.Package == p.Package && p.Forbidden.IsSubsetOf(s.Forbidden),
            _ => false,
        };
        // A choice says that one of the parts holds if each of its alternatives does.
        bool Says(Dependency said) => said is Choice choice
            ? choice.Alternatives.All(alternative => alternative.Any(Says))
            : statement.Parts.Any(part => Follows(said, part));
        if (statement.Subject is not { } subject)
            return wanted.Any(Says);
        if (statement.Rejection is not null)
            return statement.Versions.Members.All(version => !universe.Candidates(subject).Contains(version));
        return statement.Versions.Members.All(version => statement.Class is { } name
            ? statement.Parts is [Prohibition { Package: var other } excluded] && excluded.Forbidden.Members.All(rival =>
                universe.Classes(subject, version).Any(one => one.Name == name && universe.Classes(other, rival).Any(one.Excludes)))
            : universe.Dependencies(subject, version).Any(Says));
    }

    /// <summary>A problem that knows nothing but the statements.</summary>
    static BruteForce Restate(IEnumerable<Statement> statements)
    {
        var universe = new ToyUniverse();
        var twins = new Dictionary<Package, Package>();
        var said = new Dictionary<(Package, int), List<Dependency>>();
        var rejected = statements.Where(statement => statement.Rejection is not null).SelectMany(statement => statement.Versions.Members.Select(version => (statement.Subject!, version))).ToHashSet();
        Package Twin(Package package)
        {
            if (!twins.TryGetValue(package, out var twin))
                twins[package] = twin = universe.Add(package.Name, package.Versions.Count, Enumerable.Range(0, package.Versions.Count).Where(version => !rejected.Contains((package, version))));
            return twin;
        }

        Dependency Copy(Dependency part) => part switch
        {
            Requirement needed => new Requirement(Twin(needed.Package), needed.Allowed),
            Prohibition other => new Prohibition(Twin(other.Package), other.Forbidden),
            _ => throw new InvalidOperationException(),
        };

        var wanted = new List<Dependency>();
        foreach (var statement in statements.Where(statement => statement.Rejection is null))
        {
            Dependency copy = new Choice([.. statement.Parts.Select(part => ImmutableArray.Create(Copy(part)))]);
            if (statement.Subject is null)
                wanted.Add(copy);
            else
                foreach (var version in statement.Versions.Members)
                    if (said.TryGetValue((Twin(statement.Subject), version), out var list))
                        list.Add(copy);
                    else
                        said[(Twin(statement.Subject), version)] = [copy];
        }
        foreach (var ((package, version), list) in said)
            universe.Say(package, version, [.. list]);
        return new(universe, [.. wanted]);
    }
}
