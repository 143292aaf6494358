using Hillingar.Build.Files;
using Hillingar.Build.Machines;
using Hillingar.Build.Processes;
using Hillingar.Build.Requests;
using Hillingar.Build.Restoring;
using Hillingar.Build.Storage;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>The real <c>opam</c> takes our locks, in a root of its own and without the network.</summary>
public sealed class OpamAcceptsTests : IDisposable
{
    readonly TestFolder _folder = new();

    public OpamAcceptsTests()
    {
        foreach (var tool in new[] { "opam", "ocamlopt", "git" })
            Assert.SkipWhen(ProcessRunner.Find(tool) is null, $"needs {tool}");
    }

    public void Dispose() => _folder.Dispose();

    OpamRoot Opam => new(_folder);

    void Add(string package, string fields)
    {
        var name = package.Split('.')[0];
        var archive = Tarball.Write(_folder, Tarball.Gzip(Tarball.Tar(Tarball.File($"{name}/{name}.opam", "opam-version: \"2.0\"\n"))), $"upstream/{package}.tar.gz");
        _folder.Write($"repository/packages/{name}/{package}/opam",
            $"opam-version: \"2.0\"\n{fields}\nurl {{ src: \"file://{archive}\" checksum: \"{Hashes.OfFile(archive, Hashes.Kinds)[0]}\" }}\n");
    }

    [Theory]
    [InlineData("unix")]
    [InlineData("hvt")]
    public async Task It_finds_nothing_wrong_in_the_lock_of_a_unikernel(string target)
    {
        var path = _folder.Write("hello.opam.locked", MirageLockTests.Lock(target).ToString());
        // It warns of what no lock says, such as authors, in opam-monorepo's own as in ours.
        var lint = await Opam.Run("lint", path);
        var theirs = await Opam.Run("lint", TestData.Require("monorepo-cases/lwt/app.opam.locked"));
        static IEnumerable<string> Faults(ProcessResult result) => (result.Output + result.Error).Split('\n').Skip(1).Select(line => line.Trim()).Where(line => line.Length > 0);
        Assert.Equal(Faults(theirs), Faults(lint));
    }

    [Fact]
    public async Task It_finds_nothing_wrong_and_would_install_what_is_locked()
    {
        _folder.Write("repository/repo", "opam-version: \"2.0\"\n");
        _folder.Write("repository/packages/ocaml/ocaml." + (await Toolchain.Probe(TestContext.Current.CancellationToken)).OCaml + "/opam", "opam-version: \"2.0\"\n");
        _folder.Write("repository/packages/dune/dune.3.0/opam", "opam-version: \"2.0\"\n");
        Add("lib.1", "depends: [\"dune\" \"other\"]\nbuild: [\"dune\" \"build\"]\ndepexts: [[\"libthing-dev\"] {os-distribution = \"nowhere\"}]");
        Add("other.1", "depends: [\"dune\"]\nbuild: [\"dune\" \"build\"]");
        Directory.CreateDirectory(_folder["project"]);
        _folder.Write("project/app.opam", "opam-version: \"2.0\"\ndepends: [\"ocaml\" \"dune\" \"lib\"]\n");
        var request = new Request("app", _folder["project/app.csproj"], ["unix"], ["../repository"], [], [_folder["project/app.opam"]]);
        var stores = new Stores(_folder["cache"]);
        var locked = await new Restorer(stores, new ReporterFake()).Restore(
            request, new RestoreOptions(_folder["project/app.opam.locked"], _folder["project/obj"], false, false, Offline: true), _folder["project/obj/stamp"], TestContext.Current.CancellationToken);
        Assert.True(locked.Packages.Count(item => item.Vendored) == 2);

        var normal = await Opam.Run("lint", "--normalise", _folder["project/app.opam.locked"]);
        Assert.Equal(locked.ToString(), normal.Output);

        // What came later is not taken.
        Add("other.2", "depends: [\"dune\"]\nbuild: [\"dune\" \"build\"]");
        _folder.Write("repository/packages/dune/dune.4.0/opam", "opam-version: \"2.0\"\n");
        await Opam.Make();
        var plan = await Opam.Accepted("install", "--switch=test", "--locked", "--dry-run", "--deps-only", _folder["project"]);
        foreach (var package in locked.Packages)
            Assert.Matches($@"install {package.Package.Name} +{System.Text.RegularExpressions.Regex.Escape(package.Package.Version.Text)}\b", plan);
    }
}
