using Hillingar.Build.Locking;
using Hillingar.Build.Locks;
using Hillingar.Build.Repositories;
using Hillingar.Build.Requests;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;

namespace Hillingar.Benchmarks;

/// <summary>
/// The lock of a project beside <c>opam-monorepo lock</c>, from the same folders, by turns in one run:
/// <c>Benchmarks lock OPAM_MONOREPO PROJECT.opam OCAML_VERSION REPOSITORY…</c>. <c>OPAMROOT</c> has to name a root that <c>opam init</c>
/// made: opam-monorepo opens it, though it then reads the given repositories only. The indexes of the repositories are in the cache,
/// as they are from the second lock on.
/// </summary>
static class LockSideBySide
{
    const int Rounds = 15;

    public static async Task<int> Run(string[] args)
    {
        if (args is ["once", var file, var ocaml, var which, var written, .. var named])
        {
            await Lock(file, ocaml, which, written, named);
            return 0;
        }

        if (args is not [var peer, var project, var version, .. { Length: > 0 } repositories])
            return 2;
        using var scratch = new TemporaryFolder();
        var name = Path.GetFileNameWithoutExtension(project);
        var opam = scratch[name + ".opam"];
        await File.WriteAllTextAsync(opam, await File.ReadAllTextAsync(project) + Fields(repositories));
        await File.WriteAllTextAsync(scratch["dune-project"], "(lang dune 3.0)\n");

        var works = new SideBySide(Rounds);
        works.Add("opam-monorepo", () => SideBySide.Start(peer, ["lock", .. Arguments(name, scratch["theirs"], version)], scratch.Path));
        foreach (var rules in new[] { "opam-monorepo's rules", "our rules" })
        {
            string[] own = [opam, version, rules, scratch[rules], .. repositories];
            works.Add($"{rules}, process of its own", () => SideBySide.StartSelf(["lock", "once", .. own]));
            works.Add($"{rules}, warm process", () => Lock(opam, version, rules, scratch[rules], repositories));
        }

        await works.Run();
        works.Print(work => work == "opam-monorepo" ? null : "opam-monorepo");
        var equal = Pins(scratch["theirs"]).SetEquals(Pins(scratch["opam-monorepo's rules"]));
        Console.WriteLine(equal ? "both locked the same packages" : "THE LOCKS DIFFER");
        return equal ? 0 : 1;
    }

    // All of it each time: the project's file is read, the repositories are opened, the lock is written.
    static async Task Lock(string file, string ocaml, string rules, string written, string[] repositories)
    {
        var cache = new RepositoryCache();
        var opened = new List<NamedRepository>();
        foreach (var folder in repositories)
            opened.Add(new("file://" + folder, await cache.OpenAsync(folder)));
        var root = LocalRepository.Read(file);
        var config = SourceConfig.Of([root]);
        var (locked, conflict) = LockSolver.Solve(new LockProblem
        {
            Folder = Path.GetDirectoryName(file)!,
            Targets = [root],
            Config = config,
            Repositories = opened,
            Platforms = [Platform.Of(config.Apply(OpamEnvironment.Empty.With("ocaml:native", true)))],
            Rules = rules == "our rules" ? LockRules.Hillingar : LockRules.OpamMonorepo,
            OCaml = new OpamVersion(ocaml),
            RequireCrossCompile = true,
            Arguments = Arguments(root.Name!.Value.Text, written, ocaml),
        });
        if (locked is null)
            throw new InvalidOperationException(conflict!.ToString());
        await File.WriteAllTextAsync(written, locked.ToString());
    }

    static string[] Arguments(string name, string written, string ocaml) => ["--require-cross-compile", "--build-only", name, "-l", written, "--ocaml-version", ocaml];

    static string Fields(IEnumerable<string> repositories) =>
        $"\nx-opam-monorepo-opam-repositories: [ {string.Join(' ', repositories.Select(folder => $"\"file://{folder}\""))} ]\n"
        + $"x-opam-monorepo-global-opam-vars: [ [\"monorepo\" \"opam-monorepo\"] {string.Join(' ', HostPlatform.Variables.Select(name => $"[\"{name}\" \"{HostPlatform.Current.Variables[name]}\"]"))} ]\n";

    static HashSet<string> Pins(string file) => [.. LockFile.Read(file).Packages.Select(item => $"{item.Package} {item.Vendored}")];
}
