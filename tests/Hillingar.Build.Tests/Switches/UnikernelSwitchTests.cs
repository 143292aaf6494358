using Hillingar.Build.Locks;
using Hillingar.Build.Processes;
using Hillingar.Build.Requests;
using Hillingar.Build.Sandboxes;
using Hillingar.Build.Storage;
using Hillingar.Build.Switches;
using Hillingar.Opam.Diagnostics;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>
/// The switch of a real unikernel, by hand: HILLINGAR_TEST_UNIKERNEL names a folder with opam repositories (<c>overlay</c>, <c>repos/opam-overlays</c>,
/// <c>repos/opam-repository</c>), archives in the layout of opam's cache (<c>cache</c>), and a lock of such a unikernel for spt (<c>hello-spt.lock</c>).
/// HILLINGAR_CACHE keeps what was built. From an empty store it takes half an hour on two cores.
/// </summary>
public sealed class UnikernelSwitchTests : IDisposable
{
    static readonly string? s_data = Environment.GetEnvironmentVariable("HILLINGAR_TEST_UNIKERNEL");

    // example/ of mirage/ocaml-solo5 shows what is the least that boots.
    const string Startup = """
        #include <solo5.h>
        #include <caml/callback.h>
        static char *arguments[] = { "hello", NULL };
        void _nolibc_init(uintptr_t heap_start, size_t heap_size);
        int solo5_app_main(const struct solo5_start_info *start)
        {
          _nolibc_init(start->heap_start, start->heap_size);
          caml_startup(arguments);
          return 0;
        }
        """;

    readonly TestFolder _folder = new();
    readonly ReporterFake _reporter = new();

    public void Dispose() => _folder.Dispose();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    async Task<HostSwitch> Provide(HostUse use)
    {
        Assert.SkipWhen(s_data is null, "needs the archives of a real unikernel's host switch (HILLINGAR_TEST_UNIKERNEL)");
        var locked = LockFile.Read(Path.Combine(s_data, "hello-spt.lock")) with { Mirrors = [$"file://{Path.Combine(s_data, "cache")}"], Contents = [] };
        string[] repositories = ["overlay", "repos/opam-overlays", "repos/opam-repository"];
        var request = new Request("hello", _folder["hello.csproj"], ["spt"], [.. repositories.Select(name => Path.Combine(s_data, name))], [], []) { HostSwitch = HostSwitchSource.Locked, Overlays = [] };
        return await new HostToolProvider(Stores.Default, new SwitchOptions { Sandbox = SandboxMode.Required, Offline = true }, _reporter).Build(locked, request, new Place("lock"), use, MachineTools.None, Cancellation);
    }

    async Task<ProcessResult> Run(HostSwitch host, string program, params string[] arguments) =>
        await ProcessRunner.Run(host.Use(new Command(program, arguments, _folder.Path, DuneEnvironment.Variables)), Cancellation);

    async Task<string> Say(HostSwitch host, string program, params string[] arguments)
    {
        var result = await Run(host, program, arguments);
        Assert.True(result.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {result.Output}{result.Error}");
        return result.Output;
    }

    [Fact]
    public async Task Mirage_configures_with_the_libraries_that_it_brings()
    {
        var host = await Provide(HostUse.Configure);
        _folder.Write("config.ml", "open Mirage\nlet () = register \"hello\" [ main \"Unikernel\" job ]\n");
        Assert.Contains("Successfully configured", (await Say(host, "mirage", "configure", "-t", "spt")), StringComparison.Ordinal);
        Assert.True(File.Exists(_folder["mirage/hello-spt.opam"]));
        Assert.Contains("fmt", await Say(host, "ocamlfind", "list"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_cross_compiler_builds_what_the_tender_boots_and_finds_none_of_mirages_libraries()
    {
        var host = await Provide(HostUse.Build);
        _folder.Write("dune-project", "(lang dune 2.8)\n");
        _folder.Write("dune-workspace", "(lang dune 2.8)\n(context (default))\n(context (default (name solo5) (toolchain solo5) (host default)))\n");
        _folder.Write("startup.c", Startup);
        _folder.Write("manifest.json", "{ \"type\": \"solo5.manifest\", \"version\": 1, \"devices\": [] }\n");
        _folder.Write("hello.ml", "let () = print_endline (\"Hello from \" ^ Sys.ocaml_version)\n");
        Write("");
        await Say(host, "dune", "build", "--root", ".", "./_build/solo5/hello.exe");
        Assert.Contains("\"spt\"", await Say(host, "solo5-elftool", "query-abi", "_build/solo5/hello.exe"), StringComparison.Ordinal);
        Assert.Contains("Hello from 5.4.1", await Say(host, "solo5-spt", "_build/solo5/hello.exe"), StringComparison.Ordinal);

        Write("fmt");
        Assert.Contains("Library \"fmt\" not found", (await Run(host, "dune", "build", "--root", ".", "./_build/solo5/hello.exe")).Error, StringComparison.Ordinal);

        void Write(string library) => _folder.Write("dune", $$"""
            (library (name start) (enabled_if (= %{context_name} solo5)) (modules) (foreign_stubs (language c) (names startup manifest)))
            (rule (targets manifest.c) (deps manifest.json) (action (run solo5-elftool gen-manifest manifest.json manifest.c)))
            (executable (name hello) (enabled_if (= %{context_name} solo5)) (modules hello) (libraries start {{library}}) (modes native)
             (link_flags :standard -cclib "-z solo5-abi=spt" -cclib "-u __solo5_mft1_note"))
            """);
    }
}
