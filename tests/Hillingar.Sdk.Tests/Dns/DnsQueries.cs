namespace Hillingar.Tests.Dns;

/// <summary>What to ask: every name of a zone and names around it, and what no client should send.</summary>
static class DnsQueries
{
    /// <summary>The types that every name is asked for: A, NS, CNAME, SOA, PTR, HINFO, MX, TXT, AAAA, SRV, DS, ANY, CAA, an unknown one.</summary>
    static readonly int[] Types = [1, 2, 5, 6, 12, 13, 15, 16, 28, 33, 43, 255, 257, 65280];

    /// <summary>Every name × type, and how they may be asked.</summary>
    public static IEnumerable<DnsQuery> Proper(string zone, IReadOnlyCollection<string> owners)
    {
        var names = owners.SelectMany(owner => Around(owner, zone)).Append($"no-such-name.{zone}").Distinct(StringComparer.Ordinal).ToList();
        foreach (var name in names)
            foreach (var type in Types)
                yield return Ask(name, type, edns: 1232);
        // Without EDNS, with other sizes, over TCP: what fits, what does not.
        foreach (var name in owners)
        {
            yield return Ask(name, 255);
            yield return Ask(name, 255, tcp: true);
            yield return Ask(name, 255, edns: 1232, tcp: true);
            foreach (var type in (int[])[1, 15, 16])
            {
                yield return Ask(name, type);
                yield return Ask(name, type, tcp: true);
            }
        }
        foreach (var name in (string[])[zone, .. owners.Where(name => name.StartsWith("po", StringComparison.Ordinal))])
            foreach (var size in (int[])[0, 1, 511, 512, 513, 600, 700, 800, 1231, 1233, 4096, 65535])
                foreach (var type in (int[])[1, 16, 255])
                    yield return Ask(name, type, edns: size);
        // Every type number that means something, or is set aside.
        for (var type = 0; type <= 300; type++)
            yield return Ask(zone, type, edns: 1232);
        foreach (var type in (int[])[257, 32768, 32769, 65280, 65535])
            yield return Ask(zone, type, edns: 1232);
        // The case of the question is kept, and does not matter.
        foreach (var name in owners)
            yield return Ask(Swapped(name), 1, edns: 1232);
        // Outside.
        foreach (var name in (string[])[".", "org", "example.com", $"x{zone}", $"{zone}.example.com"])
            foreach (var type in (int[])[1, 2, 6, 43, 255])
                yield return Ask(name, type);
    }

    /// <summary>The name and those above it up to the zone, and of each, names that wildcards and delegations make interesting.</summary>
    static IEnumerable<string> Around(string owner, string zone)
    {
        for (var name = owner; name.Length > zone.Length; name = Parent(name))
            foreach (var near in (string[])[name, $"missing.{name}", $"*.{name}"])
                yield return near;
        yield return zone;
        yield return $"very.much.missing.{owner}";
        if (owner.StartsWith("*.", StringComparison.Ordinal))
        {
            yield return $"match{owner[1..]}";
            yield return $"more.than.one{owner[1..]}";
        }
    }

    /// <summary>What is behind the first dot that ends a label.</summary>
    static string Parent(string name)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        while (name[dot - 1] == '\\')
            dot = name.IndexOf('.', dot + 1);
        return name[(dot + 1)..];
    }

    static string Swapped(string name) =>
        string.Concat(name.Select(c => char.IsAsciiLetterLower(c) ? char.ToUpperInvariant(c) : char.ToLowerInvariant(c)));

    static DnsQuery Ask(string name, int type, int? edns = null, bool tcp = false)
    {
        var writer = new DnsWriter().Header(additionals: edns is null ? 0 : 1).Question(name, type);
        if (edns is { } size)
            writer.Opt(size);
        return new($"{name} {type}{(edns is null ? "" : $" edns {edns}")}", writer.ToArray(), tcp);
    }

    /// <summary>Messages that are wrong, or at least strange, about a zone that has the name <c>www</c>. Each goes over UDP and TCP.</summary>
    public static IEnumerable<DnsQuery> Strange(string zone)
    {
        var all = Messages(zone, $"www.{zone}").ToList();
        return all.Concat(all.Select(query => query with { Tcp = true }));
    }

    static IEnumerable<DnsQuery> Messages(string zone, string www)
    {
        static DnsQuery Is(string name, DnsWriter writer) => new(name, writer.ToArray(), Malformed: true);
        static DnsWriter New() => new();
        DnsWriter Question(int flags = 0, int additionals = 0, int answers = 0) =>
            New().Header(flags, 1, answers, 0, additionals).Question(www, 1);
        var query = Question().ToArray();

        // Cut short, at every byte; and too long.
        for (var length = 1; length < query.Length; length++)
            yield return new($"cut to {length}", query[..length], Malformed: true);
        yield return Is("one byte more", Question().Bytes(0));
        yield return Is("garbage behind", Question().Bytes(0xde, 0xad, 0xbe, 0xef, 0xc0, 0x0c));
        yield return Is("header alone", New().Header());
        yield return Is("header of nothing", New().Header(questions: 0));
        yield return Is("header of nothing, EDNS", New().Header(questions: 0, additionals: 1).Opt());

        // Flags and opcodes.
        yield return Is("is a reply", Question(0x8000));
        yield return Is("is a reply with an error", Question(0x8003));
        foreach (var flag in (int[])[0x0400, 0x0200, 0x0100, 0x0080, 0x0040, 0x0020, 0x0010, 0x000f, 0x07ff])
            yield return Is($"flags {flag:x4}", Question(flag));
        // 4 is NOTIFY, 5 is UPDATE: BIND knows them.
        foreach (var opcode in (int[])[1, 2, 3, 6, 7, 8, 15])
        {
            yield return Is($"opcode {opcode}", Question(opcode << 11));
            yield return Is($"opcode {opcode}, no question", New().Header(opcode << 11, questions: 0));
            yield return Is($"opcode {opcode}, question missing", New().Header(opcode << 11));
            yield return Is($"opcode {opcode}, EDNS version 1", Question(opcode << 11, 1).Opt(version: 1));
        }

        // Counts that lie.
        yield return Is("two questions, one there", New().Header(questions: 2).Question(www, 1));
        yield return Is("two questions", New().Header(questions: 2).Question(www, 1).Question(zone, 6));
        yield return Is("two types", New().Header(questions: 2).Question(www, 1).Question(www, 28));
        yield return Is("two classes", New().Header(questions: 2).Question(www, 1).Question(www, 1, 3));
        yield return Is("65535 questions", New().Header(questions: 65535).Question(www, 1));
        yield return Is("an answer that is not there", New().Header(answers: 1).Question(www, 1));
        yield return Is("an authority that is not there", New().Header(authorities: 1).Question(www, 1));
        yield return Is("an additional that is not there", New().Header(additionals: 1).Question(www, 1));
        yield return Is("65535 of all", New().Header(0, 65535, 65535, 65535, 65535).Question(www, 1));
        yield return Is("EDNS not counted", Question().Opt());

        // Names.
        static DnsWriter Named(params ReadOnlySpan<byte> name) => New().Header().Bytes(name).U16(1, 1);
        yield return Is("label of type 01", Named(0x41, 0x61, 0));
        yield return Is("label of type 10", Named(0x81, 0x61, 0));
        yield return Is("label longer than the message", Named(0x3f, 0x61, 0));
        yield return Is("pointer to itself", Named(0xc0, 0x0c));
        yield return Is("pointer ahead", Named(0xc0, 0x0e, 0));
        yield return Is("pointer out of the message", Named(0xff, 0xff));
        yield return Is("pointer cut in two", New().Header().Bytes(0xc0));
        yield return Is("pointer loop through a label", Named(0x01, 0x61, 0xc0, 0x0c));
        yield return Is("pointer into the header", Named(0xc0, 0x04));
        yield return Is("pointer to a zero in the header", New().Header().Bytes(3, (byte)'w', (byte)'w', (byte)'w', 0xc0, 0x06).U16(1, 1));
        yield return Is("two pointers that point at each other", New().Header(questions: 2).Bytes(0xc0, 0x12).U16(1, 1).Bytes(0xc0, 0x0c).U16(1, 1));
        yield return Is("255 bytes", New().Header().Question(string.Join('.', Enumerable.Repeat(new string('a', 63), 3).Append(new string('b', 61))), 1));
        yield return Is("256 bytes", New().Header().Question(string.Join('.', Enumerable.Repeat(new string('a', 63), 3).Append(new string('b', 62))), 1));
        yield return Is("127 labels", New().Header().Question(string.Concat(Enumerable.Repeat("a.", 127)), 1));
        yield return Is("128 labels", New().Header().Question(string.Concat(Enumerable.Repeat("a.", 128)), 1));
        yield return Is("long name in the zone", New().Header().Question($"{string.Concat(Enumerable.Repeat("a.", (253 - zone.Length) / 2))}{zone}", 1));
        yield return Is("bytes of all kinds", New().Header().Question($"\\000\\255\\.\\\\.{zone}", 1));

        // Classes and types.
        foreach (var cls in (int[])[0, 2, 3, 4, 254, 255, 256, 65535])
            foreach (var type in (int[])[1, 6, 255])
                yield return Is($"class {cls} type {type}", New().Header().Question(www, type, cls));
        foreach (var type in (int[])[0, 41, 128, 200, 249, 250, 253, 254])
            yield return Is($"type {type}", New().Header().Question(www, type));

        // Records in a query.
        byte[] address = [192, 0, 2, 1];
        yield return Is("an answer", Question(answers: 1).Record(www, 1, 1, 60, address));
        yield return Is("an answer of another class", Question(answers: 1).Record(www, 1, 3, 60, address));
        yield return Is("an answer of class ANY", Question(answers: 1).Record(www, 1, 255, 60, address));
        yield return Is("an answer of 3 bytes", Question(answers: 1).Record(www, 1, 1, 60, 192, 0, 2));
        yield return Is("an answer of 5 bytes", Question(answers: 1).Record(www, 1, 1, 60, 192, 0, 2, 1, 1));
        yield return Is("an answer of no bytes", Question(answers: 1).Record(www, 1, 1, 60));
        yield return Is("an MX that ends early", Question(answers: 1).Record(www, 15, 1, 60, 0));
        yield return Is("a text that ends early", Question(answers: 1).Record(www, 16, 1, 60, 9, 65));
        yield return Is("a name that loops", Question(answers: 1).Record(www, 5, 1, 60, 0xc0, 0xff));
        yield return Is("an additional address", Question(additionals: 1).Record(www, 1, 1, 60, address));
        yield return Is("an unknown type", Question(answers: 1).Record(www, 65280, 1, 60, 1, 2, 3));
        yield return Is("data longer than the message", Question(answers: 1).Name(www).U16(1, 1).U32(60).U16(200).Bytes(address));

        // EDNS.
        foreach (var size in (int[])[0, 1, 511, 512, 4096, 65535])
            yield return Is($"payload {size}", Question(additionals: 1).Opt(size));
        foreach (var version in (int[])[1, 2, 255])
            yield return Is($"version {version}", Question(additionals: 1).Opt(version: version));
        yield return Is("version 1, class CH", New().Header(additionals: 1).Question(www, 1, 3).Opt(version: 1));
        yield return Is("two OPT", Question(additionals: 2).Opt().Opt());
        yield return Is("OPT with a name", Question(additionals: 1).Opt(owner: "x"));
        yield return Is("OPT as an answer", Question(answers: 1).Opt());
        yield return Is("OPT with an extended code", Question(additionals: 1).Record(".", 41, 1232, 0xff000000));
        yield return Is("OPT with unknown flags", Question(additionals: 1).Record(".", 41, 1232, 0x00007fff));
        yield return Is("DNSSEC wanted", Question(additionals: 1).Opt(dnssec: true));
        yield return Is("unknown option", Question(additionals: 1).Opt(options: [0xfd, 0xe9, 0, 2, 1, 2]));
        yield return Is("option of no bytes", Question(additionals: 1).Opt(options: [0xfd, 0xe9, 0, 0]));
        yield return Is("option longer than its record", Question(additionals: 1).Opt(options: [0xfd, 0xe9, 0, 9, 1]));
        yield return Is("option cut in its head", Question(additionals: 1).Opt(options: [0xfd, 0xe9, 0]));
        yield return Is("OPT longer than the message", Question(additionals: 1).Bytes(0).U16(41, 1232, 0, 0, 50));
        yield return Is("a record behind OPT", Question(additionals: 2).Opt().Record(www, 1, 1, 60, address));
    }

    /// <summary>Queries with some bytes changed, the same ones in every run.</summary>
    public static IEnumerable<DnsQuery> Mutated(string zone, int count)
    {
        var random = new Random(20250101);
        var records = new DnsWriter().Header(0, 1, 1, 1, 1).Question(zone, 255).Record(zone, 16, 1, 60, 3, 65, 66, 67)
            .Record(zone, 15, 1, 60, 0, 10, 0xc0, 0x0c).Opt(4096).ToArray();
        // A type stays what it is: BIND knows more of them, and their data.
        var name = new DnsWriter().Name(zone).ToArray().Length;
        int[] types = [12 + name + 4 + name, 12 + name + 4 + name + 14 + name];
        (byte[] Bytes, int[] Fixed)[] seeds =
        [
            (new DnsWriter().Header().Question($"www.{zone}", 1).ToArray(), []),
            (new DnsWriter().Header(additionals: 1).Question($"mail.{zone}", 15).Opt().ToArray(), []),
            (records, [.. types, .. types.Select(at => at + 1)]),
        ];
        for (var i = 0; i < count; i++)
        {
            var (seed, kept) = seeds[random.Next(seeds.Length)];
            var bytes = (byte[])seed.Clone();
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                var at = random.Next(2, bytes.Length);
                if (!kept.Contains(at))
                    bytes[at] = (byte)(random.Next(2) == 0 ? random.Next(256) : random.GetItems<byte>([0, 1, 0x3f, 0x40, 0xc0, 0xff], 1)[0]);
            }
            if (random.Next(4) == 0)
                bytes = bytes[..random.Next(2, bytes.Length)];
            // NOTIFY and UPDATE are BIND's alone.
            if (bytes.Length < 3 || ((bytes[2] >> 3) & 15) is not (4 or 5))
                yield return new($"mutation {i}", bytes, Tcp: random.Next(8) == 0, Malformed: true);
        }
    }
}
