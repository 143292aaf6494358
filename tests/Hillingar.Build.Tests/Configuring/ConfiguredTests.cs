using Hillingar.Build.Configuring;
using Hillingar.Build.Requests;
using Hillingar.Opam.Diagnostics;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>What mirage 4.11 itself wrote for the seven targets of a small unikernel, read and laid out for dune.</summary>
public sealed class ConfiguredTests : IDisposable
{
    static readonly string[] s_targets = ["unix", "hvt", "spt", "virtio", "muen", "xen", "qubes"];

    readonly TestFolder _folder = new();

    public static TheoryData<string> Targets => [.. s_targets];

    public void Dispose() => _folder.Dispose();

    static ConfiguredTarget Recorded(string target) => new(target, TestData.Require(Path.Combine("mirage-configured", target)));

    [Theory, MemberData(nameof(Targets))]
    public void The_package_is_mirages_without_opam_monorepo(string target)
    {
        var written = LocalMirage(target);
        var package = Recorded(target).Package("app");
        Assert.Equal($"app-{target}", package.Name!.Value.Text);
        Assert.Equal(written.Depends.Atoms().Select(atom => atom.Name.Text).Where(name => name != "opam-monorepo"), package.Depends.Atoms().Select(atom => atom.Name.Text));
        var config = SourceConfig.Of([package]);
        Assert.DoesNotContain("opam-monorepo", config.OpamProvided);
        Assert.Contains("mirage", config.OpamProvided);
        Assert.Equal(["https://github.com/dune-universe/opam-overlays.git"], config.Overlays);
        Assert.All(MirageTool.CrossCompiler(target), name => Assert.Contains(name, config.OpamProvided));
    }

    static Opam.Files.PackageFile LocalMirage(string target) => Opam.Repositories.LocalRepository.Read(TestData.Require(Path.Combine("mirage-configured", target, "mirage", $"hello-{target}.opam")), Roots.Version);

    [Fact]
    public void What_mirage_registers_is_described_with_the_names_that_its_code_gives()
    {
        const string Runtime = """
            let logs =
              let doc =
                Arg.info ~docv:"LEVEL" ~doc:"Be more or less verbose [of all]." ~docs [ "l"; "logs" ] in
              Arg.(value & opt logs [] doc)

            let delay =
              let doc = Arg.info ~doc:"Delay." [ "delay" ] in
              Arg.(value & opt int 0 doc)
            """;
        // test/mirage/random/run.t of mirage 4.11.
        const string Main = """
            let mirage_runtime_delay__key = Mirage_runtime.register_arg @@
            # 32 "lib/devices/runtime_arg.ml"
              Mirage_runtime.delay
            ;;

            let mirage_runtime_logs__key = Mirage_runtime.register_arg @@
            # 203 "lib/devices/runtime_arg.ml"
              Mirage_runtime.logs
            ;;

            let cmdliner_stdlib_setup__key = Mirage_runtime.register_arg @@
            # 391 "lib/mirage.ml"
              Cmdliner_stdlib.setup ~backtrace:(Some true) ()
            ;;
            """;
        var arguments = DescriptionReader.Arguments(Main, name => name == "mirage_runtime.ml" ? Runtime : null);
        Assert.Equal(["--delay", "-l, --logs", "Cmdliner_stdlib.setup ~backtrace:(Some true) ()"], arguments.Select(argument => argument.ToString()));
    }

    [Theory, MemberData(nameof(Targets))]
    public void Packages_are_described_as_mirage_asks_for_them(string target)
    {
        var described = Recorded(target).Describe("app", _ => null);
        Assert.Contains(described.Packages, package => package.StartsWith("\"mirage-runtime\" {?monorepo", StringComparison.Ordinal));
        Assert.DoesNotContain(described.Packages, package => package.Contains("opam-monorepo", StringComparison.Ordinal));
        // It was configured before anybody asked for its keys.
        Assert.Empty(described.Keys);
    }

    [Fact]
    public void Keys_are_read_as_mirage_describes_them()
    {
        // test/mirage/describe/run.t of mirage 4.11, and what a graph adds.
        var keys = DescriptionReader.Keys("""
            Name       describe
            Keys      
              net= (default),
              no-dhcp=false (default),
              target=spt,
              required
            Output     -digraph G {
                        1 [label="no=key"];
            """);
        Assert.Equal(["net= (default)", "no-dhcp=false (default)", "target=spt", "required"], keys.Select(key => key.ToString()));
        Assert.Empty(DescriptionReader.Keys("mirage: unknown command\n"));
    }

    [Fact]
    public void Devices_are_those_of_the_manifest_and_what_is_none_is_left_out()
    {
        Assert.Equal(["service (network)", "disk (block)"], DescriptionReader.Devices("""
            { "type": "solo5.manifest", "version": 1, "devices": [ { "name": "service", "type": "NET_BASIC" }, { "name": "disk", "type": "BLOCK_BASIC" }, { "name": 7, "type": "NET_BASIC" }, 3 ] }
            """).Select(device => device.ToString()));
        foreach (var other in new[] { "", "[]", "{", "{\"devices\": 1}" })
            Assert.Empty(DescriptionReader.Devices(other));
    }

    [Fact]
    public void One_workspace_holds_all_targets_and_each_context_once()
    {
        var sources = new[] { ("config.ml", _folder.Write("config.ml", "")), ("unikernel.ml", _folder.Write("unikernel.ml", "")), ("mirage/main.ml", _folder.Write("mirage/main.ml", "left by hand")), ("dune", _folder.Write("dune", "(include dune.build)\n;; Generated by mirage.4.10.0\n")) };
        var files = ConfiguredSources.Of([.. s_targets.Select(Recorded)], sources, "spt", _folder["made"]);
        Assert.Equal(files.Count, files.Select(file => file.Path).Distinct().Count());
        Assert.All(s_targets, target => Assert.Contains(($"{target}/unikernel.ml", _folder["unikernel.ml"]), files));
        // Left by somebody who ran mirage by hand: ours come instead.
        Assert.DoesNotContain(files, file => file.File == _folder["mirage/main.ml"] || file.File == _folder["dune"]);
        Assert.Contains(files, file => file.Path == "spt/dune.build");
        Assert.DoesNotContain(files, file => file.Path.EndsWith(".opam", StringComparison.Ordinal) || file.Path.Contains("/dist/", StringComparison.Ordinal) || file.Path.EndsWith("Makefile", StringComparison.Ordinal));
        var workspace = File.ReadAllText(files.Single(file => file.Path == "dune-workspace").File);
        Assert.Equal(2, workspace.Split("(context").Length - 1);
        Assert.Equal(["default", "solo5"], Recorded("spt").Contexts.Select(context => context.Name));
        Assert.Equal(["default"], Recorded("unix").Contexts.Select(context => context.Name));
    }

    [Fact]
    public void A_dune_file_of_the_projects_own_stays()
    {
        var own = ("dune", _folder.Write("dune", "(include dune.build)\n(rule (with-stdout-to x.ml (echo \"\")))\n"));
        Assert.Contains(("spt/dune", own.Item2), ConfiguredSources.Of([Recorded("spt")], [own], "spt", _folder["made"]));
    }

    [Fact]
    public void Two_ways_of_one_context_are_refused()
    {
        ConfiguredTarget Unikraft(string backend)
        {
            _folder.Write($"{backend}/dune-workspace", $"(lang dune 2.9)\n(context (default))\n(context (default (name unikraft) (env (_ (c_flags :standard {backend})))))\n");
            return new(backend, _folder[backend]);
        }

        var error = Assert.Throws<HillingarException>(() => ConfiguredSources.Of([Unikraft("qemu"), Unikraft("firecracker")], [], "qemu", _folder["made"]));
        Assert.Equal("HIL5073", error.Diagnostic.Code);
    }

    [Fact]
    public void The_tools_are_asked_for_with_what_the_project_says_of_them()
    {
        var request = new Request("app", _folder.Write("app.csproj", "<Project />"), ["unix", "spt"], [], [new("mirage", "[4.10,5.0)"), new("lwt", ""), new("ocaml", "5.4.1")], []) { Overlays = ["git+https://example.org/ports.git"] };
        var root = MirageTool.Root(request);
        Assert.Equal(["dune", "mirage", "ocaml", "ocaml-solo5", "solo5"], root.Depends.Atoms().Select(atom => atom.Name.Text).Order(StringComparer.Ordinal));
        Assert.Contains("4.10", root.Depends.Atoms().Single(atom => atom.Name.Text == "mirage").ToString(), StringComparison.Ordinal);
        Assert.Equal(["mirage", "ocaml-solo5", "solo5"], SourceConfig.Of([root]).OpamProvided);
        Assert.Equal(["git+https://example.org/ports.git"], SourceConfig.Of([root]).Overlays);
    }
}
