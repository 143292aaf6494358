using System.Runtime.CompilerServices;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;

namespace Hillingar.Opam.Repositories;

/// <summary>Packages at versions, as a solver sees them: a folder, a snapshot, several overlaid, a project's own.</summary>
public abstract class Repository
{
    /// <summary>Where it is, for messages and locks: a path or a URL.</summary>
    public abstract string Location { get; }

    /// <summary>The file <c>repo</c>; <see cref="RepositoryFile.Empty"/> where there is none.</summary>
    public virtual RepositoryFile Info => RepositoryFile.Empty;

    /// <summary>Whether its packages are pinned: where it has a name, repositories below it are not asked.</summary>
    public virtual bool Pins => false;

    /// <summary>
    /// Caches of the packages' archives, as URLs or folders; <see cref="Checksum.CachePath"/> is where an archive lies in each.
    /// </summary>
    public virtual IReadOnlyList<string> ArchiveMirrors => [.. Info.ArchiveMirrors.Select(Resolve)];

    string Resolve(string mirror) =>
        mirror.Contains("://", StringComparison.Ordinal) ? mirror : $"{Location.TrimEnd('/')}/{mirror.TrimStart('/')}";

    /// <summary>All names, in the order of their bytes.</summary>
    public abstract IReadOnlyList<PackageName> Names { get; }

    /// <summary>
    /// The versions of a package, newest first; versions that compare equal in byte order (so did the directory reading that opam-0install
    /// was compared on).
    /// None for an unknown name.
    /// </summary>
    /// <param name="name">The package.</param>
    public abstract IReadOnlyList<RepositoryPackage> Versions(PackageName name);

    /// <summary>A package at a version, or null.</summary>
    /// <param name="package">The package.</param>
    public RepositoryPackage? Find(OpamPackage package)
    {
        foreach (var version in Versions(package.Name))
            if (version.Package.Version == package.Version)
                return version;
        return null;
    }

    /// <summary>The order of <see cref="Versions"/>.</summary>
    internal static int NewestFirst(OpamVersion left, OpamVersion right)
    {
        var order = right.CompareTo(left);
        return order != 0 ? order : string.CompareOrdinal(left.Text, right.Text);
    }
}

/// <summary>
/// A package at a version in a repository. The properties are what choosing versions takes, cheap where an index has them;
/// <see cref="Read"/> gives everything else.
/// </summary>
public abstract class RepositoryPackage(OpamPackage package)
{
    /// <summary>The package.</summary>
    public OpamPackage Package { get; } = package;

    /// <summary>The repository that it is from.</summary>
    public abstract Repository Repository { get; }

    /// <summary><c>depends</c>.</summary>
    public abstract Formula<FilteredPackage> Depends { get; }

    /// <summary><c>depopts</c>.</summary>
    public abstract Formula<FilteredPackage> Depopts { get; }

    /// <summary><c>conflicts</c>.</summary>
    public abstract Formula<FilteredPackage> Conflicts { get; }

    /// <summary><c>conflict-class</c>.</summary>
    public abstract IReadOnlyList<PackageName> ConflictClass { get; }

    /// <summary><c>available</c>.</summary>
    public abstract Filter Available { get; }

    /// <summary><c>flags</c>.</summary>
    public abstract IReadOnlyList<string> Flags { get; }

    /// <summary><c>tags</c>.</summary>
    public abstract IReadOnlyList<string> Tags { get; }

    /// <summary>What the package is, in a line; null where it does not say.</summary>
    public abstract string? Synopsis { get; }

    /// <summary><c>dev-repo</c>, or null.</summary>
    public abstract string? DevRepo { get; }

    /// <summary>Where its sources come from, or null for a package without any.</summary>
    public abstract SourceUrl? Url { get; }

    /// <summary>Whether it has sources; cheaper than <see cref="Url"/>.</summary>
    public virtual bool HasUrl => Url is not null;

    /// <summary>Whether it has <c>build</c> or <c>install</c> commands.</summary>
    public abstract bool HasCommands { get; }

    /// <summary>Whether <c>depends</c> or <c>depopts</c> name <c>dune</c>, filters ignored.</summary>
    public virtual bool UsesDune => Names(Depends, "dune") || Names(Depopts, "dune");

    /// <summary>Whether <c>depends</c> or <c>depopts</c> name <c>jbuilder</c>, filters ignored.</summary>
    public virtual bool UsesJbuilder => Names(Depends, "jbuilder") || Names(Depopts, "jbuilder");

    /// <summary>Whether it asks to be taken last: the flag <c>avoid-version</c>.</summary>
    public bool AvoidVersion => HasFlag("avoid-version");

    /// <summary>Whether it has a flag.</summary>
    /// <param name="flag">The flag.</param>
    public bool HasFlag(string flag)
    {
        foreach (var other in Flags)
            if (other == flag)
                return true;
        return false;
    }

    /// <summary>The whole file.</summary>
    /// <exception cref="HillingarException">It cannot be read, or is not of opam's language.</exception>
    public abstract PackageFile Read();

    /// <summary>A file that comes with the description: a patch, an extra file. Null when there is none of that name.</summary>
    /// <param name="name">Its path below <c>files/</c>.</param>
    /// <exception cref="HillingarException">The name leads out of the folder (HIL1006).</exception>
    public abstract byte[]? ReadExtra(string name);

    /// <summary>
    /// Whether the package may be chosen in an environment: <c>available</c> is true there (a string or nothing defined is not).
    /// </summary>
    /// <param name="environment">The environment.</param>
    public bool IsAvailable(OpamEnvironment environment) =>
        Available is Filter.Bool { Value: var always }
            ? always
            : Available.Evaluate(environment.For(Package)) is { IsBool: true, Truth: true };

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static bool Names(Formula<FilteredPackage> formula, string name) =>
        formula switch
        {
            Formula<FilteredPackage>.Atom atom => atom.Value.Name.Text == name,
            Formula<FilteredPackage>.And and => Names(and.Left, name) || Names(and.Right, name),
            Formula<FilteredPackage>.Or or => Names(or.Left, name) || Names(or.Right, name),
            Formula<FilteredPackage>.Block block => Names(block.Inner, name),
            _ => false,
        };

    /// <summary><c>name.version</c>.</summary>
    public override string ToString() => Package.ToString();
}

/// <summary>A package whose properties come from its file.</summary>
abstract class FilePackage(OpamPackage package) : RepositoryPackage(package)
{
    PackageFile? _file;

    protected abstract PackageFile Load();

    public sealed override PackageFile Read() => _file ??= Known(Load());

    static PackageFile Known(PackageFile read) => StrictCheck.Format(read) is { } refused ? throw new HillingarException(refused) : read;

    public override Formula<FilteredPackage> Depends => field ??= Read().Depends;

    public override Formula<FilteredPackage> Depopts => field ??= Read().Depopts;

    public override Formula<FilteredPackage> Conflicts => field ??= Read().Conflicts;

    public override IReadOnlyList<PackageName> ConflictClass => field ??= Read().ConflictClass;

    public override Filter Available => field ??= Read().Available;

    public override IReadOnlyList<string> Flags => field ??= Read().Flags;

    public override IReadOnlyList<string> Tags => field ??= Read().Tags;

    public override string? Synopsis => Read().Synopsis;

    public override string? DevRepo => Read().DevRepo;

    public override SourceUrl? Url => Read().Url;

    public override bool HasCommands => Read().HasCommands;
}
