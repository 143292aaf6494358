using System.Collections.Immutable;
using System.Text.Json;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;
using Hillingar.Opam.Universe;

namespace Hillingar.Tests;

/// <summary>The answers of opam-monorepo 0.4 to real projects.</summary>
public class MonorepoTests
{
    public static TheoryData<string> Cases => TestData.Folder is { } folder && Directory.Exists(Path.Combine(folder, "monorepo-cases"))
        ? [.. Directory.GetDirectories(Path.Combine(folder, "monorepo-cases")).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)]
        : ["(no test data)"];

    [Theory, MemberData(nameof(Cases))]
    public void Selects_what_opam_monorepo_locks(string name)
    {
        var folder = TestData.Require(Path.Combine("monorepo-cases", name));
        var app = LocalRepository.Read(Path.Combine(folder, "app.opam"));
        using var run = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "run.json")));
        var arguments = run.RootElement.GetProperty("args").GetString()!.Split(' ');

        var sources = app.Document.Field("x-opam-monorepo-opam-repositories")!.Value.ToString()!;
        var repositories = new List<Repository> { new FolderRepository(Corpus.Folder(Corpus.Repository)) };
        if (sources.Contains("opam-overlays", StringComparison.Ordinal))
            repositories.Add(new FolderRepository(Corpus.Folder(Corpus.Overlays)));
        var locals = new LocalRepository([app]);
        var provided = app.Extension("x-opam-monorepo-opam-provided") is { } field
            ? new[] { "ocamlformat", "zarith" }.Where(package => field.ToString()!.Contains(package, StringComparison.Ordinal)).Select(PackageName.Parse).ToImmutableHashSet()
            : [];
        var contexts = MonorepoRequest.Create(
            OpamEnvironment.Platform("x86_64", "linux", "debian", "debian", "12"), locals, [PackageName.Parse("app")],
            new MonorepoRules { OpamProvided = provided, OneArchive = true },
            OpamVersion.Parse(arguments[Array.IndexOf(arguments, "--ocaml-version") + 1]), tests: !arguments.Contains("--build-only"));

        var outcome = new OpamSolver(new OverlayRepository(repositories), locals).Solve(contexts, TestContext.Current.CancellationToken);

        var lockPath = Path.Combine(folder, "app.opam.locked");
        if (!File.Exists(lockPath))
        {
            Assert.IsType<OpamConflict>(outcome);
            return;
        }
        Assert.True(outcome is OpamSolution, (outcome as OpamConflict)?.Conflict.Explain(TestContext.Current.CancellationToken).ToString());
        var solution = (OpamSolution)outcome;
        var expected = PackageFile.Read(lockPath).Depends.Atoms().Select(Print).ToList();
        // The switch holds the monorepo's packages too; a package is vendored if the monorepo has it and no switch provides it.
        var vendored = solution.Contexts[0].Packages.Where(selected => !MonorepoRules.IsSafe(selected.Package)).Select(selected => selected.Package.Package.Name).Except(provided).ToHashSet();
        var found = solution.Contexts[^1].Packages.Where(selected => !selected.IsLocal)
            .Select(selected => $"{selected.Package}{(vendored.Contains(selected.Package.Package.Name) ? " vendored" : "")}").ToList();
        Assert.Equal(string.Join('\n', expected), string.Join('\n', found));
    }

    static string Print(FilteredPackage package)
    {
        var version = package.Condition.Atoms().OfType<FilteredConstraint.Constraint>().Single().Version;
        var vendored = package.Condition.Atoms().OfType<FilteredConstraint.When>().Any();
        return $"{package.Name}.{((Filter.Text)version).Value}{(vendored ? " vendored" : "")}";
    }
}
