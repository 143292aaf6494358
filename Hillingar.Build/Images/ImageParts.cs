namespace Hillingar.Build.Images;

/// <summary>
/// What each symbol and each library adds to an image. A symbol owns the bytes up to the next one of its section; a symbol that nothing
/// attributes goes with the one before it, as linkers keep together what one object file brings. What has no symbol, such as relocations,
/// headers and the space between sections, is ELF's own. So the parts make up the whole.
/// </summary>
static class ImageParts
{
    const ulong Allocated = 2,
        ThreadLocal = 0x400;

    readonly record struct Part(string Symbol, string? Library, ulong Size);

    /// <summary>The libraries, the largest first, and the largest symbols.</summary>
    /// <param name="elf">The image.</param>
    /// <param name="libraries">Which library defines what.</param>
    /// <param name="most">How many symbols.</param>
    public static (IReadOnlyList<LibrarySize> Libraries, IReadOnlyList<SymbolSize> Symbols) Of(
        ElfFile elf,
        ImageLibraries libraries,
        int most
    )
    {
        var parts = Parts(elf, libraries).ToList();
        var sizes = parts
            .Where(part => part.Library is not null)
            .GroupBy(part => part.Library!)
            .ToDictionary(group => group.Key, group => group.Aggregate(0UL, (sum, part) => sum + part.Size), StringComparer.Ordinal);
        var total = elf.Loaded.Aggregate(0UL, (sum, segment) => sum + segment.Size);
        var attributed = sizes.Values.Aggregate(0UL, (sum, size) => sum + size);
        if (total > attributed)
            sizes["(ELF)"] = total - attributed;
        return (
            [
                .. sizes
                    .Select(pair => new LibrarySize(pair.Key, (long)pair.Value))
                    .OrderByDescending(item => item.Size)
                    .ThenBy(item => item.Library, StringComparer.Ordinal),
            ],
            [
                .. parts
                    .OrderByDescending(part => part.Size)
                    .ThenBy(part => part.Symbol, StringComparer.Ordinal)
                    .Take(most)
                    .Select(part => new SymbolSize(part.Symbol, part.Library ?? "(ELF)", (long)part.Size)),
            ]
        );
    }

    static IEnumerable<Part> Parts(ElfFile elf, ImageLibraries libraries)
    {
        var bySection = elf.Symbols().ToLookup(symbol => symbol.Section);
        var loaded = elf
            .Loaded.Select(segment => (Start: segment.Address, End: segment.Address + segment.Size))
            .OrderBy(range => range.Start)
            .ToList();
        ulong from = 0;
        foreach (
            var (section, number) in elf
                .Sections.Select((section, number) => (section, number))
                .Where(item => (item.section.Flags & (Allocated | ThreadLocal)) == Allocated && item.section.Size > 0)
                .OrderBy(item => item.section.Address)
        )
        {
            // A section that claims memory that another has, or that is not loaded, gets none of it.
            var range = loaded.Find(range => range.Start <= section.Address && section.Address < range.End);
            var (start, end) = (
                Math.Max(section.Address, from),
                Math.Min(range.End, section.Address + Math.Min(section.Size, ulong.MaxValue - section.Address))
            );
            if (end <= start)
                continue;
            foreach (var part in Parts(bySection[number], libraries, start, end))
                yield return part;
            from = end;
        }
    }

    static IEnumerable<Part> Parts(IEnumerable<ElfSymbol> symbols, ImageLibraries libraries, ulong start, ulong end)
    {
        string? owner = null;
        var places = symbols
            .Where(symbol => symbol.Address >= start && symbol.Address < end)
            .GroupBy(symbol => symbol.Address)
            .OrderBy(group => group.Key)
            .ToList();
        for (var at = 0; at < places.Count; at++)
        {
            var place = places[at];
            // The end of one module and the beginning of the next have one address.
            var (library, name) = place
                .Where(symbol => !symbol.Name.EndsWith("_end", StringComparison.Ordinal))
                .DefaultIfEmpty(place.First())
                .Select(symbol => (Library: libraries.Of(symbol), symbol.Name))
                .OrderBy(item =>
                    item.Library is null ? 2
                    : item.Library[0] == '(' ? 1
                    : 0
                )
                .First();
            owner = library ?? owner;
            yield return new(name, owner, (at + 1 < places.Count ? places[at + 1].Key : end) - place.Key);
        }
    }
}
