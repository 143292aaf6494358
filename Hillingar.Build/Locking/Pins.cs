using Hillingar.Build.Files;
using Hillingar.Build.Locks;
using Hillingar.Build.Reporting;
using Hillingar.Build.Requests;
using Hillingar.Build.Sources;
using Hillingar.Build.Storage;
using Hillingar.Build.Unpacking;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Syntax;

namespace Hillingar.Build.Locking;

/// <summary>The packages that a project's opam files pin (<c>pin-depends</c>), and those that these pin in turn: their opam files come from the pinned sources themselves.</summary>
/// <param name="request">The project.</param>
/// <param name="stores">Where git repositories and archives are kept.</param>
/// <param name="reporter">Is told what is downloaded.</param>
/// <param name="offline">Whether the network may not be used.</param>
sealed class Pins(Request request, Stores stores, IReporter reporter, bool offline)
{
    /// <summary>The opam file of each pinned package, its <c>url</c> set to the pin, bound to a commit or a checksum.</summary>
    /// <param name="roots">The opam files.</param>
    /// <param name="older">A lock whose commits and checksums are kept for pins that it was made with.</param>
    /// <param name="update">The packages of which they are not.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="HillingarException">HIL3011: a pin that is neither folder, archive nor git repository. HIL3012: there is no such package in it. HIL4020: it cannot be fetched.</exception>
    public async Task<IReadOnlyList<PackageFile>> Read(
        IReadOnlyList<PackageFile> roots,
        LockFile? older,
        IReadOnlyList<string> update,
        CancellationToken cancellation
    )
    {
        var pinned = new List<PackageFile>();
        var known = roots.Select(root => root.Name!.Value).ToHashSet();
        var rest = new Queue<(PackageFile Owner, Pin Pin, bool Kept, string Below)>(
            roots
                .SelectMany(root => root.PinDepends.Select(pin => (root, pin, older?.WasPinned(root, pin) == true, "")))
                .DistinctBy(item => item.pin)
        );
        // The project's own pins come first, so they win over those of what it pins.
        while (rest.TryDequeue(out var next))
        {
            var (owner, pin, kept, below) = next;
            if (
                roots.Contains(owner)
                    ? LocalFolder.Of(request, pin.Url) is not null || LocalFolder.IsRelative(pin.Url) && known.Contains(pin.Package.Name)
                    : known.Contains(pin.Package.Name)
            )
                continue;
            known.Add(pin.Package.Name);
            var old =
                kept && !update.Contains(pin.Package.Name.Text)
                    ? older!.Pins.FirstOrDefault(other => other.Package == pin.Package)?.Url
                    : null;
            var sources = older?.Duniverse.FirstOrDefault(source => source.Url == old);
            PackageFile file;
            try
            {
                file = await Read(owner, pin, roots.Contains(owner), old, sources, below, cancellation).ConfigureAwait(false);
            }
            catch (HillingarException exception) when (exception.Diagnostic.Place is null)
            {
                throw new HillingarException(
                    exception.Diagnostic with
                    {
                        Message =
                            $"'{pin.Package}' is pinned to '{Opam.Addresses.Address.WithoutCredentials(pin.Url)}': {exception.Message}",
                        Place = new Place(owner.Document.Path),
                    }
                );
            }

            pinned.Add(file);
            foreach (var further in file.PinDepends)
                rest.Enqueue(
                    Inside(pin, further) is { } inside
                        ? (file, further with { Url = file.Url!.Url }, old is not null, Below(below, inside))
                        : (file, further, old is not null, "")
                );
        }

        return pinned;
    }

    // A path that a file of a git repository names is one of the same commit.
    static string? Inside(Pin owner, Pin pin) =>
        new Source(owner.Url, [], [], []).IsGit && LocalFolder.IsRelative(pin.Url) ? pin.Url : null;

    static string Below(string folder, string path) =>
        string.Join('/', $"{folder}/{path}".Split('/').Where(part => part is not ("" or ".")));

    async Task<PackageFile> Read(
        PackageFile owner,
        Pin pin,
        bool isOwn,
        string? old,
        LockedSource? locked,
        string below,
        CancellationToken cancellation
    )
    {
        var place = new Place(owner.Document.Path);
        var scratch = Directory.CreateTempSubdirectory("hillingar-pin-").FullName;
        try
        {
            var sources = Path.Combine(scratch, "sources");
            Section url;
            if (new Source(pin.Url, [], [], []).IsGit)
            {
                var (address, _) = GitSource.Split(pin.Url);
                var bound = old ?? $"git+{address}#{await GitSource.Resolve(pin.Url, cancellation).ConfigureAwait(false)}";
                await GitSource.Unpack(bound, sources, stores.Sources.Folder, offline, cancellation).ConfigureAwait(false);
                url = Make.Section("url", null, Make.Field("src", bound));
            }
            else
            {
                var address = Address(pin, place);
                using var fetcher = new SourceFetcher(stores.Sources, reporter)
                {
                    Offline = offline,
                    Folders = LocalFolder.Sources(request, isOwn ? [owner] : []),
                };
                var checksum =
                    locked is { Checksums: { IsEmpty: false } sums } && locked.Url == address
                        ? sums[0]
                        : await fetcher.Take(address, pin.Package.ToString(), cancellation).ConfigureAwait(false);
                Unpacker.Unpack(
                    await fetcher
                        .Fetch(new Source(address, [checksum], [], []), pin.Package.ToString(), cancellation)
                        .ConfigureAwait(false),
                    sources,
                    null,
                    cancellation
                );
                url = Make.Section("url", null, Make.Field("src", address), Make.Field("checksum", checksum.ToString()));
            }

            var file = OpamFilePlaces.Read(sources, pin.Package, pin.Url, below) ?? throw OpamFilePlaces.Absent(pin, place);
            var document = file.Document.Set(url);
            // Packages of one commit lie in one folder, as a source repository's do.
            if (file.DevRepo is null && (below.Length > 0 || file.PinDepends.Any(other => Inside(pin, other) is not null)))
                document = document.Set(Make.Field("dev-repo", $"git+{GitSource.Split(pin.Url).Address}"));
            return new PackageFile(document, pin.Package);
        }
        finally
        {
            Tree.Delete(scratch);
        }
    }

    // A folder outside of the project, or an archive.
    string Address(Pin pin, Place place)
    {
        if (LocalFolder.Path(request, pin.Url) is { } path)
            return Directory.Exists(path) || File.Exists(path)
                ? new Uri(path).AbsoluteUri
                : throw new HillingarException(
                    "HIL3012",
                    $"'{pin.Package}' is pinned to '{pin.Url}', and there is neither a folder nor an archive {path}. Correct the pin.",
                    place
                );
        return pin.Url.StartsWith("https://", StringComparison.Ordinal) || pin.Url.StartsWith("http://", StringComparison.Ordinal)
            ? pin.Url
            : throw new HillingarException(
                "HIL3011",
                $"'{pin.Package}' is pinned to '{pin.Url}', which is neither a folder, an archive (https://…) nor a git repository (git+https://…#commit). Correct the pin.",
                place
            );
    }
}
