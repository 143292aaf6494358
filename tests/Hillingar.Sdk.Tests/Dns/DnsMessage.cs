using System.Buffers.Binary;
using System.Text;

namespace Hillingar.Tests.Dns;

/// <summary>A reply, decoded as far as two servers' replies need to be to be compared (RFC 1035, 4; RFC 6891).
/// OtherFlags are RA, the one without a name, AD and CD.</summary>
sealed record DnsMessage(
    ushort Id, int Opcode, int Rcode, bool Response, bool Authoritative, bool Truncated, bool RecursionDesired, int OtherFlags,
    IReadOnlyList<string> Questions, IReadOnlyList<string> Answer, IReadOnlyList<string> Authority, IReadOnlyList<string> Additional,
    bool Edns, int Size)
{
    const int Opt = 41, Srv = 33;

    /// <summary>Decodes a message; records become lines of text without case in names, sorted, so that sections compare as sets.</summary>
    /// <exception cref="FormatException">The bytes are no DNS message, or more than one.</exception>
    public static DnsMessage Parse(ReadOnlySpan<byte> message)
    {
        var reader = new Reader(message);
        var id = reader.U16();
        var flags = reader.U16();
        var counts = (Questions: reader.U16(), Answer: reader.U16(), Authority: reader.U16(), Additional: reader.U16());
        var questions = new List<string>();
        for (var i = 0; i < counts.Questions; i++)
            questions.Add($"{reader.Name(keepCase: true)} {reader.U16()} {reader.U16()}");
        int? extended = null;
        var answer = Records(ref reader, counts.Answer, ref extended);
        var authority = Records(ref reader, counts.Authority, ref extended);
        var edns = extended is not null;
        var additional = Records(ref reader, counts.Additional, ref extended);
        if (edns)
            throw new FormatException("OPT outside of the additional section");
        if (reader.At != message.Length)
            throw new FormatException($"{message.Length - reader.At} bytes after the message");
        return new(
            id, (flags >> 11) & 15, (flags & 15) | (extended ?? 0) << 4, (flags & 0x8000) != 0, (flags & 0x0400) != 0, (flags & 0x0200) != 0,
            (flags & 0x0100) != 0, flags & 0x00f0, questions, answer, authority, additional, extended is not null, message.Length);
    }

    static List<string> Records(ref Reader reader, int count, ref int? extended)
    {
        var records = new List<string>();
        for (var i = 0; i < count; i++)
        {
            var owner = reader.Name();
            var (type, cls, ttl) = (reader.U16(), reader.U16(), reader.U32());
            var end = reader.U16() + reader.At;
            if (type == Opt)
            {
                if (extended is not null)
                    throw new FormatException("two OPT records");
                extended = (int)(ttl >> 24);
                reader.Skip(end - reader.At);
            }
            else
                records.Add($"{owner} {ttl} {cls} {type} {Data(ref reader, type, end)}");
            if (reader.At != end)
                throw new FormatException($"the data of type {type} is not as long as it says");
        }
        records.Sort(StringComparer.Ordinal);
        return records;
    }

    static string Data(ref Reader reader, int type, int end)
    {
        var (numbers, names) = type switch
        {
            2 or 5 or 12 => (0, 1),
            6 => (0, 2),
            15 => (2, 1),
            Srv => (6, 1),
            _ => (0, 0),
        };
        var text = new StringBuilder(reader.Hex(numbers));
        for (var i = 0; i < names; i++)
            text.Append(' ').Append(reader.Name(pointers: type != Srv));
        return text.Append(' ').Append(reader.Hex(end - reader.At)).ToString();
    }

    ref struct Reader(ReadOnlySpan<byte> message)
    {
        readonly ReadOnlySpan<byte> message = message;

        public int At { get; private set; }

        public void Skip(int count) => Take(count);

        public ushort U16() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));

        public uint U32() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

        public string Hex(int count) => Convert.ToHexStringLower(Take(count));

        /// <summary>A name, compressed or not.</summary>
        public string Name(bool keepCase = false, bool pointers = true)
        {
            var text = new StringBuilder();
            int? resume = null;
            for (var start = At; ;)
            {
                var length = Take(1)[0];
                if (length >= 0xc0 && pointers)
                {
                    var target = (length & 0x3f) << 8 | Take(1)[0];
                    if (target >= start)
                        throw new FormatException("a compression pointer that points ahead");
                    resume ??= At;
                    At = start = target;
                }
                else if (length > 63)
                    throw new FormatException("a label of unknown type, or a pointer where none may be");
                else if (length == 0)
                    break;
                else
                    foreach (var value in Take(length))
                        text.Append(value is > 0x20 and < 0x7f and not (byte)'.' ? $"{(char)value}" : $"\\{value:000}");
                if (length is > 0 and < 64)
                    text.Append('.');
            }
            At = resume ?? At;
            var name = text.Length == 0 ? "." : text.ToString();
            return keepCase ? name : name.ToLowerInvariant();
        }

        ReadOnlySpan<byte> Take(int count)
        {
            if (count < 0 || count > message.Length - At)
                throw new FormatException("the message ends too early");
            At += count;
            return message.Slice(At - count, count);
        }
    }
}
