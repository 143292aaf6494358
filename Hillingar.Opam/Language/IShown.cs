using System.Text;

namespace Hillingar.Opam.Language;

/// <summary>
/// What is shown as a part of something longer: all of it is written into one text, as repositories have formulas by the ten thousand.
/// </summary>
interface IShown
{
    // Longer ones are not kept.
    private const int MostKept = 4096;

    [ThreadStatic]
    private static StringBuilder? s_text;

    /// <summary>Writes it at the end of a text.</summary>
    void Show(StringBuilder text);

    /// <summary>It alone.</summary>
    static string Text(IShown shown)
    {
        var text = s_text ?? new StringBuilder(256);
        // Whoever shows something meanwhile takes another.
        s_text = null;
        shown.Show(text);
        var all = text.ToString();
        if (text.Capacity <= MostKept)
            s_text = text.Clear();
        return all;
    }
}
