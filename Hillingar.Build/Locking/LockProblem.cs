using Hillingar.Build.Locks;
using Hillingar.Build.Repositories;
using Hillingar.Build.Requests;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;

namespace Hillingar.Build.Locking;

/// <summary>Everything that decides a lock, at hand: to solve it reads the repositories' files and does nothing else.</summary>
public sealed record LockProblem
{
    /// <summary>The project's folder.</summary>
    public required string Folder { get; init; }

    /// <summary>What messages call the project.</summary>
    public string Name { get; init; } = "the project";

    /// <summary>The packages to lock: the roots.</summary>
    public required IReadOnlyList<PackageFile> Targets { get; init; }

    /// <summary>The project's other packages: each hides all other versions of its name.</summary>
    public IReadOnlyList<PackageFile> Others { get; init; } = [];

    /// <summary>What the project pins, with the <c>url</c> of the pin; they hide other versions too, and are locked.</summary>
    public IReadOnlyList<PackageFile> Pinned { get; init; } = [];

    /// <summary>The repositories, the first first; <see cref="LockRules.OpamMonorepo"/> orders them by address.</summary>
    public required IReadOnlyList<NamedRepository> Repositories { get; init; }

    /// <summary>What the opam files say; <see cref="SourceConfig.Of"/> of the targets, or more.</summary>
    public SourceConfig Config { get; init; } = new();

    /// <summary>The platforms to solve for, together: a package has one version on all. The config's variables hold on each.</summary>
    public required IReadOnlyList<Platform> Platforms { get; init; }

    /// <summary>Whose rules; for several platforms <see cref="LockRules.Jointly"/> is needed.</summary>
    public LockRules Rules { get; init; } = LockRules.Hillingar;

    /// <summary>The version of <c>ocaml</c> to take; null for any.</summary>
    public OpamVersion? OCaml { get; init; }

    /// <summary>The compiler to ask for; unless a local package chooses a variant itself.</summary>
    public string Compiler { get; init; } = "ocaml-base-compiler";

    /// <summary>Packages that the machine has: preferred, without dependencies, never vendored.</summary>
    public Repository? Machine { get; init; }

    /// <summary>Whether the targets' tests are wanted.</summary>
    public bool Tests { get; init; }

    /// <summary>Whether archives without a checksum may be locked.</summary>
    public bool AllowNoChecksum { get; init; }

    /// <summary>Whether of a package that has versions tagged <c>cross-compile</c> only those are taken.</summary>
    public bool RequireCrossCompile { get; init; }

    /// <summary>Whether <c>jbuilder</c> counts as dune.</summary>
    public bool AllowJbuilder { get; init; }

    /// <summary>Versions to keep where that is possible, such as those of the lock that is renewed.</summary>
    public IReadOnlyList<OpamPackage> Preferred { get; init; } = [];

    /// <summary>How long the solve may take; the default is no limit.</summary>
    public TimeSpan Timeout { get; init; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>The arguments of the command line, which the lock repeats.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];
}
