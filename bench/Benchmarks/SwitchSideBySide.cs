using Hillingar.Build.Reporting;
using Hillingar.Build.Sandboxes;
using Hillingar.Build.Storage;
using Hillingar.Build.Switches;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;

namespace Hillingar.Benchmarks;

/// <summary>
/// A switch built beside <c>opam install</c> of the same packages, from scratch and unchanged, both sandboxed and with as many jobs:
/// <c>Benchmarks switch REPOSITORY ARCHIVES [PACKAGE…]</c>. The repository's folder must hold a compiler's packages that opam can install too.
/// </summary>
static class SwitchSideBySide
{
    const int Rounds = 1;

    public static async Task<int> Run(string[] args)
    {
        if (args is ["build", var store, var repository, .. var packages])
            return await Build(store, repository, packages);
        if (args is not [var folder, var archives, .. var wanted])
            return 1;
        using var scratch = new TemporaryFolder();
        var sources = new Stores(scratch["store"]).Sources;
        foreach (var archive in Directory.EnumerateFiles(archives))
            sources.Import(archive);
        var root = new Dictionary<string, string> { ["OPAMROOT"] = scratch["opam"], ["OPAMYES"] = "1", ["OPAMROOTISOK"] = "1", ["OPAMJOBS"] = $"{Environment.ProcessorCount}" };
        Task Opam(params string[] arguments) => SideBySide.Start("opam", arguments, scratch.Path, root);
        await Opam("init", "--bare", "--no-setup", "--kind=local", "main", folder);
        // opam looks for archives where it keeps its own, in the layout that ours have.
        await SideBySide.Start("cp", ["-r", sources.Folder, scratch["opam/download-cache"]]);
        await Opam("switch", "create", "bench", "--empty");

        var bench = new SideBySide(Rounds);
        Task Ours() => SideBySide.StartSelf(["switch", "build", scratch["store"], folder, .. wanted]);
        bench.Add("opam install, from scratch", () => Opam(["install", "--no-depexts", .. wanted]));
        bench.Add("opam install, unchanged", () => Opam(["install", "--no-depexts", .. wanted]), () => Opam(["remove", .. wanted]).GetAwaiter().GetResult());
        bench.Add("hillingar, from scratch", Ours);
        bench.Add("hillingar, unchanged", Ours, () => Directory.Delete(scratch["store/switch"], recursive: true));
        await bench.Run();
        bench.Print(name => name.StartsWith("hillingar", StringComparison.Ordinal) ? name.Replace("hillingar", "opam install", StringComparison.Ordinal) : null);
        return 0;
    }

    static async Task<int> Build(string store, string folder, string[] packages)
    {
        var repository = new FolderRepository(folder, Path.Combine(store, "index"));
        await new SwitchBuilder(new Stores(store), new Silent()).Build(
            new SwitchRequest([.. packages.Select(OpamPackage.Parse).Select(package => repository.Find(package)!)]), new SwitchOptions { Sandbox = SandboxMode.Required, Offline = true }, CancellationToken.None);
        return 0;
    }

    sealed class Silent : IReporter
    {
        public void Report(Diagnostic diagnostic) => Console.Error.WriteLine(diagnostic);

        public void Step(string message)
        {
        }

        public void Detail(string message)
        {
        }
    }
}
