using System.Collections.Immutable;
using System.Text;
using Hillingar.Solver;

namespace Hillingar.Tests;

/// <summary>A universe in memory. Its packages are named by letters, their versions by numbers.</summary>
sealed class ToyUniverse : IUniverse
{
    readonly Dictionary<string, Package> packages = [];
    readonly Dictionary<Package, ImmutableArray<int>> candidates = [];
    readonly Dictionary<(Package, int), (ImmutableArray<Dependency> Dependencies, ImmutableArray<ConflictClass> Classes)> said = [];

    public IEnumerable<Package> Packages => packages.Values;

    /// <summary>The package of that name, without versions where it was not added.</summary>
    public Package this[string name] => packages.TryGetValue(name, out var package) ? package : Add(name);

    /// <summary>Adds a package with its versions, oldest first; all are candidates, the newest first, unless others are given.</summary>
    public Package Add(string name, int versions = 0, IEnumerable<int>? order = null)
    {
        var package = packages[name] = new(name, [.. Enumerable.Range(1, versions).Select(version => version.ToString())]);
        candidates[package] = [.. order ?? Enumerable.Range(0, versions).Reverse()];
        return package;
    }

    public void Say(Package package, int version, ImmutableArray<Dependency> dependencies, params ConflictClass[] classes) =>
        said[(package, version)] = (dependencies, [.. classes]);

    public ImmutableArray<int> Candidates(Package package) => candidates[package];

    public ImmutableArray<Dependency> Dependencies(Package package, int version) =>
        said.TryGetValue((package, version), out var all) ? all.Dependencies : [];

    public ImmutableArray<ConflictClass> Classes(Package package, int version) =>
        said.TryGetValue((package, version), out var all) ? all.Classes : [];

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var package in packages.Values)
        {
            text.AppendLine($"{package}: {string.Join(' ', candidates[package])}");
            foreach (var version in candidates[package])
                text.AppendLine($"  {package}.{version} -> {Print(Dependencies(package, version))} {string.Join(' ', Classes(package, version))}");
        }
        return text.ToString();
    }

    public static string Print(IEnumerable<Dependency> dependencies) => string.Join(" & ", dependencies.Select(dependency => dependency switch
    {
        Requirement needed => $"{needed.Package}{needed.Allowed}",
        Prohibition other => $"!{other.Package}{other.Forbidden}",
        Choice choice => $"({string.Join(" | ", choice.Alternatives.Select(alternative => Print(alternative)))})",
        _ => "?",
    }));
}
