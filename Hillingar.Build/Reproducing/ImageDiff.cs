using Hillingar.Build.Images;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Reproducing;

/// <summary>Compares two images, section by section where they are ELF files.</summary>
static class ImageDiff
{
    /// <summary>Where two files differ; nothing where they are the same.</summary>
    /// <exception cref="HillingarException">HIL5031: one is a damaged ELF file.</exception>
    public static IReadOnlyList<ImageDifference> Of(string first, string second)
    {
        var (left, right) = (File.ReadAllBytes(first), File.ReadAllBytes(second));
        if (left.AsSpan().SequenceEqual(right))
            return [];
        var differences = IsElf(left) && IsElf(right) ? Sections(left, first, right, second) : [];
        // Headers and padding belong to no section. Where debug information moved, so did they.
        return differences.Count > 0 ? differences : [new("file", left.AsSpan().CommonPrefixLength(right), left.Length, right.Length)];
    }

    static List<ImageDifference> Sections(byte[] left, string first, byte[] right, string second)
    {
        var (before, after) = (Contents(left, first), Contents(right, second));
        var differences = new List<ImageDifference>();
        foreach (var name in before.Keys.Union(after.Keys))
            if (!before.TryGetValue(name, out var old))
                differences.Add(new(name, 0, null, after[name].Length));
            else if (!after.TryGetValue(name, out var made))
                differences.Add(new(name, 0, old.Length, null));
            else if (!old.Span.SequenceEqual(made.Span))
                differences.Add(new(name, old.Span.CommonPrefixLength(made.Span), old.Length, made.Length));
        return differences;
    }

    static Dictionary<string, ReadOnlyMemory<byte>> Contents(byte[] data, string path)
    {
        var elf = new ElfFile(data, path);
        var contents = new Dictionary<string, ReadOnlyMemory<byte>>();
        foreach (var (name, section) in elf.NamedSections())
        {
            // Several sections may have one name.
            var key = name;
            for (var number = 2; contents.ContainsKey(key); number++)
                key = $"{name} ({number})";
            contents[key] =
                section.Type == ElfFile.NoBits
                    ? BitConverter.GetBytes(section.Size)
                    : data.AsMemory((int)section.Offset, (int)section.Size);
        }
        return contents;
    }

    static bool IsElf(byte[] data) => data.AsSpan().StartsWith("\u007fELF"u8);
}
