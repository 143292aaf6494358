using System.Security.Cryptography;
using System.Text;
using Hillingar.Build.Locks;
using Hillingar.Build.Nix;
using Hillingar.Build.Processes;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;
using Command = Hillingar.Build.Processes.Command;

namespace Hillingar.Tests;

/// <summary>Host packages that nixpkgs has not at the locked version, built by derivations that are made of their opam files, from their real archives.</summary>
public sealed class HostPackageTests(SharedNix shared)
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    static readonly string[] s_packages = ["cppo.1.8.0", "csexp.1.5.2", "dune.3.17.2", "ocamlfind.1.9.6-1", "ocplib-endian.1.2", "stringext.1.6.0"];

    static OpamPackage Package(string text) => OpamPackage.TryParse(text, out var package) ? package : throw new ArgumentException(text);

    [Theory]
    [MemberData(nameof(Nix.Both), MemberType = typeof(Nix))]
    public async Task Six_packages_are_built_from_their_opam_files_one_of_them_patched(string name)
    {
        var store = shared.Store(name);
        var sample = await shared.Sample(name);
        var repository = await Repository(sample, sample[$"host-repository-{name}"]);
        var ocaml = sample.Lock.Packages.First(item => item.Package.Name.Text == "ocaml");
        var locked = new LockFile
        {
            Folder = sample.Project,
            Packages = [ocaml],
            Duniverse = [],
            HostSwitch = [.. s_packages.Select(Package), Package("base-unix.base"), Package("base-threads.base"), Package("base-bytes.base")],
            Platforms = ["x86_64-linux"],
            Mirrors = sample.Lock.Mirrors,
        };
        var plan = new FlakePlan { Name = "tools", Lock = locked, Descriptions = repository.Find, Files = [], Targets = [] };
        var folder = sample[$"host-flake-{name}"];
        NixFlake.Write(folder, plan, sample.Nixpkgs);
        await new NixSeed(sample.Stores.Sources, offline: true, sample.Options(store)).Put(plan.Sources(), sample[$"host-seed-{name}"], Cancellation);

        var built = new Dictionary<string, string>();
        foreach (var package in s_packages.Select(Package))
            built[package.Name.Text] = await store.Build(null, "--option", "allow-import-from-derivation", "false", $"path:{folder}#host-{package.Name}");
        Assert.Equal("3.17.2", await Say("dune", "--version"));
        Assert.Equal("1.9.6", await Say("ocamlfind", "query", "-format", "%v", "findlib"));
        Assert.Equal("1.8.0", await Say("cppo", "-version"));
        foreach (var library in new[] { "csexp", "ocplib-endian", "stringext" })
            Assert.True(File.Exists(Path.Combine(built[library], "lib", library, "META")), library);
        // The patch is made from its .in file first.
        Assert.Contains("description = \"Package manager of ocamlfind 1.9.6-1\"", await File.ReadAllTextAsync(Path.Combine(built["ocamlfind"], "lib", "findlib", "META"), Cancellation), StringComparison.Ordinal);

        async Task<string> Say(string package, params string[] arguments) =>
            (await ProcessRunner.Run(new Command(Path.Combine(built[package], "bin", package), arguments), Cancellation)).Output.Trim();
    }

    // The samples' packages, and findlib once more at a version that no nixpkgs has: with a patch of our own on the real archive.
    static async Task<Repository> Repository(Sample sample, string folder)
    {
        var samples = Path.Combine(TestData.Root, "samples", "opam-repository");
        var real = await File.ReadAllTextAsync(Path.Combine(samples, "packages", "ocamlfind", "ocamlfind.1.9.6", "opam"), Cancellation);
        const string Patch = """
            --- a/src/findlib/META.in
            +++ b/src/findlib/META.in
            @@ -1,3 +1,3 @@
             # specifications for "findlib":
            -description = "Package manager"
            +description = "Package manager of %{name}% %{version}%"
             requires = "findlib.internal"

            """;
        var (begin, end) = (real.IndexOf("extra-source", StringComparison.Ordinal), real.IndexOf("url {", StringComparison.Ordinal));
        var changed = real[..begin].Replace("patches: [\"0001-Harden-test-for-OCaml-5.patch\"]", "patches: [\"meta.patch\"]\nsubsts: [\"meta.patch\"]", StringComparison.Ordinal)
            + $"extra-files: [\"meta.patch.in\" \"sha256={Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Patch)))}\"]\n" + real[end..];
        foreach (var (name, text) in new[] { ("repo", "opam-version: \"2.0\"\n"), ("packages/ocamlfind/ocamlfind.1.9.6-1/opam", changed), ("packages/ocamlfind/ocamlfind.1.9.6-1/files/meta.patch.in", Patch) })
        {
            var path = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, text, Cancellation);
        }
        var cache = new RepositoryCache(sample["cache"]);
        return new OverlayRepository([await cache.OpenAsync(folder, Cancellation), await cache.OpenAsync(samples, Cancellation)]);
    }
}
