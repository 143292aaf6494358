using System.Collections.Immutable;
using Hillingar.Opam.Syntax;

namespace Hillingar.Opam.Files;

/// <summary>What the file <c>repo</c> of a repository says.</summary>
/// <param name="document">The file.</param>
public sealed class RepositoryFile(Document document)
{
    readonly Decode _decode = new(document);

    /// <summary>The file of a repository that has none.</summary>
    public static RepositoryFile Empty { get; } = new(Document.Create([], "repo"));

    /// <summary>The file as a tree: everything raw.</summary>
    public Document Document { get; } = document;

    /// <summary><c>opam-version</c>, the format of the repository.</summary>
    public string? OpamVersion => Text("opam-version"u8);

    /// <summary><c>browse</c>: where people look at its packages.</summary>
    public string? Browse => Text("browse"u8);

    /// <summary><c>upstream</c>: where it is edited.</summary>
    public string? Upstream => Text("upstream"u8);

    /// <summary>
    /// <c>archive-mirrors</c>: caches of the packages' archives (<see cref="Checksum.CachePath"/>), as URLs or relative to the repository.
    /// </summary>
    public ImmutableArray<string> ArchiveMirrors =>
        Document.Field("archive-mirrors"u8) is { } mirrors ? _decode.Strings(mirrors.Value) : [];

    /// <summary><c>redirect</c>: where the repository has moved, in an environment where the filter holds.</summary>
    public ImmutableArray<Filtered<string>> Redirect => Filtered("redirect"u8);

    /// <summary><c>announce</c>: what users should be told, in an environment where the filter holds.</summary>
    public ImmutableArray<Filtered<string>> Announce => Filtered("announce"u8);

    string? Text(ReadOnlySpan<byte> name) => Document.Field(name) is { } field ? _decode.String(field.Value) : null;

    ImmutableArray<Filtered<string>> Filtered(ReadOnlySpan<byte> name) =>
        Document.Field(name) is { } field ? Decode.List(field.Value, item => _decode.Filtered(item, _decode.String)) : [];
}
