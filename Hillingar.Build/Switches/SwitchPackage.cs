using System.Collections.Immutable;
using Hillingar.Build.Files;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;

namespace Hillingar.Build.Switches;

/// <summary>A package in a switch, as the variables of other packages' build steps see it (<c>foo:version</c>, <c>foo:lib</c>).</summary>
/// <param name="Description">Its opam file.</param>
/// <param name="Layout">The prefix that it is, or is to be, installed into.</param>
public sealed record SwitchPackage(RepositoryPackage Description, SwitchLayout Layout)
{
    /// <summary>The package.</summary>
    public OpamPackage Package => Description.Package;

    /// <summary>The folder it is built in (<c>build</c>); null where that is gone.</summary>
    public string? BuildFolder { get; init; }

    /// <summary>Where its opam file lies (<c>opamfile</c>), or null.</summary>
    public string? OpamFile { get; init; }

    /// <summary>What tells this build of it, dependencies and all, from any other (<c>build-id</c>), or null. opam has a hash of its own there.</summary>
    public string? BuildId { get; init; }

    /// <summary>The variables of its <c>.config</c> file, such as <c>ocaml:native</c>.</summary>
    public IReadOnlyDictionary<string, VariableValue> Config { get; init; } = ImmutableDictionary<string, VariableValue>.Empty;

    /// <summary>The strongest checksum of its sources (<c>hash</c>), or null.</summary>
    public Checksum? Hash => Description.Url?.Checksums.Strongest().FirstOrDefault();

    /// <summary>Whether its sources may change under their address: they have no checksum, and no web server gives them (<c>dev</c>; <c>OpamPackageVar.is_dev_package</c>).</summary>
    public bool IsDev =>
        Description.Url is { Checksums.IsEmpty: true } url
        && !s_web.Any(scheme => url.Url.StartsWith(scheme + "://", StringComparison.Ordinal));

    // OpamUrl.backend_of_string
    static readonly string[] s_web = ["http", "https", "ftp", "wget", "curl"];
}
