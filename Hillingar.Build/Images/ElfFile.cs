using System.Buffers.Binary;
using System.Text;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Images;

/// <summary>A program header: something that is loaded, or a note.</summary>
readonly record struct ElfSegment(uint Type, ulong Offset, ulong FileSize, ulong Address, ulong Size, string Access);

/// <summary>A section header.</summary>
readonly record struct ElfSection(uint Name, uint Type, ulong Flags, ulong Address, ulong Offset, ulong Size, uint Link, ulong EntrySize);

/// <summary>A symbol that stands for a place in memory; a local one with the source file that it is of.</summary>
readonly record struct ElfSymbol(string Name, ulong Address, string? File, int Section)
{
    public bool IsGlobal => File is null;
}

/// <summary>
/// A little-endian ELF file (System V ABI, chapters 4 and 5), 32 or 64 bits. Every number in it may be a lie: reads are checked against the
/// file's end, and what does not fit is an error with its offset.
/// </summary>
sealed class ElfFile
{
    const int MaxFile = 1 << 30;
    const uint Load = 1,
        NoteSegment = 4,
        SymbolTable = 2;

    /// <summary>The type of sections that take up memory and no place in the file.</summary>
    public const uint NoBits = 8;

    // What no machine has, so that sums cannot overflow.
    const ulong MaxSize = 1UL << 47;

    readonly byte[] _data;
    readonly string _path;

    /// <summary>Reads the headers.</summary>
    /// <exception cref="HillingarException">HIL5030: no ELF file that can be read. HIL5031: a damaged one.</exception>
    public ElfFile(byte[] data, string path)
    {
        (_data, _path) = (data, path);
        if (data is not [0x7f, (byte)'E', (byte)'L', (byte)'F', var width, var order, _, var system, ..])
            throw new HillingarException(
                "HIL5030",
                "This is no image: an ELF file was expected. Publish what the build made.",
                new Place(path)
            );
        if (width is not (1 or 2) || order != 1)
            throw new HillingarException(
                "HIL5030",
                $"The ELF file is of class {width} and byte order {order}; only little-endian files of 32 or 64 bits are read.",
                new Place(path)
            );
        Bits = width == 2 ? 64 : 32;
        OsAbi = system switch
        {
            0 => "System V",
            2 => "NetBSD",
            3 => "Linux",
            6 => "Solaris",
            9 => "FreeBSD",
            12 => "OpenBSD",
            255 => "standalone",
            _ => $"abi-{system}",
        };
        Machine = U16(18) switch
        {
            3 => "x86_32",
            21 => "ppc64",
            22 => "s390x",
            40 => "arm32",
            62 => "x86_64",
            183 => "arm64",
            243 => "riscv64",
            var other => $"machine-{other}",
        };
        var is64 = Bits == 64;
        Segments = Table(Word(is64 ? 32u : 28), U16(is64 ? 54u : 42), U16(is64 ? 56u : 44), is64 ? 56u : 32, "program headers", Segment);
        Sections = Table(Word(is64 ? 40u : 32), U16(is64 ? 58u : 46), U16(is64 ? 60u : 48), is64 ? 64u : 40, "section headers", Section);
        foreach (var segment in Segments.Where(segment => segment.Type is Load or NoteSegment))
            if (
                segment.Size > MaxSize
                || segment.Address > ulong.MaxValue - MaxSize
                || segment.Type == Load && segment.FileSize > segment.Size
            )
                throw Damaged(
                    segment.Offset,
                    $"a segment has {segment.FileSize} bytes in the file and {segment.Size} in memory at {segment.Address:x}"
                );
            else
                Check(segment.Offset, segment.FileSize, "a segment");
    }

    /// <summary>Reads a file's headers.</summary>
    /// <exception cref="HillingarException">HIL5030: there is no ELF file that can be read. HIL5031: a damaged one.</exception>
    public static ElfFile Open(string path) => new(Bytes(path), path);

    /// <summary>All of an image's file.</summary>
    /// <exception cref="HillingarException">HIL5030: there is none, or one too large.</exception>
    public static byte[] Bytes(string path)
    {
        var file = new FileInfo(path);
        return !file.Exists ? throw new HillingarException("HIL5030", $"There is no image '{path}'. Build first.", new Place(path))
            : file.Length > MaxFile
                ? throw new HillingarException(
                    "HIL5030",
                    $"The image is larger than {MaxFile >> 20} MiB, and is not read.",
                    new Place(path)
                )
            : File.ReadAllBytes(path);
    }

    public int Bits { get; }

    public string Machine { get; }

    public string OsAbi { get; }

    public string Path => _path;

    IReadOnlyList<ElfSegment> Segments { get; }

    public IReadOnlyList<ElfSection> Sections { get; }

    public IEnumerable<ElfSegment> Loaded => Segments.Where(segment => segment.Type == Load);

    /// <summary>The notes: name, type and where the description lies.</summary>
    public IEnumerable<(string Name, uint Type, ulong Offset, uint Size)> Notes()
    {
        foreach (var segment in Segments.Where(segment => segment.Type == NoteSegment))
            // Twelve bytes of header; less is padding.
            for (ulong at = segment.Offset, end = segment.Offset + segment.FileSize; end - at >= 12; )
            {
                var (name, size) = (U32(at), U32(at + 4));
                var description = at + 12 + Aligned(name);
                if (description > end || size > end - description)
                    throw Damaged(at, "a note is longer than its segment");
                yield return (Text(at + 12, name), U32(at + 8), description, size);
                at = Math.Min(end, description + Aligned(size));
            }

        static ulong Aligned(uint size) => (size + 3UL) & ~3UL;
    }

    /// <summary>The symbols of the symbol table that lie in a section; none in a stripped file.</summary>
    public IEnumerable<ElfSymbol> Symbols()
    {
        var is64 = Bits == 64;
        foreach (var table in Sections.Where(section => section.Type == SymbolTable))
        {
            var size = is64 ? 24u : 16;
            if (table.EntrySize != size || table.Link >= Sections.Count)
                throw Damaged(table.Offset, "the symbol table has entries of a wrong size, or no names");
            var names = Sections[(int)table.Link];
            Check(table.Offset, table.Size, "the symbol table");
            Check(names.Offset, names.Size, "the symbols' names");
            var file = "";
            for (ulong at = table.Offset, end = table.Offset + table.Size; end - at >= size; at += size)
            {
                var (info, section) = (_data[at + (is64 ? 4u : 12)], U16(at + (is64 ? 6u : 14)));
                var name = U32(at);
                if (name >= names.Size)
                    throw Damaged(at, "a symbol's name is outside the table of names");
                var text = Text(names.Offset + name, (uint)Math.Min(uint.MaxValue, names.Size - name));
                // The local symbols of a source file follow its name.
                if ((info & 15) == 4)
                    file = text;
                // Only what has a place: no section's own symbol, common block, thread's variable, constant, or what is defined elsewhere.
                else if ((info & 15) is not (3 or 5 or 6) && section > 0 && section < Sections.Count)
                    yield return new(text, is64 ? U64(at + 8) : U32(at + 4), info >> 4 == 0 ? file : null, section);
            }
        }
    }

    /// <summary>The sections with their names, but for the empty first one.</summary>
    public IEnumerable<(string Name, ElfSection Section)> NamedSections()
    {
        var index = U16(Bits == 64 ? 62u : 50);
        if (index >= Sections.Count)
            yield break;
        var names = Sections[index];
        Check(names.Offset, names.Size, "the sections' names");
        foreach (var section in Sections.Skip(1))
        {
            if (section.Name >= names.Size)
                throw Damaged(names.Offset, "a section's name is outside the table of names");
            if (section.Type != NoBits)
                Check(section.Offset, section.Size, "a section");
            yield return (Text(names.Offset + section.Name, (uint)Math.Min(uint.MaxValue, names.Size - section.Name)), section);
        }
    }

    public uint U32(ulong offset) => BinaryPrimitives.ReadUInt32LittleEndian(Span(offset, 4));

    /// <summary>Text up to its NUL, or to a length.</summary>
    public string Text(ulong offset, uint length)
    {
        var bytes = Span(offset, length);
        return Encoding.Latin1.GetString(bytes.IndexOf((byte)0) is >= 0 and var end ? bytes[..end] : bytes);
    }

    public HillingarException Damaged(ulong offset, string what) =>
        new("HIL5031", $"The image is damaged at offset {offset}: {what}. Build it again.", new Place(_path));

    ushort U16(ulong offset) => BinaryPrimitives.ReadUInt16LittleEndian(Span(offset, 2));

    ulong U64(ulong offset) => BinaryPrimitives.ReadUInt64LittleEndian(Span(offset, 8));

    ulong Word(uint offset) => Bits == 64 ? U64(offset) : U32(offset);

    ReadOnlySpan<byte> Span(ulong offset, uint length)
    {
        Check(offset, length, "something");
        return _data.AsSpan((int)offset, (int)length);
    }

    void Check(ulong offset, ulong length, string what)
    {
        if (offset > (ulong)_data.Length || length > (ulong)_data.Length - offset)
            throw Damaged(offset, $"{what} of {length} bytes ends behind the file's end at {_data.Length}");
    }

    List<T> Table<T>(ulong offset, ushort size, ushort count, uint expected, string what, Func<ulong, T> read)
    {
        if (count > 0 && size != expected)
            throw Damaged(offset, $"{what} are of {size} bytes instead of {expected}");
        Check(offset, (ulong)size * count, what);
        return [.. Enumerable.Range(0, count).Select(number => read(offset + (ulong)number * size))];
    }

    ElfSegment Segment(ulong at) =>
        Bits == 64
            ? new(U32(at), U64(at + 8), U64(at + 32), U64(at + 16), U64(at + 40), Access(U32(at + 4)))
            : new(U32(at), U32(at + 4), U32(at + 16), U32(at + 8), U32(at + 20), Access(U32(at + 24)));

    ElfSection Section(ulong at) =>
        Bits == 64
            ? new(U32(at), U32(at + 4), U64(at + 8), U64(at + 16), U64(at + 24), U64(at + 32), U32(at + 40), U64(at + 56))
            : new(U32(at), U32(at + 4), U32(at + 8), U32(at + 12), U32(at + 16), U32(at + 20), U32(at + 24), U32(at + 36));

    static string Access(uint flags) => $"{((flags & 4) != 0 ? 'r' : '-')}{((flags & 2) != 0 ? 'w' : '-')}{((flags & 1) != 0 ? 'x' : '-')}";
}
