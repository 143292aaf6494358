namespace Hillingar.Build.Files;

/// <summary>Paths that files of strangers name, as text.</summary>
static class PathBelow
{
    /// <summary>The path that a folder's file means by another, without <c>.</c> and <c>..</c>, or null when it leads out. Some packages do install to <c>../other</c>.</summary>
    /// <param name="folder">The folder, below the root; empty for the root itself.</param>
    /// <param name="path">The path as it is written.</param>
    public static string? Inside(string folder, string path)
    {
        if (path.Length == 0 || path.StartsWith('/') || path.Contains('\0') || path.Contains('\\'))
            return null;
        var parts = new List<string>();
        foreach (var part in $"{folder}/{path}".Split('/'))
            if (part == ".." && parts.Count == 0)
                return null;
            else if (part == "..")
                parts.RemoveAt(parts.Count - 1);
            else if (part is not ("" or "."))
                parts.Add(part);
        return parts.Count == 0 ? null : string.Join('/', parts);
    }
}
