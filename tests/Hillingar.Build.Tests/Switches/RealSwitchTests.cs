using Hillingar.Build.Machines;
using Hillingar.Build.Processes;
using Hillingar.Build.Sandboxes;
using Hillingar.Build.Storage;
using Hillingar.Build.Switches;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>A real switch of real packages, from their own archives.</summary>
public sealed class RealSwitchTests : IDisposable
{
    readonly TestFolder _folder = new();
    readonly ReporterFake _reporter = new();

    public void Dispose() => _folder.Dispose();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    Stores Stores => new(_folder["store"]);

    Task<HostSwitch> Build(SwitchRequest request) => new SwitchBuilder(Stores, _reporter).Build(request, new SwitchOptions { Sandbox = SandboxMode.Required, Offline = true }, Cancellation);

    async Task<string> Ask(HostSwitch host, string program, params string[] arguments)
    {
        var result = await ProcessRunner.Run(host.Use(new Command(program, arguments, _folder["work"])), Cancellation);
        Assert.True(result.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {result.Output}{result.Error}");
        return result.Output.Trim();
    }

    [Fact]
    public async Task Dune_findlib_ocamlbuild_and_libraries_are_built_on_the_machines_compiler_and_work()
    {
        RealArchives.Import(Stores.Sources, "ocaml-dune_3.17.2.orig.tar.bz2", "findlib_1.9.6.orig.tar.gz", "ocamlbuild_0.14.1.orig.tar.gz", "ocaml-csexp_1.5.2.orig.tar.bz2", "cppo_1.8.0.orig.tar.gz");
        var machine = await Toolchain.Probe(Cancellation);
        Assert.SkipWhen(machine.OCaml != "4.13.1", "needs OCaml 4.13.1 (Debian 12: ocaml)");
        var request = new SwitchRequest(new RealArchives(_folder).Packages("dune.3.17.2", "ocamlfind.1.9.6", "ocamlbuild.0.14.1", "csexp.1.5.2", "cppo.1.8.0"))
        {
            Machine = await MachineTools.Of(machine with { Findlib = null }, Cancellation),
        };
        var host = await Build(request);

        _folder.Write("work/dune-project", "(lang dune 3.0)\n");
        _folder.Write("work/dune", "(rule (with-stdout-to main.ml (run cppo -D YES %{dep:main.cppo.ml})))\n(executable (name main) (libraries csexp findlib))\n");
        _folder.Write("work/main.cppo.ml", """
            module Sexp = struct type t = Atom of string | List of t list end
            module C = Csexp.Make (Sexp)
            #ifdef YES
            let () = print_string (C.to_string (List [Atom "hello"; Atom "switch"]))
            #else
            let () = exit 1
            #endif
            """);
        Assert.Equal("3.17.2", await Ask(host, "dune", "--version"));
        Assert.Equal("ocamlbuild 0.14.1", await Ask(host, "ocamlbuild", "-version"));
        Assert.Equal($"{host.Layout.Folder("lib")}/csexp", await Ask(host, "ocamlfind", "query", "csexp"));
        Assert.Equal("Package manager, patched", await Ask(host, "ocamlfind", "query", "-format", "%D", "findlib"));
        Assert.Equal("(5:hello6:switch)", await Ask(host, "dune", "exec", "--root", ".", "./main.exe"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(host.Layout.Prefix));

        var built = _reporter.Told.Count(line => line.StartsWith("Building ", StringComparison.Ordinal));
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Assert.Equal(host.Keys, (await Build(request)).Keys);
        Assert.Equal((5, 5), (built, _reporter.Told.Count(line => line.StartsWith("Building ", StringComparison.Ordinal))));
        TestContext.Current.TestOutputHelper?.WriteLine($"unchanged: {watch.Elapsed}");
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 60);
    }

    [Fact]
    public async Task The_compiler_itself_is_built_and_builds()
    {
        Assert.SkipUnless(TestData.Full, "takes minutes; it is run with --full");
        RealArchives.Import(Stores.Sources, "ocaml_4.13.1.orig.tar.gz", "findlib_1.9.6.orig.tar.gz");
        var host = await Build(new SwitchRequest(new RealArchives(_folder).Packages("ocaml-base-compiler.4.13.1", "ocaml.4.13.1", "ocamlfind.1.9.6")));
        _folder.Write("work/a.ml", "let () = print_endline (Unix.getcwd ())\n");
        Assert.Equal(host.Layout.Folder("lib") + "/ocaml", await Ask(host, "ocamlfind", "ocamlopt", "-where"));
        await Ask(host, "ocamlfind", "ocamlopt", "-package", "unix", "-linkpkg", "a.ml", "-o", "a");
        Assert.Equal(_folder["work"], await Ask(host, "./a"));
    }
}
