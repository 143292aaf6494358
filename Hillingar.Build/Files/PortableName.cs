using System.Buffers;
using System.Globalization;

namespace Hillingar.Build;

/// <summary>Names of files that every system we restore on can have.</summary>
static class PortableName
{
    // https://learn.microsoft.com/windows/win32/fileio/naming-a-file
    static readonly HashSet<string> s_devices = new(
        ["CON", "PRN", "AUX", "NUL", .. Enumerable.Range(1, 9).SelectMany(n => new[] { $"COM{n}", $"LPT{n}" })],
        StringComparer.OrdinalIgnoreCase);

    static readonly SearchValues<char> s_illegal = SearchValues.Create("<>:\"|?*\\");

    /// <summary>What is wrong with one part of a path, or null when nothing is.</summary>
    public static string? Fault(string part) =>
        part.AsSpan().IndexOfAny(s_illegal) is var at and >= 0 ? $"'{part[at]}' in a name is illegal on Windows"
        // Systems compose and decompose names on their own, so two such names may be one file there, and one not be found again.
        : part.Any(c => char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark) ? "its name holds a combining character; write it composed (NFC)"
        : part.Any(char.IsControl) ? "its name holds a control character"
        : part[^1] is '.' or ' ' ? "a name that ends in a dot or a space is illegal on Windows"
        : s_devices.Contains(part.Split('.')[0]) ? $"'{part}' is a device on Windows"
        : null;

    /// <summary>Whether a relative path, with <c>/</c> between its parts, stays inside and can be had everywhere.</summary>
    public static bool IsInside(string path) => path.Split('/').All(part => part.Length > 0 && part is not (".." or ".") && Fault(part) is null);
}
