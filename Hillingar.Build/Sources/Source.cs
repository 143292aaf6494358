using Hillingar.Build.Files;
using Hillingar.Opam.Files;

namespace Hillingar.Build.Sources;

/// <summary>An archive to have: where it may be, and what its bytes must be.</summary>
/// <param name="Url">The upstream address: <c>https</c>, <c>http</c>, <c>file</c>, a path, or <c>git+…#commit</c>.</param>
/// <param name="Checksums">Its checksums; all of them must hold. None for git, where the commit says what it is.</param>
/// <param name="Mirrors">Other addresses of the same file.</param>
/// <param name="ArchiveMirrors">Addresses below which it may lie as <c>KIND/first two digits/digits</c> (opam's <c>archive-mirrors</c>).</param>
public sealed record Source(
    string Url,
    IReadOnlyList<Checksum> Checksums,
    IReadOnlyList<string> Mirrors,
    IReadOnlyList<string> ArchiveMirrors
)
{
    /// <summary>Whether it is a git repository rather than an archive.</summary>
    public bool IsGit =>
        Url.StartsWith("git+", StringComparison.Ordinal)
        || Url.StartsWith("git:", StringComparison.Ordinal)
        || (Checksums.Count == 0 && Url.Split('#')[0].EndsWith(".git", StringComparison.Ordinal));

    /// <summary>All addresses where the archive may be, in the order they are tried.</summary>
    public IEnumerable<string> Addresses =>
        [
            Url,
            .. Mirrors,
            .. ArchiveMirrors.SelectMany(mirror => Checksums.Strongest().Select(checksum => $"{mirror.TrimEnd('/')}/{checksum.CachePath}")),
        ];
}
