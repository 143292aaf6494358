using System.Collections.Immutable;
using System.Globalization;
using Hillingar.Build.Files;
using Hillingar.Build.Repositories;
using Hillingar.Build.Requests;
using Hillingar.Build.Sources;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Syntax;

namespace Hillingar.Build.Locks;

/// <summary>A package that a lock selects.</summary>
/// <param name="Package">The package at its version.</param>
/// <param name="Vendored">Whether its sources are in the duniverse.</param>
public sealed record LockedPackage(OpamPackage Package, bool Vendored)
{
    /// <summary>The platforms that need it, of those that the lock is for; none stands for all.</summary>
    public IReadOnlyList<string> Platforms { get; init; } = [];
}

/// <summary>A source archive, or a git repository at a commit, that a lock names.</summary>
/// <param name="Url">Where it comes from.</param>
/// <param name="Folder">The duniverse's folder it goes to; for a tool, the package's <c>name.version</c>.</param>
/// <param name="Checksums">Its checksums; none for git.</param>
public sealed record LockedSource(string Url, string Folder, ImmutableArray<Checksum> Checksums);

/// <summary>
/// A lock: opam-monorepo's format 0.3, which is an opam file (<c>opam-monorepo/lib/lockfile.ml</c>). opam installs from it and
/// opam-monorepo pulls from it. What it cannot say is in fields of ours, <c>x-hillingar-*</c>, which both leave alone.
/// </summary>
public sealed record LockFile
{
    /// <summary>The version of our fields; a lock of a higher one is not read.</summary>
    public const int Schema = 1;

    /// <summary>The newest format of opam-monorepo that is read; 0.4 still writes 0.3.</summary>
    const string Newest = "0.4";

    /// <summary>The folder that relative addresses are relative to: the project's.</summary>
    public required string Folder { get; init; }

    /// <summary>What was selected, by name.</summary>
    public required IReadOnlyList<LockedPackage> Packages { get; init; }

    /// <summary>What the duniverse holds.</summary>
    public required IReadOnlyList<LockedSource> Duniverse { get; init; }

    /// <summary>The vendored packages and their addresses.</summary>
    public IReadOnlyList<Pin> Pins { get; init; } = [];

    /// <summary>System packages, with their filters, as the selected packages state them.</summary>
    public IReadOnlyList<Filtered<ImmutableArray<string>>> Depexts { get; init; } = [];

    /// <summary>The project's own packages.</summary>
    public IReadOnlyList<string> RootPackages { get; init; } = [];

    /// <summary>The packages that the host switch provides, and that are not vendored.</summary>
    public IReadOnlyList<string> OpamProvided { get; init; } = [];

    /// <summary>The repositories that were solved over.</summary>
    public IReadOnlyList<string> Repositories { get; init; } = [];

    /// <summary>The variables of the platform that was solved for.</summary>
    public IReadOnlyList<(string Name, VariableValue Value)> Variables { get; init; } = [];

    /// <summary>The arguments of the command line that made it.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The repositories with what they held: a commit, or <c>sha256=…</c> over the opam files that were selected from it.</summary>
    public IReadOnlyList<(string Address, string Content)> Contents { get; init; } = [];

    /// <summary>The security advisories that it is checked against: their address, and a commit or <c>sha256=…</c> over their files; null where it was never checked.</summary>
    public (string Address, string Content)? Advisories { get; init; }

    /// <summary>The platforms that it is for (<see cref="Platform.Name"/>); none where opam-monorepo wrote it.</summary>
    public IReadOnlyList<string> Platforms { get; init; } = [];

    /// <summary>The mirage targets that it is for.</summary>
    public IReadOnlyList<string> Targets { get; init; } = [];

    /// <summary>What is to be installed into a switch before the build: the packages in <see cref="OpamProvided"/> and what they need.</summary>
    public IReadOnlyList<OpamPackage> HostSwitch { get; init; } = [];

    /// <summary>The folders of the duniverse that are to hold their own packages only, as another archive of the same repository lies beside them.</summary>
    public IReadOnlyList<string> Partial { get; init; } = [];

    /// <summary>What the project asked for, line by line; a lock whose lines are others is not current.</summary>
    public IReadOnlyList<string> Request { get; init; } = [];

    /// <summary>The project's own packages with what they ask for: what <see cref="Request"/> says in words.</summary>
    internal IReadOnlyList<LockedRoot> Roots
    {
        get => HeldRoots ?? [.. LockedRoot.FromLines(Request)];
        init => HeldRoots = value;
    }

    /// <summary>What <c>x-hillingar-roots</c> holds; null for a lock that was made before there was that field, and that stays without it.</summary>
    internal IReadOnlyList<LockedRoot>? HeldRoots { get; init; }

    /// <summary>The versions that the machine's own tools had, and that stand for packages.</summary>
    public IReadOnlyList<OpamPackage> Provided { get; init; } = [];

    /// <summary>Archives of tools that may have to be built on a machine that lacks them.</summary>
    public IReadOnlyList<LockedSource> Tools { get; init; } = [];

    /// <summary>The repositories' archive mirrors.</summary>
    public IReadOnlyList<string> Mirrors { get; init; } = [];

    /// <summary>What packages do to their sources before they are built.</summary>
    public IReadOnlyList<Preparation> Preparations { get; init; } = [];

    /// <summary>The git sources with the hash of their files as Nix computes it (<see cref="NarHash"/>).</summary>
    public IReadOnlyList<(string Url, string Hash)> NarHashes { get; init; } = [];

    /// <summary>What mirage said of each target that it configured: the target, and the SHA-256 of the dependencies (<see cref="Requests.Roots.Digest"/>).</summary>
    public IReadOnlyList<(string Target, string Digest)> Configured { get; init; } = [];

    /// <summary>Whether opam-monorepo wrote it, or somebody by hand: it says nothing of what the project asked for.</summary>
    public bool IsForeign { get; init; }

    /// <summary>The version of a selected package, or null.</summary>
    public OpamVersion? Version(string name) => Packages.FirstOrDefault(item => item.Package.Name.Text == name)?.Package.Version;

    /// <summary>The folders to vendor.</summary>
    public IReadOnlyList<DuniverseEntry> Entries =>
        [
            .. Duniverse.Select(source => new DuniverseEntry(
                source.Folder,
                SourceOf(source),
                [.. PackagesOf(source).Select(package => package.ToString()).DefaultIfEmpty(source.Folder)]
            )
            {
                Preparations =
                [
                    .. Preparations.Where(preparation => preparation.Folder == source.Folder).OrderBy(preparation => preparation.Package),
                ],
                OnlyPackages = Partial.Contains(source.Folder)
                    ? [.. PackagesOf(source).Select(package => package.Name.Text).Order(StringComparer.Ordinal)]
                    : [],
            }),
        ];

    IEnumerable<OpamPackage> PackagesOf(LockedSource source) => Pins.Where(pin => pin.Url == source.Url).Select(pin => pin.Package);

    /// <summary>A locked source with the lock's mirrors.</summary>
    public Source SourceOf(LockedSource source) => new(source.Url, source.Checksums, [], MirrorAddresses);

    /// <summary>The mirrors as addresses.</summary>
    internal IReadOnlyList<string> MirrorAddresses => [.. Mirrors.Select(mirror => RepositoryOpener.Expand(mirror, Folder))];

    /// <summary>The packages of the switch that the build runs with: what is selected and not vendored, and what the lock says belongs to the switch.</summary>
    public IReadOnlyList<OpamPackage> HostPackages =>
        [
            .. Packages
                .Where(item => !item.Vendored && !RootPackages.Contains(item.Package.Name.Text))
                .Select(item => item.Package)
                .Concat(HostSwitch)
                .Distinct()
                .Order(),
        ];

    /// <summary>What is selected otherwise than in an older lock, a line each: <c>lwt 5.6.1 -> 5.7.0</c>.</summary>
    public IEnumerable<string> Changes(LockFile older)
    {
        ArgumentNullException.ThrowIfNull(older);
        return LockComparison.Of(older, this).Where(change => change.Before != change.After).Select(change => change.ToString());
    }

    /// <summary>What is selected, a line each: the package, its version, and the duniverse's folder that holds it or whose it is.</summary>
    public IEnumerable<string> List()
    {
        var folders = Pins.Join(Duniverse, pin => pin.Url, source => source.Url, (pin, source) => (pin.Package, source.Folder))
            .ToLookup(pair => pair.Package, pair => pair.Folder);
        return Packages
            .Select(item => item.Package)
            .Order()
            .Select(package =>
                $"{package.Name} {package.Version} "
                + (
                    folders[package].FirstOrDefault() is { } folder ? $"duniverse/{folder}"
                    : Provided.Contains(package) ? "this machine's"
                    : HostSwitch.Contains(package) ? "host switch"
                    : "not vendored"
                )
            );
    }

    /// <summary>Whether a package of the project's pinned the same when the lock was made.</summary>
    internal bool WasPinned(PackageFile root, Pin pin) =>
        HeldRoots is { } roots
            ? roots.Any(known => known.Name == root.Name && known.Has(pin))
            : Request.Contains(Requests.Roots.Line(root, pin));

    /// <summary>Whether it can be restored on a platform.</summary>
    public bool Serves(Platform platform) => Platforms.Count == 0 || Platforms.Contains(platform.Name);

    /// <summary>Reads a lock, ours or opam-monorepo's.</summary>
    /// <exception cref="HillingarException">Of the 1000s: no opam file. HIL3001: no lock. HIL3003: a lock of a newer Hillingar.</exception>
    public static LockFile Read(string path)
    {
        try
        {
            return Parse(Document.Read(path));
        }
        catch (HillingarException exception) when (LockDamage.Of(path, exception) is { } damage)
        {
            throw new HillingarException(damage, exception);
        }
    }

    /// <summary>Reads a lock from its parsed file.</summary>
    public static LockFile Parse(Document document)
    {
        var file = new PackageFile(document);
        var foreign = file.Extension("x-hillingar-version") is null;
        var read = new LockReader(document, foreign);
        if (ForeignLock.IsOpams(file))
            throw ForeignLock.Refusal(file);
        if (file.Extension("x-opam-monorepo-version") is not StringValue)
            throw read.Fault("there is no field 'x-opam-monorepo-version'");
        if (
            file.Extension("x-hillingar-version") is { } schema
            && (
                schema is not StringValue { Text: var text }
                || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                || number > Schema
            )
        )
            throw new HillingarException(
                "HIL3003",
                $"The lock is of version {schema}, and this Hillingar reads versions up to {Schema}. Update Hillingar, or delete the lock and restore again.",
                document.PlaceOf(schema)
            );
        if (
            foreign
            && file.Extension("x-opam-monorepo-version") is StringValue { Text: var theirs } written
            && (!OpamVersion.IsValid(theirs) || new OpamVersion(theirs) > new OpamVersion(Newest))
        )
            throw new HillingarException(
                "HIL3003",
                $"The lock is of version {theirs} of opam-monorepo, and this Hillingar reads versions up to {Newest}. Update Hillingar, or name another file in HillingarLockFile.",
                document.PlaceOf(written)
            );
        var locked = new LockFile
        {
            Folder = Path.GetDirectoryName(Path.GetFullPath(document.Path))!,
            Packages = [],
            Duniverse = [],
            IsForeign = foreign,
        };
        locked = LockField.All.Aggregate(locked, (so, field) => field.Read(so, read, field.Name));
        if (foreign)
            return locked with
            {
                Packages =
                [
                    .. locked
                        .Packages.Select(item =>
                            item with
                            {
                                Vendored = item.Vendored || locked.Pins.Any(pin => pin.Package == item.Package),
                            }
                        )
                        .DistinctBy(item => item.Package.Name),
                ],
            };
        // What a careless merge leaves would be built under a wrong name.
        var versions = new Dictionary<PackageName, OpamVersion>();
        foreach (var package in locked.Packages.Select(item => item.Package))
            if (!versions.TryAdd(package.Name, package.Version))
                throw read.Fault($"'{package.Name}' is in 'depends' twice");
        if (
            locked.Pins.FirstOrDefault(pin => versions.TryGetValue(pin.Package.Name, out var version) && version != pin.Package.Version) is
            { } other
        )
            throw read.Fault($"'depends' and 'pin-depends' disagree on the version of '{other.Package.Name}'");
        return
            locked.Partial.FirstOrDefault(folder => !locked.Entries.Any(entry => entry.Folder == folder && entry.OnlyPackages.Count > 0))
                is { } missing
            ? throw read.Fault(
                $"'x-hillingar-partial' names '{missing}', and no package comes from there",
                file.Extension("x-hillingar-partial")
            )
            : locked;
    }

    /// <summary>The lock's text, in opam's own layout. It is committed: no address in it has a password.</summary>
    public override string ToString()
    {
        var writer = new PackageWriter()
            .Add("synopsis", "opam-monorepo generated lockfile")
            .Add("maintainer", "opam-monorepo")
            .Add("x-opam-monorepo-version", "0.3")
            .Add("x-hillingar-version", Schema.ToString(CultureInfo.InvariantCulture));
        foreach (var field in LockField.All)
            if (field.Write(this) is { } value)
                writer.Add(field.Name, value);
        return writer.ToString();
    }

    internal static Value Depext(Filtered<ImmutableArray<string>> depext) => Make.Strings(depext.Value).When(depext.Filter);
}
