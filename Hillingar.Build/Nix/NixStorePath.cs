using System.Security.Cryptography;
using System.Text;
using Hillingar.Build.Files;
using Hillingar.Opam.Files;

namespace Hillingar.Build.Nix;

/// <summary>
/// Where Nix's store keeps something whose hash is known beforehand (<c>StoreDirConfig::makeFixedOutputPath</c> in Nix's
/// <c>store-dir-config.cc</c>).
/// </summary>
static class NixStorePath
{
    const string Digits = "0123456789abcdfghijklmnpqrsvwxyz";

    /// <summary>The path of a file with a checksum.</summary>
    /// <param name="name">The name it has there.</param>
    /// <param name="checksum">Its checksum.</param>
    /// <param name="store">The store's folder.</param>
    public static string OfFile(string name, Checksum checksum, string store = "/nix/store")
    {
        // sha256 over a NAR has a shorter form; flat files, whatever their hash, have this one.
        var inner = Hex(SHA256.HashData(Encoding.UTF8.GetBytes($"fixed:out:{checksum.KindText}:{checksum.Hex}:")));
        return Of($"output:out:sha256:{inner}", name, store);
    }

    /// <summary>The path of a folder whose NAR has a hash.</summary>
    /// <param name="name">The name it has there.</param>
    /// <param name="narHash">The hash, as <see cref="NarHash"/> writes it.</param>
    /// <param name="store">The store's folder.</param>
    public static string OfFolder(string name, string narHash, string store = "/nix/store") =>
        Of($"source:sha256:{Hex(Convert.FromBase64String(narHash["sha256-".Length..]))}", name, store);

    static string Of(string what, string name, string store)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{what}:{store}:{name}"));
        var folded = new byte[20];
        for (var at = 0; at < hash.Length; at++)
            folded[at % folded.Length] ^= hash[at];
        return $"{store}/{Base32(folded)}-{name}";
    }

    static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    // Nix's own alphabet and order: the last digit first.
    static string Base32(byte[] bytes)
    {
        var text = new StringBuilder();
        for (var digit = ((bytes.Length * 8) - 1) / 5; digit >= 0; digit--)
        {
            var bit = digit * 5;
            var value = bytes[bit / 8] >> (bit % 8) | ((bit / 8) + 1 < bytes.Length ? bytes[(bit / 8) + 1] << (8 - (bit % 8)) : 0);
            text.Append(Digits[value & 31]);
        }
        return text.ToString();
    }
}
