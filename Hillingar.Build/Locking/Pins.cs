using Hillingar.Opam;
using Hillingar.Opam.Syntax;

namespace Hillingar.Build;

/// <summary>The packages that a project's opam files pin (<c>pin-depends</c>): their opam files come from the pinned sources themselves.</summary>
static class Pins
{
    /// <summary>The opam file of each pinned package, its <c>url</c> set to the pin, bound to a commit.</summary>
    /// <param name="roots">The opam files.</param>
    /// <param name="stores">Where git repositories are kept.</param>
    /// <param name="offline">Whether the network may not be used.</param>
    /// <param name="older">A lock whose commits are kept for pins that it was made with.</param>
    /// <param name="update">The packages whose commits are not kept.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="HillingarException">HIL3011: a pin that is no git repository. HIL3012: there is no such package in it. HIL4020: it cannot be fetched.</exception>
    public static async Task<IReadOnlyList<PackageFile>> Read(IEnumerable<PackageFile> roots, Stores stores, bool offline, LockFile? older, IReadOnlyList<string> update, CancellationToken cancellation)
    {
        var pinned = new List<PackageFile>();
        foreach (var (root, pin) in roots.SelectMany(root => root.PinDepends.Select(pin => (root, pin))).DistinctBy(item => item.pin))
        {
            var place = new Place(root.Document.Path);
            if (!new Source(pin.Url, [], [], []).IsGit)
                throw new HillingarException("HIL3011", $"'{pin.Package}' is pinned to '{pin.Url}', an archive without a checksum. Pin it to a git repository (git+https://…#commit), or publish the archive into a repository (HillingarPublishPackage).", place);
            var (address, _) = GitSource.Split(pin.Url);
            var kept = older?.Request.Contains(Roots.Line(root, pin)) == true && !update.Contains(pin.Package.Name.Text)
                ? older.Pins.FirstOrDefault(old => old.Package == pin.Package)?.Url : null;
            var url = kept ?? $"git+{address}#{await GitSource.Resolve(pin.Url, cancellation).ConfigureAwait(false)}";
            var scratch = Directory.CreateTempSubdirectory("hillingar-pin-").FullName;
            try
            {
                var sources = Path.Combine(scratch, "sources");
                await GitSource.Unpack(url, sources, stores.Sources.Folder, offline, cancellation).ConfigureAwait(false);
                var path = new[] { $"{pin.Package.Name}.opam", "opam" }.Select(name => Path.Combine(sources, name)).FirstOrDefault(File.Exists)
                    ?? throw new HillingarException("HIL3012", $"'{pin.Package}' is pinned to '{pin.Url}', which has no {pin.Package.Name}.opam. Correct the pin.", place);
                pinned.Add(new PackageFile(Document.Read(path).Set(Make.Section("url", null, Make.Field("src", url))), pin.Package));
            }
            finally
            {
                Tree.Delete(scratch);
            }
        }

        return pinned;
    }
}
