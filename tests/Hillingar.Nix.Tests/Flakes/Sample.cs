using Hillingar.Build.Locks;
using Hillingar.Build.Nix;
using Hillingar.Build.Projects;
using Hillingar.Build.Realising;
using Hillingar.Build.Requests;
using Hillingar.Build.Restoring;
using Hillingar.Build.Storage;
using Hillingar.Build.Tests;

namespace Hillingar.Tests;

/// <summary>
/// The DNS sample, locked and vendored from archives of Debian's source packages, and what makes flakes of it. The network is never used.
/// </summary>
sealed class Sample : IDisposable
{
    readonly TestFolder _folder = new();

    /// <summary>What was told.</summary>
    public ReporterFake Reporter { get; } = new();

    /// <summary>A folder for a test's own things.</summary>
    public string this[string name] => _folder[name];

    /// <summary>The project's folder.</summary>
    public string Project => _folder["project/dns"];

    /// <summary>The project's workspace.</summary>
    public Workspace Workspace => new(Path.Combine(Project, "obj", "hillingar"));

    /// <summary>The stores.</summary>
    public Stores Stores { get; private init; } = null!;

    /// <summary>The nixpkgs stand-in, as a flake's input.</summary>
    public string Nixpkgs { get; private init; } = null!;

    /// <summary>What the project asks for.</summary>
    public Request Request { get; private init; } = null!;

    /// <summary>The lock.</summary>
    public LockFile Lock { get; private set; } = null!;

    /// <summary>What a flake of it is made of.</summary>
    /// <param name="folder">Where its files are.</param>
    public FlakeSubject Subject(string folder)
    {
        var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(file => !s_others.Contains(Path.GetRelativePath(folder, file).Split('/')[0]) && Path.GetExtension(file) is not (".csproj" or ".locked"));
        var sources = ProjectSources.Of(folder, files.Order(StringComparer.Ordinal).Select(file => (file, "")), new[] { "example.org.zone", "2.0.192.in-addr.arpa.zone" }.Select(zone => Path.Combine(folder, zone)));
        return new(Request, Lock, Workspace, sources, [new PlannedTarget("unix", "dns.exe", "default", "release", "dns")]);
    }

    static readonly string[] s_others = ["obj", "bin", "hillingar", "hillingar.json", "flake.nix", "flake.lock"];

    /// <summary>Copies the project's own files.</summary>
    public void CopyProject(string folder) => Copy(Project, folder);

    /// <summary>Writes a file.</summary>
    /// <returns>Its path.</returns>
    public string Write(string name, string text) => _folder.Write(name, text);

    /// <summary>Locks and vendors.</summary>
    public static async Task<Sample> Make()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var folder = new TestFolder();
        foreach (var name in new[] { "dns", "opam-repository" })
            Copy(Path.Combine(TestData.Root, "samples", name), folder[$"project/{name}"]);
        var stores = new Stores(folder["stores"]);
        foreach (var archive in Directory.EnumerateFiles(TestData.Sources, "*.tar.*"))
            stores.Sources.Import(archive);
        var sample = new Sample(folder)
        {
            Stores = stores,
            Nixpkgs = await NixpkgsStandIn.Lay(folder["nixpkgs"]),
            Request = new Request("dns", folder["project/dns/dns.csproj"], ["unix"], ["../opam-repository"], [new Dependency("lwt", "[5.6,6.0)"), new Dependency("stringext", ">= \"1.6\"")], []) { Overlays = [] },
        };
        sample.Lock = await new Restorer(stores, sample.Reporter).Restore(sample.Request,
            new RestoreOptions(Path.Combine(sample.Project, "dns.opam.locked"), sample.Workspace.Root, LockedMode: false, ForceEvaluate: false, Offline: true), Path.Combine(sample.Workspace.Root, "restore.stamp"), cancellation);
        return sample;
    }

    Sample(TestFolder folder) => _folder = folder;

    /// <summary>A copy of the project with its flake.</summary>
    /// <returns>Its folder.</returns>
    public async Task<string> Flake(string name)
    {
        CopyProject(_folder[name]);
        await WriteFlake(_folder[name]);
        return _folder[name];
    }

    /// <summary>Writes the project's flake.</summary>
    public Task<IReadOnlyList<string>> WriteFlake(string folder) =>
        new FlakeWriter(Stores, Reporter).Write(Subject(folder), folder, Nixpkgs, offline: true, TestContext.Current.CancellationToken);

    /// <summary>How Nix builds in a store of the test's.</summary>
    public NixOptions Options(NixStore store) => new() { Nixpkgs = Nixpkgs, Programs = Path.GetDirectoryName(store.Nix.Program)!, Environment = store.Variables };

    /// <summary>Puts the lock's sources into a store, as the backend does before it builds.</summary>
    public async Task Seed(NixStore store)
    {
        var plan = await new FlakeWriter(Stores, Reporter).Plan(Subject(Project), ".", [], offline: true, TestContext.Current.CancellationToken);
        await new NixSeed(Stores.Sources, offline: true, Options(store)).Put(plan.Sources(), _folder[$"seed-{store.Nix.Name}"], TestContext.Current.CancellationToken);
    }

    public void Dispose() => _folder.Dispose();

    static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories).Where(file => Path.GetRelativePath(from, file).Split('/')[0] is not ("bin" or "obj") && !file.EndsWith(".locked", StringComparison.Ordinal)))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
