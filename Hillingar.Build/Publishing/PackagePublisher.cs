using Hillingar.Build.Files;
using Hillingar.Build.Unpacking;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Syntax;

namespace Hillingar.Build.Publishing;

/// <summary>What to publish where.</summary>
/// <param name="Archive">The archive's path; the <c>*.opam</c> files at its top are its packages.</param>
/// <param name="Repository">The opam repository's folder; it is made where it is missing.</param>
/// <param name="Url">Where others will find the archive; null keeps a copy in the repository itself.</param>
/// <param name="Version">The version, where neither the opam files nor the archive's name say it.</param>
public sealed record Publication(string Archive, string Repository, string? Url, string? Version);

/// <summary>Publishes archives as packages of an opam repository folder, as a company keeps for its own libraries.</summary>
public static class PackagePublisher
{
    // RFC 2606: a name that never resolves. Whoever has no mirror of the archive learns that from the error.
    const string Unpublished = "https://unpublished.invalid/";

    /// <summary>Writes <c>packages/NAME/NAME.VERSION/opam</c> for each opam file in the archive, with the archive's url and checksums.</summary>
    /// <returns>The files that were written.</returns>
    /// <exception cref="HillingarException">HIL4040: no archive. HIL4041: no opam file in it. HIL4042: no version. HIL4043: published already with other contents.</exception>
    public static IReadOnlyList<string> Publish(Publication publication, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(publication);
        if (!File.Exists(publication.Archive))
            throw new HillingarException("HIL4040", $"There is no archive '{publication.Archive}' to publish.");
        var scratch = Directory.CreateTempSubdirectory("hillingar-publish-").FullName;
        try
        {
            var sources = Path.Combine(scratch, "sources");
            Unpacker.Unpack(publication.Archive, sources, cancellation: cancellation);
            var packages = Directory.EnumerateFiles(sources, "*.opam").Order(StringComparer.Ordinal).ToList();
            if (packages.Count == 0)
                throw new HillingarException(
                    "HIL4041",
                    $"The archive '{publication.Archive}' has no opam file at its top, so it is no opam package."
                );
            var checksums = Hashes.OfFile(publication.Archive, [ChecksumKind.Sha256, ChecksumKind.Sha512]);
            var url = new SourceUrl(
                publication.Url ?? Unpublished + Uri.EscapeDataString(Path.GetFileName(publication.Archive)),
                [.. checksums],
                []
            );
            var files = packages.ConvertAll(path => Package(publication, path, url));
            foreach (var (path, text) in files)
                if (File.Exists(path) && File.ReadAllText(path) != text)
                    throw new HillingarException(
                        "HIL4043",
                        $"'{path}' is published already, with other contents. Publish a new version: locks rely on published ones."
                    );

            if (publication.Url is null)
                Keep(publication, checksums);
            foreach (var (path, text) in files)
                AtomicFile.WriteText(path, text);
            return files.ConvertAll(file => file.Path);
        }
        finally
        {
            Tree.Delete(scratch);
        }
    }

    static (string Path, string Text) Package(Publication publication, string opamFile, SourceUrl url)
    {
        var name = Path.GetFileNameWithoutExtension(opamFile);
        var file = PackageFile.Read(opamFile);
        var version = file.Version?.Text ?? publication.Version ?? FromName(publication.Archive);
        if (version is null || !OpamVersion.IsValid(version) || !PackageName.IsValid(name))
            throw new HillingarException(
                "HIL4042",
                $"No version of '{name}' is known: {Path.GetFileName(opamFile)} has no field 'version', and the archive is not named NAME-VERSION. Say it (HillingarPackageVersion)."
            );

        // The folder says name and version; a url that the author left belongs to another archive.
        var writer = new PackageWriter();
        foreach (var item in file.Document.Items)
            if (item is not (Field { Name: "opam-version" or "name" or "version" } or Section { Kind: "url" }))
                writer.Add(item);
        writer.Add(url);
        return (Path.Combine(publication.Repository, "packages", name, $"{name}.{version}", "opam"), writer.ToString());
    }

    // The repository serves the archive itself, in the layout of opam's caches, and says so.
    static void Keep(Publication publication, IReadOnlyList<Checksum> checksums)
    {
        foreach (var checksum in checksums)
        {
            var copy = Path.Combine(publication.Repository, "cache", checksum.CachePath);
            var temporary = AtomicFile.Beside(copy);
            File.Copy(publication.Archive, temporary);
            File.Move(temporary, copy, overwrite: true);
        }

        var path = Path.Combine(publication.Repository, "repo");
        if (!File.Exists(path))
            AtomicFile.WriteText(path, "opam-version: \"2.0\"\narchive-mirrors: \"cache\"\n");
        else if (new RepositoryFile(Document.Read(path)).ArchiveMirrors is { IsEmpty: false } mirrors)
        {
            if (!mirrors.Contains("cache"))
                throw new HillingarException(
                    "HIL4044",
                    "The archive would be kept in the repository's folder 'cache', which is not among its archive-mirrors. Add \"cache\" to them, or say where the archive is published (HillingarArchiveUrl).",
                    new Place(path)
                );
        }
        else
            AtomicFile.WriteText(path, File.ReadAllText(path).TrimEnd() + "\narchive-mirrors: \"cache\"\n");
    }

    // lib-1.0.tar.gz, lib-v1.0.tbz
    static string? FromName(string archive)
    {
        var name = Path.GetFileName(archive);
        foreach (var ending in new[] { ".tar.gz", ".tar.bz2", ".tar.xz", ".tgz", ".tbz", ".txz", ".tar" })
            if (name.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
                name = name[..^ending.Length];
        for (var dash = name.IndexOf('-'); dash >= 0; dash = name.IndexOf('-', dash + 1))
            if (name.AsSpan(dash + 1).TrimStart('v') is [>= '0' and <= '9', ..])
                return name[(dash + 1)..].TrimStart('v');
        return null;
    }
}
