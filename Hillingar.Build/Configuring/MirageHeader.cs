using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;
using Hillingar.Opam.Syntax;

namespace Hillingar.Build.Configuring;

/// <summary>
/// The comment that a <c>config.ml</c> may begin with, which says the versions of mirage that it is written for:
/// <c>(* mirage &gt;= 4.4.0 &amp; &lt; 4.11.0 *)</c>. mirage reads it as it is read here (<c>functoria/tool.ml</c>).
/// </summary>
/// <param name="Lower">The oldest version; null for any.</param>
/// <param name="Upper">The version that is too new; null for none.</param>
/// <param name="Place">Where it stands.</param>
sealed record MirageHeader(string? Lower, string? Upper, Place Place)
{
    const string Start = "(* mirage ";

    /// <summary>The versions as opam writes them, such as <c>&gt;= "4.4.0" &amp; &lt; "4.11.0"</c>; empty for all.</summary>
    public string Constraint =>
        string.Join(" & ", new[] { Lower is null ? null : $">= \"{Lower}\"", Upper is null ? null : $"< \"{Upper}\"" }.OfType<string>());

    /// <summary>The dependency on mirage that it is.</summary>
    public Value Dependency => Document.ParseValue(Constraint.Length == 0 ? "\"mirage\"" : $"\"mirage\" {{{Constraint}}}");

    /// <summary>Whether a version of mirage is one of those.</summary>
    public bool Holds(OpamVersion version) =>
        (Lower is null || version >= new OpamVersion(Lower)) && (Upper is null || version < new OpamVersion(Upper));

    /// <summary>Reads it; null where the file does not begin with one.</summary>
    /// <param name="file">The <c>config.ml</c>.</param>
    /// <exception cref="HillingarException">HIL5075: mirage would refuse it. HIL5076: it is for mirage 3.</exception>
    public static MirageHeader? Read(string file)
    {
        using var reader = new StreamReader(file);
        var line = (reader.ReadLine() ?? "").TrimEnd();
        if (!line.StartsWith(Start, StringComparison.Ordinal))
            return null;
        var bounds = new Dictionary<string, string>();
        string? bound = null;
        var at = Start.Length;
        foreach (var word in line[Start.Length..].Split(' '))
        {
            var place = new Place(file, 1, at + 1);
            at += word.Length + 1;
            if (bound is not null)
                // Nothing else is a version to mirage.
                bounds[bound] =
                    word.Length > 0
                    && word.All(letter => char.IsAsciiDigit(letter) || letter == '.')
                    && char.IsAsciiDigit(word[0])
                    && OpamVersion.IsValid(word)
                        ? word
                        : throw Malformed(place, $"'{word}' is no version");
            if (bound is not null || word is "" or "&")
                bound = null;
            else if (word is ">=" or "<")
                bound = !bounds.ContainsKey(word) ? word : throw Malformed(place, $"'{word}' is there twice");
            else if (word == "*)")
                return Checked(
                    new(
                        bounds.GetValueOrDefault(">="),
                        bounds.GetValueOrDefault("<"),
                        new Place(file, 1, Start.IndexOf('m', StringComparison.Ordinal) + 1)
                    )
                );
            else
                throw Malformed(place, $"'{word}' is not understood");
        }

        throw Malformed(
            new Place(file, 1, line.Length + 1),
            bound is null ? "it does not end in this line" : $"no version follows '{bound}'"
        );
    }

    static MirageHeader Checked(MirageHeader header) =>
        header.Upper is not { } upper || new OpamVersion(upper) > new OpamVersion("4.0.0")
            ? header
            : throw Old($"It asks for mirage {header.Constraint}", header.Place);

    /// <summary>That a project is one of mirage 3.</summary>
    /// <param name="why">What says so.</param>
    /// <param name="place">Where it does.</param>
    public static HillingarException Old(string why, Place place) =>
        new(
            "HIL5076",
            $"{why}, and only mirage 4 is supported, which locks and builds in another way than mirage 3 did. Change the project as https://mirage.io/docs/mirage-4 says, then this constraint.",
            place
        );

    static HillingarException Malformed(Place place, string what) =>
        new(
            "HIL5075",
            $"The comment on the first line says which mirage the file is for, and cannot be read: {what}. Write it as mirage reads it: (* mirage >= 4.4.0 & < 4.11.0 *), with spaces between the words; or take it away.",
            place
        );
}
