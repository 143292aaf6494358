using System.Collections.Immutable;
using Hillingar.Opam;
using Hillingar.Opam.Syntax;

namespace Hillingar.Build;

/// <summary>A package that a lock selects.</summary>
/// <param name="Package">The package at its version.</param>
/// <param name="Vendored">Whether its sources are in the duniverse.</param>
public sealed record LockedPackage(OpamPackage Package, bool Vendored);

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
    const string Schema = "1";

    /// <summary>The folder that relative addresses are relative to: the project's.</summary>
    public required string Folder { get; init; }

    /// <summary>What was selected, by name.</summary>
    public required IReadOnlyList<LockedPackage> Packages { get; init; }

    /// <summary>What the duniverse holds.</summary>
    public required IReadOnlyList<LockedSource> Duniverse { get; init; }

    /// <summary>The vendored packages and their addresses.</summary>
    public IReadOnlyList<Pin> Pins { get; init; } = [];

    /// <summary>System packages, with their filters, as the selected packages state them.</summary>
    public IReadOnlyList<Value> Depexts { get; init; } = [];

    /// <summary>The project's own packages.</summary>
    public IReadOnlyList<string> RootPackages { get; init; } = [];

    /// <summary>The packages that the host switch provides, and that are not vendored.</summary>
    public IReadOnlyList<string> OpamProvided { get; init; } = [];

    /// <summary>The repositories that were solved over.</summary>
    public IReadOnlyList<string> Repositories { get; init; } = [];

    /// <summary>The variables of the platform that was solved for.</summary>
    public IReadOnlyList<(string Name, string Value)> Variables { get; init; } = [];

    /// <summary>What the project asked for, line by line; a lock whose lines are others is not current.</summary>
    public IReadOnlyList<string> Request { get; init; } = [];

    /// <summary>The versions that the machine's own tools had, and that stand for packages.</summary>
    public IReadOnlyList<OpamPackage> Provided { get; init; } = [];

    /// <summary>Archives of tools that may have to be built on a machine that lacks them.</summary>
    public IReadOnlyList<LockedSource> Tools { get; init; } = [];

    /// <summary>The repositories' archive mirrors.</summary>
    public IReadOnlyList<string> Mirrors { get; init; } = [];

    /// <summary>What packages do to their sources before they are built.</summary>
    public IReadOnlyList<Preparation> Preparations { get; init; } = [];

    /// <summary>The version of a selected package, or null.</summary>
    public OpamVersion? Version(string name) =>
        Packages.FirstOrDefault(item => item.Package.Name.Text == name)?.Package.Version;

    /// <summary>The entries that <see cref="Build.Duniverse"/> vendors.</summary>
    public IReadOnlyList<DuniverseEntry> Entries =>
    [
        .. Duniverse.Select(source => new DuniverseEntry(source.Folder, SourceOf(source),
            [.. Pins.Where(pin => pin.Url == source.Url).Select(pin => pin.Package.ToString()).DefaultIfEmpty(source.Folder)])
            { Preparations = [.. Preparations.Where(preparation => preparation.Folder == source.Folder).OrderBy(preparation => preparation.Package)] }),
    ];

    /// <summary>A locked source with the lock's mirrors.</summary>
    public Source SourceOf(LockedSource source) =>
        new(source.Url, source.Checksums, [], [.. Mirrors.Select(mirror => RepositoryOpener.Expand(mirror, Folder))]);

    /// <summary>Reads a lock, ours or opam-monorepo's.</summary>
    /// <exception cref="HillingarException">Of the 1000s: no opam file. HIL3001: no lock.</exception>
    public static LockFile Read(string path) => Parse(Document.Read(path));

    /// <summary>Reads a lock from its parsed file.</summary>
    public static LockFile Parse(Document document)
    {
        var file = new PackageFile(document);
        var read = new LockReader(document);
        if (file.Extension("x-opam-monorepo-version") is not StringValue)
            throw read.Fault("there is no field 'x-opam-monorepo-version'");
        return new LockFile
        {
            Folder = Path.GetDirectoryName(Path.GetFullPath(document.Path))!,
            Packages = [.. file.Depends.Atoms().Select(read.Package)],
            Duniverse = read.Sources("x-opam-monorepo-duniverse-dirs"),
            Pins = file.PinDepends,
            Depexts = LockReader.Items(document, "depexts"),
            RootPackages = read.Strings("x-opam-monorepo-root-packages"),
            OpamProvided = read.Strings("x-opam-monorepo-opam-provided"),
            Repositories = read.Strings("x-opam-monorepo-opam-repositories"),
            Variables = [.. read.Pairs("x-opam-monorepo-global-opam-vars")],
            Request = read.Strings("x-hillingar-request"),
            Provided = [.. read.Strings("x-hillingar-provided").Select(OpamPackage.Parse)],
            Tools = read.Sources("x-hillingar-tools"),
            Mirrors = read.Strings("x-hillingar-mirrors"),
            Preparations = [.. LockReader.Items(document, "x-hillingar-prepared").Select(value => Preparation.FromValue(value) ?? throw read.Fault("in 'x-hillingar-prepared' something else was expected", value))],
        };
    }

    /// <summary>The lock's text, in opam's own layout.</summary>
    public override string ToString()
    {
        var writer = new PackageWriter()
            .Add("synopsis", "opam-monorepo generated lockfile")
            .Add("maintainer", "opam-monorepo")
            .Add("depends", Make.List(Packages.OrderBy(item => item.Package).Select(Depend)))
            .Add("x-opam-monorepo-duniverse-dirs", Sources(Duniverse))
            .Add("x-opam-monorepo-root-packages", Make.Strings(RootPackages.Order(StringComparer.Ordinal)))
            .Add("x-opam-monorepo-version", "0.3")
            .Add("x-hillingar-version", Schema)
            .Add("x-hillingar-request", Make.Strings(Request));
        AddList("depexts", Depexts);
        AddList("pin-depends", Pins.OrderBy(pin => pin.Package).Select(pin => Make.Strings(pin.Package.ToString(), pin.Url)));
        AddList("x-opam-monorepo-opam-provided", OpamProvided.Select(Make.Text));
        AddList("x-opam-monorepo-opam-repositories", Repositories.Select(Make.Text));
        AddList("x-opam-monorepo-global-opam-vars", Variables.OrderBy(pair => pair.Name, StringComparer.Ordinal).Select(pair => Make.Strings(pair.Name, pair.Value)));
        AddList("x-hillingar-provided", Provided.Order().Select(package => Make.Text(package.ToString())));
        AddList("x-hillingar-mirrors", Mirrors.Select(Make.Text));
        AddList("x-hillingar-prepared", Preparations.OrderBy(preparation => preparation.Package).Select(preparation => preparation.ToValue()));
        if (Tools.Count > 0)
            writer.Add("x-hillingar-tools", Sources(Tools));
        return writer.ToString();

        void AddList(string name, IEnumerable<Value> values)
        {
            if (values.Any())
                writer.Add(name, Make.List(values));
        }
    }

    static Value Depend(LockedPackage item)
    {
        var version = new PrefixRelationValue(RelationalOperator.Equal, Make.Text(item.Package.Version.Text));
        return Make.Option(Make.Text(item.Package.Name.Text), item.Vendored
            ? new LogicValue(version, LogicalOperator.And, new PrefixValue(PrefixOperator.Defined, Make.Ident("vendor")))
            : version);
    }

    static Value Sources(IEnumerable<LockedSource> sources) => Make.List(sources
        .OrderBy(source => source.Url, StringComparer.Ordinal)
        .Select(source => Make.List(Make.Text(source.Url), Make.Text(source.Folder), Make.Strings(source.Checksums.Select(checksum => checksum.ToString())))));
}
