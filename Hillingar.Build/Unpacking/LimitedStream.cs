using System.Text;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Unpacking;

/// <summary>
/// Counts what comes out of a decompressor, headers and skipped data included: a bomb need not be in a file's contents. Headers that tar's
/// reader would make room for in memory are looked at before it does.
/// </summary>
/// <param name="inner">A tar stream.</param>
/// <param name="limits">How much there may be.</param>
/// <param name="refuse">The exception for where it is and what is wrong.</param>
sealed class LimitedStream(Stream inner, UnpackLimits limits, Func<string, string, HillingarException> refuse) : Stream
{
    const int Block = 512;

    // What a block takes, and the end of the archive.
    const int Padding = 1 << 14;

    readonly byte[] _block = new byte[Block];
    long _read;
    long _headersEnd = long.MaxValue;
    int _filled;
    long _skipped;

    /// <summary>From here on the headers of the next file are read.</summary>
    public void BeginHeaders()
    {
        _headersEnd = _read + limits.Headers + Padding;
        _filled = 0;
        // The rest of a block of the file before.
        _skipped = (Block - (_read % Block)) % Block;
    }

    /// <summary>From here on the contents of a file are read.</summary>
    public void EndHeaders() => _headersEnd = long.MaxValue;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position
    {
        get => _read;
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var read = inner.Read(buffer);
        if ((_read += read) > limits.Bytes + ((long)limits.Entries << 10))
            throw refuse("(end)", $"the archive unpacks to more than {limits.Bytes >> 20} MiB");
        if (_headersEnd == long.MaxValue)
            return read;
        if (_read > _headersEnd)
            throw TooLarge();
        Look(buffer[..read]);
        return read;
    }

    // https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06: the size at 124, the type at 156.
    void Look(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_skipped > 0)
            {
                var passed = (int)Math.Min(_skipped, bytes.Length);
                _skipped -= passed;
                bytes = bytes[passed..];
                continue;
            }

            var taken = Math.Min(Block - _filled, bytes.Length);
            bytes[..taken].CopyTo(_block.AsSpan(_filled));
            bytes = bytes[taken..];
            if ((_filled += taken) < Block)
                continue;
            _filled = 0;
            // Extended headers of pax, and GNU's long names.
            if (_block[156] is (byte)'x' or (byte)'g' or (byte)'L' or (byte)'K')
            {
                var size = Size(_block.AsSpan(124, 12));
                if (size > limits.Headers)
                    throw TooLarge();
                _skipped = (size + Block - 1) / Block * Block;
            }
        }
    }

    // Octal digits, or with the first bit set a number of 11 bytes.
    static long Size(ReadOnlySpan<byte> field)
    {
        if ((field[0] & 0x80) != 0)
            return long.MaxValue / 2;
        var size = 0L;
        foreach (var digit in Encoding.ASCII.GetString(field).Trim(' ', '\0'))
            size = digit is >= '0' and <= '7' ? (size << 3) + digit - '0' : throw new InvalidDataException("A header's size is no number.");
        return size;
    }

    HillingarException TooLarge() => refuse("(header)", $"what is between two files is larger than {limits.Headers >> 10} KiB");

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
