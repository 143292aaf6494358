using System.Text.RegularExpressions;
using Hillingar.Build.Reporting;
using Hillingar.Build.Requests;
using Hillingar.Build.Storage;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;

namespace Hillingar.Build.Repositories;

/// <summary>opam repositories to look packages up in.</summary>
/// <param name="repository">The repositories, overlaid.</param>
public sealed class PackageIndex(Repository repository)
{
    /// <summary>The repositories, overlaid.</summary>
    public Repository Repository { get; } = repository;

    /// <summary>Whether a repository's location is an address, and not a path.</summary>
    public static bool IsAddress(string location) => RepositoryOpener.IsAddress(location);

    /// <summary>Opens repositories; opam's own where none is named.</summary>
    /// <param name="locations">Folders, by full path, and addresses; the first that has a version of a package gives that version.</param>
    /// <param name="stores">Where indexes are kept.</param>
    /// <param name="reporter">Is told what did not go as wished.</param>
    /// <param name="offline">Whether the network may not be used: what was fetched before serves then.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="HillingarException">HIL1006 to HIL1010: one cannot be had. HIL6016: one needs the network.</exception>
    public static async Task<PackageIndex> Open(
        IReadOnlyList<string> locations,
        Stores stores,
        IReporter reporter,
        bool offline,
        CancellationToken cancellation
    )
    {
        var request = new Request("packages", Path.Combine(Environment.CurrentDirectory, "packages"), [], locations, [], []);
        IReadOnlyList<NamedRepository> opened;
        try
        {
            opened = await new RepositoryOpener(stores, reporter, offline, new SharedWork())
                .Open(request, new SourceConfig(), cancellation)
                .ConfigureAwait(false);
        }
        catch (HillingarException exception) when (exception.Diagnostic.Place?.File == request.ProjectFile)
        {
            // There is no project: the request is ours.
            throw new HillingarException(exception.Diagnostic with { Place = null }, exception);
        }

        return new PackageIndex(
            opened is [var only] ? only.Repository : new OverlayRepository([.. opened.Select(named => named.Repository)])
        );
    }

    /// <summary>The packages whose names match a pattern, by name.</summary>
    /// <param name="patterns">Names, where <c>*</c> stands for any text and <c>?</c> for a letter; case does not count. None: all packages.</param>
    public IEnumerable<FoundPackage> Find(params IReadOnlyList<string> patterns)
    {
        var matches = patterns.Select(Pattern).ToList();
        foreach (var name in Repository.Names)
            if (matches.Count == 0 || matches.Exists(match => match.IsMatch(name.Text)))
                yield return new FoundPackage(Repository, name);
    }

    /// <summary>The versions of a package, newest first.</summary>
    /// <param name="name">The package.</param>
    /// <param name="version">Which: a version, <c>latest</c>, a pattern, a constraint such as <c>&gt;= 5 &amp; &lt; 6</c>, a NuGet range; null for all.</param>
    /// <exception cref="HillingarException">HIL7006: there is no such package or version. HIL6010: the version is none.</exception>
    public IReadOnlyList<PackageDetails> Get(string name, string? version)
    {
        var versions = PackageName.IsValid(name) ? Repository.Versions(new PackageName(name)) : [];
        if (versions.Count == 0)
            throw new HillingarException("HIL7006", $"There is no package '{name}' in {Repository.Location}. {DidYouMean(name)}");
        var picked = Pick(versions, name, version?.Trim() ?? "").ToList();
        return picked.Count > 0
            ? picked.ConvertAll(package => new PackageDetails(package))
            : throw new HillingarException(
                "HIL7006",
                $"There is no {name} of version '{version}' in {Repository.Location}: its versions are {versions[^1].Package.Version} to {versions[0].Package.Version}."
            );
    }

    string DidYouMean(string name) =>
        Spelling.Nearest(name, Repository.Names.Select(known => known.Text)) is { } near
            ? $"Did you mean {near}?"
            : $"Find-OpamPackage *{name}* looks for similar names.";

    /// <summary>The version that is taken where nobody asks for another: the newest, those with the flag <c>avoid-version</c> last.</summary>
    internal static RepositoryPackage Latest(IReadOnlyList<RepositoryPackage> versions) =>
        versions.FirstOrDefault(version => !version.AvoidVersion) ?? versions[0];

    static IEnumerable<RepositoryPackage> Pick(IReadOnlyList<RepositoryPackage> versions, string name, string version)
    {
        if (version.Length == 0 || version == "*")
            return versions;
        if (version.Equals("latest", StringComparison.OrdinalIgnoreCase))
            return [Latest(versions)];
        if (versions.Where(other => other.Package.Version.Text == version).ToList() is { Count: > 0 } exact)
            return exact;
        if (OpamVersion.IsValid(version))
            return [];
        if (OpamVersion.IsValid(version.Replace('*', '0').Replace('?', '0')))
            return versions.Where(Matches(Pattern(version)));
        var constraint = PackageQuery.Atom(name, VersionText.ToOpam(version, name));
        return versions.Where(other => constraint.Holds(other.Package));

        static Func<RepositoryPackage, bool> Matches(Regex pattern) => other => pattern.IsMatch(other.Package.Version.Text);
    }

    static Regex Pattern(string text) =>
        new(
            "^" + Regex.Escape(text).Replace("\\*", ".*").Replace("\\?", ".") + "\\z",
            RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
        );
}

/// <summary>A package that was found. Its versions are looked up, and its file is read, when they are asked for: finding names is cheap.</summary>
/// <param name="repository">The repositories.</param>
/// <param name="name">The package.</param>
public sealed class FoundPackage(Repository repository, PackageName name)
{
    IReadOnlyList<RepositoryPackage> Described => field ??= repository.Versions(name);

    RepositoryPackage? Latest => Described.Count > 0 ? PackageIndex.Latest(Described) : null;

    /// <summary>The package's name.</summary>
    public string Name => name.Text;

    /// <summary>The latest version, those with the flag <c>avoid-version</c> last; null where the repository has a name without versions.</summary>
    public string? Version => Latest?.Package.Version.Text;

    /// <summary>All versions, newest first.</summary>
    public IReadOnlyList<string> Versions => [.. Described.Select(version => version.Package.Version.Text)];

    /// <summary>What it is, in a line; read from the file of the latest version.</summary>
    public string Synopsis => Printable.Line(Latest?.Synopsis ?? "");

    /// <summary>The repository that the latest version is from.</summary>
    public string Repository => (Latest?.Repository ?? repository).Location;

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}

/// <summary>A package at a version, with what its file says, as it may be shown.</summary>
/// <param name="package">The package.</param>
public sealed class PackageDetails(RepositoryPackage package)
{
    /// <summary>The package's name.</summary>
    public string Name => package.Package.Name.Text;

    /// <summary>Its version.</summary>
    public string Version => package.Package.Version.Text;

    /// <summary>What it is, in a line.</summary>
    public string Synopsis => Printable.Line(package.Synopsis ?? "");

    /// <summary>What it is.</summary>
    public string Description => Printable.Text(package.Read().Description?.Trim() ?? "");

    /// <summary>What it depends on, as its file says it.</summary>
    public string Depends => Text(package.Depends);

    /// <summary>What it uses where that is there.</summary>
    public string Depopts => Text(package.Depopts);

    /// <summary>What it cannot be with.</summary>
    public string Conflicts => Text(package.Conflicts);

    /// <summary>Where it can be had, as its file says it.</summary>
    public string Available => package.Available.ToString();

    /// <summary>Whether it can be had on this machine.</summary>
    public bool IsAvailable => package.IsAvailable(HostPlatform.Current);

    /// <summary>Whether dune builds it, so that it can be vendored.</summary>
    public bool UsesDune => package.UsesDune;

    /// <summary>Its licences, as SPDX names them.</summary>
    public IReadOnlyList<string> License => [.. package.Read().License.Select(Printable.Line)];

    /// <summary>Who looks after it.</summary>
    public IReadOnlyList<string> Maintainer => [.. package.Read().Maintainer.Select(Printable.Line)];

    /// <summary>Who wrote it.</summary>
    public IReadOnlyList<string> Authors => [.. package.Read().Authors.Select(Printable.Line)];

    /// <summary>Where to read about it.</summary>
    public IReadOnlyList<string> Homepage => [.. package.Read().Homepage.Select(Printable.Line)];

    /// <summary>Where it is developed, or null.</summary>
    public string? DevRepo => package.DevRepo is { } address ? Printable.Line(address) : null;

    /// <summary>Where its sources come from, or null for a package without any.</summary>
    public string? Url => package.Url is { } url ? Printable.Line(url.Url) : null;

    /// <summary>What its sources are, by checksum.</summary>
    public IReadOnlyList<string> Checksums => package.Url is { } url ? [.. url.Checksums.Select(checksum => checksum.ToString())] : [];

    /// <summary>Its tags.</summary>
    public IReadOnlyList<string> Tags => [.. package.Tags.Select(Printable.Line)];

    /// <summary>Its flags.</summary>
    public IReadOnlyList<string> Flags => [.. package.Flags.Select(Printable.Line)];

    /// <summary>The repository that it is from.</summary>
    public string Repository => package.Repository.Location;

    /// <summary><c>name.version</c>.</summary>
    public override string ToString() => package.ToString();

    static string Text(Formula<FilteredPackage> formula) => formula.IsEmpty ? "" : Printable.Line(formula.ToString());
}
