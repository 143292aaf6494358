using System.Text;
using System.Text.Json.Nodes;
using Hillingar.Build.Files;
using Hillingar.Build.Locks;
using Hillingar.Build.Sources;
using Hillingar.Build.Vendoring;
using Hillingar.Opam.Addresses;
using Hillingar.Opam.Diagnostics;

namespace Hillingar.Build.Nix;

/// <summary>How a flake's plan writes sources, and what is done to them before they are built.</summary>
/// <param name="locked">The lock; it has the mirrors, and the hashes of git sources.</param>
sealed class FlakeSources(LockFile locked)
{
    /// <summary>A source: an archive by its strongest checksum, or a git commit by its NAR hash.</summary>
    /// <param name="source">The source.</param>
    /// <param name="name">What it is a source of.</param>
    /// <exception cref="HillingarException">HIL5081: nothing says what it is to be.</exception>
    public JsonObject Of(Source source, string name)
    {
        if (source.IsGit)
        {
            var (address, commit) = GitSource.Split(source.Url);
            var hash =
                locked.NarHashes.FirstOrDefault(pair => pair.Url == source.Url).Hash
                ?? throw new HillingarException(
                    "HIL5081",
                    $"The lock has no NAR hash of {source.Url}, from which {name} is built, so Nix could not know what to expect there. Lock again with the network: {Advice.LockAnew}."
                );
            return JsonText.Object(
                ("name", FlakeText.StoreName(name)),
                ("url", FlakeText.Checked(address)),
                ("rev", FlakeText.Checked(commit!)),
                ("narHash", FlakeText.Checked(hash))
            );
        }

        var checksum =
            source.Checksums.Strongest().FirstOrDefault()
            ?? throw new HillingarException(
                "HIL5081",
                $"The archive of {name} ({source.Url}) has no checksum, so Nix could not know what to expect there. Add one to its description."
            );
        var file = StoreName(source);
        return JsonText.Object(
            ("name", file),
            ("urls", JsonText.Array(Addresses(source).Select(FlakeText.Checked))),
            ("algorithm", checksum.KindText),
            ("hash", checksum.Hex),
            ("zip", source.Url.Split('#', '?')[0].EndsWith(".zip", StringComparison.OrdinalIgnoreCase) ? true : null)
        );
    }

    // Mirrors in folders of this machine are of no use elsewhere.
    static IEnumerable<string> Addresses(Source source) =>
        source
            .Addresses.Skip(1)
            .Where(address => address.StartsWith("http", StringComparison.Ordinal))
            .Prepend(source.Url)
            .Select(Address.WithoutCredentials)
            .Distinct();

    /// <summary>The name of an archive in Nix's store; together with the checksum it decides the path there.</summary>
    public static string StoreName(Source source) => FlakeText.StoreName(source.Url.Split('#', '?')[0].TrimEnd('/').Split('/')[^1]);

    /// <summary>What a package does to its sources.</summary>
    /// <param name="preparation">What it asks for.</param>
    /// <param name="patches">The patches that apply.</param>
    /// <param name="variables">What <c>substs</c> see.</param>
    public JsonObject Of(Preparation preparation, IEnumerable<string> patches, IEnumerable<(string Name, string Value)> variables)
    {
        foreach (
            var name in preparation
                .Files.Select(file => file.Name)
                .Concat(preparation.Sources.Select(extra => extra.Name))
                .Concat(preparation.Substs)
                .Concat(patches)
                .Append(preparation.Subpath ?? "x")
        )
            CheckInside(preparation, name);
        return JsonText.Object(
            ("package", preparation.Package.ToString()),
            ("subpath", preparation.Subpath is { } subpath ? FlakeText.Checked(subpath) : null),
            ("files", JsonText.Members(preparation.Files.Select(file => (file.Name, (JsonNode?)File(file.Content.AsSpan()))))),
            (
                "sources",
                JsonText.Members(
                    preparation.Sources.Zip(
                        preparation.ExtraSources(locked),
                        (extra, source) => (extra.Name, (JsonNode?)Of(source, extra.Name))
                    )
                )
            ),
            ("patches", JsonText.Array(patches.Select(FlakeText.Checked))),
            ("substs", JsonText.Array(preparation.Substs.Select(FlakeText.Checked))),
            (
                "variables",
                preparation.Substs.IsEmpty
                    ? null
                    : JsonText.Members(
                        variables
                            .Where(pair => !pair.Value.Contains('\n'))
                            .OrderBy(pair => pair.Name, StringComparer.Ordinal)
                            .Select(pair => (pair.Name, (JsonNode?)FlakeText.Pieces(pair.Value)))
                    )
            )
        );
    }

    /// <summary>A file's contents: text, or base64 where it is none.</summary>
    public static JsonObject File(ReadOnlySpan<byte> content)
    {
        var text = Encoding.UTF8.GetString(content);
        return Encoding.UTF8.GetBytes(text).AsSpan().SequenceEqual(content) && text.IndexOf('\0') < 0
            ? new JsonObject { ["text"] = text }
            : new JsonObject { ["base64"] = Convert.ToBase64String(content) };
    }

    static void CheckInside(Preparation preparation, string name)
    {
        if (!PortableName.IsInside(name))
            throw Preparer.Outside(preparation.Package, name);
    }
}
