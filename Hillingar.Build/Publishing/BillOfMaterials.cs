using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Hillingar.Build.Files;
using Hillingar.Build.Images;
using Hillingar.Build.Locks;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;

namespace Hillingar.Build.Publishing;

/// <summary>
/// The bill of materials: CycloneDX 1.6 in JSON (https://cyclonedx.org/schema/bom-1.6.schema.json), packages named by package URLs of the
/// type <c>opam</c> (purl-spec, <c>types/opam-definition.json</c>).
/// </summary>
static partial class BillOfMaterials
{
    public static string Text(
        UnikernelPublication publication,
        LockFile locked,
        Materials materials,
        IReadOnlyDictionary<string, UnikernelImage> images
    )
    {
        var references = materials.Packages.ToDictionary(item => item.Package.Name.Text, item => Url(item.Package), StringComparer.Ordinal);
        var root = $"unikernel:{publication.Name}";
        var bill = JsonText.Object(
            ("$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json"),
            ("bomFormat", "CycloneDX"),
            ("specVersion", "1.6"),
            ("version", 1),
            (
                "metadata",
                JsonText.Object(
                    ("timestamp", Manifest.Time(publication)),
                    (
                        "tools",
                        JsonText.Object(
                            (
                                "components",
                                JsonText.Array([
                                    JsonText.Object(("type", "application"), ("name", "Hillingar"), ("version", Manifest.Version)),
                                ])
                            )
                        )
                    ),
                    (
                        "component",
                        JsonText.Object(
                            ("type", "application"),
                            ("bom-ref", root),
                            ("name", publication.Name),
                            ("version", publication.Version),
                            ("components", JsonText.Array(publication.Images.Select(image => Image(image, images[image.Target]))))
                        )
                    )
                )
            ),
            (
                "components",
                JsonText.Array(materials.Packages.Select(material => Component(material, references[material.Package.Name.Text])))
            ),
            (
                "dependencies",
                JsonText.Array([
                    Dependency(root, materials.Direct),
                    .. materials.Packages.Select(material => Dependency(references[material.Package.Name.Text], material.Depends)),
                ])
            )
        );
        // Of the content, so that it names just this bill; RFC 9562's version 8 is for identifiers of one's own making.
        bill.Insert(3, "serialNumber", $"urn:uuid:{Identifier(SHA256.HashData(Encoding.UTF8.GetBytes(JsonText.Of(bill))))}");
        return JsonText.Of(bill);

        JsonObject Dependency(string reference, IEnumerable<string> names) =>
            JsonText.Object(
                ("ref", reference),
                ("dependsOn", JsonText.Strings(names.Select(name => references[name]).Order(StringComparer.Ordinal)))
            );
    }

    /// <summary>A package's URL, <c>pkg:opam/lwt@5.6.1</c>: everything but letters, digits and <c>.-_~</c> is encoded.</summary>
    internal static string Url(OpamPackage package) =>
        $"pkg:opam/{Uri.EscapeDataString(package.Name.Text)}@{Uri.EscapeDataString(package.Version.Text)}";

    /// <summary>What a bill says of licences: one SPDX expression, or names where they are none.</summary>
    internal static JsonArray? Licences(IReadOnlyList<string> stated) =>
        stated switch
        {
            [] => null,
            [var one] when Expression(one) is { } expression => JsonText.Array([JsonText.Object(("expression", expression))]),
            // opam means each of several; they are ORed and ANDed by nobody.
            _ when stated.All(text => Expression(text) is not null) => JsonText.Array([
                JsonText.Object(
                    (
                        "expression",
                        string.Join(
                            " AND ",
                            stated.Select(text => Expression(text)!).Select(text => text.Contains(' ') ? $"({text})" : text)
                        )
                    )
                ),
            ]),
            _ => JsonText.Array(stated.Select(text => JsonText.Object(("license", JsonText.Object(("name", text)))))),
        };

    // SPDX specification, annex D: identifiers, WITH, AND, OR and parentheses. Whether an identifier is on SPDX's list is not asked.
    static string? Expression(string text)
    {
        var tokens = Tokens()
            .Matches(text)
            .Select(match => match.Value.ToUpperInvariant() is "AND" or "OR" or "WITH" ? match.Value.ToUpperInvariant() : match.Value)
            .ToList();
        var at = 0;
        return Tokens().Replace(text, "").Trim().Length == 0 && Choice() && at == tokens.Count
            ? string.Join(' ', tokens).Replace("( ", "(", StringComparison.Ordinal).Replace(" )", ")", StringComparison.Ordinal)
            : null;

        bool Choice()
        {
            do if (!Term())
                return false;
            while (Take("AND") || Take("OR"));
            return true;
        }

        bool Term() => Take("(") ? at < 100 && Choice() && Take(")") : Word() && (!Take("WITH") || Word());
        bool Word() => at < tokens.Count && tokens[at] is not ("(" or ")" or "AND" or "OR" or "WITH") && ++at > 0;
        bool Take(string token) => at < tokens.Count && tokens[at] == token && ++at > 0;
    }

    static JsonObject Image(PublishedImage published, UnikernelImage image) =>
        JsonText.Object(
            ("type", "application"),
            ("bom-ref", $"image:{published.Target}"),
            ("name", $"{published.Target}/{Path.GetFileName(published.Path)}"),
            ("hashes", JsonText.Array([Hash("SHA-256", image.Sha256)]))
        );

    static JsonObject Component(Material material, string url) =>
        JsonText.Object(
            ("type", "library"),
            ("bom-ref", url),
            ("name", material.Package.Name.Text),
            ("version", material.Package.Version.Text),
            ("scope", material.IsVendored ? "required" : null),
            ("hashes", Hashes(material.Source)),
            ("licenses", Licences(material.Licences)),
            ("purl", url),
            (
                "externalReferences",
                material.Source is { } source
                    ? JsonText.Array([
                        JsonText.Object(
                            ("type", source.Checksums.IsEmpty ? "vcs" : "source-distribution"),
                            ("url", Printable.Line(source.Url)),
                            ("hashes", Hashes(source))
                        ),
                    ])
                    : null
            ),
            (
                "properties",
                JsonText.Array([
                    JsonText.Object(
                        ("name", "hillingar:vendored"),
                        ("value", material.Source?.Folder is { } folder ? $"duniverse/{folder}" : "no")
                    ),
                ])
            )
        );

    static JsonArray? Hashes(LockedSource? source) =>
        source is null || source.Checksums.IsEmpty
            ? null
            : JsonText.Array(
                source
                    .Checksums.Strongest()
                    .Select(checksum =>
                        Hash(
                            checksum.Kind switch
                            {
                                ChecksumKind.Md5 => "MD5",
                                ChecksumKind.Sha1 => "SHA-1",
                                ChecksumKind.Sha256 => "SHA-256",
                                _ => "SHA-512",
                            },
                            checksum.Hex
                        )
                    )
            );

    static JsonObject Hash(string algorithm, string content) => JsonText.Object(("alg", algorithm), ("content", content));

    static Guid Identifier(byte[] hash)
    {
        BinaryPrimitives.WriteUInt16BigEndian(
            hash.AsSpan(6),
            (ushort)(BinaryPrimitives.ReadUInt16BigEndian(hash.AsSpan(6)) & 0x0fff | 0x8000)
        );
        hash[8] = (byte)(hash[8] & 0x3f | 0x80);
        return new Guid(hash.AsSpan(0, 16), bigEndian: true);
    }

    [GeneratedRegex(@"[A-Za-z0-9.\-:]+\+?|[()]")]
    private static partial Regex Tokens();
}
