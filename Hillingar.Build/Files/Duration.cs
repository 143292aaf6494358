using System.Globalization;
using System.Text.RegularExpressions;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Files;

/// <summary>Times as people write them: <c>30d</c>, <c>12h</c>, <c>2w</c>, <c>90s</c>, or as .NET does: <c>1.12:00:00</c>.</summary>
public static partial class Duration
{
    /// <summary>The time.</summary>
    /// <exception cref="HillingarException">HIL7007: this is none.</exception>
    public static TimeSpan Parse(string text) =>
        TryParse(text)
        ?? throw new HillingarException(
            "HIL7007",
            $"'{text}' is no time. Write a number with s, m (minutes), h, d or w, such as 30d, or d.hh:mm:ss."
        );

    /// <summary>The time; null where this is none.</summary>
    public static TimeSpan? TryParse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        // TimeSpan takes a bare number for days; nobody who writes 30 says what of.
        if (
            Parts().Match(text.Trim()) is { Success: true } match
            && int.TryParse(match.Groups["number"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        )
            return match.Groups["unit"].Value.ToLowerInvariant() switch
            {
                "s" => TimeSpan.FromSeconds(number),
                "m" => TimeSpan.FromMinutes(number),
                "h" => TimeSpan.FromHours(number),
                "d" => TimeSpan.FromDays(number),
                _ => TimeSpan.FromDays(7L * number),
            };
        return text.Contains(':') && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) && span >= TimeSpan.Zero
            ? span
            : null;
    }

    /// <summary>The time as a person would write it.</summary>
    public static string Show(TimeSpan time) =>
        time switch
        {
            { Ticks: < TimeSpan.TicksPerMinute * 2 } => $"{time.TotalSeconds.ToString("0.##", CultureInfo.InvariantCulture)} s",
            { Seconds: 0, Ticks: < TimeSpan.TicksPerHour * 2 } => $"{(int)time.TotalMinutes} min",
            _ => time.ToString("c", CultureInfo.InvariantCulture),
        };

    [GeneratedRegex("^(?<number>[0-9]{1,9})\\s*(?<unit>[smhdw])\\z", RegexOptions.IgnoreCase)]
    private static partial Regex Parts();
}
