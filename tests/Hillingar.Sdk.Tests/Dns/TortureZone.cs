using System.Globalization;

namespace Hillingar.Tests.Dns;

/// <summary>Zones that nobody would write, to compare servers on: loops, long chains, nested delegations, answers too large for TCP.</summary>
static class TortureZone
{
    /// <summary>Writes the zone files, one within the other, to a folder, and gives their paths.</summary>
    public static IReadOnlyCollection<string> Write(string folder)
    {
        (string Zone, string Text)[] zones = [("torture.example", Parent), ("child.torture.example", Child)];
        return zones.Select(
            zone =>
            {
                var path = Path.Combine(folder, $"{zone.Zone}.zone");
                File.WriteAllText(path, zone.Text);
                return path;
            }).ToList();
    }

    static readonly string Long = string.Join('.', Enumerable.Repeat(new string('l', 63), 3)) + "." + new string('m', 44);

    static string Parent { get; } =
        $$"""
        ; The SOA lives shorter than the time that negative answers ask for.
        $TTL 300
        @ 60 SOA ns hostmaster 4294967295 1w2d 1h30m 1209600 1d
        @ NS ns
        @ NS ns.child
        @ MX 0 .
        ns A 192.0.2.1
        ns AAAA ::ffff:192.0.2.1

        ; Loops and chains.
        self CNAME self
        left CNAME right
        right CNAME left
        into CNAME left
        {{Lines(24, i => $"link{i} CNAME link{i + 1}")}}
        link24 TXT "the end of the chain"
        out CNAME example.org.
        tochild CNAME www.child
        tochildless CNAME nothing.child
        mixed CNAME LINK20

        ; Wildcards everywhere.
        * TXT "anything"
        * MX 5 star
        *.loop CNAME again.loop
        *.* TXT "two stars"
        a.*.b TXT "between"
        *.ent A 192.0.2.2
        *.ent CAA 0 issue ";"
        stop.ent TXT "no wildcard for me"
        x.y.z.ent TXT "names between"
        *.sub.ent CNAME target.ent
        viastar MX 1 made.ent
        viacname MX 1 link23
        viaent MX 1 z.ent
        viaglue MX 1 ns.cut
        viaoccluded MX 1 hidden.cut
        viachild MX 1 www.child
        manytargets SRV 0 0 1 ns
        manytargets SRV 0 0 2 NS
        manytargets SRV 0 0 3 .
        manytargets SRV 0 0 4 made.ent

        ; Delegations: in one another, with what stands below them, with what does not.
        cut NS ns.cut
        cut NS ns.inner.cut
        cut NS made.ent
        cut NS ns.other
        cut NS ns
        cut TYPE43 \# 24 0001 08 01 0102030405060708090a0b0c0d0e0f1011121314
        ns.cut A 192.0.2.3
        ns.cut AAAA 2001:db8::3
        hidden.cut A 192.0.2.4
        *.cut TXT "hidden too"
        inner.cut NS ns.inner.cut
        ns.inner.cut A 192.0.2.5
        other NS ns.other
        ns.other A 192.0.2.6
        child NS ns.child
        child NS elsewhere.example.
        ns.child A 192.0.2.7
        {{Lines(30, i => $"wide NS ns{i}.wide")}}
        {{Lines(30, i => $"ns{i}.wide A 192.0.2.{i}\nns{i}.wide AAAA 2001:db8::{i:x}")}}
        {{Lines(20, i => $"huge NS {new string('n', 50)}{i}.huge")}}
        {{Lines(20, i => $"{new string('n', 50)}{i}.huge A 192.0.2.{i}\n{new string('n', 50)}{i}.huge AAAA 2001:db8::{i:x}")}}

        ; Data at its limits.
        zero 0 A 0.0.0.0
        ever 2147483647 A 255.255.255.255
        empty TXT ""
        full TXT "{{new string('x', 255)}}"
        {{Long}} TXT "a name of 255 bytes"
        UPPER.Case TXT "in both"
        upper.case MX 10 Upper.Case
        b\000y\255te TXT "\000\255"
        under.b\.ar TXT "a dot in a label"
        unknown TYPE65280 \# 0
        known TYPE1 \# 4 c0000263
        ; Too large for TCP, with no more than the 100 records of a type that BIND takes.
        {{Lines(90, i => $"ocean TXT \"{i:000} {new string('o', 250)}\"")}}
        {{Lines(90, i => $"ocean TYPE65280 \\# 250 {i:x4}{new string('a', 496)}")}}
        {{Lines(90, i => $"ocean TYPE65281 \\# 250 {i:x4}{new string('b', 496)}")}}
        {{Lines(40, i => $"mail MX {i} host{i}.mail\nhost{i}.mail A 192.0.2.{i}")}}
        """;

    static string Child { get; } =
        """
        $TTL 1h
        @ SOA ns hostmaster 1 2 3 4 5
        @ NS ns
        @ NS ns.torture.example.
        ns A 192.0.2.8
        www CNAME ns
        * A 192.0.2.9
        up CNAME zero.torture.example.
        """;

    static string Lines(int count, Func<int, FormattableString> line) =>
        string.Join('\n', Enumerable.Range(0, count).Select(i => line(i).ToString(CultureInfo.InvariantCulture)));
}
