using System.Collections.Immutable;
using Hillingar.Build.Files;
using Hillingar.Build.Requests;
using Hillingar.Build.Switches;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Repositories;
using Hillingar.Opam.Syntax;
using Hillingar.Opam.Universe;
using Hillingar.Tests;

namespace Hillingar.Build.Tests;

/// <summary>What real packages would run, compared with what the real opam would.</summary>
public sealed class PackageStepsOpamTests : IDisposable
{
    readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // What many packages ask after. Their own build is nothing; what the compiler finds out about itself is in a file.
    static readonly (string Package, string Text, (string Name, string Text)[] Files)[] s_installed =
    [
        ("ocaml.4.13.1", "", [("ocaml.config", "opam-version: \"2.0\"\nvariables {\n  native: true\n  native-tools: true\n  native-dynlink: true\n  stubsdir: \"/usr/lib/ocaml/stublibs:/usr/lib/ocaml\"\n  preinstalled: true\n  compiler: \"system\"\n}\n")]),
        ("ocaml-config.3", "depends: \"ocaml\"", []),
        ("dune.3.17.2", "depends: [\"ocaml\" \"nowhere\" {with-test}]", []),
        ("base-unix.base", "", []),
        ("ocamlfind.1.9.6", "depends: [\"dune\" {>= \"2\" & < \"3.17\"} | \"ocaml\" {build}]\ndepopts: [\"base-unix\" \"graphics\"]", []),
        ("lwt.5.6.1", "depends: [\"dune\" \"ocaml\" {post}]", []),
        ("conf-cmake.1", "", [("conf-cmake.config", "opam-version: \"2.0\"\nvariables { cmd: \"/usr/bin/my cmake\" list: [\"a\" \"b c\"] }\n")]),
        ("mirage-xen.8", "", []),
        ("ocaml-option-flambda.1", "", []),
        ("cmdliner.1.3.0", "", []),
    ];

    static string Fields(params IEnumerable<Field> fields) => "opam-version: \"2.0\"\n" + Document.Create(fields).Print();

    static string Md5(string text) => Hashes.Of(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)), [ChecksumKind.Md5])[0].ToString();

    async Task Compare(List<(string Package, string Text)> packages)
    {
        var opam = new RecordingOpam(_folder);
        var repository = new MemoryRepository("test");
        foreach (var (package, text, files) in s_installed)
        {
            var description = $"opam-version: \"2.0\"\n{text}\nextra-files: [{string.Join(' ', files.Select(file => $"[\"{file.Name}\" \"{Md5(file.Text)}\"]"))}]\n";
            opam.Add(package, description, files);
            repository.Add(package, description);
        }

        foreach (var (package, text) in packages)
        {
            opam.Add(package, text);
            repository.Add(package, text);
        }

        await opam.Install(s_installed.Select(item => item.Package), packages.Select(item => item.Package));

        var layout = new SwitchLayout(opam.Prefix);
        var installed = s_installed.Select(item => Package(item.Package) with { Config = item.Files is [var file] ? ConfigFile.Parse(file.Text, file.Name).Variables : new Dictionary<string, VariableValue>() }).ToList();
        var global = SwitchVariables.Globals(HostPlatform.Current, jobs: 1, _folder["root"], "test");
        foreach (var name in new[] { "opam-version", "os", "os-version", "os-family", "os-distribution", "arch", "user", "group", "sys-ocaml-version", "sys-ocaml-arch", "sys-ocaml-libc", "sys-ocaml-cc" })
            global = global.With(name, await opam.Variable(name));
        var variables = new SwitchVariables(global, installed);
        var differences = new List<string>();
        foreach (var (name, _) in packages)
        {
            var steps = PackageSteps.Of(Package(name), variables);
            Differ(name, "build", steps.Build);
            Differ(name, "install", steps.Install);
        }

        Assert.True(differences.Count == 0, $"{differences.Count} of {packages.Count}:\n" + string.Join('\n', differences.Take(20)));

        SwitchPackage Package(string name)
        {
            var package = OpamPackage.Parse(name);
            return new SwitchPackage(repository.Find(package)!, layout) { BuildFolder = _folder[$"root/test/.opam-switch/build/{name}"] };
        }

        void Differ(string name, string kind, ImmutableArray<ImmutableArray<string>> ours)
        {
            var (expected, actual) = (Show(opam.Commands(OpamPackage.Parse(name).Name.Text, kind)), Show(ours.Select(command => command.AsEnumerable())));
            if (expected != actual)
                differences.Add($"{name} {kind}:\n  opam: {expected}\n  ours: {actual}");
        }

        static string Show(IEnumerable<IEnumerable<string>> commands) => string.Join(" ; ", commands.Select(command => string.Join(' ', command.Select(word => $"[{word}]"))));
    }

    [Fact]
    public async Task Real_packages_run_the_commands_that_opam_would_run()
    {
        // Only their commands, under a name of their own: what the others are worth is then the same for both, whatever the order.
        var packages = RealRepository.Main.Names.Select(name => RealRepository.Main.Versions(name)[0])
            .Where((package, at) => package.HasCommands && (TestData.Full || at % 20 == 0 || Asks(package)))
            .Select(package => ($"zz-{package.Package}", Fields(package.Read().Document.Items.OfType<Field>().Where(field => field.Name is "build" or "install")))).ToList();
        Assert.InRange(packages.Count, 200, 5000);
        await Compare(packages);
    }

    // Those that ask after something that is installed here, or choose words by it.
    static bool Asks(RepositoryPackage package) =>
        package.Read().Document.Items.OfType<Field>().Where(field => field.Name is "build" or "install").Select(field => field.Value.ToString())
            .Any(text => s_installed.Any(item => item.Package != "ocaml.4.13.1" && item.Package != "dune.3.17.2" && text.Contains(item.Package.Split('.')[0] + ":", StringComparison.Ordinal)) || text.Contains('?'));

    [Fact]
    public Task Every_form_of_a_command_is_run_as_opam_runs_it() => Compare([.. s_forms.Select((form, at) => ($"zz-form{at}.1.0", $"opam-version: \"2.0\"\n{form}\n"))]);

    static readonly string[] s_forms =
    [
        """build: ["a" "%{name}%" "%{version}%" "%{_:name}%" "%{zz-form0:version}%" "%{prefix}%" "%{lib}%" "%{_:lib}%" "%{ocaml:lib}%"]""",
        """build: ["a" name version make jobs prefix lib bin sbin share etc doc man stublibs toplevel build os arch switch root exe undefined-one]""",
        """build: ["a" _:lib _:share _:etc _:doc _:man _:bin _:sbin _:build _:version _:stublibs _:prefix _:hash _:dev _:pinned _:installed _:depends]""",
        """build: ["a" ocaml:version ocaml:native ocaml:compiler ocaml:stubsdir ocaml:lib ocaml:nothing nowhere:lib nowhere:version nowhere:installed nowhere:pinned nowhere:dev]""",
        """build: ["a" "%{undefined}%" "x%{nowhere:lib}%y" "%%" "100%" "%%{name}%%" "%{name" "%{}%" "%{na me}%" "%{name}" "}%"]""",
        """build: ["a" "%{lwt:enable}%" "%{nowhere:enable}%" "%{lwt+dune:enable}%" "%{lwt+nowhere:installed}%" "%{lwt+dune:installed}%"]""",
        """build: ["a" "%{lwt:installed?yes:no}%" "%{nowhere:installed?yes:no}%" "%{ocaml:native?opt:byte}%" "%{undefined?x:y}%" "%{with-test?t:f}%" "%{lwt:version?t:f}%" "%{os?a:b}%"]""",
        """build: [["a"] {with-test} ["b"] {!with-test} ["c"] {with-doc} ["d"] {dev} ["e"] {pinned} ["f"] {!pinned} ["g"] {os = "linux"} ["h"] {os != "linux"} ["i"] {undefined} ["j"] {!undefined} ["k"] {?undefined} ["l"] {!(?undefined)} ["m"] {with-dev-setup}]""",
        """build: [["a" "x" {ocaml:version >= "4.10"} "y" {ocaml:version < "4.10"} "z" {ocaml:native & ocaml:preinstalled} "w" {nowhere:version >= "1"} "v" {!(nowhere:version >= "1")}]]""",
        """build: [["a" {false}] ["" "b"] [make "-j" jobs] [make] {jobs = "1"} ["c" "" "d"] ["e" {with-test} "f"]]""",
        """build: [["a" conf-cmake:cmd conf-cmake:list "%{conf-cmake:list}%" "%{conf-cmake:cmd}%" "x%{conf-cmake:list}%y"]]""",
        """build: [["a"] {"%{name}%" = "zz-form11"} ["b"] {"%{nowhere:version}%" = ""} ["c"] {ocaml:version = "4.13.1" | undefined} ["d"] {undefined | os = "linux"} ["e"] {undefined & os = "macos"} ["f"] {"true"} ["g"] {"false"} ["h"] {"%{ocaml:native}%"} ["i"] {!"%{ocaml:native}%"} ["j"] {"x"}]""",
        """install: [["a" "%{bin}%"] ["b" _:doc] {with-doc} ["c"] {installed} ["d"] {_:installed} ["e"] {zz-form12:installed} ["f"] {ocaml:installed}]""",
        """build: ["a" ocamlfind:depends dune:depends lwt:depends "%{ocamlfind:depends}%" ocaml:depends nowhere:depends]""",
        """build: ["a" "%{ocaml-option-flambda:installed?+flambda:}%" "%{nowhere:installed?+x:}%" "%{ocaml:installed?:off}%"]""",
        "build: \"single\"\ninstall: [make \"install\" \"PREFIX=%{prefix}%\" \"LIBDIR=%{lib}%/zz\" \"with'quotes\\\"and\\\\back\" \"%{os}%-%{arch}%-%{os-distribution}%-%{os-version}%-%{os-family}%\"]",
        "build: [[\"sh\" \"-exc\" \"echo %{name}%; echo \\\"%{lib}%\\\" | sed 's/%%/x/'\"] [\"a\" \"line\\nbreak %{name}%\" \"%{na\\nme}%\"]]",
        """build: ["a" "%{name:version}%" "%{:version}%" "%{_:}%"]""",
        """build: ["a" sys-ocaml-version "%{sys-ocaml-cc}%" opam-version user group hash]""",
        "depends: [\"dune\" {>= \"2\"} \"lwt\" {>= \"6\"} | \"ocaml\" \"cmdliner\" {post} \"conf-cmake\" {build} \"base-unix\" {with-test}]\ndepopts: [\"mirage-xen\" \"nowhere\"]\nbuild: [\"a\" depends \"%{_:depends}%\"]",
    ];
}
