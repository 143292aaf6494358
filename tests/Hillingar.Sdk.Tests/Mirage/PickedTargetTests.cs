using Hillingar.Tests;
using static Hillingar.Sdk.Tests.MirageProject;

namespace Hillingar.Sdk.Tests;

/// <summary>What is got and built of the tools of a project of several targets, and what is told before.</summary>
public sealed class PickedTargetTests(Sdk sdk)
{
    // What the store has of other tests is of other contents.
    readonly string _mark = Guid.NewGuid().ToString("N");

    MirageProject Project(string targets, string solo5 = "") => Marked(new MirageProject(sdk, targets), solo5);

    MirageProject Marked(MirageProject project, string solo5)
    {
        project.Package("conf-seccomp.1", """depexts: [["no-such-seccomp-dev"]]""");
        project.Package("solo5.0.12.1", $$"""
            depends: ["conf-seccomp"]
            install: ["install" "-D" "elftool.sh" "%{bin}%/solo5-elftool"]
            {{solo5}}
            """, ("elftool.sh", $"#!/bin/sh\n# {_mark}\n[ \"$1\" = gen-manifest ] && echo 'int mft_note;' > \"$3\"\n"));
        return project;
    }

    [Fact]
    public async Task Only_what_a_picked_target_needs_is_got_and_built()
    {
        using var project = Project("unix;spt");
        var picked = (await project.Dotnet("build", "-p:MirageTarget=unix")).Succeeded().Output;
        Assert.Equal("Hello, big-world", await Run(project["bin/Debug/unix/hello"]));
        foreach (var other in new[] { "Building solo5", "Building ocaml-solo5", "no-such-seccomp-dev", "Building opam-monorepo" })
            Assert.DoesNotContain(other, picked, StringComparison.Ordinal);
        // The lock is for all targets, in whatever order they are built.
        var locked = File.ReadAllText(project.Lock);
        Assert.Contains("\"solo5\" {= \"0.12.1\"}", locked, StringComparison.Ordinal);

        // A clone configures what it builds.
        Directory.Delete(project["obj"], recursive: true);
        Assert.DoesNotContain("for spt", (await project.Dotnet("build", "-p:MirageTarget=unix")).Succeeded().Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(project["obj/hillingar/configured/spt"]));

        var all = (await project.Dotnet("build")).Succeeded().Output;
        foreach (var other in new[] { "Building solo5", "Building ocaml-solo5", "no-such-seccomp-dev", "for spt" })
            Assert.Contains(other, all, StringComparison.Ordinal);
        Assert.DoesNotContain("Building opam-monorepo", all, StringComparison.Ordinal);
        Assert.Equal("Hello, big-world", await Run(project["bin/Debug/spt/hello.spt"]));
        Assert.Equal(locked, File.ReadAllText(project.Lock));

        // What was compiled for one target stays while another one is built.
        var libraries = Libraries(project);
        Assert.Equal(2, libraries.Count);
        project.Write("unikernel.ml", "let name () = \"again\"\n");
        (await project.Dotnet("build", "-p:MirageTarget=unix")).Succeeded();
        (await project.Dotnet("build")).Succeeded();
        Assert.Equal("Hello, again", await Run(project["bin/Debug/unix/hello"]));
        Assert.Equal("Hello, again", await Run(project["bin/Debug/spt/hello.spt"]));
        Assert.Equal(libraries, Libraries(project));
    }

    static Dictionary<string, DateTime> Libraries(MirageProject project) =>
        Directory.EnumerateFiles(project["obj/hillingar/_build"], "stringext.cmxa", SearchOption.AllDirectories).Where(file => !file.Contains("/install/", StringComparison.Ordinal)).ToDictionary(file => file, File.GetLastWriteTimeUtc);

    [Fact]
    public async Task All_missing_sources_of_a_build_are_told_at_once_before_anything_is_compiled()
    {
        using var project = Project("unix;spt", $"url {{ src: \"file:///no/such/solo5.tar.gz\" checksum: \"sha256={new string('1', 64)}\" }}");
        project.Package("mirage.4.11.2", $$"""url { src: "file:///no/such/mirage.tar.gz" checksum: "sha256={{new string('2', 64)}}" }""");
        var output = (await project.Dotnet("build")).FailedWith("HIL4005").Output;
        foreach (var source in new[] { "/no/such/solo5.tar.gz", "/no/such/mirage.tar.gz" })
            Assert.Contains(source, output, StringComparison.Ordinal);
        Assert.DoesNotContain("Building ", output, StringComparison.Ordinal);

        // Who builds for unix needs one of them.
        var unix = (await project.Dotnet("build", "-p:MirageTarget=unix")).FailedWith("HIL4005").Output;
        Assert.Contains("/no/such/mirage.tar.gz", unix, StringComparison.Ordinal);
        Assert.DoesNotContain("/no/such/solo5.tar.gz", unix, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_machine_lacks_is_told_before_anything_is_solved()
    {
        using var tools = new TestFolder();
        using var project = new MirageProject(sdk, "unix");
        var (code, output) = await MachineFaultTests.BuildWithout(sdk, tools, project[""]);
        Assert.NotEqual(0, code);
        Assert.Contains("error HIL5074: This machine lacks no-such-compiler", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Locking mirage", output, StringComparison.Ordinal);
        Assert.False(File.Exists(project.Lock));
    }

    [Fact]
    public async Task The_end_of_a_failed_packages_log_is_shown_once()
    {
        using var project = Project("spt", """build: ["sh" "-c" "printf '%s-%s' the end; exit 3"]""");
        var output = (await project.Dotnet("msbuild", "-restore", "-t:Build")).FailedWith("HIL5064").Output;
        Assert.Equal(2, output.Split("the-end").Length);
        Assert.Single(output.Split('\n'), line => line.Contains("HIL5064", StringComparison.Ordinal));
    }
}
