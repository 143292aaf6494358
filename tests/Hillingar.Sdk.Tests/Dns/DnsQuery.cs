using System.Buffers.Binary;

namespace Hillingar.Tests.Dns;

/// <summary>Bytes to send to two servers, and what to call them when the replies differ.</summary>
/// <param name="Name">What it asks, or what is wrong with it.</param>
/// <param name="Bytes">The message; the first two bytes are its id, where it has as many.</param>
/// <param name="Tcp">Over TCP, where UDP is meant otherwise.</param>
/// <param name="Malformed">Whether this is no proper query: then only the code or the silence is compared.</param>
sealed record DnsQuery(string Name, byte[] Bytes, bool Tcp = false, bool Malformed = false)
{
    public override string ToString() => $"{(Tcp ? "tcp" : "udp")} {Name} [{Convert.ToHexStringLower(Bytes)}]";
}

/// <summary>Puts DNS messages together, right ones and wrong ones.</summary>
sealed class DnsWriter
{
    readonly List<byte> bytes = [];

    public byte[] ToArray() => [.. bytes];

    public DnsWriter Bytes(params ReadOnlySpan<byte> values)
    {
        bytes.AddRange(values);
        return this;
    }

    public DnsWriter U16(params ReadOnlySpan<int> values)
    {
        foreach (var value in values)
            Bytes((byte)(value >> 8), (byte)value);
        return this;
    }

    public DnsWriter U32(uint value)
    {
        Span<byte> buffer = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(buffer, value);
        return Bytes(buffer);
    }

    public DnsWriter Header(int flags = 0, int questions = 1, int answers = 0, int authorities = 0, int additionals = 0) =>
        U16(0x2a2a, flags, questions, answers, authorities, additionals);

    /// <summary>A name in the text form of master files: <c>\.</c> and <c>\DDD</c> are escapes.</summary>
    public DnsWriter Name(string name)
    {
        var label = new List<byte>();
        for (var i = 0; i < name.Length; i++)
        {
            if (name[i] == '\\' && char.IsAsciiDigit(name[i + 1]))
            {
                label.Add(byte.Parse(name.AsSpan(i + 1, 3)));
                i += 3;
            }
            else if (name[i] == '\\')
                label.Add((byte)name[++i]);
            else if (name[i] != '.')
                label.Add((byte)name[i]);
            else if (label.Count > 0)
            {
                Bytes((byte)label.Count).Bytes([.. label]);
                label.Clear();
            }
        }
        if (label.Count > 0)
            Bytes((byte)label.Count).Bytes([.. label]);
        return Bytes(0);
    }

    public DnsWriter Question(string name, int type, int cls = 1) => Name(name).U16(type, cls);

    public DnsWriter Record(string name, int type, int cls, uint ttl, params ReadOnlySpan<byte> data) =>
        Name(name).U16(type, cls).U32(ttl).U16(data.Length).Bytes(data);

    public DnsWriter Opt(int payload = 1232, int version = 0, bool dnssec = false, string owner = ".", params ReadOnlySpan<byte> options) =>
        Record(owner, 41, payload, (uint)version << 16 | (dnssec ? 0x8000u : 0), options);
}
