using System.Security.Cryptography;

namespace Hillingar.Build;

/// <summary>
/// A checksum as opam writes it: <c>md5=…</c>, <c>sha256=…</c> or <c>sha512=…</c>, or 32 hex digits alone for md5
/// (opam manual, "File format", <c>checksum:</c>). Ordered by strength, strongest first.
/// </summary>
public readonly record struct Checksum : IComparable<Checksum>
{
    Checksum(HashAlgorithmName algorithm, string hex) => (Algorithm, Hex) = (algorithm, hex);

    /// <summary>The algorithm.</summary>
    public HashAlgorithmName Algorithm { get; }

    /// <summary>The digest in lower-case hex digits.</summary>
    public string Hex { get; }

    /// <summary>The algorithm's name in opam: <c>md5</c>, <c>sha256</c> or <c>sha512</c>.</summary>
    public string Kind => KindOf(Algorithm);

    /// <summary>Where caches and mirrors of opam keep the file: <c>KIND/first two digits/digits</c>.</summary>
    public string CachePath => $"{Kind}/{Hex[..2]}/{Hex}";

    /// <summary>The algorithms that opam knows, strongest first.</summary>
    public static IReadOnlyList<HashAlgorithmName> Algorithms { get; } = [HashAlgorithmName.SHA512, HashAlgorithmName.SHA256, HashAlgorithmName.MD5];

    /// <summary>Reads a checksum.</summary>
    /// <param name="text">As opam writes it.</param>
    /// <param name="place">Where it stands, for the error.</param>
    /// <exception cref="HillingarException">HIL4001: no checksum that opam would take.</exception>
    public static Checksum Parse(string text, Place? place = null)
    {
        var (kind, hex) = text.IndexOf('=') is var at and >= 0 ? (text[..at], text[(at + 1)..]) : ("md5", text);
        foreach (var algorithm in Algorithms)
            if (kind.Equals(KindOf(algorithm), StringComparison.OrdinalIgnoreCase)
                && hex.Length == 2 * SizeOf(algorithm) && hex.All(char.IsAsciiHexDigit))
                return new Checksum(algorithm, hex.ToLowerInvariant());
        throw new HillingarException("HIL4001", $"'{text}' is not a checksum. Write md5=, sha256= or sha512= and 32, 64 or 128 hex digits.", place);
    }

    /// <summary>The checksums of a stream's bytes from where it stands to its end, in one pass.</summary>
    public static IReadOnlyList<Checksum> Of(Stream stream, IEnumerable<HashAlgorithmName> algorithms)
    {
        var hashes = algorithms.Distinct().Select(IncrementalHash.CreateHash).ToList();
        try
        {
            var buffer = new byte[1 << 17];
            for (int read; (read = stream.Read(buffer)) > 0;)
                foreach (var hash in hashes)
                    hash.AppendData(buffer, 0, read);
            return hashes.ConvertAll(hash => new Checksum(hash.AlgorithmName, Convert.ToHexStringLower(hash.GetHashAndReset())));
        }
        finally
        {
            hashes.ForEach(hash => hash.Dispose());
        }
    }

    /// <summary>The checksums of a file's bytes.</summary>
    public static IReadOnlyList<Checksum> OfFile(string path, IEnumerable<HashAlgorithmName> algorithms)
    {
        using var stream = File.OpenRead(path);
        return Of(stream, algorithms);
    }

    /// <summary>The first of some checksums that a file does not have, or null when it has them all.</summary>
    public static Checksum? FirstMismatch(string path, IReadOnlyCollection<Checksum> expected)
    {
        var actual = OfFile(path, expected.Select(checksum => checksum.Algorithm));
        return expected.Cast<Checksum?>().FirstOrDefault(checksum => !actual.Contains(checksum!.Value));
    }

    /// <summary>Stronger algorithms first.</summary>
    public int CompareTo(Checksum other) => (SizeOf(other.Algorithm), Hex).CompareTo((SizeOf(Algorithm), other.Hex));

    /// <inheritdoc/>
    public override string ToString() => $"{Kind}={Hex}";

    /// <summary>Whether the left one sorts before the right one.</summary>
    public static bool operator <(Checksum left, Checksum right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left one sorts before the right one or is equal to it.</summary>
    public static bool operator <=(Checksum left, Checksum right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left one sorts after the right one.</summary>
    public static bool operator >(Checksum left, Checksum right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left one sorts after the right one or is equal to it.</summary>
    public static bool operator >=(Checksum left, Checksum right) => left.CompareTo(right) >= 0;

    static string KindOf(HashAlgorithmName algorithm) => algorithm.Name!.ToLowerInvariant();

    static int SizeOf(HashAlgorithmName algorithm) =>
        algorithm == HashAlgorithmName.SHA512 ? 64 : algorithm == HashAlgorithmName.SHA256 ? 32 : 16;
}
