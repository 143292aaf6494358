using System.Text;
using Hillingar.Build.Locks;
using Hillingar.Build.Nix;
using Hillingar.Build.Processes;
using Hillingar.Build.Realising;
using Hillingar.Opam.Files;
using Hillingar.Opam.Language;
using Hillingar.Opam.Syntax;
using Hillingar.Opam.Universe;
using Command = Hillingar.Build.Processes.Command;

namespace Hillingar.Tests;

/// <summary>Values from strangers, in the scripts that a flake's builders run: each is a single word there, and nothing in them is run.</summary>
public sealed class HostileScriptTests(SharedNix shared)
{
    const int Batch = 100;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    static readonly string[] s_pieces =
    [
        "\"", "'", "''", "${", "$(touch executed)", "`touch executed`", "\\", "\\\"", "''${x}", "${builtins.abort \"x\"}", "\n", "\r", "\t", "$", "$$", "%", "%{", "}%", ";touch executed;", "&& touch executed", "|", ">executed",
        "*", "?", "~", "#", " ", "  ", "-", "--", "é", "日本", "\U0001F42B", "\u202e", "\u2028", "@", "!", "(", ")", "{", "}", "[", "]", "<", "<nixpkgs>", "a", "b", "=", ":", "/", "../", "/etc/passwd", "\u0001", "\u007f", "''\\n", "$'x'", "EOF",
    ];

    static string Text(Random random, string forbidden = "")
    {
        var text = string.Concat(Enumerable.Range(0, random.Next(1, 8)).Select(_ => s_pieces[random.Next(s_pieces.Length)]));
        // To opam both together are one newline.
        text = text.Replace("\r\n", "\r", StringComparison.Ordinal);
        return string.Concat(text.Where(c => !forbidden.Contains(c, StringComparison.Ordinal))) is { Length: > 0 } left ? left : "x";
    }

    // What PortableName and the path checks let through, and still as nasty as they allow.
    static string Name(Random random) => "n" + Text(random, "\n\r\t\u0001\u007f\"<>:|?*\\/\u2028\u202e").Trim().TrimEnd('.', ' ') + "e";

    [Fact]
    public async Task Texts_of_locks_are_single_words_in_every_builders_script()
    {
        var store = shared.Store("modern");
        using var folder = new TestFolder();
        var nixpkgs = (await shared.Sample("modern")).Nixpkgs["path:".Length..];
        var count = TestData.Full ? 10_000 : 300;
        var random = new Random(20261123);
        for (var done = 0; done < count; done += Batch)
        {
            var cases = Enumerable.Range(0, Batch).Select(_ => Case(random)).ToList();
            foreach (var (index, (plan, _, nixpkgsAddress)) in cases.Index())
                foreach (var (name, text) in NixFlake.Files(plan, nixpkgsAddress))
                    folder.Write($"{index}/{name}", text);
            var expression = $$"""
                let
                  lib = import {{nixpkgs}}/lib;
                  pkgs = (import {{nixpkgs}}/flake.nix).outputs { self = { }; };
                  one = index: let
                    folder = {{folder.Path}} + "/${toString index}";
                    plan = builtins.fromJSON (builtins.readFile (folder + "/hillingar.json"));
                    # The flake's own literals, read by Nix itself.
                    flake = import (folder + "/flake.nix");
                    project = import (folder + "/hillingar/project.nix") { inherit lib plan; pkgs = pkgs.legacyPackages.x86_64-linux; root = folder; };
                  in {
                    description = flake.description;
                    nixpkgs = flake.inputs.nixpkgs.url;
                    scripts = map (package: builtins.unsafeDiscardStringContext package.buildCommand) [ project.packages.host-hostile project.packages.unix-monorepo project.packages.unix ];
                  };
                in map one (lib.range 0 {{Batch - 1}})
                """;
            var answers = await store.Json(folder.Path, "eval", "--impure", "--json", "--file", folder.Write("cases.nix", expression), "");
            foreach (var (index, answer) in answers.EnumerateArray().Index())
            {
                var (plan, words, address) = cases[index];
                Assert.Equal($"{plan.Name}, a MirageOS unikernel", answer.GetProperty("description").GetString());
                Assert.Equal(address, answer.GetProperty("nixpkgs").GetString());
                var seen = await Run(folder, [.. answer.GetProperty("scripts").EnumerateArray().Select(script => script.GetString()!)]);
                foreach (var expected in words)
                    Assert.Contains(expected, seen);
                Assert.False(File.Exists(folder["shell/executed"]), $"case {done + index}: something was run");
            }
        }
    }

    // Every command is a function that tells its words; what is told otherwise, or run, is a text that broke out.
    static async Task<IReadOnlyList<string>> Run(TestFolder folder, IReadOnlyList<string> scripts)
    {
        Directory.CreateDirectory(folder["shell"]);
        var script = folder.Write("shell/run.sh", """
            command_not_found_handle() { tell "$@"; }
            tell() { printf '%s\0' "$@"; printf '\1\0'; }
            for name in source unpack_source place apply_patch substitute_variables keep_only use_switch reproducible install_files pushd popd cd rm mkdir chmod cp dune install patchShebangs mktemp opam-installer; do
              eval "$name() { tell $name \"\$@\"; }"
            done
            exec > told
            PATH=/nonexistent
            out=/out

            """ + string.Join('\n', scripts.Select(text => text.Replace(" > /dev/null", "", StringComparison.Ordinal))));
        var result = await ProcessRunner.Run(new Command("bash", [script], folder["shell"]), Cancellation);
        Assert.True(result.ExitCode is 0, result.Error);
        return (await File.ReadAllTextAsync(folder["shell/told"], Cancellation)).Split('\0');
    }

    static (FlakePlan Plan, IReadOnlyList<string> Words, string Nixpkgs) Case(Random random)
    {
        string[] arguments = [Text(random), Text(random), "--prefix=" + Text(random)];
        var (patch, folder, target, context, profile, image) = (Name(random), Name(random), Name(random), Name(random), Text(random), Name(random));
        var (extra, file, environment, content) = (Name(random), Name(random), Text(random), Text(random));
        var checksum = new Checksum(ChecksumKind.Sha256, new string('a', 64));
        var description = $"""
            opam-version: "2.0"
            build: [[{string.Join(' ', arguments.Prepend("run-build").Select(Quote))}]]
            install: [[{string.Join(' ', arguments.Reverse().Prepend("run-install").Select(Quote))}]]
            build-env: [[HOSTILE = {Quote(environment)}]]
            patches: [{Literal(patch)}]
            extra-source {Literal(extra)} [
            ]
            url [
            ]
            """;
        // Sections are written with braces, which C#'s literals want doubled.
        description = description.Replace("extra-source " + Literal(extra) + " [\n]", $"extra-source {Literal(extra)} {{ src: \"https://example.org/{Uri.EscapeDataString(extra)}\" checksum: \"{checksum}\" }}", StringComparison.Ordinal)
            .Replace("url [\n]", $"url {{ src: {Literal("https://example.org/" + Text(random, "#"))} checksum: \"{checksum}\" }}", StringComparison.Ordinal);
        var repository = new MemoryRepository("hostile").Add("hostile.1.0", description).Add("ocaml.4.13.1", "opam-version: \"2.0\"\n");
        var preparation = PreparationOf(folder, file, content);
        var locked = new LockFile
        {
            Folder = "/nowhere",
            Packages = [new LockedPackage(new OpamPackage(new PackageName("ocaml"), new OpamVersion("4.13.1")), false)],
            HostSwitch = [new OpamPackage(new PackageName("hostile"), new OpamVersion("1.0"))],
            Duniverse = [new LockedSource("https://example.org/" + Text(random, "#"), folder, [checksum])],
            Preparations = [preparation],
            Platforms = ["x86_64-linux"],
            Depexts = [],
        };
        var plan = new FlakePlan
        {
            Name = "hostile",
            Lock = locked,
            Descriptions = repository.Find,
            Files = [(file, file)],
            Targets = [new PlannedTarget("unix", target, context, profile, image)],
        };
        return (plan, [.. arguments, folder, patch, file, profile, $"_build/{context}/src/{target}"], "path:" + Text(random));
    }

    static Preparation PreparationOf(string folder, string file, string content) => Preparation.FromValue(Make.List(Make.Text("prepared.1.0"), Make.Text(folder), Make.Strings([]),
        Make.List(Make.Strings(file, "base64=" + Convert.ToBase64String(Encoding.UTF8.GetBytes(content)))), Make.List(), Make.Strings([]), Make.List()))!;

    // In commands a % may begin a variable.
    static string Quote(string text) => Literal(text.Replace("%", "%%", StringComparison.Ordinal));

    static string Literal(string text) => "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
}
