using System.Globalization;
using System.Text;
using Hillingar.Build.Files;
using Hillingar.Build.Images;

namespace Hillingar.Build.Graphs;

/// <summary>What an image is made of, by size in memory: a pie in Mermaid, bars in DOT.</summary>
public static class ImagePicture
{
    // More slices than this nobody tells apart; the rest is one.
    const int Most = 15;

    // The longest bar, in points.
    const int Longest = 320;

    // Narrower is no cell for Graphviz.
    const int Shortest = 2;

    /// <summary>As Mermaid (https://mermaid.js.org/syntax/pie.html).</summary>
    public static string Mermaid(ImageFile image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var text = new StringBuilder($"pie showData title {Plain(image.Name)}: {ByteSize.Show(image.LoadedSize)} in memory\n");
        foreach (var (name, size) in Parts(image))
            text.Append(CultureInfo.InvariantCulture, $"  \"{Plain(name)}\" : {size}\n");
        return text.ToString();
    }

    /// <summary>As DOT: a bar for each part, as long as its share. It is one table, which Graphviz measures, so no text lies over another.</summary>
    public static string Dot(ImageFile image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var parts = Parts(image).ToList();
        var largest = parts.Select(part => part.Size).DefaultIfEmpty(1).Max();
        var text = new StringBuilder(
            $"graph {Quote(image.Name)} {{\n  fontname=\"Helvetica\";\n  label={Quote($"{image.Name}: {ByteSize.Show(image.LoadedSize)} in memory")};\n  labelloc=t;\n  parts [shape=plain, fontname=\"Helvetica\", fontsize=10, label=<\n    <TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLSPACING=\"2\">\n"
        );
        foreach (var (name, size) in parts)
        {
            var width = Math.Max(Shortest, Longest * size / largest);
            text.Append(
                CultureInfo.InvariantCulture,
                $"      <TR><TD ALIGN=\"RIGHT\">{Html(name)}</TD><TD><TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLSPACING=\"0\" CELLPADDING=\"0\"><TR><TD FIXEDSIZE=\"TRUE\" WIDTH=\"{width}\" HEIGHT=\"12\" BORDER=\"1\" COLOR=\"#64748b\" BGCOLOR=\"#93c5fd\"></TD><TD FIXEDSIZE=\"TRUE\" WIDTH=\"{Longest + Shortest - width}\" HEIGHT=\"12\"></TD></TR></TABLE></TD><TD ALIGN=\"RIGHT\">{ByteSize.Show(size)}</TD><TD ALIGN=\"RIGHT\">{100.0 * size / image.LoadedSize:0.0} %</TD></TR>\n"
            );
        }

        return text.Append("    </TABLE>>];\n}\n").ToString();
    }

    /// <summary>The parts; their sum is the loaded size.</summary>
    static IEnumerable<(string Name, long Size)> Parts(ImageFile image)
    {
        var parts = image.Libraries.Where(library => library.Size > 0).ToList();
        return parts.Count <= Most
            ? parts.Select(part => (part.Library, part.Size))
            : parts
                .Take(Most - 1)
                .Select(part => (part.Library, part.Size))
                .Append(($"{parts.Count - Most + 1} others", parts.Skip(Most - 1).Sum(part => part.Size)));
    }

    static string Plain(string text) => text.Replace('"', '\'').Replace('\n', ' ');

    static string Html(string text) => System.Net.WebUtility.HtmlEncode(Plain(text));

    static string Quote(string text) => $"\"{text.Replace("\"", "\\\"")}\"";
}
