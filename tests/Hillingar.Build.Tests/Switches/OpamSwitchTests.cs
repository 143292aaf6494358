using Hillingar.Build.Locks;
using Hillingar.Build.Machines;
using Hillingar.Build.Processes;
using Hillingar.Build.Requests;
using Hillingar.Build.Sources;
using Hillingar.Build.Storage;
using Hillingar.Build.Switches;
using Hillingar.Opam.Diagnostics;
using Hillingar.Opam.Language;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>A switch that the real opam made, taken for the tools of a lock.</summary>
public sealed class OpamSwitchTests : IDisposable
{
    readonly TestFolder _folder = new();
    readonly SwitchCase _case;
    readonly OpamRoot _opam;

    public OpamSwitchTests() => (_case, _opam) = (new SwitchCase(_folder), new OpamRoot(_folder));

    public void Dispose() => _folder.Dispose();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // Findlib's configuration as the real packages leave it, libraries compiled by the machine's compiler, and programs that say who they are.
    async Task Make()
    {
        _case.Add("ocaml.4.13.1", "build: [\"sh\" \"-c\" \"printf 'opam-version: \\\"2.0\\\"\\nvariables { native: true }\\n' > ocaml.config\"]\nsetenv: [[CAML_ANSWER = \"%{lib}%/%{_:native}%\"]]")
            .Add("ocamlfind.1.9.3", """
                depends: "ocaml"
                install: [
                  ["mkdir" "-p" "%{lib}%/findlib.conf.d"]
                  ["sh" "-c" "printf 'destdir=\"%{lib}%\"\npath=\"/nowhere:%{lib}%\"\n' > %{lib}%/findlib.conf"]
                  ["sh" "-c" "printf 'path(solo5) = \"%{lib}%/cross/lib:%{lib}%\"\ndestdir(solo5) = \"%{lib}%\"\n' > %{lib}%/findlib.conf.d/solo5.conf"]
                ]
                """)
            .Add("dune.3.99.0", "install: [\"sh\" \"-c\" \"mkdir -p %{bin}% && printf '#!/bin/sh\\necho the dune of the switch\\n' > %{bin}%/dune && chmod +x %{bin}%/dune\"]")
            .Add("runtime.1", Library("runtime", "ocamlfind"))
            .Add("hidden.1", Library("hidden", "ocamlfind"))
            .Add("cross.1", Library("cross", "runtime"))
            .Add("mirage.4", Library("mirage", "hidden"));
        await _opam.Make();
        await _opam.Accepted(["install", "--jobs=1", .. _case.Names]);
    }

    static string Library(string name, string needs) => $$"""
        depends: "{{needs}}"
        build: [
          ["sh" "-c" "echo 'let name = \"{{name}}\"' > {{name}}.ml && printf 'version = \"1\"\narchive(native) = \"{{name}}.cmxa\"\narchive(byte) = \"{{name}}.cma\"\n' > META"]
          ["ocamlopt" "-a" "-o" "{{name}}.cmxa" "{{name}}.ml"]
          ["ocamlc" "-a" "-o" "{{name}}.cma" "{{name}}.ml"]
        ]
        install: [["mkdir" "-p" _:lib] ["sh" "-c" "cp META {{name}}.* %{_:lib}%/"]]
        """;

    LockFile Locked(params string[] changed)
    {
        string[] packages = ["ocaml.4.13.1", "ocaml-base-compiler.4.13.1", "ocamlfind.1.9.1", "dune.3.17.2", "cross.1", "mirage.4"];
        return new LockFile
        {
            Folder = _folder["project"],
            Packages = [.. packages.Select(name => changed.FirstOrDefault(other => other.Split('.')[0] == name.Split('.')[0]) ?? name).Select(name => new LockedPackage(OpamPackage.Parse(name), false))],
            Duniverse = [],
            OpamProvided = ["cross", "mirage"],
            HostSwitch = [.. new[] { "cross.1", "mirage.4", "runtime.1", "hidden.1" }.Select(OpamPackage.Parse)],
            Request = ["x"],
        };
    }

    [Fact]
    public async Task It_is_read_as_opam_itself_tells_it()
    {
        await Make();
        var own = OpamSwitch.Read("test", _folder.Path, root: _opam.Path);
        Assert.Equal((await _opam.Accepted("list", "--installed", "--short", "--columns=package")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim()).Order(StringComparer.Ordinal),
            own.Packages.Select(package => package.Package.ToString()).Order(StringComparer.Ordinal));
        Assert.Equal((await _opam.Accepted("var", "prefix")).Trim(), own.Layout.Prefix);

        var host = own.Present([new PackageName("mirage")], _folder["views"]);
        var theirs = (await _opam.Accepted("exec", "--", "sh", "-c", "echo $CAML_ANSWER; echo $OPAM_SWITCH_PREFIX; echo $PATH | cut -d: -f1; dune")).Trim();
        var ours = await ProcessRunner.Run(host.Use(new Command("sh", ["-c", "echo $CAML_ANSWER; echo $OPAM_SWITCH_PREFIX; echo $PATH | cut -d: -f1; dune"], _folder.Path)), Cancellation);
        Assert.Equal(theirs, ours.Output.Trim());
        Assert.EndsWith("the dune of the switch", theirs, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_build_finds_the_libraries_that_it_takes_from_the_switch_and_no_others()
    {
        await Make();
        var own = OpamSwitch.Read("test", _folder.Path, root: _opam.Path);
        var build = own.Present(HostUse.Build.Presented(Locked()), _folder["views"]);
        Assert.Equal(["cross", "runtime"], await Found(build, ["cross", "runtime", "hidden", "mirage"]));
        Assert.Equal(["cross", "runtime", "hidden", "mirage"], await Found(own.Present([.. own.Packages.Select(package => package.Package.Name)], _folder["views"]), ["cross", "runtime", "hidden", "mirage"]));

        var path = await Say(build, "ocamlfind", "-toolchain", "solo5", "printconf", "path");
        Assert.Contains($"{own.Layout.Folder("lib")}/cross/lib", path, StringComparison.Ordinal);
        Assert.DoesNotContain(own.Layout.Folder("lib")!, path.Split('\n').Select(line => line.Trim()));
        Assert.Equal(own.Layout.Folder("lib"), await Say(build, "ocamlfind", "printconf", "destdir"));

        var missing = await ProcessRunner.Run(build.Use(new Command("ocamlfind", ["query", "hidden"], _folder.Path)), Cancellation);
        Assert.Contains("Package `hidden' not found", missing.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_library_that_the_duniverse_lacks_is_missing_by_its_name_although_the_switch_has_it()
    {
        await Make();
        // The dune of this switch only says a word, and Debian's is older than those that unikernels need.
        var stores = new Stores(Path.Combine(TestData.Root, "artifacts", "test-cache"));
        RealArchives.Import(stores.Sources, "ocaml-dune_3.17.2.orig.tar.bz2");
        var url = new RealArchives(_folder).Packages("dune.3.17.2")[0].Url!;
        var dune = await new DuneTool(stores, new SwitchOptions { Offline = true }, _case.Reporter)
            .Provide("3.17.2", new Source(url.Url, url.Checksums, url.Mirrors, []), await Toolchain.Probe(Cancellation), own => own == "3.17.2", Cancellation);

        var build = OpamSwitch.Read("test", _folder.Path, root: _opam.Path).Present(HostUse.Build.Presented(Locked()), _folder["views"]);
        _folder.Write("app/dune-project", "(lang dune 2.0)\n");
        _folder.Write("app/app.ml", "let () = print_string Cross.name\n");
        _folder.Write("app/dune", "(executable (name app) (libraries cross))\n");
        Assert.Equal("cross", await Say(build, dune, "exec", "--root", "app", "./app.exe"));
        _folder.Write("app/dune", "(executable (name app) (libraries cross hidden))\n");
        var missing = await ProcessRunner.Run(build.Use(new Command(dune, ["build", "--root", "app", "./app.exe"], _folder.Path)), Cancellation);
        Assert.Contains("Library \"hidden\" not found", missing.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_serves_a_lock_whose_versions_it_has_and_says_what_it_lacks_of_another()
    {
        await Make();
        var own = OpamSwitch.Read("test", _folder.Path, root: _opam.Path);
        Assert.Empty(own.Lacks(Locked(), HostUse.Build));
        Assert.Empty(own.Lacks(Locked("mirage.5"), HostUse.Build));
        Assert.Equal(["mirage 4 (5)"], own.Lacks(Locked("mirage.5"), HostUse.Configure));
        Assert.Equal(["dune 3.99.0 (3.100.0)"], own.Lacks(Locked("dune.3.100.0"), HostUse.Build));
        Assert.Equal(["cross 1 (2)", "ocaml 4.13.1 (5.4.1)"], own.Lacks(Locked("ocaml.5.4.1", "cross.2") with { HostSwitch = [] }, HostUse.Build).Order(StringComparer.Ordinal));
        await _opam.Accepted("remove", "cross");
        Assert.Equal(["no cross (1)"], OpamSwitch.Read("test", _folder.Path, root: _opam.Path).Lacks(Locked(), HostUse.Build));
    }

    [Fact]
    public async Task A_local_switch_is_named_by_its_folder_and_used_where_it_satisfies_the_lock()
    {
        _folder.Write("project/app.csproj", "");
        await Make();
        await _opam.Accepted("switch", "create", _folder["project"], "--empty");
        await _opam.Accepted(["install", $"--switch={_folder["project"]}", "--jobs=1", .. _case.Names]);
        var request = new Request("app", _folder["project/app.csproj"], ["unix"], [_folder["repository"]], [], []) { Overlays = [] }.WithTools(".");
        Assert.Equal((HostSwitchSource.Locked, "."), (request.HostSwitch, request.OpamSwitch));
        var provider = new HostToolProvider(_case.Stores, new SwitchOptions { Offline = true }, _case.Reporter);
        var tools = await provider.Provide(Locked(), request, new Place("lock"), Cancellation);
        Assert.Equal("dune", tools.DuneProgram);
        Assert.Empty(_case.Built);

        // What it lacks is said, and then the store builds what is locked.
        await Assert.ThrowsAsync<HillingarException>(() => provider.Provide(Locked("cross.2"), request, new Place("lock"), Cancellation));
        Assert.Contains(_case.Reporter.Told, line => line.Contains("'.' is not used", StringComparison.Ordinal) && line.Contains("cross 1 (2)", StringComparison.Ordinal));
    }

    [Fact]
    public void A_switch_that_is_not_there_is_told()
    {
        var error = Assert.Throws<HillingarException>(() => OpamSwitch.Read("nowhere", _folder.Path, new Place("app.csproj"), _folder["root"]));
        Assert.Equal("HIL5066", error.Diagnostic.Code);
        Assert.Equal(HostSwitchSource.Machine, new Request("app", _folder["app.csproj"], [], [], [], []).WithTools("Machine").HostSwitch);
        Assert.Null(new Request("app", _folder["app.csproj"], [], [], [], []).WithTools("LOCKED").OpamSwitch);
        Assert.Equal("5.4.1", new Request("app", _folder["app.csproj"], [], [], [], []).WithTools("5.4.1").OpamSwitch);
    }

    async Task<IEnumerable<string>> Found(HostSwitch host, string[] libraries)
    {
        var found = (await Say(host, "ocamlfind", "list")).Split('\n').Select(line => line.Split(' ')[0]).ToHashSet();
        return libraries.Where(found.Contains);
    }

    async Task<string> Say(HostSwitch host, string program, params string[] arguments)
    {
        var result = await ProcessRunner.Run(host.Use(new Command(program, arguments, _folder.Path)), Cancellation);
        Assert.True(result.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {result.Output}{result.Error}");
        return result.Output.Trim();
    }
}
