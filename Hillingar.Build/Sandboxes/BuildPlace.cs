namespace Hillingar.Build.Sandboxes;

/// <summary>A folder that a tool builds in.</summary>
/// <param name="Root">The folder.</param>
/// <param name="Writable">The folders in it that may be written, relative to it; empty for all of it.</param>
sealed record BuildPlace(string Root, IReadOnlyList<string> Writable)
{
    /// <summary>Where tools in a sandbox see it: the same path on every machine and for every user, so that what they write is the same too.</summary>
    public const string Point = "/build";

    /// <summary>Whether tools see it at <see cref="Point"/>.</summary>
    public bool IsShut { get; init; }

    /// <summary>The folder as tools see it.</summary>
    public string Seen => IsShut ? Point : Root;

    /// <summary>A text of theirs with the paths of this machine.</summary>
    /// <param name="text">The text.</param>
    public string Here(string text) => IsShut && text.Contains(Point, StringComparison.Ordinal) ? Places(text) : text;

    // "/build" where a path begins, and where it ends or goes on below.
    string Places(string text)
    {
        var result = new System.Text.StringBuilder();
        var from = 0;
        for (var at = text.IndexOf(Point, StringComparison.Ordinal); at >= 0; at = text.IndexOf(Point, at + 1, StringComparison.Ordinal))
        {
            var begins = at == 0 || !(char.IsLetterOrDigit(text[at - 1]) || text[at - 1] is '/' or '.' or '-' or '_');
            var next = at + Point.Length;
            var ends = next == text.Length || !(char.IsLetterOrDigit(text[next]) || text[next] is '.' or '-' or '_');
            if (!begins || !ends)
                continue;
            result.Append(text, from, at - from).Append(Root);
            from = next;
        }

        return result.Append(text, from, text.Length - from).ToString();
    }
}
