namespace Hillingar.Opam.Language;

/// <summary>How far names are apart.</summary>
static class Spelling
{
    /// <summary>The name that is meant, of those that there are; null where none is near.</summary>
    /// <param name="name">What was written.</param>
    /// <param name="known">The names that there are.</param>
    /// <param name="most">How far it may be away; a third of a shorter name at the most.</param>
    public static string? Nearest(string name, IEnumerable<string> known, int most = 2) =>
        known
            .Select(other => (Name: other, Distance: Math.Abs(other.Length - name.Length) <= most ? Distance(name, other) : int.MaxValue))
            .Where(other => other.Distance <= Math.Min(most, Math.Max(1, Math.Min(name.Length, other.Name.Length) / 3)))
            .OrderBy(other => other.Distance)
            .Select(other => other.Name)
            .FirstOrDefault();

    /// <summary>
    /// The number of letters to insert, remove, replace or swap with the next (the optimal string alignment distance), ignoring case; '-'
    /// and '_' are alike.
    /// </summary>
    public static int Distance(string left, string right)
    {
        static char Fold(char c) => c == '_' ? '-' : char.ToLowerInvariant(c);
        var rows = new int[3][];
        for (var i = 0; i < 3; i++)
            rows[i] = new int[right.Length + 1];
        for (var j = 0; j <= right.Length; j++)
            rows[0][j] = j;
        for (var i = 1; i <= left.Length; i++)
        {
            var (row, above, before) = (rows[i % 3], rows[(i + 2) % 3], rows[(i + 1) % 3]);
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var same = Fold(left[i - 1]) == Fold(right[j - 1]);
                row[j] = Math.Min(Math.Min(row[j - 1], above[j]) + 1, above[j - 1] + (same ? 0 : 1));
                if (i > 1 && j > 1 && Fold(left[i - 1]) == Fold(right[j - 2]) && Fold(left[i - 2]) == Fold(right[j - 1]))
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
            }
        }
        return rows[left.Length % 3][right.Length];
    }
}
