using System.Diagnostics;
using System.Text;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Syntax;

namespace Hillingar.Tests;

/// <summary>Mutated files: whatever comes in, a document or the documented error comes out, in time.</summary>
public class FuzzTests
{
    /// <summary>What one input may take; a hang or quadratic time shows far above it. It is no measurement.</summary>
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    static string Failures => Path.Combine(TestData.Root, "tests", "Hillingar.Opam.Tests", "Regressions");

    [Fact]
    public void Every_mutation_is_read_or_refused()
    {
        var seeds = Seeds();
        var random = new Random(17);
        var inputs = TestData.Full ? 1_200_000 : 40_000;
        var accepted = 0;
        var slowest = TimeSpan.Zero;
        for (var i = 0; i < inputs; i++)
        {
            var input = Mutate(random, seeds);
            var watch = Stopwatch.StartNew();
            accepted += Try(input) ? 1 : 0;
            slowest = watch.Elapsed > slowest ? watch.Elapsed : slowest;
        }
        Assert.InRange(accepted, inputs / 20, inputs * 19 / 20);
        TestContext.Current.SendDiagnosticMessage($"{inputs} inputs, {accepted} accepted, the slowest took {slowest.TotalMilliseconds:f0} ms");
    }

    [Fact]
    public void What_once_failed_still_works()
    {
        foreach (var path in Directory.GetFiles(Failures))
            Try(File.ReadAllBytes(path));
    }

    [Fact]
    public void Mutations_are_accepted_and_refused_as_OCaml_does()
    {
        var seeds = Seeds();
        var random = new Random(4711);
        using var folder = new TestFolder();
        var inputs = Enumerable.Range(0, TestData.Full ? 30_000 : 3_000).Select(_ => Mutate(random, seeds)).Where(IsComparable).ToArray();
        var paths = inputs.Select((input, i) =>
        {
            File.WriteAllBytes(folder[$"{i}"], input);
            return folder[$"{i}"];
        }).ToArray();
        var theirs = OcamlPeer.Print(paths);
        var accepted = 0;
        for (var i = 0; i < inputs.Length; i++)
        {
            var ours = Parse(inputs[i])?.Print();
            accepted += ours is null ? 0 : 1;
            Assert.True(theirs[i] is null == ours is null, $"OCaml {(theirs[i] is null ? "refuses" : "accepts")} what we do not:\n{Encoding.UTF8.GetString(inputs[i])}");
            if (ours is not null && IsText(inputs[i]))
                Assert.Equal($"{OcamlPeer.Readable(theirs[i]!)}\n", ours);
        }
        TestContext.Current.SendDiagnosticMessage($"{inputs.Length} inputs, of which both accept {accepted} and print them alike");
    }

    // Where we read on purpose otherwise: depth and size have limits, and files of a newer format are refused by name.
    static bool IsComparable(byte[] input)
    {
        const string version = "opam-version: \"";
        var text = Encoding.Latin1.GetString(input);
        return input.Length < 100_000 && (!text.Contains(version, StringComparison.Ordinal) || text.StartsWith($"{version}2.0\"", StringComparison.Ordinal));
    }

    // OCaml's printer loses carriage returns; bytes that are no UTF-8 we show as such.
    static bool IsText(byte[] input) => input.All(b => b is >= 0x20 and < 0x7f or (byte)'\n') && !Encoding.ASCII.GetString(input).Contains('\\');

    static List<byte[]> Seeds()
    {
        var seeds = new List<byte[]>
        {
            Encoding.UTF8.GetBytes("opam-version: \"2.0\"\nsetenv: [[PATH += \"%{bin}%\"] [A =+= \"\\065\\x41\\\n  b\"]]\nx: (a | !b & ?c:d) # e\n(* f (* g *) *)\ns \"n\" { y: -1_0 z: a ~ \"1\" }"),
            Encoding.UTF8.GetBytes("a: true"),
        };
        foreach (var (path, content) in Corpus.Files(Corpus.Overlays, "/opam"))
            seeds.Add(content);
        return seeds;
    }

    static readonly string[] Words =
    [
        "{", "}", "[", "]", "(", ")", "\"", "\"\"\"", "\\", "#", "(*", "*)", "&", "|", "!", "?", "=", "!=", ">=", "<", "~", ":", "+=", "=+", ":=", "=:", "=+=",
        "\n", "\r\n", "\r", " ", "\t", "\0", "é", "\uFEFF", "true", "false", "_", "-", "0", "99999999999999999999", "4611686018427387904", "a:b", "a+b:c", "%{", "}%",
        "opam-version: \"2.1\"\n", "url {", "depends: [", "\\x", "\\999", "\\\n",
    ];

    static byte[] Mutate(Random random, List<byte[]> seeds)
    {
        var input = new List<byte>(seeds[random.Next(seeds.Count)]);
        for (var rounds = random.Next(1, 5); rounds > 0; rounds--)
        {
            var at = random.Next(input.Count + 1);
            var length = Math.Min(random.Next(1, 40), input.Count - at);
            switch (random.Next(9))
            {
                case 0:
                    input.InsertRange(at, Encoding.UTF8.GetBytes(Words[random.Next(Words.Length)]));
                    break;
                case 1:
                    input.RemoveRange(at, length);
                    break;
                case 2:
                    input.InsertRange(random.Next(input.Count + 1), input.GetRange(at, length));
                    break;
                case 3 when length > 0:
                    input[at] = (byte)random.Next(256);
                    break;
                case 4 when length > 0:
                    input[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 5:
                    input.RemoveRange(at, input.Count - at);
                    break;
                case 6:
                    // Structure: what stands between two brackets is doubled, or brackets are put around a piece.
                    var close = input.IndexOf((byte)']', at);
                    if (close > at)
                        input.InsertRange(close, input.GetRange(at, Math.Min(close - at, 200)));
                    break;
                case 7:
                    var (open, end) = random.Next(3) switch { 0 => ("[", "]"), 1 => ("(", ")"), _ => ("{", "}") };
                    input.InsertRange(at + length, Encoding.UTF8.GetBytes(end));
                    input.InsertRange(at, Encoding.UTF8.GetBytes(open));
                    break;
                case 8 when random.Next(200) == 0:
                    var word = Encoding.UTF8.GetBytes(Words[random.Next(Words.Length)]);
                    input.InsertRange(at, Enumerable.Repeat(word, random.Next(1, 20_000)).SelectMany(bytes => bytes));
                    break;
            }
        }
        return [.. input];
    }

    static bool Try(byte[] input)
    {
        var watch = Stopwatch.StartNew();
        try
        {
            if (Parse(input) is not { } document)
                return false;
            if (!document.Reprint().AsSpan().SequenceEqual(input))
                throw new InvalidDataException("it is printed otherwise");
            new PackageFile(document).Check();
            Document.Parse(document.Print());
            return true;
        }
        catch (Exception e)
        {
            Keep(input);
            throw new InvalidDataException($"{e.GetType().Name}: {e.Message} (the input is kept as a regression)", e);
        }
        finally
        {
            if (watch.Elapsed > Limit)
            {
                Keep(input);
                Assert.Fail($"an input of {input.Length} bytes took {watch.Elapsed} (it is kept as a regression)");
            }
        }
    }

    static Document? Parse(byte[] input)
    {
        try
        {
            return Document.Parse(input);
        }
        catch (HillingarException)
        {
            return null;
        }
    }

    static void Keep(byte[] input) => File.WriteAllBytes(Path.Combine(Failures, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(input))[..16]), input);
}
