using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Hillingar.Opam.Repositories;

/// <summary>
/// An index on disk, memory-mapped. It is written once, under another name, and moved into place, so it is whole or not there;
/// every part is summed (CRC-32C): the tables when it is opened, a package's block and a text when they are read.
/// </summary>
/// <remarks>
/// <code>
/// header   magic; sum of what follows up to the blocks; numbers of names and strings; where strings, heap and blocks begin;
///          length of the file; where the texts begin; stamp of the folder of names
/// names    for each name, in byte order: number of its string, offset, length and sum of its block
/// strings  offsets into the heap, one more than there are strings
/// heap     the strings; the first three are the key, the tag and the file repo
/// blocks   what is known of a name's versions, newest first
/// texts    opam files and extra files as they were, in a snapshot
/// </code>
/// All numbers are little-endian.
/// </remarks>
sealed unsafe class IndexFile : IStrings
{
    public const int HeaderSize = 64,
        NameSize = 20;

    public static ReadOnlySpan<byte> Magic => "HILINDX2"u8;

    readonly SafeMemoryMappedViewHandle _view;
    readonly byte* _start;
    readonly long _length,
        _blocks,
        _texts;
    readonly int _nameCount,
        _stringCount,
        _strings,
        _heap;
    readonly string?[] _decoded;

    /// <summary>Opens a file, or gives null when it is not there, damaged, or not of this format.</summary>
    public static IndexFile? TryOpen(string path)
    {
        try
        {
            // Long windows of other readers and of a rename over the file are welcome: it is never changed in place.
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1);
            if (file.Length < HeaderSize)
                return null;
            using var map = MemoryMappedFile.CreateFromFile(
                file,
                null,
                0,
                MemoryMappedFileAccess.Read,
                HandleInheritability.None,
                leaveOpen: true
            );
            return new IndexFile(
                map.CreateViewAccessor(0, file.Length, MemoryMappedFileAccess.Read).SafeMemoryMappedViewHandle,
                file.Length
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return null;
        }
    }

    IndexFile(SafeMemoryMappedViewHandle view, long length)
    {
        // The pointer is given back when the handle is finalized: an index lives as long as anything that was read from it.
        this._view = view;
        view.AcquirePointer(ref _start);
        this._length = length;
        var header = new ReadOnlySpan<byte>(_start, HeaderSize);
        _nameCount = BinaryPrimitives.ReadInt32LittleEndian(header[12..]);
        _stringCount = BinaryPrimitives.ReadInt32LittleEndian(header[16..]);
        _strings = BinaryPrimitives.ReadInt32LittleEndian(header[20..]);
        _heap = BinaryPrimitives.ReadInt32LittleEndian(header[24..]);
        _blocks = BinaryPrimitives.ReadInt64LittleEndian(header[32..]);
        _texts = BinaryPrimitives.ReadInt64LittleEndian(header[48..]);
        Stamp = BinaryPrimitives.ReadInt64LittleEndian(header[56..]);
        var sound =
            header.StartsWith(Magic)
            && BinaryPrimitives.ReadInt64LittleEndian(header[40..]) == length
            && _nameCount >= 0
            && _stringCount >= 0
            && _strings == HeaderSize + (long)_nameCount * NameSize
            && _heap == _strings + ((long)_stringCount + 1) * 4
            && _heap <= _blocks
            && _blocks <= _texts
            && _texts <= length
            && _blocks <= int.MaxValue
            && BinaryPrimitives.ReadUInt32LittleEndian(header[8..]) == Sum(new ReadOnlySpan<byte>(_start + 12, (int)_blocks - 12));
        if (!sound)
        {
            view.ReleasePointer();
            view.Dispose();
            throw new InvalidDataException("The index is damaged.");
        }
        _decoded = new string?[_stringCount];
    }

    /// <summary>An index that could not be written to disk.</summary>
    public static IndexFile Of(ReadOnlySpan<byte> content)
    {
        using var map = MemoryMappedFile.CreateNew(null, content.Length);
        var view = map.CreateViewAccessor(0, content.Length).SafeMemoryMappedViewHandle;
        view.WriteSpan(0, content);
        return new(view, content.Length);
    }

    /// <summary>What was indexed.</summary>
    public string Key => this[0];

    /// <summary>What the server said to know the content by.</summary>
    public string Tag => this[1];

    /// <summary>The file <c>repo</c>.</summary>
    public string Info => this[2];

    /// <summary>The stamp of the folder of names.</summary>
    public long Stamp { get; }

    public int NameCount => _nameCount;

    public int StringCount => _stringCount;

    /// <summary>A string by its number.</summary>
    public string this[int number]
    {
        get
        {
            if ((uint)number >= (uint)_stringCount)
                throw new InvalidDataException("The index is damaged.");
            return _decoded[number] ??= Encoding.UTF8.GetString(Utf8(number));
        }
    }

    ReadOnlySpan<byte> Utf8(int number)
    {
        if ((uint)number >= (uint)_stringCount)
            throw new InvalidDataException("The index is damaged.");
        var from = *(uint*)(_start + _strings + number * 4L);
        var to = *(uint*)(_start + _strings + number * 4L + 4);
        return from <= to && to <= _blocks - _heap
            ? new(_start + _heap + from, (int)(to - from))
            : throw new InvalidDataException("The index is damaged.");
    }

    int NameString(int index) => *(int*)(_start + HeaderSize + index * (long)NameSize);

    /// <summary>The name of an index below <see cref="NameCount"/>.</summary>
    public string Name(int index) => this[NameString(index)];

    /// <summary>The index of a name, or -1.</summary>
    public int Find(string name)
    {
        Span<byte> utf8 = stackalloc byte[256];
        if (!Encoding.UTF8.TryGetBytes(name, utf8, out var written))
            return -1;
        utf8 = utf8[..written];
        var (low, high) = (0, _nameCount - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = Utf8(NameString(middle)).SequenceCompareTo(utf8);
            if (order == 0)
                return middle;
            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }
        return -1;
    }

    /// <summary>The block of a name. The span is good while this object is alive.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public ReadOnlySpan<byte> Block(int index)
    {
        var entry = _start + HeaderSize + index * (long)NameSize;
        var bytes = At(*(long*)(entry + 4), *(int*)(entry + 12));
        return Sum(bytes) == *(uint*)(entry + 16) ? bytes : throw new InvalidDataException("The index is damaged.");
    }

    /// <summary>A text of a snapshot.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public byte[] Text(in IndexText text)
    {
        var bytes = At(_texts + text.Offset, text.Size);
        return Sum(bytes) == text.Sum ? bytes.ToArray() : throw new InvalidDataException("The index is damaged.");
    }

    /// <summary>Where a span of <see cref="Block"/> begins, for <see cref="At"/>.</summary>
    public long Offset(ReadOnlySpan<byte> block)
    {
        fixed (byte* at = block)
            return at - _start;
    }

    /// <summary>Bytes anywhere after the tables.</summary>
    public ReadOnlySpan<byte> At(long offset, int count) =>
        offset >= _blocks && count >= 0 && offset + count <= _length
            ? new(_start + offset, count)
            : throw new InvalidDataException("The index is damaged.");

    /// <summary>CRC-32C.</summary>
    public static uint Sum(ReadOnlySpan<byte> bytes)
    {
        var sum = uint.MaxValue;
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes))
            sum = BitOperations.Crc32C(sum, word);
        foreach (var b in bytes[(bytes.Length & ~7)..])
            sum = BitOperations.Crc32C(sum, b);
        return ~sum;
    }
}
