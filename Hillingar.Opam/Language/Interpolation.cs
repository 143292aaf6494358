using System.Text;

namespace Hillingar.Opam.Language;

/// <summary><c>%{variable}%</c> in strings (<c>opamFilter.ml</c>, <c>expand_string</c>).</summary>
public static class Interpolation
{
    /// <summary>A text with its variables replaced; an undefined one leaves nothing.</summary>
    /// <param name="variables">The variables.</param>
    /// <param name="text">The text.</param>
    public static string Expand(this IVariables variables, string text) => Expand(text, variables, "")!;

    /// <summary>A text that expands to the given one.</summary>
    internal static string Escape(string text) => text.Replace("%", "%%", StringComparison.Ordinal);

    /// <summary>The text with its variables replaced; an undefined one by <paramref name="undefined"/>, or null if that is null.</summary>
    internal static string? Expand(string text, IVariables variables, string? undefined) =>
        !text.Contains('%')
            ? text
            : Expand(
                text,
                ident =>
                    Filter.Ident.TryParse(ident, interpolated: true) is { } name
                    && name.Resolve(variables, keepUndefined: false) is { } value
                        ? value.ToString()
                        : undefined
            );

    /// <summary>The text with those of its variables replaced that are defined, and still to be expanded.</summary>
    internal static string ExpandPartly(string text, IVariables variables) =>
        !text.Contains('%')
            ? text
            : Expand(
                text,
                ident =>
                    Filter.Ident.TryParse(ident, interpolated: true) is { } name
                    && name.Resolve(variables, keepUndefined: true) is { } value
                        ? value.IsBool
                            ? value.ToString()
                            : Escape(value.ToString())
                        : $"%{{{ident}}}%",
                keepEscapes: true
            )!;

    static string? Expand(string text, Func<string, string?> value, bool keepEscapes = false)
    {
        var start = text.IndexOf('%', StringComparison.Ordinal);
        var result = new StringBuilder(text.Length);
        var copied = 0;
        for (var i = start; i >= 0 && i < text.Length - 1; i = i < text.Length ? text.IndexOf('%', i) : -1)
        {
            if (text[i + 1] == '%')
            {
                result.Append(text, copied, i - copied).Append(keepEscapes ? "%%" : "%");
                copied = i += 2;
            }
            else if (text[i + 1] == '{')
            {
                var end = End(text, i + 2);
                if (string.CompareOrdinal(text, end, "}%", 0, 2) == 0)
                {
                    if (value(text[(i + 2)..end]) is not { } replacement)
                        return null;
                    result.Append(text, copied, i - copied).Append(replacement);
                    copied = i = end + 2;
                }
                else
                    i = end;
            }
            else
                i++;
        }
        return result.Append(text, copied, text.Length - copied).ToString();
    }

    // A name goes on to "}%" or the line's end; a '}' alone takes the character after it along.
    static int End(string text, int i)
    {
        while (i < text.Length && text[i] != '\n')
            if (text[i] != '}' || i + 1 == text.Length)
                i++;
            else if (text[i + 1] is '%' or '\n')
                break;
            else
                i += 2;
        return i;
    }
}
