namespace Hillingar.Solver;

/// <summary>Sets of versions in words.</summary>
static class Ranges
{
    /// <summary>
    /// The set as conditions on the version, such as <c>&lt; 2 or &gt;= 3.1</c>; empty where it holds all that count, and null where it holds none.
    /// Versions that do not count (no candidates) may be in a range or not, whichever is shorter.
    /// </summary>
    public static string? Describe(Package package, VersionSet set, VersionSet counting)
    {
        var versions = package.Versions;
        var runs = new List<(int Low, int High)>();
        var open = false;
        var counted =
            versions.Count == 0
                ? []
                : Enumerable.Range(0, versions.Count).Where(version => counting.Contains(version) || set.Contains(version)).ToList();
        foreach (var version in counted)
        {
            if (!set.Contains(version))
                open = false;
            else if (open)
                runs[^1] = (runs[^1].Low, version);
            else
            {
                runs.Add((version, version));
                open = true;
            }
        }
        if (runs.Count == 0)
            return null;
        if (runs is [var only] && only.Low == counted[0] && only.High == counted[^1])
            return "";
        var texts = runs.ConvertAll(run =>
            run.Low == run.High && (run.Low != counted[0] || run.High == counted[^1]) && run.High != counted[^1] ? $"= {versions[run.Low]}"
            : run.Low == counted[0] ? (run.Low == run.High ? $"= {versions[run.Low]}" : $"<= {versions[run.High]}")
            : run.High == counted[^1] ? $">= {versions[run.Low]}"
            : $"{versions[run.Low]} to {versions[run.High]}"
        );
        return texts.Count <= 4
            ? string.Join(" or ", texts)
            : $"{string.Join(" or ", texts.Take(3))} or {set.Count - texts.Take(3).Count()} others";
    }
}
