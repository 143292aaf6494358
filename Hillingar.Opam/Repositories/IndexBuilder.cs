using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Syntax;

namespace Hillingar.Opam.Repositories;

/// <summary>Where a snapshot has a text.</summary>
/// <param name="Offset">Where it begins among the texts.</param>
/// <param name="Size">How long it is.</param>
/// <param name="Sum">Its CRC-32C.</param>
readonly record struct IndexText(long Offset, int Size, uint Sum);

/// <summary>A version as a block of the index has it.</summary>
/// <param name="Version">The version.</param>
/// <param name="Stamp">The time of its file's last change, or 0 when that could not be told apart from now.</param>
/// <param name="Size">The file's size, or -1 when there was none.</param>
/// <param name="Facts">Where its facts are; none when the file is not of opam's language.</param>
readonly record struct IndexEntry(string Version, long Stamp, long Size, IndexFacts Facts)
{
    /// <summary>The file's text, in a snapshot.</summary>
    public IndexText Text { get; init; }

    /// <summary>The files that come with it, in a snapshot.</summary>
    public (string Name, IndexText Text)[] Extras { get; init; } = [];
}

/// <summary>Where the facts of a version are in an index.</summary>
/// <param name="Offset">Where they begin in the file.</param>
/// <param name="Length">How long they are.</param>
readonly record struct IndexFacts(long Offset, int Length);

/// <summary>Builds an index. Strings keep the numbers that an older index gave them, so blocks that did not change are copied.</summary>
sealed class IndexBuilder
{
    readonly Dictionary<string, int> _numbers = [];
    readonly List<string> _strings = [];
    readonly List<Name> _names = [];
    readonly List<byte[]> _texts = [];
    readonly FactWriter _facts;
    readonly FactWriter _block;

    // Blocks are small, and there may be a million: they lie one after another in larger parts.
    const int PartSize = 1 << 16;
    byte[] _part = [];
    int _partLength;

    long _blockLength,
        _textLength;

    // A class, as are other things that are sorted here: .NET has the code for lists of those compiled already.
    sealed record Name(string Text, byte[] Part, int Offset, int Length)
    {
        public ReadOnlySpan<byte> Block => Part.AsSpan(Offset, Length);
    }

    public IndexBuilder(string key, string tag = "", string info = "", long stamp = 0, IndexFile? older = null)
    {
        _facts = new(Number);
        _block = new(Number);
        Stamp = stamp;
        for (var i = 0; i < older?.StringCount; i++)
            _strings.Add(older[i]);
        while (_strings.Count < 3)
            _strings.Add("");
        (_strings[0], _strings[1], _strings[2]) = (key, tag, info);
        for (var i = 3; i < _strings.Count; i++)
            _numbers[_strings[i]] = i;
    }

    public long Stamp { get; set; }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    int Number(string text)
    {
        if (!_numbers.TryGetValue(text, out var number))
        {
            _numbers.Add(text, number = _strings.Count);
            _strings.Add(text);
        }
        return number;
    }

    // Each name comes once here, and nothing after the names: of a million none has to be found again.
    int LastNumber(string text)
    {
        if (_numbers.TryGetValue(text, out var number))
            return number;
        _strings.Add(text);
        return _strings.Count - 1;
    }

    /// <summary>Adds a name with a block of the older index.</summary>
    public void Copy(string name, ReadOnlySpan<byte> oldBlock) => Add(name, oldBlock);

    /// <summary>Begins a name.</summary>
    public void Begin(long stamp, int versions)
    {
        _block.Clear();
        _block.Number(stamp);
        _block.Number(versions);
    }

    /// <summary>Adds a version whose facts an older index of the same strings has.</summary>
    public void Version(in IndexEntry entry, ReadOnlySpan<byte> oldFacts) => Entry(entry, oldFacts);

    /// <summary>Adds a version whose file could not be read; whoever asks for it is told why.</summary>
    public void Unreadable(string version, long stamp, long size) => Entry(new(version, stamp, size, default), default);

    /// <summary>Adds a version that has a folder but no file.</summary>
    public void Missing(string version) => Entry(new(version, 0, -1, default), default);

    /// <summary>Adds a version with its file.</summary>
    /// <param name="package">The package.</param>
    /// <param name="content">The file.</param>
    /// <param name="path">The file's path.</param>
    /// <param name="stamp">The time of its last change.</param>
    /// <param name="extras">For a snapshot, the files that come with it; else null, and the text is not kept.</param>
    public void Version(
        OpamPackage package,
        byte[] content,
        string path,
        long stamp,
        IReadOnlyList<(string Name, byte[] Content)>? extras = null
    )
    {
        _facts.Clear();
        try
        {
            var file = new PackageFile(Document.Parse(content, path), package);
            if (StrictCheck.Format(file) is null)
                _facts.Package(file);
        }
        catch (HillingarException)
        {
            // Told when somebody asks for this version: one bad file does not spoil a repository.
            _facts.Clear();
        }
        var entry = new IndexEntry(package.Version.Text, stamp, content.Length, default);
        if (extras is not null)
            entry = entry with { Text = Keep(content), Extras = [.. extras.Select(extra => (extra.Name, Keep(extra.Content)))] };
        Entry(entry, _facts.Written);
    }

    /// <summary>Ends a name.</summary>
    public void End(string name) => Add(name, _block.Written);

    void Entry(in IndexEntry entry, ReadOnlySpan<byte> entryFacts)
    {
        _block.Shared(entry.Version);
        _block.Number(entry.Stamp);
        _block.Number(entry.Size);
        Text(entry.Text);
        _block.Number(entry.Extras.Length);
        foreach (var (name, text) in entry.Extras)
        {
            _block.Own(name);
            Text(text);
        }
        _block.Number(entryFacts.Length);
        _block.Bytes(entryFacts);
    }

    void Text(in IndexText text)
    {
        _block.Number(text.Offset);
        _block.Number(text.Size);
        _block.Number(text.Sum);
    }

    /// <summary>The versions in a block.</summary>
    public static IndexEntry[] Entries(IndexFile index, ReadOnlySpan<byte> block, out long stamp)
    {
        var offset = index.Offset(block);
        var reader = new FactReader(block, index);
        stamp = reader.Number();
        var entries = new IndexEntry[reader.Count()];
        for (var i = 0; i < entries.Length; i++)
        {
            var (version, changed, size, text) = (reader.Shared(), reader.Number(), reader.Number(), Text(ref reader));
            var count = reader.Count();
            var extras = count == 0 ? [] : new (string, IndexText)[count];
            for (var j = 0; j < count; j++)
                extras[j] = (reader.Own(), Text(ref reader));
            var length = reader.Count();
            entries[i] = new(version, changed, size, new(offset + reader.Position, length)) { Text = text, Extras = extras };
            reader.Bytes(length);
        }
        return entries;

        static IndexText Text(ref FactReader reader) => new(reader.Number(), (int)reader.Number(), (uint)reader.Number());
    }

    IndexText Keep(byte[] text)
    {
        _texts.Add(text);
        _textLength += text.Length;
        return new(_textLength - text.Length, text.Length, IndexFile.Sum(text));
    }

    void Add(string name, ReadOnlySpan<byte> content)
    {
        if (_part.Length - _partLength < content.Length)
            (_part, _partLength) = (new byte[Math.Max(PartSize, content.Length)], 0);
        content.CopyTo(_part.AsSpan(_partLength));
        _names.Add(new(name, _part, _partLength, content.Length));
        _partLength += content.Length;
        _blockLength += content.Length;
    }

    /// <summary>Writes the index into place, and opens it. Where it cannot be written it is kept in memory.</summary>
    /// <param name="path">Where it is to be.</param>
    /// <exception cref="HillingarException">HIL1002: there is more than an index can hold.</exception>
    public IndexFile Write(string path)
    {
        if (
            _strings.Sum(text => (long)Encoding.UTF8.GetByteCount(text))
                + (_strings.Count * 4L)
                + (_names.Count * (long)IndexFile.NameSize)
                + _blockLength
                + _textLength
            > int.MaxValue - (1 << 20)
        )
            throw new HillingarException(
                "HIL1002",
                "the repository has more packages, or larger ones, than an index can hold; it is not read",
                new Place(_strings[0])
            );
        var tables = Tables();
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var written = $"{path}.{Guid.NewGuid():N}.tmp";
            try
            {
                using (var file = new FileStream(written, FileMode.CreateNew, FileAccess.Write, FileShare.None))
                    WriteTo(file, tables);
                File.Move(written, path, overwrite: true);
            }
            finally
            {
                File.Delete(written);
            }
            // Another process may have put its own there since: as good as ours, or newer.
            if (IndexFile.TryOpen(path) is { } index && index.Key == _strings[0])
                return index;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A cache that cannot be written costs time, not the answer.
        }
        using var memory = new MemoryStream();
        WriteTo(memory, tables);
        return IndexFile.Of(memory.GetBuffer().AsSpan(0, (int)memory.Length));
    }

    void WriteTo(Stream stream, byte[] tables)
    {
        stream.Write(tables);
        foreach (var name in _names)
            stream.Write(name.Block);
        foreach (var text in _texts)
            stream.Write(text);
    }

    byte[] Tables()
    {
        // Names are ASCII: their characters are in the order of their bytes.
        _names.Sort((left, right) => string.CompareOrdinal(left.Text, right.Text));
        var numbered = _names.ConvertAll(name => LastNumber(name.Text));
        var stringsAt = IndexFile.HeaderSize + _names.Count * IndexFile.NameSize;
        var heapAt = stringsAt + (_strings.Count + 1) * 4;
        var blocksAt = heapAt + _strings.Sum(Encoding.UTF8.GetByteCount);
        var tables = new byte[blocksAt];
        var to = tables.AsSpan();
        IndexFile.Magic.CopyTo(to);
        BinaryPrimitives.WriteInt32LittleEndian(to[12..], _names.Count);
        BinaryPrimitives.WriteInt32LittleEndian(to[16..], _strings.Count);
        BinaryPrimitives.WriteInt32LittleEndian(to[20..], stringsAt);
        BinaryPrimitives.WriteInt32LittleEndian(to[24..], heapAt);
        BinaryPrimitives.WriteInt64LittleEndian(to[32..], blocksAt);
        BinaryPrimitives.WriteInt64LittleEndian(to[40..], blocksAt + _blockLength + _textLength);
        BinaryPrimitives.WriteInt64LittleEndian(to[48..], blocksAt + _blockLength);
        BinaryPrimitives.WriteInt64LittleEndian(to[56..], Stamp);
        long offset = blocksAt;
        for (var i = 0; i < _names.Count; i++)
        {
            var content = _names[i].Block;
            var entry = to[(IndexFile.HeaderSize + i * IndexFile.NameSize)..];
            BinaryPrimitives.WriteInt32LittleEndian(entry, numbered[i]);
            BinaryPrimitives.WriteInt64LittleEndian(entry[4..], offset);
            BinaryPrimitives.WriteInt32LittleEndian(entry[12..], content.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[16..], IndexFile.Sum(content));
            offset += content.Length;
        }
        var end = 0;
        for (var i = 0; i < _strings.Count; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(to[(stringsAt + i * 4)..], end);
            end += Encoding.UTF8.GetBytes(_strings[i], to[(heapAt + end)..]);
        }
        BinaryPrimitives.WriteInt32LittleEndian(to[(stringsAt + _strings.Count * 4)..], end);
        BinaryPrimitives.WriteUInt32LittleEndian(to[8..], IndexFile.Sum(to[12..]));
        return tables;
    }
}
