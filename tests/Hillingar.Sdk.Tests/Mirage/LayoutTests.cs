using Hillingar.Tests;
using static Hillingar.Sdk.Tests.MirageProject;

namespace Hillingar.Sdk.Tests;

/// <summary>Where people keep the sources of a unikernel, and several unikernels.</summary>
public sealed class LayoutTests(Sdk sdk)
{
    [Fact]
    public async Task Sources_are_vendored_linked_submodules_and_made_by_rules()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs symbolic links");
        using var project = new MirageProject(sdk, "unix;spt");
        project.Write("config.ml", """
            let () = register "greeter" [ main "Unikernel" ~local_libs:[ "words"; "greet"; "counted" ] (kv_ro @-> job) $ crunch "keys" ]
            """);
        project.Write("unikernel.ml", "let name () = Printf.sprintf \"%s %s %s %d %d\" Words.text Greet.text Generated.text Static_keys.files Counted.files\n");
        // A vendored library that is a submodule: git leaves a file there that says where its own data is.
        project.Write("vendor/dune", "(vendored_dirs *)\n");
        project.Write("vendor/words/dune", "(library (name words))\n");
        project.Write("vendor/words/words.ml", "let text = \"vendored\"\n");
        project.Write("vendor/words/.git", "gitdir: ../../.git/modules/words\n");
        // A folder of the repository that the project has by a link.
        project.Write("../shared/greet/dune", "(library (name greet))\n");
        project.Write("../shared/greet/greet.ml", "let text = \"linked\"\n");
        Directory.CreateSymbolicLink(project["greet"], "../shared/greet");
        // What rules make, of the project's own dune file and of a library's.
        project.Write("dune", "(include dune.build)\n(rule (with-stdout-to generated.ml (echo \"let text = \\\"generated\\\"\")))\n");
        project.Write("counted/dune", "(library (name counted))\n(rule (with-stdout-to counted.ml (progn (echo \"let files = \") (cat number))))\n");
        project.Write("counted/number", "7");
        project.Write("keys/.gitkeep", "");
        project.Write("keys/below/a key", "");

        (await project.Dotnet("build")).Succeeded();
        Assert.Equal("Hello, vendored linked generated 2 7", await Run(project["bin/Debug/unix/hello"]));
        Assert.Equal("Hello, vendored linked generated 2 7", await Run(project["bin/Debug/spt/hello.spt"]));
        Assert.False(Path.Exists(project["obj/hillingar/src/unix/vendor/words/.git"]));
        project.Write("../shared/greet/greet.ml", "let text = \"again\"\n");
        (await project.Dotnet("build")).Succeeded();
        Assert.Equal("Hello, vendored again generated 2 7", await Run(project["bin/Debug/unix/hello"]));
    }

    [Fact]
    public async Task Library_and_unikernel_lie_in_one_repository()
    {
        // As mirage/mirage #1346 has it: the library beside the folder of the unikernel, whose project names its files.
        using var project = new MirageProject(sdk, "unix;spt", """<DuneSource Include="../src/**" Link="src/%(RecursiveDir)%(Filename)%(Extension)" />""");
        project.Write("../src/dune", "(library (name greeting) (libraries stringext))\n");
        project.Write("../src/greeting.ml", """let text = String.concat "-" (Stringext.split ~on:' ' "from beside")""" + "\n");
        project.Write("config.ml", """
            let main = main ~packages:[
              package "stringext"
            ] ~local_libs:["greeting"] "Unikernel" job
            let () = register "greeter" [ main ]
            """);
        project.Write("unikernel.ml", "let name () = Greeting.text\n");
        (await project.Dotnet("build")).Succeeded();
        Assert.Equal("Hello, from-beside", await Run(project["bin/Debug/unix/hello"]));
        Assert.Equal("Hello, from-beside", await Run(project["bin/Debug/spt/hello.spt"]));
        project.Write("../src/greeting.ml", "let text = \"changed\"\n");
        (await project.Dotnet("build")).Succeeded();
        Assert.Equal("Hello, changed", await Run(project["bin/Debug/unix/hello"]));
    }

    [Fact]
    public async Task Several_unikernels_lie_in_one_folder()
    {
        using var project = new MirageProject(sdk, "unix", properties: "<MirageConfigFile>$(MSBuildProjectName)/config.ml</MirageConfigFile>");
        project.Write("../Directory.Build.props", "<Project><PropertyGroup><UseArtifactsOutput>true</UseArtifactsOutput></PropertyGroup></Project>\n");
        var config = File.ReadAllText(project["config.ml"]);
        File.Copy(project["hello.csproj"], project["other.csproj"]);
        foreach (var file in new[] { "config.ml", "unikernel.ml" })
            File.Delete(project[file]);
        foreach (var name in new[] { "hello", "other" })
        {
            project.Write($"{name}/config.ml", config);
            project.Write($"{name}/unikernel.ml", $"let name () = \"{name}\"\n");
        }

        foreach (var name in new[] { "hello", "other" })
        {
            Assert.DoesNotContain("warning", (await project.Dotnet("build", $"{name}.csproj")).Succeeded().Output, StringComparison.Ordinal);
            Assert.Equal($"Hello, {name}", await Run(project[$"../artifacts/bin/{name}/debug/unix/{name}"]));
        }
    }

    [Fact]
    public async Task A_solution_of_unikernels_has_one_switch_and_a_second_build_does_nothing()
    {
        using var project = new MirageProject(sdk, "unix;spt");
        project.Package("solo5.0.12.1", """install: ["install" "-D" "elftool.sh" "%{bin}%/solo5-elftool"]""",
            ("elftool.sh", $"#!/bin/sh\n# {Guid.NewGuid()}\n[ \"$1\" = gen-manifest ] && echo 'int mft_note;' > \"$3\"\n"));
        List<string> names = ["hello", .. Enumerable.Range(1, TestData.Full ? 9 : 2).Select(number => $"more{number}")];
        foreach (var name in names.Skip(1))
        {
            foreach (var file in new[] { "config.ml", "hello.csproj" })
                project.Write($"../{name}/{file.Replace("hello", name, StringComparison.Ordinal)}", File.ReadAllText(project[file]));
            project.Write($"../{name}/unikernel.ml", $"let name () = \"{name}\"\n");
        }

        var solution = project.Write("../all.slnx", $"<Solution>{string.Concat(names.Select(name => $"<Project Path=\"{(name == "hello" ? "project" : name)}/{name}.csproj\" />"))}</Solution>");
        var built = (await project.Dotnet("build", solution, "-m")).Succeeded().Output;
        Assert.Equal(2, built.Split("Building solo5.0.12.1 ").Length);
        foreach (var name in names.Skip(1))
        {
            Assert.Equal($"Hello, {name}", await Run(project[$"../{name}/bin/Debug/unix/{name}"]));
            Assert.Equal($"Hello, {name}", await Run(project[$"../{name}/bin/Debug/spt/{name}.spt"]));
        }

        (await project.Dotnet("build", solution, "-m", $"-bl:{project["again.binlog"]}")).Succeeded();
        var again = new Binlog(project["again.binlog"]);
        Assert.Equal(0, again.Tasks("RestoreUnikernel") + again.Tasks("BuildUnikernel"));
    }
}
