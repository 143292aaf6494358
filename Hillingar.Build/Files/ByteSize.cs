using System.Globalization;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Files;

/// <summary>Sizes as people write them: <c>512</c>, <c>64KB</c>, <c>1.5 GB</c>, in powers of 1024.</summary>
public static class ByteSize
{
    static readonly string[] s_units = ["", "KB", "MB", "GB", "TB"];

    /// <summary>The number of bytes.</summary>
    /// <exception cref="HillingarException">HIL6003: this is no size.</exception>
    public static long Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var number = text.TrimEnd().TrimEnd([.. "KMGTBkmgtb"]);
        var unit = Array.FindIndex(
            s_units,
            unit =>
                unit.Equals(
                    text.Trim()[number.TrimStart().Length..].Trim() is var name && name.Equals("B", StringComparison.OrdinalIgnoreCase)
                        ? ""
                        : name,
                    StringComparison.OrdinalIgnoreCase
                )
        );
        return
            unit >= 0
            && decimal.TryParse(
                number,
                NumberStyles.AllowDecimalPoint | NumberStyles.AllowTrailingWhite | NumberStyles.AllowLeadingWhite,
                CultureInfo.InvariantCulture,
                out var value
            )
            && value < long.MaxValue / (decimal)(1L << (10 * unit))
            ? (long)(value * (1L << (10 * unit)))
            : throw new HillingarException(
                "HIL6003",
                $"'{text}' is no size. Write a number of bytes, or one with KB, MB, GB or TB, such as 2GB."
            );
    }

    /// <summary>A size in the largest unit that leaves at least one: <c>1.5 MB</c>.</summary>
    public static string Show(long bytes)
    {
        var unit = 0;
        for (; bytes >> (10 * (unit + 1)) > 0 && unit < s_units.Length - 1; unit++) { }
        return unit == 0
            ? $"{bytes} B"
            : string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << (10 * unit)):0.0} {s_units[unit]}");
    }
}
