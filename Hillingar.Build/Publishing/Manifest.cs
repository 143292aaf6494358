using System.Globalization;
using System.Text.Json.Nodes;
using Hillingar.Build.Files;
using Hillingar.Build.Images;
using Hillingar.Build.Locks;

namespace Hillingar.Build.Publishing;

/// <summary><c>manifest.json</c>: what was published, from what, with what; for programs and people that want to compare.</summary>
static class Manifest
{
    /// <summary>The version of its fields.</summary>
    const int Schema = 1;

    public static string Text(
        UnikernelPublication publication,
        LockFile locked,
        IReadOnlyDictionary<string, UnikernelImage> images,
        SourceRevision? revision
    ) =>
        JsonText.Of(
            JsonText.Object(
                ("schema", Schema),
                ("name", publication.Name),
                ("version", publication.Version),
                ("created", Time(publication)),
                ("images", JsonText.Array(publication.Images.Select(image => Image(image, images[image.Target])))),
                (
                    "lock",
                    JsonText.Object(
                        ("file", Path.GetFileName(publication.LockFile)),
                        ("sha256", UnikernelPublisher.Hash(publication.LockFile)),
                        ("platforms", JsonText.Strings(locked.Platforms)),
                        (
                            "repositories",
                            JsonText.Array(
                                locked.Contents.Select(pair => JsonText.Object(("address", pair.Address), ("content", pair.Content)))
                            )
                        )
                    )
                ),
                ("source", revision is null ? null : JsonText.Object(("commit", revision.Commit), ("modified", revision.IsModified))),
                ("tools", Tools(locked)),
                ("run", "./run.sh"),
                ("verify", "sha256sum -c SHA256SUMS"),
                (
                    "rebuild",
                    "in the project's sources at this commit, with this lock: dotnet restore --locked-mode && dotnet publish --no-restore"
                )
            )
        );

    /// <summary>The time to tell, as RFC 3339 writes it, or null.</summary>
    public static string? Time(UnikernelPublication publication) =>
        publication.Epoch is { } epoch
            ? DateTimeOffset.FromUnixTimeSeconds(epoch).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)
            : null;

    static JsonObject Image(PublishedImage published, UnikernelImage image) =>
        JsonText.Object(
            ("target", published.Target),
            ("file", $"{published.Target}/{Path.GetFileName(published.Path)}"),
            ("sha256", image.Sha256),
            ("size", image.FileSize),
            ("loadedSize", image.LoadedSize),
            ("machine", image.Machine),
            ("bits", image.Bits),
            ("osAbi", image.OsAbi),
            ("solo5", image.Abi is { } abi ? JsonText.Object(("target", abi.Target), ("version", abi.Version)) : null),
            (
                "devices",
                JsonText.Array(
                    image.Devices.Select(device =>
                        JsonText.Object(("kind", device.Kind == DeviceKind.Block ? "block" : "network"), ("name", device.Name))
                    )
                )
            ),
            (
                "segments",
                JsonText.Array(
                    image.Segments.Select(segment =>
                        JsonText.Object(
                            ("address", $"0x{segment.Address:x}"),
                            ("fileSize", segment.FileSize),
                            ("size", segment.Size),
                            ("access", segment.Access)
                        )
                    )
                )
            ),
            (
                "libraries",
                JsonText.Array(image.Libraries.Select(library => JsonText.Object(("name", library.Library), ("size", library.Size))))
            )
        );

    // The versions that the lock binds: the compiler's, findlib's and dune's, and those of the host switch.
    static JsonObject Tools(LockFile locked) =>
        JsonText.Object([
            ("hillingar", Version),
            .. locked
                .Packages.Select(item => item.Package)
                .Where(package => package.Name.Text is "ocaml" or "ocamlfind" or "dune")
                .Concat(locked.HostSwitch)
                .DistinctBy(package => package.Name)
                .OrderBy(package => package.Name.Text, StringComparer.Ordinal)
                .Select(package => (package.Name.Text, (JsonNode?)package.Version.Text)),
        ]);

    /// <summary>This Hillingar's version.</summary>
    public static string Version { get; } = typeof(Manifest).Assembly.GetName().Version!.ToString(3);
}
