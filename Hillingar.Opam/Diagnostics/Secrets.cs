using System.Text.RegularExpressions;

namespace Hillingar.Opam.Diagnostics;

/// <summary>Takes passwords and tokens out of text, wherever addresses stand in it.</summary>
static partial class Secrets
{
    /// <summary>The text, whose addresses have no user and no password any more, and no token in what follows <c>?</c>.</summary>
    public static string Hide(string text)
    {
        text = HideUsers(text);
        return text.Contains('=', StringComparison.Ordinal) ? Token().Replace(text, "…") : text;
    }

    /// <summary>
    /// The text, whose addresses have no user and no password any more. The user alone of <c>ssh</c>, which cannot do without, stays.
    /// </summary>
    public static string HideUsers(string text) =>
        !text.Contains("://", StringComparison.Ordinal)
            ? text
            : User()
                .Replace(
                    text,
                    match =>
                        match.Groups["scheme"].Value.EndsWith("ssh", StringComparison.OrdinalIgnoreCase)
                        && match.Groups["user"].Value.Split(':')[0] is { Length: > 0 } user
                            ? $"{user}@"
                            : ""
                );

    // Up to the last '@' before the path: what follows the first one may be the rest of a password.
    [GeneratedRegex(@"(?<=(?<scheme>[A-Za-z][A-Za-z0-9+.-]*)://)(?<user>[^/?#\s]*)@")]
    private static partial Regex User();

    [GeneratedRegex(
        @"(?<=[?&](?:[\w-]*(?:token|secret|passw(?:or)?d|signature|credential|api[_-]?key|access[_-]?key)|sig|key|pat)=)[^&#\s'"")\]]+",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    )]
    private static partial Regex Token();
}
