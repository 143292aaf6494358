using System.Collections.Immutable;
using Hillingar.Solver;

namespace Hillingar.Tests;

/// <summary>Universes that are small enough to search by brute force and dense enough to conflict.</summary>
static class Generate
{
    public static (ToyUniverse Universe, ImmutableArray<Dependency> Wanted) Problem(int seed)
    {
        var random = new Random(seed);
        var universe = new ToyUniverse();
        var names = Enumerable.Range(0, random.Next(2, 9)).Select(i => ((char)('a' + i)).ToString()).ToArray();
        // Each problem has a temper of its own, so that all kinds of universes occur, those with few and with many solutions.
        var (most, tightness, depth) = (random.Next(1, 5), random.NextDouble(), random.Next(0, 3));
        var (choices, conflicts, classes) = (random.NextDouble() / 2, random.NextDouble() / 2, random.Next(3) == 0 ? random.NextDouble() / 2 : 0);
        foreach (var name in names)
        {
            var count = random.Next(12) == 0 ? 0 : random.Next(1, 6);
            var order = Enumerable.Range(0, count).Where(_ => random.Next(8) > 0).ToArray();
            if (random.Next(3) == 0)
                random.Shuffle(order);
            universe.Add(name, count, order);
        }

        Dependency Depend(int nesting)
        {
            var package = universe[names[random.Next(names.Length)]];
            VersionSet Some() => VersionSet.Where(package.Versions.Count, _ => random.NextDouble() > tightness * 0.8);
            return random.NextDouble() is var kind && kind < choices && nesting > 0
                ? new Choice([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Several(random.Next(0, 3), nesting - 1))])
                : kind > 1 - conflicts ? new Prohibition(package, Some())
                : new Requirement(package, Some());
        }

        ImmutableArray<Dependency> Several(int count, int nesting) => [.. Enumerable.Range(0, count).Select(_ => Depend(nesting))];

        foreach (var package in universe.Packages.ToArray())
            for (var version = 0; version < package.Versions.Count; version++)
                universe.Say(package, version, Several(random.Next(0, most + 1), depth),
                    [.. new[] { "red", "blue" }.Where(_ => random.NextDouble() < classes)
                        .Select(name => new ConflictClass(name, random.Next(3) switch { 0 => null, 1 => "x", _ => "y" }))]);
        return (universe, Several(random.Next(1, 4), depth));
    }
}
