using Hillingar.Build.Reporting;
using Hillingar.Build.Requests;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Syntax;
using Hillingar.Opam.Universe;

namespace Hillingar.Build.Locks;

/// <summary>
/// Locks that others wrote. One of opam-monorepo has everything to be restored as it is, as long as it holds what the project asks
/// for; those of <c>opam lock</c> and of dune have versions only, which the first lock of ours keeps where it can.
/// </summary>
static class ForeignLock
{
    /// <summary>The folder that <c>dune pkg lock</c> writes.</summary>
    public const string DuneFolder = "dune.lock";

    /// <summary>Whether a file is what <c>opam lock</c> writes, though it may have been edited since: an opam file with dependencies that are bound to one version, and without sources.</summary>
    public static bool IsOpams(PackageFile file) =>
        !file.Extensions.Any(field =>
            field.Name.StartsWith("x-opam-monorepo-", StringComparison.Ordinal)
            || field.Name.StartsWith("x-hillingar-", StringComparison.Ordinal)
        )
        && Versions(file).Count > 0;

    /// <summary>That a file of others is where ours is to be; it is never written over.</summary>
    public static HillingarException Refusal(string path, string whose) =>
        new(
            "HIL3006",
            $"{Path.GetFileName(path)} is a lock of '{whose}': it has versions and no sources, and it is left as it is. Name another file for this project's lock: <HillingarLockFile>hillingar.opam.locked</HillingarLockFile>. The first lock keeps the versions of this one where it can.",
            new Place(path)
        );

    /// <summary>The refusal of a lock that has versions only, by what it was written by.</summary>
    public static HillingarException Refusal(PackageFile file) =>
        file.Extensions.Any(field => field.Name.StartsWith("x-duniverse-", StringComparison.Ordinal))
            ? new(
                "HIL3006",
                $"{Path.GetFileName(file.Document.Path)} is a lock of duniverse, which became opam-monorepo: its sources are in fields (x-duniverse-duniverse) that opam-monorepo does not read either, and it is left as it is. Name another file for this project's lock: <HillingarLockFile>hillingar.opam.locked</HillingarLockFile>. The first lock keeps the versions of this one where it can.",
                new Place(file.Document.Path)
            )
            : Refusal(file.Document.Path, "opam lock");

    /// <summary>That a folder is where ours is to be: a lock of dune's, or another one.</summary>
    public static HillingarException RefusalOfFolder(string path, Request request) =>
        File.Exists(Path.Combine(path, "lock.dune"))
            ? Refusal(path, "dune pkg lock")
            : new(
                "HIL6004",
                $"'{path}' is a folder, and a lock is a file. Name another in HillingarLockFile, such as hillingar.opam.locked.",
                new ProjectPlaces(request.ProjectFile).OfProperty("HillingarLockFile")
            );

    /// <summary>Refuses a lock whose archives have no checksums, as the first of opam-monorepo have none: all at once, at the first.</summary>
    /// <param name="locked">The lock.</param>
    /// <param name="path">Its file.</param>
    /// <exception cref="HillingarException">HIL4002.</exception>
    public static void RequireChecksums(LockFile locked, string path)
    {
        var lacking = locked.Entries.Where(entry => !entry.Source.IsGit && entry.Source.Checksums.Count == 0).ToList();
        if (!locked.IsForeign || lacking.Count == 0)
            return;
        var document = Document.Parse(File.ReadAllBytes(path), path);
        var first = document
            .Elements("x-opam-monorepo-duniverse-dirs")
            .OfType<ListValue>()
            .First(source => source.Items is [StringValue url, ..] && url.Text == lacking[0].Source.Url);
        throw new HillingarException(
            "HIL4002",
            $"{(lacking.Count == 1 ? "An archive of the lock has" : $"{lacking.Count} archives of the lock have")} no checksum, so nobody could tell whether the right file came: "
                + $"{string.Join("; ", lacking.Take(MaxNamed).Select(entry => string.Join(", ", entry.Packages)))}{(lacking.Count > MaxNamed ? $" and {lacking.Count - MaxNamed} more" : "")}. "
                + "Add the checksums here, or lock anew: dotnet restore --force-evaluate.",
            document.PlaceOf(first)
        );
    }

    const int MaxNamed = 5;

    /// <summary>What a project asks for and a lock of opam-monorepo does not hold, as <c>case needs lwt &gt;= 5.6</c>; null where it holds all.</summary>
    public static string? Unmet(LockFile locked, IReadOnlyList<PackageFile> roots, bool tests)
    {
        var config = SourceConfig.Of(roots);
        var environment = config.Apply(HostPlatform.Current);
        if (!environment.Variables.ContainsKey("monorepo"))
            environment = environment.With("monorepo", true);
        var own = roots.Select(root => root.Name!.Value.Text).ToHashSet();
        foreach (var root in roots)
        {
            var package = new OpamPackage(root.Name!.Value, root.Version!.Value);
            var implied = ProjectFields.Implied(root).ToHashSet();
            var wanted = root
                .Depends.Map(depend =>
                    implied.Contains(depend.Name.Text) ? Formula<FilteredPackage>.Empty : new Formula<FilteredPackage>.Atom(depend)
                )
                .Select(environment.For(package), DependencyOptions.For(package, tests));
            if (Unmet(wanted, atom => own.Contains(atom.Name.Text) || locked.Packages.Any(item => atom.Holds(item.Package))) is { } unmet)
                return $"{root.Name} needs {unmet}";
        }

        return null;
    }

    static string? Unmet(Formula<PackageAtom> formula, Predicate<PackageAtom> holds) =>
        formula switch
        {
            Formula<PackageAtom>.Atom atom => holds(atom.Value) ? null : atom.Value.ToString(),
            Formula<PackageAtom>.Block block => Unmet(block.Inner, holds),
            Formula<PackageAtom>.And and => Unmet(and.Left, holds) ?? Unmet(and.Right, holds),
            Formula<PackageAtom>.Or or => Unmet(or.Left, holds) is { } left && Unmet(or.Right, holds) is { } right
                ? $"{left} or {right}"
                : null,
            _ => null,
        };

    /// <summary>The versions of the locks beside a project, for its first own one.</summary>
    /// <param name="folder">The project's folder.</param>
    /// <param name="except">The lock that is to be made.</param>
    /// <param name="reporter">Is told whose they are.</param>
    public static IReadOnlyList<OpamPackage> Beside(string folder, string except, IReporter reporter)
    {
        var versions = new List<OpamPackage>();
        foreach (var path in Directory.EnumerateFiles(folder, LockLocation.Pattern).Order(StringComparer.Ordinal))
            if (Path.GetFullPath(path) != Path.GetFullPath(except))
                Take(path, () => Versions(PackageFile.Read(path)));
        // dune.lock is the usual one; a dune-workspace may name others.
        foreach (
            var dune in Directory
                .EnumerateDirectories(folder, "*.lock")
                .OrderBy(path => Path.GetFileName(path) != DuneFolder)
                .ThenBy(path => path, StringComparer.Ordinal)
        )
            Take(
                dune,
                () => [.. Directory.EnumerateFiles(dune, "*.pkg").Order(StringComparer.Ordinal).Select(DunePackage).OfType<OpamPackage>()]
            );
        return versions;

        void Take(string path, Func<IReadOnlyList<OpamPackage>> read)
        {
            try
            {
                var found = read();
                if (found.Count > 0)
                    reporter.Step($"Versions of {Path.GetFileName(path)} are kept where they can be");
                versions.AddRange(found);
            }
            catch (HillingarException exception)
            {
                // It is not ours, and a preference only.
                reporter.Detail($"{Path.GetFileName(path)} was not read: {exception.Message}");
            }
        }
    }

    static List<OpamPackage> Versions(PackageFile file) =>
        [
            .. from depend in file.Depends.Atoms()
            let bound = depend.Condition.Atoms().OfType<FilteredConstraint.Constraint>().ToList()
            where
                bound is [{ Operator: RelationalOperator.Equal, Version: Filter.Text { Value: var version } }]
                && OpamVersion.IsValid(version)
            select new OpamPackage(depend.Name, new OpamVersion(((Filter.Text)bound[0].Version).Value)),
        ];

    // NAME.pkg or NAME.VERSION.pkg; the version is said inside.
    static OpamPackage? DunePackage(string path)
    {
        var version = DuneText.Parse(File.ReadAllBytes(path), path).Stanzas.FirstOrDefault(stanza => stanza.Head == "version")
            is { Items: [_, { Text: { } text }] }
            ? text
            : null;
        var stem = Path.GetFileNameWithoutExtension(path);
        var name = version is not null && stem.EndsWith("." + version, StringComparison.Ordinal) ? stem[..^(version.Length + 1)] : stem;
        return version is not null && PackageName.IsValid(name) && OpamVersion.IsValid(version)
            ? new OpamPackage(new PackageName(name), new OpamVersion(version))
            : null;
    }
}
