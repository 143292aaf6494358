using static Hillingar.Sdk.Tests.MirageProject;

namespace Hillingar.Sdk.Tests;

/// <summary>Projects as people have written them: their names, files and layouts, and what their <c>config.ml</c> says and reads.</summary>
public sealed class WrittenProjectTests(Sdk sdk)
{
    [Theory]
    [InlineData("my-unikernel")]
    [InlineData("unikernel")]
    [InlineData("main")]
    [InlineData("1st")]
    [InlineData("key_gen")]
    [InlineData("stringext")]
    public async Task A_project_of_any_name_builds_and_its_image_has_that_name(string name)
    {
        using var project = new MirageProject(sdk, "unix;spt", name: name);
        (await project.Dotnet("build")).Succeeded();
        Assert.Equal("Hello, big-world", await Run(project[$"bin/Debug/unix/{name}"]));
        Assert.Equal("Hello, big-world", await Run(project[$"bin/Debug/spt/{name}.spt"]));
        Assert.True(File.Exists(project.Lock));
    }

    [Fact]
    public async Task The_first_line_of_config_says_which_mirage_is_locked()
    {
        using var project = new MirageProject(sdk, "unix", properties: "<HillingarArchiveRepository>none</HillingarArchiveRepository>");
        var config = File.ReadAllText(project["config.ml"]);
        project.Write("config.ml", "(* mirage >= 4.9.0 & < 4.10.0 *)\n" + config);
        (await project.Dotnet("build")).Succeeded();
        Assert.Contains("\"mirage\" {= \"4.9.2\"}", File.ReadAllText(project.Lock), StringComparison.Ordinal);
        var locked = File.ReadAllText(project.Lock);

        project.Write("config.ml", "(* mirage >= 4.10.0 & < 4.11.0 *)\n" + config);
        var unmet = (await project.Dotnet("build")).FailedWith("HIL2001").Output;
        Assert.Contains("config.ml(1,4): error HIL2001: The first line of config.ml asks for mirage >= \"4.10.0\" & < \"4.11.0\"", unmet, StringComparison.Ordinal);
        project.Write("config.ml", "(* mirage >= 4.10.0 & =< 4.11.0 *)\n" + config);
        Assert.Contains("config.ml(1,23): error HIL5075: ", (await project.Dotnet("build")).FailedWith("HIL5075").Output, StringComparison.Ordinal);
        project.Write("config.ml", "(* mirage >= 3.10.0 & < 4.0 *)\n" + config);
        Assert.Contains("config.ml(1,4): error HIL5076: ", (await project.Dotnet("build")).FailedWith("HIL5076").Output, StringComparison.Ordinal);
        Assert.Equal(locked, File.ReadAllText(project.Lock));

        // What opam has dropped is taken from its archive.
        project.Mirage("4.10", "archive");
        project.Write("config.ml", "(* mirage >= 4.10.0 & < 4.11.0 *)\n" + config);
        (await project.Dotnet("build", "-p:HillingarArchiveRepository=../archive")).Succeeded();
        Assert.Contains("\"mirage\" {= \"4.10.2\"}", File.ReadAllText(project.Lock), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Config_reads_files_of_the_project_and_those_that_it_names_are_of_the_lock()
    {
        using var project = new MirageProject(sdk, "unix");
        project.Write("config.ml", """
            let packages = In_channel.with_open_text "etc/packages" input_lines
            let () = register "greeter" [ main "Unikernel" job ]
            """);
        project.Write("etc/packages", "stringext\n");
        project.Write("notes.txt", "one\n");
        (await project.Dotnet("build")).Succeeded();
        Assert.Equal("Hello, big-world", await Run(project["bin/Debug/unix/hello"]));
        Assert.Contains("config.ml reads etc/packages sha256=", File.ReadAllText(project.Lock), StringComparison.Ordinal);
        // Nothing but what mirage wrote is left beside what it wrote.
        Assert.False(Path.Exists(project["obj/hillingar/configured/unix/etc"]));
        Assert.False(Path.Exists(project["obj/hillingar/configured/unix/unikernel.ml"]));

        // A file that is not named changes nothing in the lock.
        var locked = File.ReadAllText(project.Lock);
        project.Write("notes.txt", "another\n");
        (await project.Dotnet("build", "-p:RestoreLockedMode=true")).Succeeded();
        project.Write("etc/packages", "stringext\ncsexp\n");
        Assert.Contains("now 'config.ml reads etc/packages", (await project.Dotnet("build", "-p:RestoreLockedMode=true")).FailedWith("HIL3002").Output, StringComparison.Ordinal);
        Assert.Equal(locked, File.ReadAllText(project.Lock));
        (await project.Dotnet("build")).Succeeded();
        Assert.Contains("\"csexp\" {=", File.ReadAllText(project.Lock), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lock_is_written_without_vendoring()
    {
        using var project = new MirageProject(sdk, "unix");
        (await project.Dotnet("msbuild", "-t:HillingarLock")).Succeeded();
        Assert.Contains("\"stringext\" {=", File.ReadAllText(project.Lock), StringComparison.Ordinal);
        Assert.False(Directory.Exists(project["obj/hillingar/duniverse"]));
        var locked = File.ReadAllText(project.Lock);
        (await project.Dotnet("build")).Succeeded();
        Assert.Equal(locked, File.ReadAllText(project.Lock));
    }

    [Fact]
    public async Task Hidden_files_are_sources_and_what_git_and_editors_keep_is_none()
    {
        using var project = new MirageProject(sdk, "unix");
        project.Write("config.ml", """
            let () = register "greeter" [ main "Unikernel" (kv_ro @-> job) $ crunch "keys" ]
            """);
        project.Write("unikernel.ml", "let name () = string_of_int Static_keys.files\n");
        project.Write("keys/.gitkeep", "");
        (await project.Dotnet("build")).Succeeded();
        Assert.Equal("Hello, 1", await Run(project["bin/Debug/unix/hello"]));
        foreach (var other in new[] { "keys/.DS_Store", "keys/.env", "keys/.key.swp", "keys/.#key", "keys/.git/config", ".git/config" })
            project.Write(other, "");
        project.Write("keys/key", "");
        (await project.Dotnet("build")).Succeeded();
        Assert.Equal("Hello, 2", await Run(project["bin/Debug/unix/hello"]));
    }

    [Fact]
    public async Task A_source_that_is_a_symbolic_link_is_what_it_leads_to()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs symbolic links");
        using var project = new MirageProject(sdk, "unix");
        var real = project.Write("../elsewhere/unikernel.ml", "let name () = \"one\"\n");
        File.Delete(project["unikernel.ml"]);
        File.CreateSymbolicLink(project["unikernel.ml"], real);
        (await project.Dotnet("build")).Succeeded();
        Assert.Equal("Hello, one", await Run(project["bin/Debug/unix/hello"]));
        project.Write("../elsewhere/unikernel.ml", "let name () = \"two\"\n");
        (await project.Dotnet("build")).Succeeded();
        Assert.Equal("Hello, two", await Run(project["bin/Debug/unix/hello"]));
    }

    [Fact]
    public async Task Config_in_a_subfolder_sees_the_libraries_and_opam_files_around_it()
    {
        using var project = new MirageProject(sdk, "unix;spt", properties: "<MirageConfigFile>unikernel/config.ml</MirageConfigFile>");
        File.Delete(project["unikernel.ml"]);
        File.Delete(project["config.ml"]);
        Library(project);
        project.Write("unikernel/config.ml", """
            let () = register "greeter" [ main "Unikernel" job ~local_libs:["greeting"] ]
            """);
        project.Write("unikernel/unikernel.ml", "let name () = Greeting.text\n");
        (await project.Dotnet("build")).Succeeded();
        Assert.Equal("Hello, big-world", await Run(project["bin/Debug/unix/hello"]));
        Assert.Equal("Hello, big-world", await Run(project["bin/Debug/spt/hello.spt"]));
        Assert.Contains("unikernel/config.ml sha256=", File.ReadAllText(project.Lock), StringComparison.Ordinal);

        project.Edit("unikernel/config.ml", "let ()", "syntax error\nlet ()");
        Assert.Contains("unikernel/config.ml(1,1): error HIL5070", (await project.Dotnet("build")).FailedWith("HIL5070").Output, StringComparison.Ordinal);
        project.Edit("hello.csproj", "unikernel/config.ml", "../config.ml");
        Assert.Contains("hello.csproj(", (await project.Dotnet("build")).FailedWith("HIL6004").Output, StringComparison.Ordinal);
        project.Edit("hello.csproj", "../config.ml", "unikernel/other.ml");
        Assert.Contains("hello.csproj(", (await project.Dotnet("build")).FailedWith("HIL6004").Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_projects_own_public_library_is_built_for_each_of_its_targets()
    {
        using var project = new MirageProject(sdk, "unix;spt;hvt");
        Library(project);
        project.Write("config.ml", """
            let () = register "greeter" [ main "Unikernel" job ~local_libs:["greeting"] ]
            """);
        project.Write("unikernel.ml", "let name () = Greeting.text\n");
        (await project.Dotnet("build")).Succeeded();
        foreach (var image in new[] { "unix/hello", "spt/hello.spt", "hvt/hello.hvt" })
            Assert.Equal("Hello, big-world", await Run(project[$"bin/Debug/{image}"]));
    }

    // A library with a public name, as a package of its own beside the unikernel.
    static void Library(MirageProject project)
    {
        project.Write("greeting/dune", "(library (public_name greeting) (libraries stringext))\n");
        project.Write("greeting/greeting.ml", """let text = String.concat "-" (Stringext.split ~on:' ' "big world")""" + "\n");
        project.Write("greeting.opam", "opam-version: \"2.0\"\nmaintainer: \"a\"\nauthors: \"a\"\nhomepage: \"a\"\nbug-reports: \"a\"\nsynopsis: \"a\"\ndepends: [ \"dune\" \"stringext\" ]\n");
        project.Write("dune-project", "(lang dune 2.9)\n(package (name greeting))\n");
    }
}
