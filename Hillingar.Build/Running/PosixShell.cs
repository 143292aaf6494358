namespace Hillingar.Build.Running;

/// <summary>Values as a POSIX shell takes them.</summary>
static class PosixShell
{
    /// <summary>A word that a shell takes as it is.</summary>
    public static string Quote(string word) => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    /// <summary>A command, each of its words as it is.</summary>
    public static string Line(IEnumerable<string> words) =>
        string.Join(' ', words.Select(word => word.Length > 0 && word.All(IsPlain) ? word : Quote(word)));

    static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/' or ':' or '=' or ',' or '+';
}

/// <summary>A value in a script: a word of its own, and within one of qemu's lists of options, where a comma is doubled.</summary>
readonly record struct ShellValue(string Word, string InList)
{
    /// <summary>A value that is known.</summary>
    public static ShellValue Of(string value) =>
        new(PosixShell.Quote(value), PosixShell.Quote(value.Replace(",", ",,", StringComparison.Ordinal)));

    /// <summary>What a variable will hold; the script has <see cref="Commas"/>.</summary>
    public static ShellValue OfVariable(string name) => new($"\"${name}\"", $"\"$(commas \"${name}\")\"");

    /// <summary>The function that doubles commas.</summary>
    public const string Commas = "commas() { printf %s \"$1\" | sed 's/,/,,/g'; }\n";
}
