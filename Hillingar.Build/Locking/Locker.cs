using System.Collections.Immutable;
using Hillingar.Opam;

namespace Hillingar.Build;

/// <summary>From a request to a lock: opens the repositories, asks the machine for its tools, solves.</summary>
sealed class Locker(Stores stores, IReporter reporter, bool offline)
{
    /// <summary>Solves a request.</summary>
    /// <exception cref="HillingarException">HIL2001: there is no solution. Of the 1000s: a repository is at fault. HIL5002: there is no compiler.</exception>
    public async Task<LockFile> Lock(Request request, IReadOnlyList<PackageFile> roots, IReadOnlyList<string> lines, CancellationToken cancellation)
    {
        var machine = await Toolchain.Probe(cancellation).ConfigureAwait(false);
        var repository = await new RepositoryOpener(stores, reporter, offline).Open(request, cancellation).ConfigureAwait(false);
        var pinned = await Pins.Read(roots, stores, offline, cancellation).ConfigureAwait(false);
        var solver = new OpamSolver(repository, new LocalRepository([.. roots, .. pinned], request.Name), Provided(machine, repository));
        var context = new SolveContext(request.Name, HostPlatform.Current.With("monorepo", true).With("sys-ocaml-version", machine.OCaml))
        {
            Roots = [.. roots.Select(root => new PackageAtom(root.Name!.Value, Formula<VersionConstraint>.Empty))],
            Constraints = [new PackageAtom(new PackageName("ocaml"), new Formula<VersionConstraint>.Atom(new(RelationalOperator.Equal, new OpamVersion(machine.OCaml))))],
            AvoidLast = true,
            Monorepo = new MonorepoRules { OneArchive = true },
        };
        reporter.Step($"Solving the dependencies of {request.Name} (OCaml {machine.OCaml})");
        return solver.Solve(context, cancellation) switch
        {
            OpamSolution { Contexts: [var solution] } => await ToLock(request, roots, lines, context, solution.Packages, cancellation).ConfigureAwait(false),
            OpamConflict conflict => throw new HillingarException(conflict.Diagnostic with { Place = new Place(request.ProjectFile) }),
            var other => throw new InvalidOperationException($"{other.GetType()} is no outcome."),
        };
    }

    // The compiler and findlib are the machine's. dune is so only where no repository has one: else the solution would be held to an old
    // dune's age, while a newer one costs a minute, once.
    static MemoryRepository Provided(Toolchain machine, Repository repository)
    {
        var provided = new MemoryRepository("this machine");
        Add("ocaml", machine.OCaml);
        Add("ocamlfind", machine.Findlib);
        if (repository.Versions(new PackageName("dune")).Count == 0)
            Add("dune", machine.Dune);
        return provided;

        void Add(string name, string? version)
        {
            if (version is not null)
                provided.Add($"{name}.{version}", "opam-version: \"2.0\"\n");
        }
    }

    static async Task<LockFile> ToLock(Request request, IReadOnlyList<PackageFile> roots, IReadOnlyList<string> lines, SolveContext context, ImmutableArray<SelectedPackage> selected, CancellationToken cancellation)
    {
        var others = selected.Where(item => roots.All(root => root.Name != item.Package.Package.Name)).ToList();
        var vendored = new List<VendoredPackage>();
        foreach (var item in others.Where(item => !item.IsProvided && !MonorepoRules.IsSafe(item.Package)))
            vendored.Add(new VendoredPackage(item.Package, await Bound(item.Package.Url!, cancellation).ConfigureAwait(false)));
        var used = others.Where(item => !item.IsProvided).Select(item => item.Package.Repository).Distinct();
        return new LockFile
        {
            Folder = request.Folder,
            Packages = [.. others.Select(item => new LockedPackage(item.Package.Package, vendored.Exists(package => package.Package == item.Package)))],
            Duniverse = DuniversePlan.Of(vendored),
            Pins = [.. vendored.Select(package => new Pin(package.Package.Package, package.Source.Url))],
            Depexts = [.. selected.Where(item => !item.IsProvided).SelectMany(item => LockReader.Items(item.Package.Read().Document, "depexts")).DistinctBy(value => value.ToString())],
            RootPackages = [.. roots.Select(root => root.Name!.Value.Text)],
            Repositories = [.. request.Repositories.Select(RepositoryOpener.Locked)],
            Variables = [.. HostPlatform.Variables.Select(name => (name, context.Environment.Variables[name].ToString()!))],
            Request = lines,
            Provided = [.. others.Where(item => item.IsProvided).Select(item => item.Package.Package)],
            Tools = [.. others.Where(item => item.Package.Package.Name.Text == "dune" && item.Package.Url is not null)
                .Select(item => new LockedSource(item.Package.Url!.Url, item.Package.Package.ToString(), item.Package.Url.Checksums))],
            Mirrors = [.. used.SelectMany(repository => RepositoryOpener.Mirrors(repository, request)).Distinct()],
        };
    }

    // A branch or tag may be another commit tomorrow.
    static async Task<SourceUrl> Bound(SourceUrl url, CancellationToken cancellation) => new Source(url.Url, url.Checksums, [], []).IsGit
        ? url with { Url = $"git+{GitSource.Split(url.Url).Address}#{await GitSource.Resolve(url.Url, cancellation).ConfigureAwait(false)}" }
        : url;
}
