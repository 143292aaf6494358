using System.Security.Cryptography;
using System.Text;
using Hillingar.Opam.Files;

namespace Hillingar.Build.Files;

/// <summary>Computes and compares opam's checksums.</summary>
static class Hashes
{
    /// <summary>The algorithms that opam's caches use, strongest first.</summary>
    public static IReadOnlyList<ChecksumKind> Kinds { get; } = [ChecksumKind.Sha512, ChecksumKind.Sha256, ChecksumKind.Md5];

    /// <summary>Strongest first, so that the first one says best what a file is.</summary>
    public static IEnumerable<Checksum> Strongest(this IEnumerable<Checksum> checksums) =>
        checksums.OrderByDescending(checksum => checksum.Kind).ThenBy(checksum => checksum.Hex, StringComparer.Ordinal);

    /// <summary>The checksums of a stream's bytes from where it stands to its end, in one pass.</summary>
    public static IReadOnlyList<Checksum> Of(Stream stream, IEnumerable<ChecksumKind> kinds)
    {
        var hashes = kinds.Distinct().Select(kind => (Kind: kind, Hash: IncrementalHash.CreateHash(Algorithm(kind)))).ToList();
        try
        {
            var buffer = new byte[1 << 17];
            for (int read; (read = stream.Read(buffer)) > 0; )
                foreach (var (_, hash) in hashes)
                    hash.AppendData(buffer, 0, read);
            return hashes.ConvertAll(item => new Checksum(item.Kind, Convert.ToHexStringLower(item.Hash.GetHashAndReset())));
        }
        finally
        {
            hashes.ForEach(item => item.Hash.Dispose());
        }
    }

    /// <summary>The checksums of a file's bytes.</summary>
    public static IReadOnlyList<Checksum> OfFile(string path, IEnumerable<ChecksumKind> kinds)
    {
        using var stream = File.OpenRead(path);
        return Of(stream, kinds);
    }

    /// <summary>The SHA-256 of a text, in hex.</summary>
    public static string OfText(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>The first of some checksums that a file does not have, or null when it has them all.</summary>
    public static Checksum? FirstMismatch(string path, IReadOnlyCollection<Checksum> expected)
    {
        var actual = OfFile(path, expected.Select(checksum => checksum.Kind));
        return expected.FirstOrDefault(checksum => !actual.Contains(checksum));
    }

    static HashAlgorithmName Algorithm(ChecksumKind kind) =>
        kind switch
        {
            ChecksumKind.Md5 => HashAlgorithmName.MD5,
            ChecksumKind.Sha1 => HashAlgorithmName.SHA1,
            ChecksumKind.Sha256 => HashAlgorithmName.SHA256,
            _ => HashAlgorithmName.SHA512,
        };
}
