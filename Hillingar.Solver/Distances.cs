namespace Hillingar.Solver;

/// <summary>How far from what the user asks for the packages are that a search looked at.</summary>
static class Distances
{
    /// <summary>The packages, with the least number of steps from the root to each.</summary>
    public static Dictionary<Package, int> From(Role root)
    {
        var distances = new Dictionary<Package, int>();
        var seen = new HashSet<Role> { root };
        for (var (front, distance) = (new List<Role> { root }, 0); front.Count > 0; distance++)
        {
            // A choice is no step of its own.
            for (var i = 0; i < front.Count; i++)
                if (front[i] is ChoiceRole choice)
                    front.AddRange(choice.Targets.Where(seen.Add));
            var packages = front.OfType<PackageRole>().ToList();
            foreach (var role in packages)
                distances.Add(role.Package, distance);
            front = [.. packages.SelectMany(role => role.Targets).Where(seen.Add)];
        }
        return distances;
    }
}
