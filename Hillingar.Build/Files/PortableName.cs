using System.Buffers;
using System.Globalization;
using System.Text;

namespace Hillingar.Build.Files;

/// <summary>Names of files: those that every system can have, and those that this one can.</summary>
static class PortableName
{
    const int MaxLength = 255;

    // https://learn.microsoft.com/windows/win32/fileio/naming-a-file
    static readonly HashSet<string> s_devices = new(
        ["CON", "PRN", "AUX", "NUL", .. Enumerable.Range(1, 9).SelectMany(n => new[] { $"COM{n}", $"LPT{n}" })],
        StringComparer.OrdinalIgnoreCase
    );

    static readonly SearchValues<char> s_illegal = SearchValues.Create("<>:\"|?*\\");

    /// <summary>What keeps one part of a path from being a name on every system, or null when nothing does.</summary>
    public static string? Fault(string part) =>
        FaultOnWindows(part)
        // Systems compose and decompose names on their own, so two such names may be one file there, and one not be found again.
        ?? (
            part.Any(c => char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark)
                ? "its name holds a combining character; write it composed (NFC)"
                : null
        );

    /// <summary>What keeps one part of a path from being a name on a system, or null when nothing does.</summary>
    /// <param name="part">The part.</param>
    /// <param name="windows">Whether that is Windows.</param>
    public static string? FaultOn(string part, bool windows) =>
        windows ? FaultOnWindows(part)
        // Nobody means these, and lists and logs are by lines.
        : part.Any(char.IsControl) ? "its name holds a control character"
        // Elsewhere it is one name; there it leads out.
        : part.Contains('\\') && part.Split('\\').Contains("..") ? "on Windows its name leads out of the folder"
        : TooLong(Encoding.UTF8.GetByteCount(part));

    /// <summary>Whether a relative path, with <c>/</c> between its parts, stays inside and can be had on a system.</summary>
    /// <param name="path">The path.</param>
    /// <param name="windows">Whether that is Windows.</param>
    public static bool IsInside(string path, bool windows) =>
        path.Split('/').All(part => part.Length > 0 && part is not (".." or ".") && FaultOn(part, windows) is null);

    /// <summary>Whether a relative path, with <c>/</c> between its parts, stays inside and can be had everywhere.</summary>
    public static bool IsInside(string path) =>
        path.Split('/').All(part => part.Length > 0 && part is not (".." or ".") && Fault(part) is null);

    static string? FaultOnWindows(string part) =>
        part.AsSpan().IndexOfAny(s_illegal) is var at and >= 0 ? $"'{part[at]}' in a name is illegal on Windows"
        : part.Any(char.IsControl) ? "its name holds a control character"
        : part[^1] is '.' or ' ' ? "a name that ends in a dot or a space is illegal on Windows"
        : s_devices.Contains(part.Split('.')[0].TrimEnd(' ')) ? $"'{part}' is a device on Windows"
        : TooLong(part.Length);

    static string? TooLong(int length) => length > MaxLength ? $"its name is longer than the {MaxLength} that systems have" : null;
}
