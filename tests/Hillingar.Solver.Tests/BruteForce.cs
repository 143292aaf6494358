using System.Collections.Immutable;
using Hillingar.Solver;

namespace Hillingar.Tests;

/// <summary>
/// The solver's definition, word by word: at the first place of the walk without a version, take the candidates in order and see
/// whether the rest can be solved. It takes exponential time.
/// </summary>
sealed class BruteForce(ToyUniverse universe, ImmutableArray<Dependency> wanted)
{
    readonly Dictionary<object, int> selected = [];

    /// <summary>The packages and versions of the first solution, or null.</summary>
    public Dictionary<Package, int>? Solve()
    {
        if (!Holds())
            return null;
        if (FirstOpen() is not { } open)
            return selected.Where(pair => pair.Key is Package).ToDictionary(pair => (Package)pair.Key, pair => pair.Value);
        foreach (var value in open is Package package ? universe.Candidates(package) : Enumerable.Range(0, ((Choice)open).Alternatives.Length))
        {
            selected[open] = value;
            if (Solve() is { } solution)
                return solution;
            selected.Remove(open);
        }
        return null;
    }

    ImmutableArray<Dependency> Said(object role) =>
        role is Package package ? universe.Dependencies(package, selected[role]) : ((Choice)role).Alternatives[selected[role]];

    object? FirstOpen()
    {
        var seen = new HashSet<object>();
        object? Find(IEnumerable<Dependency> dependencies)
        {
            foreach (var dependency in dependencies)
            {
                object? role = dependency switch { Requirement needed => needed.Package, Choice => dependency, _ => null };
                if (role is null || !seen.Add(role))
                    continue;
                if (!selected.ContainsKey(role))
                    return role;
                if (Find(Said(role)) is { } open)
                    return open;
            }
            return null;
        }
        return Find(wanted);
    }

    /// <summary>Whether nothing that is selected contradicts what else is.</summary>
    bool Holds()
    {
        bool All(IEnumerable<Dependency> dependencies) => dependencies.All(dependency => dependency switch
        {
            Requirement needed => !selected.TryGetValue(needed.Package, out var version) || needed.Allowed.Contains(version),
            Prohibition other => !selected.TryGetValue(other.Package, out var version) || !other.Forbidden.Contains(version),
            _ => true,
        });

        var classes = selected.Where(pair => pair.Key is Package).SelectMany(pair => universe.Classes((Package)pair.Key, pair.Value), (pair, member) => (pair.Key, member)).ToList();
        var apart = classes.All(one => classes.All(other => one.Key == other.Key || !one.member.Excludes(other.member)));
        // A version that forbids itself is ruled out by the same rule as any other.
        return All(wanted) && selected.Keys.All(role => All(Said(role))) && apart;
    }
}
