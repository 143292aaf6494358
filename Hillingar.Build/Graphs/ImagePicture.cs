using System.Globalization;
using System.Text;
using Hillingar.Build.Files;
using Hillingar.Build.Images;

namespace Hillingar.Build.Graphs;

/// <summary>What an image is made of, by size in memory: a pie in Mermaid, a map of areas in DOT (Graphviz's patchwork).</summary>
public static class ImagePicture
{
    // More slices than this nobody tells apart; the rest is one.
    const int Most = 15;

    /// <summary>As Mermaid (https://mermaid.js.org/syntax/pie.html).</summary>
    public static string Mermaid(ImageFile image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var text = new StringBuilder($"pie showData title {Plain(image.Name)}: {ByteSize.Show(image.LoadedSize)} in memory\n");
        foreach (var (name, size) in Parts(image))
            text.Append(CultureInfo.InvariantCulture, $"  \"{Plain(name)}\" : {size}\n");
        return text.ToString();
    }

    /// <summary>As DOT: the area of each box is its share.</summary>
    public static string Dot(ImageFile image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var text = new StringBuilder($"graph {Quote(image.Name)} {{\n  layout=patchwork;\n  label={Quote($"{image.Name}: {ByteSize.Show(image.LoadedSize)} in memory")};\n  node [style=filled, fillcolor=\"#dbeafe\", color=\"#64748b\", fontname=\"Helvetica\"];\n");
        // Patchwork's areas are in its own unit: a hundred in all gives a picture that fits a page.
        foreach (var (name, size) in Parts(image))
            text.Append(CultureInfo.InvariantCulture, $"  {Quote(name)} [label={Quote($"{name}\\n{ByteSize.Show(size)}")}, area={100.0 * size / image.LoadedSize:0.###}, tooltip=\"{size}\"];\n");
        return text.Append("}\n").ToString();
    }

    /// <summary>The parts; their sum is the loaded size.</summary>
    static IEnumerable<(string Name, long Size)> Parts(ImageFile image)
    {
        var parts = image.Libraries.Where(library => library.Size > 0).ToList();
        return parts.Count <= Most ? parts.Select(part => (part.Library, part.Size))
            : parts.Take(Most - 1).Select(part => (part.Library, part.Size)).Append(($"{parts.Count - Most + 1} others", parts.Skip(Most - 1).Sum(part => part.Size)));
    }

    static string Plain(string text) => text.Replace('"', '\'').Replace('\n', ' ');

    static string Quote(string text) => $"\"{text.Replace("\"", "\\\"")}\"";
}
