using Hillingar.Build.Depext;
using Hillingar.Build.Files;
using Hillingar.Build.Locks;
using Hillingar.Build.Machines;
using Hillingar.Build.Processes;
using Hillingar.Build.Realising;
using Hillingar.Build.Requests;
using Hillingar.Build.Restoring;
using Hillingar.Build.Sandboxes;
using Hillingar.Build.Storage;
using Hillingar.Build.Switches;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>A project built with the tools that its lock names.</summary>
public sealed class HostToolTests : IDisposable
{
    // The machine's compiler, as a package that a switch can hold.
    const string Compiler = """
        opam-version: "2.0"
        install: ["sh" "-c" "mkdir -p %{bin}% && cd /usr/bin && for tool in ocaml ocamlc ocamlopt ocamldep ocamlc.opt ocamlopt.opt ocamldep.opt ocamllex ocamlyacc ocamlmklib ocamlobjinfo; do ln -s /usr/bin/$tool %{bin}%/; done"]
        """;

    const string OCaml = """
        opam-version: "2.0"
        depends: ["ocaml-base-compiler"]
        build: ["sh" "-c" "printf 'opam-version: \"2.0\"\nvariables { native: true native-tools: true native-dynlink: true preinstalled: false }\n' > ocaml.config"]
        """;

    const string Tool = """
        opam-version: "2.0"
        install: ["sh" "-c" "mkdir -p %{bin}% && printf '#!/bin/sh\necho let words = string_of_int 42\n' > %{bin}%/tool && chmod +x %{bin}%/tool"]
        """;

    readonly TestFolder _folder = new();
    readonly ReporterFake _reporter = new();
    // Shared by test runs, as dune takes its time.
    readonly Stores _stores = new(Path.Combine(TestData.Root, "artifacts", "test-cache"));

    public void Dispose() => _folder.Dispose();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    (LockFile Locked, Request Request) Project(HostSwitchSource source, params string[] packages)
    {
        _folder.Write("repository/repo", "opam-version: \"2.0\"\n");
        _folder.Write("repository/packages/ocaml-base-compiler/ocaml-base-compiler.4.13.1/opam", Compiler);
        _folder.Write("repository/packages/ocaml/ocaml.4.13.1/opam", OCaml);
        _folder.Write("repository/packages/tool/tool.1/opam", Tool);
        var locked = new LockFile { Folder = _folder["project"], Packages = [.. packages.Select(name => new LockedPackage(OpamPackage.Parse(name), false))], Duniverse = [], Request = ["x"] };
        var request = new Request("app", _folder["project/app.csproj"], ["unix"], [_folder["repository"], Path.Combine(TestData.Root, "samples", "opam-repository")], [], []) { HostSwitch = source, Overlays = [] };
        return (locked, request);
    }

    async Task<IReadOnlyList<Diagnostic>> Build(LockFile locked, Request request, bool offline = true)
    {
        var path = _folder.Write("project/app.opam.locked", locked.ToString());
        var stamp = _folder.Write("obj/stamp", Restorer.Stamp(LockFile.Read(path)));
        var build = new DuneBuild(new Workspace(_folder["obj"]),
        [
            ("dune", _folder.Write("project/dune", "(rule (with-stdout-to words.ml (run tool)))\n(executable (name app))\n")),
            ("dune-project", _folder.Write("project/dune-project", "(lang dune 3.0)\n")),
            ("app.ml", _folder.Write("project/app.ml", "let () = print_string Words.words\n")),
        ], "app.exe", "default", "release", _folder["bin/app"]);
        return await new Builder(_stores, _reporter).Build(new BuildPlan(request, "unix", build, path, stamp) { Offline = offline, Sandbox = SandboxMode.Required, SystemPackages = SystemPackageCheck.Off }, Cancellation);
    }

    [Fact]
    public async Task A_lock_that_brings_its_tools_is_built_with_a_switch_of_the_store()
    {
        RealArchives.Import(_stores.Sources, "ocaml-dune_3.17.2.orig.tar.bz2");
        var (locked, request) = Project(HostSwitchSource.Locked, "ocaml.4.13.1", "ocaml-base-compiler.4.13.1", "base-unix.base", "base-threads.base", "dune.3.17.2", "tool.1");
        Assert.Empty(await Build(locked, request));
        Assert.Equal("42", (await ProcessRunner.Run(new Command(_folder["bin/app"], []), Cancellation)).Output.Trim());
        Assert.Contains(_reporter.Told, line => line.StartsWith("The host switch of the lock has 6 packages", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_passwords_of_the_projects_own_addresses_are_used_for_the_sources_of_tools()
    {
        RealArchives.Import(_stores.Sources, "ocaml-dune_3.17.2.orig.tar.bz2");
        // Another one each time: what is in the store is not fetched.
        var archive = Tarball.Gzip(Tarball.Tar(Tarball.File("tool/file", Guid.NewGuid().ToString())));
        using var server = new SourceServer((_, head, stream) => !head.Contains($"Authorization: Basic {Convert.ToBase64String("me:s3cret"u8)}", StringComparison.Ordinal)
            ? SourceServer.Send(stream, "HTTP/1.1 401 No\nContent-Length: 0\nConnection: close") : SourceServer.Ok(stream, archive));
        var (locked, request) = Project(HostSwitchSource.Locked, "ocaml.4.13.1", "ocaml-base-compiler.4.13.1", "base-unix.base", "base-threads.base", "dune.3.17.2", "tool.1");
        _folder.Write("repository/packages/tool/tool.1/opam", $"{Tool}\nurl {{ src: \"{server.Url("tool.tgz")}\" checksum: \"{Hashes.Of(new MemoryStream(archive), Hashes.Kinds)[0]}\" }}\n");
        var own = _folder.Write("project/app.opam", $"opam-version: \"2.0\"\npin-depends: [\"other.1\" \"{server.Url("").Replace("http://", "http://me:s3cret@", StringComparison.Ordinal)}\"]\n");
        Assert.Empty(await Build(locked, request with { OpamFiles = [own] }, offline: false));
        Assert.Equal("42", (await ProcessRunner.Run(new Command(_folder["bin/app"], []), Cancellation)).Output.Trim());
    }

    [Fact]
    public async Task A_port_for_the_duniverse_of_what_comes_with_the_compiler_is_that_in_a_switch()
    {
        _folder.Write("repository/packages/base-bytes/base-bytes.base+dune/opam", "opam-version: \"2.0\"\nbuild: \"false\"\n");
        _folder.Write("repository/packages/base-bytes/base-bytes.base/opam", "opam-version: \"2.0\"\ndepends: \"tool\"\n");
        var (locked, request) = Project(HostSwitchSource.Locked, "ocaml.4.13.1", "ocaml-base-compiler.4.13.1", "base-bytes.base+dune", "tool.1");
        var host = await new HostToolProvider(new Stores(_folder["store"]), new SwitchOptions { Sandbox = SandboxMode.Required, Offline = true }, _reporter)
            .Build(locked, request, new Place("lock"), HostUse.Build, MachineTools.None, Cancellation);
        Assert.Contains("base-bytes.base", host.Packages.Select(package => package.Package.ToString()));
        Assert.True(File.Exists(Path.Combine(host.Folder, "bin/tool")));
        Assert.Contains(_reporter.Told, line => line.StartsWith("Building tool.1 into the store (", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_tool_that_no_repository_describes_is_told()
    {
        var (locked, request) = Project(HostSwitchSource.Locked, "ocaml.4.13.1", "dune.3.17.2", "nowhere.1");
        var error = await Assert.ThrowsAsync<HillingarException>(() => Build(locked, request));
        Assert.Equal("HIL5065", error.Diagnostic.Code);
        Assert.Contains("nowhere.1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_machines_own_tools_are_taken_where_they_satisfy_the_lock()
    {
        var machine = await Toolchain.Probe(Cancellation);
        Assert.SkipWhen(machine.Dune is null, "needs dune (Debian: ocaml-dune)");
        var (locked, request) = Project(HostSwitchSource.Locked, $"ocaml.{machine.OCaml}", $"ocaml-base-compiler.{machine.OCaml}", "base-unix.base", "conf-x.1", $"dune.{machine.Dune}");
        var provider = new HostToolProvider(_stores, new SwitchOptions { Sandbox = SandboxMode.Required, Offline = true }, _reporter);
        Assert.Equal(ProcessRunner.Find("dune"), (await provider.Provide(locked, request, new Place("lock"), Cancellation)).DuneProgram);
        var (other, old) = Project(HostSwitchSource.Machine, "ocaml.4.00.1", $"dune.{machine.Dune}");
        Assert.Equal("HIL5005", (await Assert.ThrowsAsync<HillingarException>(() => provider.Provide(other, old, new Place("lock"), Cancellation))).Diagnostic.Code);
    }
}
