using System.Text.RegularExpressions;
using Hillingar.Opam.Diagnostics;
using NuGet.Versioning;

namespace Hillingar.Build.Requests;

/// <summary>
/// Turns what users write as a dependency's version into opam's constraint. NuGet ranges are taken as NuGet means them
/// (https://learn.microsoft.com/nuget/concepts/package-versioning): <c>5.6</c> is a lower bound, <c>[5.6]</c> that version,
/// <c>[5.6,6.0)</c> a range, <c>5.*</c> all that begin with 5. To NuGet 5.6 and 5.6.0 are one version, to opam 5.6 is the older
/// one: bounds are written so that both are inside, or both outside.
/// </summary>
public static partial class VersionText
{
    /// <summary>The opam constraint, such as <c>&gt;= "5.6" &amp; &lt; "6"</c>; empty for any version.</summary>
    /// <param name="text">An opam constraint (the quotes may be left out), a NuGet range, or nothing.</param>
    /// <param name="dependency">Whose version it is, for the error.</param>
    /// <param name="place">Finds where it stands; asked for an error only.</param>
    /// <exception cref="HillingarException">HIL6010: neither the one nor the other.</exception>
    public static string ToOpam(string text, string dependency, Func<Place>? place = null)
    {
        text = text.Trim();
        if (text.Length == 0)
            return "";
        if (text[0] is '=' or '!' or '<' or '>' || (text[0] == '(' && text.AsSpan(1).TrimStart() is [('=' or '!' or '<' or '>'), ..]))
            return Unquoted().Replace(text, "$1 \"$2\"");
        if (!VersionRange.TryParse(text, out var range))
            throw new HillingarException(
                "HIL6010",
                $"'{text}' is no version of '{dependency}'. Write an opam constraint such as >= \"1.6\" & < \"2\" (in XML &gt;= &quot;1.6&quot; &amp; &lt; &quot;2&quot;), or a NuGet range such as [1.6,2.0).",
                place?.Invoke()
            );
        return range.IsFloating ? Floating(range.Float!, dependency, place) : Bounded(range);
    }

    static string Bounded(VersionRange range)
    {
        if (
            range is { HasLowerAndUpperBounds: true, IsMinInclusive: true, IsMaxInclusive: true }
            && range.MinVersion == range.MaxVersion
            && Short(range.MinVersion!) == Long(range.MinVersion!)
        )
            return $"= \"{Short(range.MinVersion!)}\"";
        var lower =
            !range.HasLowerBound ? null
            : range.IsMinInclusive ? $">= \"{Short(range.MinVersion!)}\""
            : $"> \"{Long(range.MinVersion!)}\"";
        var upper =
            !range.HasUpperBound ? null
            : range.IsMaxInclusive ? $"<= \"{Long(range.MaxVersion!)}\""
            : $"< \"{Short(range.MaxVersion!)}\"";
        return string.Join(" & ", new[] { lower, upper }.OfType<string>());
    }

    static string Floating(FloatRange range, string dependency, Func<Place>? place)
    {
        var low = range.MinVersion!;
        return range.FloatBehavior switch
        {
            NuGetVersionFloatBehavior.Major => "",
            NuGetVersionFloatBehavior.Minor => $">= \"{low.Major}\" & < \"{low.Major + 1}\"",
            NuGetVersionFloatBehavior.Patch => $">= \"{Short(low)}\" & < \"{low.Major}.{low.Minor + 1}\"",
            _ => throw new HillingarException(
                "HIL6010",
                $"The floating version '{range}' of '{dependency}' has no meaning in opam. Write 5.*, 5.6.* or a range.",
                place?.Invoke()
            ),
        };
    }

    // As few parts as say it: opam's oldest version among those that are one to NuGet. opam writes a pre-release with '~'.
    static string Short(NuGetVersion version)
    {
        var parts = Numbers(version);
        var count = parts.Length;
        while (count > 1 && parts[count - 1] == 0)
            count--;
        return string.Join('.', parts.Take(count)) + Label(version);
    }

    // Three parts, as most opam versions have that do not have fewer: opam's newest of them.
    static string Long(NuGetVersion version) =>
        string.Join('.', version.Revision > 0 ? Numbers(version) : Numbers(version)[..3]) + Label(version);

    static int[] Numbers(NuGetVersion version) => [version.Major, version.Minor, version.Patch, version.Revision];

    static string Label(NuGetVersion version) => version.IsPrerelease ? "~" + version.Release : "";

    [GeneratedRegex("""(>=|<=|!=|=|<|>)\s*([0-9A-Za-z_][0-9A-Za-z_.+~-]*)""")]
    private static partial Regex Unquoted();
}
