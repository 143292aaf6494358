using System.Diagnostics;

namespace Hillingar.Tests.Dns;

/// <summary>What a comparison did, and where the servers differ.</summary>
/// <param name="Queries">All that were asked, each of both servers.</param>
/// <param name="Malformed">Of them, those that are no proper queries.</param>
/// <param name="Tcp">Of them, those over TCP.</param>
/// <param name="Silent">Of them, those that BIND left without a reply.</param>
/// <param name="Truncated">Of them, those whose reply did not fit.</param>
/// <param name="Cut">Of them, those where BIND left addresses out to fit, which the sample may choose otherwise.</param>
/// <param name="Mismatches">For each query whose replies differ, how they do.</param>
sealed record DnsComparison(int Queries, int Malformed, int Tcp, int Silent, int Truncated, int Cut, IReadOnlyList<string> Mismatches)
{
    /// <summary>Starts a server that was built with some zone files, and BIND with the same, and asks both the same queries.
    /// Code, flags and question must be equal, and the sections as sets of records with their times to live;
    /// EDNS's own record must be there or not, whatever it says. What a truncated reply holds is not compared:
    /// a client must not use it (RFC 2181, 9).</summary>
    /// <param name="server">The path of the built sample, <c>dns.exe</c>.</param>
    /// <param name="zones">The zone files, each named after its zone: <c>example.org.zone</c>.</param>
    /// <param name="cancellation">Ends it, and the servers.</param>
    public static async Task<DnsComparison> Run(string server, IReadOnlyCollection<string> zones, CancellationToken cancellation)
    {
        Assert.SkipWhen(DnsProcess.Bind is null || DnsProcess.CheckZone is null, "needs named and named-checkzone (Debian: bind9, bind9-utils)");
        using var folder = new TestFolder();
        await using var named = await DnsProcess.Named(folder.Path, zones, cancellation);
        await using var sample = await DnsProcess.Sample(server, cancellation);
        var result = new DnsComparison(0, 0, 0, 0, 0, 0, []);
        foreach (var zone in zones)
        {
            var name = ZoneOf(zone);
            var owners = await Owners(name, zone, cancellation);
            DnsQuery[] queries = [.. DnsQueries.Proper(name, owners), .. DnsQueries.Strange(name), .. DnsQueries.Mutated(name, 500)];
            var (expected, actual) = (new DnsClient(named.Address, name), new DnsClient(sample.Address, name));
            var outcomes = new Outcome[queries.Length];
            // At once, because to be sure of silence takes a while.
            await Parallel.ForAsync(
                0, queries.Length, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellation },
                async (i, token) => outcomes[i] = await Compare(queries[i], expected, actual, token));
            result = queries.Zip(outcomes).Aggregate(result, (sum, pair) => sum.With(pair.First, pair.Second));
            var pipelined = await Pipelined(queries.Where(query => !query.Malformed).Take(100), expected, actual, cancellation);
            result = result with { Mismatches = [.. result.Mismatches, .. pipelined] };
        }
        return result;
    }

    /// <summary>The zone that a file is named after.</summary>
    public static string ZoneOf(string file) => Path.GetFileNameWithoutExtension(file);

    sealed record Outcome(bool Silent, bool Truncated, bool Cut, string? Mismatch);

    DnsComparison With(DnsQuery query, Outcome outcome) =>
        new(
            Queries + 1, Malformed + (query.Malformed ? 1 : 0), Tcp + (query.Tcp ? 1 : 0), Silent + (outcome.Silent ? 1 : 0),
            Truncated + (outcome.Truncated ? 1 : 0), Cut + (outcome.Cut ? 1 : 0), outcome.Mismatch is { } text ? [.. Mismatches, text] : Mismatches);

    static async Task<Outcome> Compare(DnsQuery query, DnsClient named, DnsClient sample, CancellationToken cancellation)
    {
        var wanted = Read(await named.Ask(query, cancellation));
        var reply = await sample.Ask(query, cancellation);
        var difference = Difference(query, wanted, reply);
        var cut = difference is not null && wanted is not null && reply is not null && !query.Tcp
            && await IsCut(query, wanted, reply, named, sample, cancellation);
        return new(wanted is null, wanted?.Truncated == true, cut, difference is null || cut ? null : $"{query}\n  {difference}");
    }

    /// <summary>Whether the replies differ only because addresses had no room: BIND left out some that it gives over TCP, where the replies
    /// are equal. The sample may leave out others, or say that the reply is truncated when they are glue (RFC 9471, 2).</summary>
    static async Task<bool> IsCut(DnsQuery query, DnsMessage wanted, byte[] reply, DnsClient named, DnsClient sample, CancellationToken cancellation)
    {
        var stream = query with { Tcp = true };
        if (Read(await named.Ask(stream, cancellation)) is not { } whole || whole.Additional.Count <= wanted.Additional.Count)
            return false;
        if (Difference(stream, whole, await sample.Ask(stream, cancellation)) is not null)
            return false;
        var got = DnsMessage.Parse(reply);
        var referral = !got.Authoritative && got.Truncated && !wanted.Truncated;
        var fewer = got.Additional.All(whole.Additional.Contains);
        var (left, right) = (Without(wanted), Without(got));
        return referral
            ? Difference(query, left with { Answer = [], Authority = [] }, right with { Truncated = false }) is null
            : fewer && Difference(query, left, right) is null;

        static DnsMessage Without(DnsMessage message) => message with { Additional = [] };
    }

    static DnsMessage? Read(byte[]? message) => message is null ? null : DnsMessage.Parse(message);

    /// <summary>How the sample's reply differs, or null.</summary>
    static string? Difference(DnsQuery query, DnsMessage? wanted, byte[]? reply)
    {
        try
        {
            return Difference(query, wanted, Read(reply));
        }
        catch (FormatException error)
        {
            return $"the sample's reply is broken: {error.Message} [{Convert.ToHexStringLower(reply!)}]";
        }
    }

    static string? Difference(DnsQuery query, DnsMessage? wanted, DnsMessage? got)
    {
        if (wanted is null || got is null)
            return wanted == got ? null : $"{(wanted is null ? "BIND is silent" : $"BIND answers {wanted.Rcode}")}, the sample {(got is null ? "is silent" : $"answers {got.Rcode}")}";
        (string Name, object Wanted, object Got)[] parts =
        [
            ("id", wanted.Id, got.Id), ("opcode", wanted.Opcode, got.Opcode), ("code", wanted.Rcode, got.Rcode), ("QR", wanted.Response, got.Response),
            ("AA", wanted.Authoritative, got.Authoritative), ("TC", wanted.Truncated, got.Truncated),
            ("RD", wanted.RecursionDesired, got.RecursionDesired), ("RA, AD, CD", wanted.OtherFlags, got.OtherFlags),
            ("question", query.Malformed ? "" : Lines(wanted.Questions), query.Malformed ? "" : Lines(got.Questions)),
            ("EDNS", !query.Malformed && wanted.Edns, !query.Malformed && got.Edns),
            .. wanted.Truncated
                ? Array.Empty<(string, object, object)>()
                : [
                    ("answer", Lines(wanted.Answer), Lines(got.Answer)),
                    ("authority", Lines(wanted.Authority), Lines(got.Authority)),
                    ("additional", Lines(wanted.Additional), Lines(got.Additional)),
                ],
        ];
        var different = parts.Where(part => !part.Wanted.Equals(part.Got)).Select(part => $"{part.Name}: BIND {part.Wanted}, the sample {part.Got}").ToList();
        return different.Count == 0 ? null : string.Join("\n  ", different);
    }

    static string Lines(IEnumerable<string> records) => $"{{{string.Join("; ", records)}}}";

    /// <summary>Many queries over one connection at once: each gets its reply.</summary>
    static async Task<IEnumerable<string>> Pipelined(IEnumerable<DnsQuery> queries, DnsClient named, DnsClient sample, CancellationToken cancellation)
    {
        var numbered = queries.Select((query, id) => query with { Tcp = true, Bytes = [(byte)(id >> 8), (byte)id, .. query.Bytes[2..]] }).ToList();
        var messages = numbered.Select(query => query.Bytes).ToList();
        var (expected, actual) = (await named.Pipeline(messages, cancellation), await sample.Pipeline(messages, cancellation));
        return from id in Enumerable.Range(0, numbered.Count)
               let difference = Difference(numbered[id], Read(expected.GetValueOrDefault(id)), actual.GetValueOrDefault(id))
               where difference is not null
               select $"pipelined {numbered[id]}\n  {difference}";
    }

    /// <summary>The names that have records, as BIND reads the file: <c>named-checkzone -D</c> prints one record a line.</summary>
    static async Task<IReadOnlyCollection<string>> Owners(string zone, string file, CancellationToken cancellation)
    {
        using var process = Process.Start(new ProcessStartInfo(DnsProcess.CheckZone!, ["-q", "-D", "-i", "none", "-k", "ignore", "-o", "-", zone, file])
        {
            RedirectStandardOutput = true,
        })!;
        var text = await process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line[..line.IndexOfAny([' ', '\t'])].TrimEnd('.'))
            .Distinct(StringComparer.Ordinal)
            .ToList();
    }
}
