using System.Text;
using Hillingar.Build.Files;
using Hillingar.Build.Locks;
using Hillingar.Build.Nix;
using Hillingar.Build.Repositories;
using Hillingar.Build.Requests;
using Hillingar.Build.Restoring;
using Hillingar.Build.Storage;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;
using Hillingar.Opam.Syntax;
using Hillingar.Opam.Universe;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>opam-nix's file of packages: written from a lock, read as a repository.</summary>
public sealed class PackageDefsTests : IDisposable
{
    const string Commit = "ed6d829156d1a86f56973f87e8b151802029c11e";

    readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void A_lock_is_written_as_opam_nix_writes_it()
    {
        var patch = "--- a\n+++ é\n"u8.ToArray();
        var checksum = Hashes.Of(new MemoryStream(patch), [ChecksumKind.Md5])[0];
        var repository = new MemoryRepository("memory")
            .Add("base.1", """opam-version: "2.0" maintainer: "a@b" description: "Über" """)
            .Add(OpamPackage.Parse("lib.2"), File("lib.2", $$"""
                opam-version: "2.0"
                isLocal: "pretended"
                depends: ["dune" {>= "3.0"}]
                build: ["dune" "build" "-p" name]
                extra-files: ["fix.patch" "{{checksum}}"]
                url { src: "https://example.org/lib.tbz" checksum: "sha256={{new string('a', 64)}}" }
                """), new Dictionary<string, byte[]> { ["fix.patch"] = patch })
            .Add("pinned.dev", """opam-version: "2.0" url { src: "git+https://example.org/pinned.git#main" subpath: "core" }""");
        var locked = Lock("base.1", "lib.2", "pinned.dev", "own.zdev") with
        {
            RootPackages = ["own"],
            Variables = [("arch", "x86_64"), ("flambda", true)],
            Pins = [new Pin(OpamPackage.Parse("pinned.dev"), $"git+https://example.org/pinned.git#{Commit}")],
            NarHashes = [($"git+https://example.org/pinned.git#{Commit}", "sha256-+ExYMpU7tZyIbhoww3gAme7VrsMYgBWg4VtdxfgbMe0=")],
        };
        Assert.Equal($$"""
            {
              "__opam_nix_env": {
                "flambda": true,
                "monorepo": 1
              },
              "__opam_nix_regen": [
                "dotnet",
                "msbuild",
                "-t:HillingarWritePackageDefs"
              ],
              "base": {
                "description": "Über",
                "files-contents": {},
                "isLocal": false,
                "maintainer": "a@b",
                "name": "base",
                "opam-version": "2.0",
                "version": "1"
              },
              "lib": {
                "build": [
                  "dune",
                  "build",
                  "-p",
                  {
                    "id": "name"
                  }
                ],
                "depends": [
                  {
                    "conditions": [
                      {
                        "arg": "3.0",
                        "prefix_relop": "geq"
                      }
                    ],
                    "val": "dune"
                  }
                ],
                "extra-files": [
                  "fix.patch",
                  "{{checksum}}"
                ],
                "files-contents": {
                  "fix.patch": "--- a\n+++ é\n"
                },
                "isLocal": false,
                "name": "lib",
                "opam-version": "2.0",
                "url": {
                  "section": {
                    "checksum": "sha256={{new string('a', 64)}}",
                    "src": "https://example.org/lib.tbz"
                  }
                },
                "version": "2"
              },
              "pinned": {
                "files-contents": {},
                "isLocal": true,
                "name": "pinned",
                "opam-version": "2.0",
                "src": {
                  "hash": "sha256-+ExYMpU7tZyIbhoww3gAme7VrsMYgBWg4VtdxfgbMe0=",
                  "rev": "{{Commit}}",
                  "subdir": "/core",
                  "url": "https://example.org/pinned.git"
                },
                "version": "dev"
              }
            }

            """.ReplaceLineEndings("\n"), Written(locked, repository));
    }

    [Fact]
    public void What_was_written_is_read_as_a_repository()
    {
        var patch = "patch\n"u8.ToArray();
        var repository = new MemoryRepository("memory").Add(OpamPackage.Parse("lib.2"), File("lib.2", $$"""
            opam-version: "2.0"
            depends: ["dune" {>= "3.0" & build} ("a" | "b" {with-test & os != "win32"})]
            available: arch = "x86_64" & !(os = "win32")
            patches: ["fix.patch" {os = "linux"}]
            setenv: [[A = "b"] [C += "d"]]
            extra-files: ["fix.patch" "{{Hashes.Of(new MemoryStream(patch), [ChecksumKind.Sha256])[0]}}"]
            extra-source "more.ml" { src: "https://example.org/more.ml" checksum: "md5={{new string('b', 32)}}" }
            url { src: "git+https://example.org/lib.git#{{Commit}}" subpath: "core/x" }
            """), new Dictionary<string, byte[]> { ["fix.patch"] = patch });
        var locked = Lock("lib.2") with { NarHashes = [($"git+https://example.org/lib.git#{Commit}", "sha256-x")] };
        var read = Assert.Single(Read(Written(locked, repository)).Versions(new("lib")));
        var (before, after) = (repository.Versions(new("lib"))[0].Read(), read.Read());
        Assert.Equal(before.Depends.ToString(), after.Depends.ToString());
        Assert.Equal(before.Available.ToString(), after.Available.ToString());
        Assert.Equal(before.Url!.Url, after.Url!.Url);
        Assert.Equal("core/x", after.Url.Subpath);
        Assert.Equal("more.ml", Assert.Single(after.ExtraSources).Name);
        Assert.Equal(before.SetEnv, after.SetEnv);
        Assert.Empty(after.Check());
        Assert.Equal(patch, read.ReadExtra("fix.patch"));
        Assert.Null(read.ReadExtra("other"));
        Assert.Equal("lib.2", after.Name + "." + after.Version);
        // What is read is written as the same text.
        Assert.Equal(Written(locked, repository), Written(locked, Read(Written(locked, repository))));
    }

    [Fact]
    public void The_projects_own_packages_are_left_out_and_pinned_ones_are_not()
    {
        var read = Read($$"""
            { "__opam_nix_env": {}, "__opam_nix_regen": null,
              "own": { "version": "dev", "name": "own", "isLocal": true, "files-contents": {} },
              "virtual": { "version": "1", "isLocal": false },
              "pinned": { "version": "dev", "isLocal": true, "src": { "url": "https://example.org/p", "rev": "{{Commit}}", "hash": "sha256-x", "subdir": "/" } } }
            """);
        Assert.Equal(["pinned", "virtual"], read.Names.Select(name => name.Text));
        Assert.Equal(new SourceUrl($"git+https://example.org/p#{Commit}", [], []).Url, read.Versions(new("pinned"))[0].Url!.Url);
        Assert.Null(read.Versions(new("virtual"))[0].Url);
    }

    [Theory]
    [InlineData("{\n \"a\": }", "HIL5090", 2)]
    [InlineData("", "HIL5090", 1)]
    [InlineData("{\"a\":{\"version\":\"1\"},\n\"a\":{\"version\":\"1\"}}", "HIL5090", 0)]
    [InlineData("{\"a\":{\"version\":\"\\ud800\"}}", "HIL5090", 0)]
    [InlineData("{\"\\ud800\":{\"version\":\"1\"}}", "HIL5090", 0)]
    [InlineData("[]", "HIL5091", 0)]
    [InlineData("{\"a\":[]}", "HIL5091", 0)]
    [InlineData("{\"a\":{}}", "HIL5091", 0)]
    [InlineData("{\"a\":{\"version\":1}}", "HIL5091", 0)]
    [InlineData("{\"a\":{\"version\":\"1/../..\"}}", "HIL5091", 0)]
    [InlineData("{\"../a\":{\"version\":\"1\"}}", "HIL5091", 0)]
    [InlineData("{\"a\":{\"version\":\"1\",\"name\":\"b\"}}", "HIL5091", 0)]
    [InlineData("{\"a\":{\"version\":\"1\",\"src\":\"/etc\"}}", "HIL5091", 0)]
    [InlineData("{\"a\":{\"version\":\"1\",\"src\":{\"url\":\"https://x\",\"rev\":\"--upload-pack=evil\"}}}", "HIL5091", 0)]
    [InlineData("{\"a\":{\"version\":\"1\",\"src\":{\"url\":\"https://x/a b\",\"rev\":\"" + Commit + "\"}}}", "HIL5091", 0)]
    [InlineData("{\"a\":{\"version\":\"1\",\"src\":{\"url\":\"https://x\",\"rev\":\"" + Commit + "\",\"subdir\":\"/../..\"}}}", "HIL5091", 0)]
    [InlineData("{\"a\":{\"version\":\"1\",\"url\":{\"section\":{\"src\":\"x\",\"checksum\":\"none\"}}}}", "HIL5091", 0)]
    [InlineData("{\"a\":{\"version\":\"1\",\"files-contents\":[]}}", "HIL5091", 0)]
    [InlineData("{\"a\":{\"version\":\"1\",\"files-contents\":{\"x\":{}}}}", "HIL5091", 0)]
    [InlineData("{\"a\":{\"version\":\"1\",\"files-contents\":{\"../../x\":\"\"}}}", "HIL1006", 0)]
    [InlineData("{\"a\":{\"version\":\"1\",\"files-contents\":{\"/etc/passwd\":\"\"}}}", "HIL1006", 0)]
    public void A_file_of_another_shape_is_refused_at_its_place(string json, string code, int line)
    {
        var diagnostic = Assert.Throws<HillingarException>(() => Read(json)).Diagnostic;
        Assert.Equal((code, _folder["package-defs.json"], line), (diagnostic.Code, diagnostic.Place!.Value.File, diagnostic.Place.Value.Line));
    }

    [Fact]
    public void A_file_that_is_not_there_cannot_be_read() =>
        Assert.Equal("HIL1004", Assert.Throws<HillingarException>(() => PackageDefsReader.Read(_folder["none.json"])).Diagnostic.Code);

    [Fact]
    public void Whatever_becomes_of_a_file_it_is_read_or_refused()
    {
        var seed = Encoding.UTF8.GetBytes(Written(Lock("lib.2"), new MemoryRepository("memory").Add("lib.2", """
            opam-version: "2.0" depends: ["dune" {>= "3" & !build}] setenv: [A += "b"] available: (a | b)
            url { src: "https://example.org/a.tbz" checksum: ["md5=00000000000000000000000000000000"] } extra-source "x" { src: "y" }
            """)));
        string[] words = ["\"section\"", "\"id\"", "\"..\"", "{", "}", "[", "]", ",", ":", "null", "\"\\u0000\"", "\"\\ud800\"", "\"\n\"", "1e9", "\"\\\"\"", "\"src\"", "\"val\"", "\"group\""];
        var random = new Random(8);
        var accepted = 0;
        for (var i = 0; i < (TestData.Full ? 100_000 : 5_000); i++)
        {
            var bytes = seed.ToList();
            for (var n = random.Next(1, 3); n > 0; n--)
            {
                var at = random.Next(bytes.Count);
                switch (random.Next(3))
                {
                    case 0:
                        bytes[at] = (byte)random.Next(256);
                        break;
                    case 1:
                        bytes.RemoveRange(at, Math.Min(random.Next(12), bytes.Count - at));
                        break;
                    default:
                        // A whole value for another keeps the JSON well-formed.
                        var text = Encoding.UTF8.GetString([.. bytes]);
                        var start = text.IndexOf('"', Math.Min(at, text.Length - 1));
                        if (start >= 0 && text.IndexOf('"', start + 1) is > 0 and var end)
                            bytes = [.. Encoding.UTF8.GetBytes(text[..start] + words[random.Next(words.Length)] + text[(end + 1)..])];
                        break;
                }
            }
            System.IO.File.WriteAllBytes(_folder["package-defs.json"], [.. bytes]);
            try
            {
                foreach (var package in PackageDefsReader.Read(_folder["package-defs.json"]) is var repository ? repository.Names.SelectMany(repository.Versions) : [])
                    package.Read().Check();
                accepted++;
            }
            catch (HillingarException)
            {
            }
        }
        Assert.InRange(accepted, 50, TestData.Full ? 99_000 : 4_900);
    }

    [Fact]
    public void What_the_file_cannot_hold_is_refused()
    {
        var binary = new byte[] { 0xff, 0 };
        var file = File("a.1", $"extra-files: [\"x\" \"{Hashes.Of(new MemoryStream(binary), [ChecksumKind.Md5])[0]}\"]");
        Assert.Equal("HIL5092", Refused(Lock("a.1"), new MemoryRepository("m").Add(OpamPackage.Parse("a.1"), file, new Dictionary<string, byte[]> { ["x"] = binary })));
        Assert.Equal("HIL5092", Refused(Lock("a.1"), new MemoryRepository("m").Add("a.1", "synopsis: \"\\000\"")));
        Assert.Equal("HIL5092", Refused(Lock("__opam_nix_env.1"), new MemoryRepository("m").Add("__opam_nix_env.1", "")));
        Assert.Equal("HIL5093", Refused(Lock("a.1"), new MemoryRepository("m")));
        Assert.Equal("HIL5093", Refused(Lock("a.1") with { Provided = [OpamPackage.Parse("a.1")] }, new MemoryRepository("m").Add("a.1", "")));
        Assert.Equal("HIL5081", Refused(Lock("a.1"), new MemoryRepository("m").Add("a.1", $"url {{ src: \"git+https://example.org/a#{Commit}\" }}")));
    }

    [Fact]
    public async Task A_project_that_names_the_file_gets_the_versions_that_are_in_it()
    {
        var archive = Tarball.Write(_folder, Tarball.Gzip(Tarball.Tar(Tarball.File("lib/file", "x"))), "upstream/lib.tar.gz");
        foreach (var version in new[] { "1", "2" })
            _folder.Write($"repository/packages/lib/lib.{version}/opam",
                $"opam-version: \"2.0\"\ndepends: [\"dune\" \"ocaml\"]\nbuild: [\"dune\"]\nurl {{ src: \"file://{archive}\" checksum: \"{Hashes.OfFile(archive, Hashes.Kinds)[0]}\" }}\n");
        _folder.Write("repository/packages/dune/dune.3.0/opam", "opam-version: \"2.0\"\n");
        _folder.Write("repository/packages/ocaml/ocaml.4.14.1/opam", "opam-version: \"2.0\"\ndepends: [\"ocaml-base-compiler\" {= \"4.14.1\"}]\n");
        _folder.Write("repository/packages/ocaml-base-compiler/ocaml-base-compiler.4.14.1/opam", "opam-version: \"2.0\"\nflags: compiler\n");
        var first = Request("../repository", "= \"1\"");
        var before = await Restore(first);
        Assert.True(await new PackageDefsWriter(new Stores(_folder["cache"]), new ReporterFake()).Write(first, before, _folder["project/package-defs.json"], offline: true, Cancellation));
        Assert.False(await new PackageDefsWriter(new Stores(_folder["cache"]), new ReporterFake()).Write(first, before, _folder["project/package-defs.json"], offline: true, Cancellation));

        Directory.Move(_folder["repository"], _folder["gone"]);
        System.IO.File.Delete(_folder["project/app.opam.locked"]);
        var after = await Restore(Request("package-defs.json", ""));
        Assert.Equal(before.Packages.Select(item => item.ToString()), after.Packages.Select(item => item.ToString()));
        Assert.Equal("1", after.Version("lib")!.Value.Text);
        Assert.Equal(before.HostSwitch, after.HostSwitch);
        Assert.Equal(before.Duniverse.Select(source => source.Url), after.Duniverse.Select(source => source.Url));
        Assert.Equal(["file://$OPAM_MONOREPO_CWD/package-defs.json"], after.Repositories);
    }

    Request Request(string repository, string version) =>
        new("app", _folder["project/app.csproj"], ["unix"], [repository], [new Dependency("lib", version)], []) { HostSwitch = HostSwitchSource.Locked };

    Task<LockFile> Restore(Request request)
    {
        Directory.CreateDirectory(_folder["project"]);
        return new Restorer(new Stores(_folder["cache"]), new ReporterFake()).Restore(
            request, new RestoreOptions(_folder["project/app.opam.locked"], _folder["project/obj"], false, false, Offline: true), _folder["project/obj/stamp"], Cancellation);
    }

    static PackageFile File(string package, string text) => new(Document.Parse(text), OpamPackage.Parse(package));

    static LockFile Lock(params string[] packages) => new() { Folder = "/", Packages = [.. packages.Select(package => new LockedPackage(OpamPackage.Parse(package), false))], Duniverse = [] };

    static string Written(LockFile locked, Repository repository) => new PackageDefs(locked, repository.Find).ToString();

    static string Refused(LockFile locked, Repository repository) => Assert.Throws<HillingarException>(() => Written(locked, repository)).Diagnostic.Code;

    Repository Read(string json) => PackageDefsReader.Read(_folder.Write("package-defs.json", json));
}
