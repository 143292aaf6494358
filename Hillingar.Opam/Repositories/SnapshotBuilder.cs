using System.Text;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;

namespace Hillingar.Opam.Repositories;

/// <summary>
/// Collects a repository's files by path, and makes a snapshot of them. Paths that are no part of a repository are passed over.
/// </summary>
sealed class SnapshotBuilder(string location)
{
    /// <summary>The largest file that is taken, and the largest sum of all, in bytes.</summary>
    public const long MaxFile = 16 << 20,
        MaxTotal = 256L << 20;

    // What a file costs beside its bytes and its name: of a million empty ones nothing else would be counted.
    const int Overhead = 400;

    readonly SortedDictionary<string, List<Version>> _names = new(StringComparer.Ordinal);
    readonly Dictionary<OpamPackage, Version> _versions = [];
    string _info = "";
    long _total;

    sealed record Version(OpamPackage Package)
    {
        public byte[]? Opam { get; set; }

        public List<(string Name, byte[] Content)> Extras { get; } = [];
    }

    /// <summary>Whether a path is part of a repository.</summary>
    public static bool IsWanted(string path) => path == "repo" || TryParse(path, out _, out _);

    /// <summary>Adds a file.</summary>
    /// <param name="path">Its path below the repository.</param>
    /// <param name="content">Its content.</param>
    /// <exception cref="HillingarException">There is too much (HIL1002).</exception>
    public void Add(string path, byte[] content)
    {
        if ((_total += content.Length + (path.Length * sizeof(char)) + Overhead) > MaxTotal)
            throw new HillingarException(
                "HIL1002",
                $"the repository has more than {MaxTotal >> 20} MiB of files, their names and places counted; it is not read",
                new Place(location)
            );
        if (path == "repo")
            _info = Encoding.UTF8.GetString(content);
        if (!TryParse(path, out var package, out var rest))
            return;
        if (!_versions.TryGetValue(package, out var version))
        {
            _versions.Add(package, version = new(package));
            if (!_names.TryGetValue(package.Name.Text, out var list))
                _names.Add(package.Name.Text, list = []);
            list.Add(version);
        }
        if (rest == "opam")
            version.Opam = content;
        else
            version.Extras.Add((rest["files/".Length..], content));
    }

    // packages/NAME/NAME.VERSION/opam, …/files/PATH, and opam's archives also packages/NAME.VERSION/…
    static bool TryParse(string path, out OpamPackage package, out string rest)
    {
        package = default;
        rest = "";
        var parts = path.Split('/', 4);
        if (parts.Length < 3 || parts[0] != "packages")
            return false;
        if (OpamPackage.TryParse(parts[1], out package))
            rest = path[("packages/".Length + parts[1].Length + 1)..];
        else if (parts.Length == 4 && OpamPackage.TryParse(parts[2], out package) && package.Name.Text == parts[1])
            rest = parts[3];
        return rest == "opam" || (rest.StartsWith("files/", StringComparison.Ordinal) && Decode.IsInside(rest));
    }

    /// <summary>Writes the snapshot.</summary>
    /// <param name="indexPath">Where.</param>
    /// <param name="key">What it is of.</param>
    /// <param name="tag">What the server says to know the content by.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="HillingarException">There was no package (HIL1006).</exception>
    public Snapshot Write(string indexPath, string key, string tag = "", CancellationToken cancel = default)
    {
        if (_names.Count == 0)
            throw new HillingarException(
                "HIL1006",
                "there is no opam repository here: expected packages/NAME/NAME.VERSION/opam",
                new Place(location)
            );
        var builder = new IndexBuilder(key, tag, _info);
        foreach (var (name, list) in _names)
        {
            if (list.RemoveAll(version => version.Opam is null) > 0 && list.Count == 0)
                continue;
            list.Sort((left, right) => Repository.NewestFirst(left.Package.Version, right.Package.Version));
            builder.Begin(0, list.Count);
            foreach (var version in list)
            {
                cancel.ThrowIfCancellationRequested();
                builder.Version(version.Package, version.Opam!, $"{location}/packages/{name}/{version.Package}/opam", 0, version.Extras);
            }

            builder.End(name);
        }
        return new(builder.Write(indexPath), indexPath, location);
    }
}
