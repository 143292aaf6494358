using Hillingar.Build.Confinement;
using Hillingar.Build.Locks;
using Hillingar.Build.Requests;
using Hillingar.Build.Unpacking;
using Hillingar.Build.Vendoring;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Syntax;

namespace Hillingar.Build.Publishing;

/// <summary>A locked package as a bill of materials tells it.</summary>
/// <param name="Package">The package.</param>
/// <param name="IsVendored">Whether it is built from the duniverse, and so a part of the image or of what makes it.</param>
/// <param name="Source">Where its sources come from; null for what is not vendored.</param>
/// <param name="Licences">Its licences as it states them.</param>
/// <param name="Depends">The names of the locked packages that it depends on.</param>
sealed record Material(
    OpamPackage Package,
    bool IsVendored,
    LockedSource? Source,
    IReadOnlyList<string> Licences,
    IReadOnlyList<string> Depends
);

/// <summary>
/// What the locked packages say of themselves. A repository's description comes first: it is of the release. Without one, the opam file
/// in the package's sources is taken, and of a project that dune makes opam files for, its <c>dune-project</c>.
/// </summary>
sealed record Materials(IReadOnlyList<Material> Packages, IReadOnlyList<string> Direct)
{
    const int MaxDepth = 4;
    const int MaxDescription = 4 << 20;

    /// <summary>Reads the descriptions of all locked packages.</summary>
    /// <exception cref="HillingarException">HIL5041: the duniverse is not the lock's. Of the 1000s and HIL4032: a description cannot be read.</exception>
    public static Materials Read(UnikernelPublication publication, LockFile locked, CancellationToken cancellation)
    {
        if (!Duniverse.IsCurrent(publication.Duniverse, locked.Entries))
            throw new HillingarException(
                "HIL5041",
                $"The vendored sources in '{publication.Duniverse}' are not those of the lock. Restore and build, then publish.",
                new Place(publication.LockFile)
            );
        using var duniverse = ConfinedFolder.Open(
            publication.Duniverse,
            (path, why) =>
                new HillingarException(
                    "HIL5041",
                    $"'{Unpacker.Printable(path)}' in '{publication.Duniverse}' cannot be read: {Unpacker.Printable(why)}. Restore and build, then publish."
                )
        );
        var environment = locked
            .Variables.Aggregate(OpamEnvironment.Empty, (all, pair) => all.With(pair.Name, pair.Value))
            .With("monorepo", true);
        var names = locked.Packages.Select(item => item.Package.Name.Text).ToHashSet(StringComparer.Ordinal);
        var packages = locked
            .Packages.OrderBy(item => item.Package)
            .Select(item =>
            {
                cancellation.ThrowIfCancellationRequested();
                var source = locked.Pins.FirstOrDefault(pin => pin.Package == item.Package) is { } pin
                    ? locked.Duniverse.FirstOrDefault(source => source.Url == pin.Url)
                    : null;
                var (licences, depends) = Describe(publication, item.Package, duniverse, source?.Folder, environment);
                return new Material(
                    item.Package,
                    item.Vendored,
                    source,
                    [.. licences.Select(text => text.Trim()).Where(text => text.Length > 0)],
                    [
                        .. depends
                            .Where(name => name != item.Package.Name.Text && names.Contains(name))
                            .Distinct()
                            .Order(StringComparer.Ordinal),
                    ]
                );
            })
            .ToList();
        return new(packages, [.. Roots(locked, environment, packages).Where(names.Contains).Distinct().Order(StringComparer.Ordinal)]);
    }

    static (IEnumerable<string> Licences, IEnumerable<string> Depends) Describe(
        UnikernelPublication publication,
        OpamPackage package,
        ConfinedFolder duniverse,
        string? folder,
        OpamEnvironment environment
    )
    {
        var file =
            publication.Repositories.Select(repository => repository.Find(package)?.Read()).OfType<PackageFile>().FirstOrDefault()
            ?? (
                folder is null ? null
                : Nearest(duniverse, folder, package.Name.Text + ".opam") is { } path
                    ? new PackageFile(Document.Parse(duniverse.ReadBytes(path, MaxDescription)!, Path.Combine(duniverse.Path, path)))
                : null
            );
        if (file is not null)
            return (file.License, Names(file, package, environment));
        return folder is not null && Nearest(duniverse, folder, "dune-project") is { } project
            ? OfDune(DuneText.Read(duniverse, project, Path.Combine(duniverse.Path, project))!, package.Name.Text)
            : ([], []);
    }

    static string? Nearest(ConfinedFolder duniverse, string folder, string name) =>
        duniverse
            .Walk(folder, enter: entry => entry.Path.Count(c => c == '/') <= MaxDepth)
            .Where(entry => entry.Kind == EntryKind.File && entry.Name == name)
            .Select(entry => entry.Path)
            .OrderBy(path => path.Count(c => c == '/'))
            .ThenBy(path => path, StringComparer.Ordinal)
            .FirstOrDefault();

    static IEnumerable<string> Names(PackageFile file, OpamPackage package, OpamEnvironment environment) =>
        file.Depends.Select(environment.For(package), DependencyOptions.For(package)).Atoms().Select(atom => atom.Name.Text);

    // (license MIT) and (package (name lwt) (depends (ocaml (>= 4.08)) dune (ounit :with-test)))
    static (IEnumerable<string>, IEnumerable<string>) OfDune(DuneText project, string name)
    {
        var depends = project
            .Stanzas.Where(stanza => stanza.Head == "package" && stanza.Value("name") == name)
            .Select(stanza => stanza.Field("depends"))
            .OfType<DuneNode>()
            .FirstOrDefault();
        return (
            project.Stanzas.Where(stanza => stanza.Head == "license").SelectMany(stanza => stanza.Atoms).Select(atom => atom.Text!),
            depends
                ?.Items.Skip(1)
                .Where(item => !item.Atoms.Any(atom => atom.Text is ":with-test" or ":with-doc" or ":with-dev-setup"))
                .Select(item => item.Text ?? item.Head)
                .OfType<string>()
                ?? []
        );
    }

    // What the project asked for stands in our locks; in opam-monorepo's, nothing else needs the project's own dependencies.
    static IEnumerable<string> Roots(LockFile locked, OpamEnvironment environment, List<Material> packages)
    {
        var asked = locked
            .Request.Select(line => line.Split(" depends ", 2))
            .Where(parts => parts.Length == 2 && OpamPackage.TryParse($"{parts[0]}.{Build.Requests.Roots.Version}", out _))
            .ToList();
        if (asked.Count == 0)
            return packages.Select(item => item.Package.Name.Text).Except(packages.SelectMany(item => item.Depends));
        return asked.SelectMany(parts =>
        {
            var package = new OpamPackage(new PackageName(parts[0]), Build.Requests.Roots.Version);
            return Names(
                new PackageFile(Document.Parse($"depends: [ {parts[1]} ]\n", "x-hillingar-request"), package),
                package,
                environment
            );
        });
    }
}
