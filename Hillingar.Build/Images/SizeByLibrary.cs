namespace Hillingar.Build;

/// <summary>
/// What each library adds to an image. A symbol owns the bytes up to the next one of its section; a symbol that nothing attributes goes
/// with the one before it, as linkers keep together what one object file brings. What has no symbol, such as relocations, headers and
/// the space between sections, is ELF's own. So the parts make up the whole.
/// </summary>
static class SizeByLibrary
{
    const ulong Allocated = 2, ThreadLocal = 0x400;

    public static IReadOnlyList<LibrarySize> Of(ElfFile elf, ImageLibraries libraries)
    {
        var sizes = new Dictionary<string, ulong>(StringComparer.Ordinal);
        var bySection = elf.Symbols().ToLookup(symbol => symbol.Section);
        var loaded = elf.Loaded.Select(segment => (Start: segment.Address, End: segment.Address + segment.Size)).OrderBy(range => range.Start).ToList();
        ulong from = 0;
        foreach (var (section, number) in elf.Sections.Select((section, number) => (section, number))
            .Where(item => (item.section.Flags & (Allocated | ThreadLocal)) == Allocated && item.section.Size > 0).OrderBy(item => item.section.Address))
        {
            // A section that claims memory that another has, or that is not loaded, gets none of it.
            var range = loaded.Find(range => range.Start <= section.Address && section.Address < range.End);
            var (start, end) = (Math.Max(section.Address, from), Math.Min(range.End, section.Address + Math.Min(section.Size, ulong.MaxValue - section.Address)));
            if (end <= start)
                continue;
            Add(sizes, bySection[number], libraries, start, end);
            from = end;
        }

        var total = loaded.Aggregate(0UL, (sum, range) => sum + (range.End - range.Start));
        var attributed = sizes.Values.Aggregate(0UL, (sum, size) => sum + size);
        if (total > attributed)
            sizes["(ELF)"] = total - attributed;
        return [.. sizes.Select(pair => new LibrarySize(pair.Key, (long)pair.Value)).OrderByDescending(item => item.Size).ThenBy(item => item.Library, StringComparer.Ordinal)];
    }

    static void Add(Dictionary<string, ulong> sizes, IEnumerable<ElfSymbol> symbols, ImageLibraries libraries, ulong start, ulong end)
    {
        string? owner = null;
        var at = start;
        foreach (var place in symbols.Where(symbol => symbol.Address >= start && symbol.Address < end).GroupBy(symbol => symbol.Address).OrderBy(group => group.Key))
        {
            // The end of one module and the beginning of the next have one address.
            var next = place.Where(symbol => !symbol.Name.EndsWith("_end", StringComparison.Ordinal)).DefaultIfEmpty(place.First())
                .Select(libraries.Of).OfType<string>().OrderBy(name => name[0] == '(').FirstOrDefault();
            if (next is null || next == owner)
                continue;
            if (owner is not null)
                sizes[owner] = sizes.GetValueOrDefault(owner) + (place.Key - at);
            (owner, at) = (next, place.Key);
        }

        if (owner is not null)
            sizes[owner] = sizes.GetValueOrDefault(owner) + (end - at);
    }
}
